"""What goes wrong when the library is misused: one exception for each broken law or rule.

    ReceivablesError
    ├── MoneyError
    │   ├── InexactAmount        more decimals than the currency has
    │   ├── NotAnAmount          a float, NaN, Infinity or a text that is no number
    │   ├── UnknownCurrency      not an ISO 4217 code
    │   ├── TooLarge             amounts whose sum an engine could not hold
    │   └── CurrencyMismatch     law: One currency at a time
    ├── TermsError
    │   └── UnreadableTerms      a terms text with no single meaning
    ├── FactError
    │   ├── NotPositive          facts carry positive amounts; their kind says the direction
    │   ├── PartsDoNotSum        law: Parts make the whole
    │   ├── ConflictingFact      two different facts under one id
    │   ├── UnknownFact          a fact rests on an id the subledger does not hold
    │   ├── WrongKind            a fact rests on a fact of a kind it cannot use
    │   ├── OverAllocated        law: Never below zero
    │   ├── AlreadyReversed      a fact can be reversed once
    │   └── UnreadableFact       the values given say no fact
    ├── QuestionError
    │   ├── BeforeExtract        an open-items extract has no history
    │   ├── MixedDates           items of several as-of dates in one report
    │   ├── NotADate             a question's date is a text, a time, or lacks its time zone
    │   ├── NoSuchChoice         an option that is none of those there are
    │   ├── NoSuchColumn         an unknown bucket, attribute or column
    │   ├── UnfitFrame           a data frame of another kind, or without a column it needs
    │   └── AmbiguousCurrency    name the currency: amounts are never mixed
    ├── RateNotFound             no rate in force on the date asked for
    ├── BucketError              bucket bounds that cannot be
    ├── ProvisionError
    │   ├── UnfitRate            a loss rate, weight or share that cannot be one
    │   ├── SilentZero           0 % loss read from a history without losses
    │   ├── NotAPartition        law: Each item on one path; law: Migration rows sum to one
    │   └── UnfitHistory         snapshots that cannot be compared
    ├── InterestError            an interest rule that cannot be
    ├── AdapterError
    │   ├── NoSuchAdapter        no adapter of that name is installed
    │   ├── UnreadableSource     a file is missing, of an unknown format, or beyond the limits
    │   ├── UnfitMapping         a mapping that cannot be, or does not fit the file
    │   ├── DoesNotTie           rows read are not accepted + duplicates + quarantined
    │   ├── UnfitQuery           a filter that the system's query language cannot say
    │   ├── UnfitFolder          a folder that holds another source's pull, or none of ours
    │   └── RemoteError          a system answered with an error, or not at all
    │       ├── NotSignedIn          credentials refused, or a login page instead of data
    │       ├── AccessDenied         a privilege is missing, or a firewall stands in the way
    │       ├── NotOffered           the system does not have it, or does not show it to this user
    │       ├── RequestRefused       the system refuses what was asked, and says why
    │       ├── StaleWrite           somebody changed the row since it was read
    │       ├── Unavailable          too busy or down, after every retry
    │       ├── BrokenAnswer         an answer that cannot be read or does not go on
    │       ├── ForeignLink          a link to another host than the one configured
    │       ├── OutcomeUnknown       a write was sent and its answer lost; look before sending again
    │       └── AlreadyDifferent     what is to be written is there already, and differs
    ├── CfdiError
    │   ├── UnreadableCfdi       not a well-formed CFDI that this library reads
    │   │   └── HostileXml       a DOCTYPE, an entity, or a file beyond the limits
    │   ├── UnbuildableComplement  payments and documents that make no payment complement
    │   ├── UnwritableCfdi       a document of an old version, or with parts this library does not hold
    │   ├── UnusableSeal         a certificate, key or password that cannot seal
    │   └── ServiceError
    │       ├── ServiceUnavailable   no answer: try again with the same document
    │       ├── OddAnswer            an answer that is not in the service's contract
    │       └── PacRejection         the PAC refuses the document; `pac_code` says SAT's code
    └── MissingExtra             an optional dependency is not installed

Bad *data* is not an exception: it becomes a `Problem` (see `problems`).
Every message says what happened, with the values and ids; what it should be; the next step.
"""

import re
from typing import ClassVar


class ReceivablesError(Exception):
    """Root of every exception this library raises on purpose.

    Attributes:
        code: Stable kebab-case name, the same in a `Problem` and in the error catalogue.

    >>> OverAllocated.code
    'over-allocated'
    """

    code: ClassVar[str] = "receivables-error"

    def __init_subclass__(cls) -> None:
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()


class MoneyError(ReceivablesError):
    """An amount or currency cannot be what it is said to be."""


class InexactAmount(MoneyError):
    """An amount has more decimals than its currency."""


class NotAnAmount(MoneyError):
    """A float, NaN, Infinity or unreadable text stands where an exact amount must."""


class UnknownCurrency(MoneyError):
    """A currency code is not in ISO 4217."""


class TooLarge(MoneyError):
    """Amounts whose sum could leave what an engine holds; it would wrap silently."""


class CurrencyMismatch(MoneyError):
    """Amounts of two currencies meet (law: One currency at a time)."""


class TermsError(ReceivablesError):
    """Payment terms that cannot be."""


class UnreadableTerms(TermsError):
    """A terms text has no meaning here, or more than one."""


class FactError(ReceivablesError):
    """A fact breaks a law of the subledger."""


class NotPositive(FactError):
    """A fact carries an amount of zero or less."""


class PartsDoNotSum(FactError):
    """Instalments, tax lines or shares do not sum to their whole (law: Parts make the whole)."""


