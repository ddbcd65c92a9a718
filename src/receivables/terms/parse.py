"""Read payment terms from the texts people write: English, German and Spanish, and our own notation.

A text is a list of clauses, each matched whole by one row of a table; a text with anything left over, or with two
common readings, is refused with the reason. What is read is printed back by `str(terms)` in a form that reads the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from receivables.dates import Calendar, HolidayCalendar, Roll
from receivables.errors import MoneyError, TermsError, UnreadableTerms
from receivables.money import Money
from receivables.terms.payment_terms import (
    BaseDate,
    DiscountTerms,
    Fixed,
    InstalmentTerms,
    PaymentTerms,
    Percent,
    Remainder,
    Share,
)
from receivables.terms.steps import (
    AddDays,
    AddMonths,
    ByDay,
    Cutoff,
    DayOfMonth,
    EndOfMonth,
    NextDayOfMonth,
    RollBusiness,
    Step,
    Steps,
)

_LONGEST = 400  # characters; a terms text is a line, not a document


def parse_terms(text: str, *, calendars: Iterable[Calendar] = ()) -> PaymentTerms:
    """Read payment terms from a text.

    Args:
        text: Such as `net 30`, `2/10 net 30`, `30 EOM` (30 days, then month end), `EOM 30` (month end, then 30 days),
            `15th of following month`, `10 MFI`, `14 Tage 2% Skonto, 30 Tage netto`, `50% net 30, 50% net 60`,
            or the notation that `str(terms)` prints.
        calendars: What `roll:following@NAME` may name; without a name, only weekends are no business days.

    Raises:
        UnreadableTerms: When part of the text has no meaning here, or the text has two common readings.

    >>> str(parse_terms("2/10, n/30"))
    'discount 2%[+10d] net 30'
    >>> parse_terms("10 MFI") == parse_terms("10th of following month")
    True
    """
    if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST:
        msg = f"terms {text!r:.60} must be a text of 1 to {_LONGEST} characters, such as 'net 30'"
        raise UnreadableTerms(msg)
    try:
        return _named(_assemble(_clauses(_plain(text), text), text), calendars, text)
    except UnreadableTerms:
        raise
    except (TermsError, MoneyError, OverflowError, ValueError) as error:
        msg = f"terms {text!r} cannot be: {error}"
        raise UnreadableTerms(msg) from None


@dataclass(frozen=True, slots=True)
class _Due:
    steps: Steps
    share: Share | None = None


@dataclass(frozen=True, slots=True)
class _From:
    base: BaseDate


_Clause = _Due | DiscountTerms | _From
_Build = Callable[[re.Match[str]], _Clause | tuple[_Clause, ...]]

_LIKELY_SHARE = Decimal(50)  # per cent; nobody grants half the invoice for paying early


def _assemble(clauses: list[_Clause], text: str) -> PaymentTerms:
    discounts = tuple(clause for clause in clauses if isinstance(clause, DiscountTerms))
    dues = [clause for clause in clauses if isinstance(clause, _Due)]
    bases = [clause.base for clause in clauses if isinstance(clause, _From)]
    shared = [due for due in dues if due.share is not None]
    _check_discounts(discounts, dues, text)
    if not dues or len(bases) > 1 or (len(dues) > 1 and len(shared) < len(dues)):
        msg = (
            f"terms {text!r} must say one due date, or one a share such as '50% net 30, 50% net 60'"
        )
        raise UnreadableTerms(msg)
    base = bases[0] if bases else BaseDate.BASELINE
    if not shared:
        return PaymentTerms((InstalmentTerms(Remainder(), dues[0].steps),), discounts, base)
    _check_shares(shared, text)
    *earlier, last = shared
    parts = [InstalmentTerms(due.share or Remainder(), due.steps) for due in earlier]
    return PaymentTerms((*parts, InstalmentTerms(Remainder(), last.steps)), discounts, base)


def _check_discounts(discounts: tuple[DiscountTerms, ...], dues: list[_Due], text: str) -> None:
    if "[" in text:
        return  # our own notation says exactly what it means
    if any(discount.percent >= _LIKELY_SHARE for discount in discounts):
        msg = f"terms {text!r} read as a discount of half or more; write instalments like '50% net 30, 50% net 60'"
        raise UnreadableTerms(msg)
    if discounts and any(EndOfMonth() in due.steps[:1] for due in dues):
        msg = f"terms {text!r} do not say whether the discount counts from the month end; write 'discount 2%[+10d] EOM 30'"
        raise UnreadableTerms(msg)
    for discount in discounts:
        match discount.steps, [due.steps for due in dues]:
            case (AddDays(early),), [(AddDays(late),)] if early > late:
                msg = f"terms {text!r} offer a discount until day {early} of an invoice due on day {late}; the discount comes first"
                raise UnreadableTerms(msg)


def _named(terms: PaymentTerms, calendars: Iterable[Calendar], text: str) -> PaymentTerms:
    """Put the calendars that steps name in their place."""
    known = {_plain_name(calendar.name): calendar for calendar in calendars}

    def resolve(step: Step) -> Step:
        if isinstance(step, ByDay):
            return ByDay(tuple((day, tuple(map(resolve, steps))) for day, steps in step.limits))
        if (
            not isinstance(step, RollBusiness)
            or step.calendar.name == RollBusiness(step.roll).calendar.name
        ):
            return step
        if step.calendar.name not in known:
            msg = f"terms {text!r} name the calendar {step.calendar.name!r}; give it in calendars="
            raise UnreadableTerms(msg)
        return RollBusiness(step.roll, known[step.calendar.name])

    return replace(
        terms,
        instalments=tuple(
            replace(it, steps=tuple(map(resolve, it.steps))) for it in terms.instalments
        ),
        discounts=tuple(replace(it, steps=tuple(map(resolve, it.steps))) for it in terms.discounts),
    )


def _plain_name(name: str) -> str:
    return "_".join(name.casefold().split())


def _check_shares(dues: list[_Due], text: str) -> None:
    # The last share is the remainder by nature: when it is written as a percentage it must be what is left.
    percents = [due.share.percent for due in dues if isinstance(due.share, Percent)]
    if isinstance(dues[-1].share, Remainder):
        return
    if len(percents) != len(dues) or sum(percents) != Decimal(100):
        msg = f"shares of terms {text!r} sum to {sum(percents)}%; they must sum to 100% or end with 'remainder'"
        raise UnreadableTerms(msg)


def _clauses(plain: str, text: str) -> list[_Clause]:
    clauses: list[_Clause] = []
    position = 0
    while position < len(plain):
        for pattern, build in _table():
            match = pattern.match(plain, position)
            if match:
                built = build(match)
                clauses.extend(built if isinstance(built, tuple) else (built,))
                position = match.end()
                break
        else:
            msg = f"terms {text!r} are not understood from {plain[position:]!r} on; write them like '2/10 net 30'"
            raise UnreadableTerms(msg)
        separator = _SEPARATOR.match(plain, position)
        position = separator.end() if separator else position
    return clauses


def _plain(text: str) -> str:
    # Lower case without accents; a comma between digits is a decimal comma only before a percent sign.
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    spaced = re.sub(r"\s+", " ", bare).strip(" .")
    return re.sub(r"(\d),(\d+ ?%)", r"\1.\2", spaced)


def _days(match: re.Match[str]) -> Steps:
    return (AddDays(int(match["days"])),)


def _following(match: re.Match[str]) -> Steps:
    cutoff = match.groupdict().get("cutoff")
    steps: Steps = (AddMonths(1), DayOfMonth(int(match["day"])))
    return (Cutoff(int(cutoff)), *steps) if cutoff else steps


def _discount(match: re.Match[str]) -> DiscountTerms:
    return DiscountTerms(Decimal(match["percent"]), _days(match))


def _due_days(match: re.Match[str]) -> tuple[_Clause, ...]:
    base = (_From(BaseDate.DOCUMENT),) if match["invoice"] else ()
    return (_Due(_days(match)), *base)


def _shared_days(match: re.Match[str]) -> _Due:
    return _Due(_days(match), Percent(Decimal(match["percent"])))


def _ambiguous(match: re.Match[str]) -> _Clause:
    days = match["days"]
    msg = (
        f"terms {match[0]!r} have two readings: write '{days} EOM' for {days} days and then month end, "
        f"or 'EOM {days}' for month end and then {days} days"
    )
    raise UnreadableTerms(msg)


def _notation_due(match: re.Match[str]) -> _Due:
    return _Due(_steps(match["steps"]))


def _notation_share(match: re.Match[str]) -> _Due:
    share: Share = Remainder()
    if match["percent"]:
        share = Percent(Decimal(match["percent"]))
    elif match["amount"]:
        share = Fixed(Money(match["amount"], match["currency"].upper()))
    return _Due(_steps(match["steps"]), share)


def _notation_discount(match: re.Match[str]) -> DiscountTerms:
    return DiscountTerms(Decimal(match["percent"]), _steps(match["steps"]))


def _steps(text: str) -> Steps:
    steps: list[Step] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if not match:
            msg = f"step {text[position:]!r} is not known; steps are +30d +1m eom day15 next10,25 cutoff25 roll:following"
            raise UnreadableTerms(msg)
        steps.append(_step(match))
        position = match.end()
    return tuple(steps)


def _step(match: re.Match[str]) -> Step:
    kind, value = match.lastgroup, match[match.lastgroup or 0]
    match kind:
        case "d":
            return AddDays(int(value))
        case "m":
            return AddMonths(int(value))
        case "eom":
            return EndOfMonth()
        case "day":
            return DayOfMonth(int(value))
        case "next":
            return NextDayOfMonth(tuple(map(int, value.split(","))))
        case "cutoff":
            return Cutoff(int(value))
        case "roll":
            roll, _, name = value.partition("@")
            step = RollBusiness(Roll(roll.replace("-", " ")))
            return replace(step, calendar=HolidayCalendar(name)) if name else step
        case _:
            limits = re.findall(r"(\d+)\(([^()]*)\)", value)
            return ByDay(tuple((int(day), _steps(steps)) for day, steps in limits))


_STEP = re.compile(
    r"""\ *(?:then\ )?(?:(?P<d>[+-]?\d{1,7})d(?:ays?)?\b | (?P<m>[+-]?\d{1,6})\ ?m(?:onths?)?\b
    | (?P<eom>eom\b|end\ of\ month) | day(?P<day>\d{1,2})\b | next(?P<next>\d{1,2}(?:,\d{1,2})*) | cutoff(?P<cutoff>\d{1,2})
    | roll:(?P<roll>(?:modified-following|following|preceding)(?:@[^\s\]()]+)?) | by(?P<by>(?:\d{1,2}\([^()]*\))+))\ *""",
    re.VERBOSE,
)
_SEPARATOR = re.compile(r"(?:[ ,;]|\b(?:and|und|y)\b|otherwise|sonst|sino)*")

_N = r"(?P<days>\d{1,7})"
_P = r"(?P<percent>\d{1,3}(?:\.\d{1,6})?) ?%"
_P_SLASH = r"(?P<percent>\d{1,2}(?:\.\d{1,4})?) ?%? ?/ ?"
_DAYS = r"(?:days?|tagen?|d\.?|dias?)\b"
_NET = r"(?:net|netto|neto|n)"
_WITHIN = r"(?:due |payable |zahlbar |pago |pagadero )?(?:within |in |innerhalb (?:von )?|binnen |a |en |dentro de )?"
_AFTER = r"(?P<invoice> (?:from|after|of) (?:the )?(?:invoice|document)(?: date)?| nach rechnungsdatum| fecha (?:de )?factura)?"
_NTH = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DISCOUNT = r"(?:discount|skonto|descuento|dto\.?)"
_END_OF_MONTH = r"(?:eom\b|end of (?:the )?month|month[- ]end|fin de mes)"
_ON_CUTOFF = r"(?:,? ?cut-?off (?:day )?(?P<cutoff>\d{1,2}))?"

# Order matters: what is longer or more particular comes first. Each row is one way of writing a clause.
_ROWS: tuple[tuple[str, _Build], ...] = (
    # our own notation, as str(terms) prints it
    (rf"discount {_P}\[(?P<steps>[^\]]*)\]", _notation_discount),
    (rf"(?:{_P}|(?P<amount>\d+(?:\.\d+)?) (?P<currency>[a-z]{{3}})|remainder)\[(?P<steps>[^\]]*)\]", _notation_share),
    (r"due\[(?P<steps>[^\]]*)\]", _notation_due),
    (r"from document date\b", lambda _: _From(BaseDate.DOCUMENT)),
    (r"from posting date\b", lambda _: _From(BaseDate.POSTING)),
    # month end: the order of the two steps is the meaning
    (rf"{_NET} ?/?{_N}(?: {_DAYS})? {_END_OF_MONTH}", _ambiguous),
    (rf"{_N} (?:dias|tage) (?:a )?{_END_OF_MONTH}", _ambiguous),
    (rf"{_N} ?(?:{_DAYS} )?{_END_OF_MONTH}", lambda m: _Due((*_days(m), EndOfMonth()))),
    (rf"{_END_OF_MONTH} ?\+? ?{_N}\b(?: ?{_DAYS})?(?! ?%)", lambda m: _Due((EndOfMonth(), *_days(m)))),
    (r"(?P<steps>(?:eom|\+\d+ ?[dm])\w*(?: then (?:eom|\+\d+ ?[dm])\w*)+)", _notation_due),
    (r"end of (?:the )?(?:next|following) month|ende (?:des )?folgemonats?|fin del? (?:proximo mes|mes siguiente)",
     lambda _: _Due((AddMonths(1), EndOfMonth()))),
    (rf"{_END_OF_MONTH}|(?:zum )?monatsende|ende des monats", lambda _: _Due((EndOfMonth(),))),
    (rf"{_NTH} (?:of )?(?:the )?(?:following|next) month{_ON_CUTOFF}", lambda m: _Due(_following(m))),
    (rf"{_NTH} (?:following|prox(?:imo)?|mfi)\b\.?{_ON_CUTOFF}", lambda m: _Due(_following(m))),
    (rf"{_NTH}\.? (?:des folgemonats|(?:dia )?del mes siguiente|del proximo mes)", lambda m: _Due(_following(m))),
    # discounts
    (rf"{_P_SLASH}{_N}\b(?: ?{_DAYS})?", _discount),
    (rf"{_P} ?{_DISCOUNT}? ?{_WITHIN}{_N}\b ?(?:{_DAYS})?(?! ?%)", _discount),
    (rf"{_WITHIN}{_N} {_DAYS},? (?:mit |abzuglich |con |less |with )?{_P} ?(?:{_DISCOUNT})?", _discount),
    # shares
    (rf"{_P} {_NET} ?/?{_N}(?: ?{_DAYS})?", _shared_days),
    # plain days and months
    (rf"{_WITHIN}{_NET} ?/? ?{_N}\b(?: ?{_DAYS})?{_AFTER}", _due_days),
    (rf"(?:credito )?{_WITHIN}{_N} ?(?:{_DAYS})? ?(?:{_NET}\b|rein netto|ohne abzug){_AFTER}", _due_days),
    (rf"(?:credito (?:de |a )?)?{_WITHIN}{_N} {_DAYS}{_AFTER}", _due_days),
    (r"\+?(?P<months>\d{1,3}) ?(?:months?|monate?n?|mes(?:es)?)\b", lambda m: _Due((AddMonths(int(m["months"])),))),
    (r"due (?:up)?on receipt|(?:due )?immediate(?:ly)?|cash|cod\b|sofort(?: fallig| zahlbar| netto)?|(?:de |al )?contado",
     lambda _: _Due((AddDays(0),))),
)  # fmt: skip


@cache
def _table() -> tuple[tuple[re.Pattern[str], _Build], ...]:
    """Compile the rows when the first text is read: a program that reads none does not wait for it."""
    return tuple((re.compile(pattern), build) for pattern, build in _ROWS)