class ConflictingFact(FactError):
    """Two different facts claim one id."""


class UnknownFact(FactError):
    """A fact rests on an id that the subledger does not hold."""


class WrongKind(FactError):
    """A fact rests on a fact of a kind that it cannot use."""


class OverAllocated(FactError):
    """An item or payment is used past its open amount (law: Never below zero)."""


class AlreadyReversed(FactError):
    """A second reversal of one fact."""


class UnreadableFact(FactError):
    """The values given, or the cells of a table row, do not say a fact."""


class QuestionError(ReceivablesError):
    """A question that the data at hand cannot answer."""


class BeforeExtract(QuestionError):
    """An open-items extract is asked about a date before it was drawn."""


class MixedDates(QuestionError):
    """Items of several as-of dates meet in one report."""


class NotADate(QuestionError):
    """The date of a question is not a `datetime.date`, or its known-at lacks a time zone."""


class NoSuchChoice(QuestionError):
    """An option is none of those there are, or cannot go with another."""


class NoSuchColumn(QuestionError):
    """A bucket, attribute or column that is not there."""


class UnfitFrame(QuestionError):
    """A data frame of a kind not known here, or whose columns are missing or cannot be what they should."""


class AmbiguousCurrency(QuestionError):
    """A question spans several currencies and names none."""


class RateNotFound(ReceivablesError):
    """No rate is in force for a pair on a date."""


class BucketError(ReceivablesError):
    """Bucket bounds that do not ascend, or an unknown bucket preset."""


class ProvisionError(ReceivablesError):
    """A provision that cannot be measured as asked."""


class UnfitRate(ProvisionError):
    """A loss rate, weight or share is not between 0 and 1, or weights do not make 1."""


class SilentZero(ProvisionError):
    """A loss rate of 0 % comes from a history without losses, with neither a floor nor a note."""


class NotAPartition(ProvisionError):
    """Something is on no path, or on two (laws: Each item on one path, Migration rows sum to one)."""


class UnfitHistory(ProvisionError):
    """Snapshots of the past that cannot be compared with each other."""


class InterestError(ReceivablesError):
    """An interest rule that cannot be: an unknown day count, or an amount of a part that cannot be negative."""


class AdapterError(ReceivablesError):
    """A source cannot be read at all; what is wrong with single rows is a `Problem`."""


class NoSuchAdapter(AdapterError):
    """No adapter of that name is installed, or it does not take such an option."""


class UnreadableSource(AdapterError):
    """A file is missing, of an unknown format, or beyond the limits."""


class UnfitMapping(AdapterError):
    """A mapping cannot be, or does not fit the file it is used on."""


class DoesNotTie(AdapterError):
    """Rows or control totals read are not accepted + duplicates + quarantined."""


class UnfitQuery(AdapterError):
    """A filter that the query language of the system cannot say safely."""


class UnfitFolder(AdapterError):
    """A folder that holds the pull of another source, or something that is no pull."""


class RemoteError(AdapterError):
    """A system answered with an error, or not at all.

    Attributes:
        status: Its HTTP status; None when there was no answer.
        messages: What it said, one a fault.
        body: The start of its answer, as it came.
    """

    def __init__(
        self,
        sentence: str,
        *,
        status: int | None = None,
        messages: tuple[str, ...] = (),
        body: str = "",
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.messages = messages
        self.body = body


class NotSignedIn(RemoteError):
    """Credentials were refused, or a login page came instead of data."""


class AccessDenied(RemoteError):
    """The user lacks a privilege, or a firewall stands in the way."""


class NotOffered(RemoteError):
    """The system does not have what was asked for, or does not show it to this user."""


class RequestRefused(RemoteError):
    """The system refuses what was asked; `messages` say why."""


class StaleWrite(RemoteError):
    """Somebody changed the row since it was read."""


class Unavailable(RemoteError):
    """The system is too busy or down, after every retry."""


class BrokenAnswer(RemoteError):
    """An answer that cannot be read, or pages that do not go on."""


class ForeignLink(RemoteError):
    """A link leads to another host than the one configured."""


class OutcomeUnknown(RemoteError):
    """A write was sent and its answer lost: it may have happened."""


class AlreadyDifferent(RemoteError):
    """What is to be written is there already under our reference, and differs."""


class MissingExtra(ReceivablesError):
    """An optional dependency is needed and not installed."""


class CfdiError(ReceivablesError):
    """A Mexican tax document cannot be read, built, sealed or stamped."""


class UnreadableCfdi(CfdiError):
    """Bytes that are not a well-formed CFDI of a version this library reads."""


class HostileXml(UnreadableCfdi):
    """XML with a DOCTYPE, an entity, or beyond the limits: refused, nothing fetched."""


class UnbuildableComplement(CfdiError):
    """Payments, allocations and documents that make no payment complement."""


class UnwritableCfdi(CfdiError):
    """A document of an old version, or with parts that are not held, is not written back."""


class UnusableSeal(CfdiError):
    """A certificate, key or password that cannot seal; the message never holds a secret."""


class ServiceError(CfdiError):
    """A service of SAT or of a PAC did not do what was asked."""


class ServiceUnavailable(ServiceError):
    """No answer came: the same bytes may be sent again."""


class OddAnswer(ServiceError):
    """An answer that is not in the service's contract."""


class PacRejection(ServiceError):
    """The PAC refuses a document.

    Attributes:
        pac_code: SAT's code, such as `CRP20261`, or the PAC's own.
    """

    def __init__(self, message: str, *, pac_code: str = "") -> None:
        super().__init__(message)
        self.pac_code = pac_code
