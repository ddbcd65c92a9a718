"""`SapODataSource`: S/4HANA over its released OData services: the cube of journal items, customers, dunning and credit limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from receivables.adapters.sap import masters
from receivables.adapters.sap.codes import Codes
from receivables.adapters.sap.columns import CUBE_PROPERTIES, from_cube, place_of
from receivables.adapters.sap.lines import ClearingKey, Line, Master, taking_part
from receivables.adapters.sap.odata import Gateway, Session, literal
from receivables.adapters.sap.source import Block, SapSource
from receivables.adapters.sap.values import day, number, padded, unpadded
from receivables.errors import AccessDenied, NotOffered, ReceivablesError
from receivables.money import Money
from receivables.problems import Problem
from receivables.terms import PaymentTerms

if TYPE_CHECKING:
    from receivables.adapters.sap.probe import Finding

CUBE = ("API_OPLACCTGDOCITEMCUBE_SRV", "A_OperationalAcctgDocItemCube")
PARTNER = "API_BUSINESS_PARTNER"
CREDIT = "API_CRDTMBUSINESSPARTNER"
ADVICE = "API_PAYMENT_ADVICE_SRV"
BLOCKED = "API_SLS_DOC_WITH_CREDIT_BLOCK"
KEY = ("CompanyCode", "FiscalYear", "AccountingDocument", "AccountingDocumentItem")
_OR = 40  # terms of one "or" chain; longer ones make the address too long


class SapODataSource(SapSource):
    """Facts from S/4HANA over OData.

    Args:
        base_url: Scheme and host of the API.
        session: A `requests.Session` that carries the credentials.
        company_codes: The books to read.
        client: sap-client.
        codes: What the system's codes mean.
        accounts: Only these customers.
        history_from: Leave out what was cleared before this day.
        terms: Payment terms by their key; no released service gives them.
        cleared_filter: How the release says that an item is open; some refuse the filter on IsCleared.
        page_size: Rows a request.
        gateway: Another transport than one made of `base_url` and `session`.
    """

    def __init__(
        self,
        base_url: str,
        session: Session,
        company_codes: Iterable[str],
        *,
        client: str | None = None,
        codes: Codes | None = None,
        accounts: Iterable[str] | None = None,
        history_from: date | None = None,
        terms: Mapping[str, PaymentTerms] | None = None,
        cleared_filter: str = "IsCleared eq false",
        page_size: int = 1000,
        accounts_per_page: int = 20,
        gateway: Gateway | None = None,
        name: str = "sap-odata",
    ) -> None:
        self.gateway = gateway or Gateway(base_url, session, client=client, page_size=page_size)
        self.reader = ODataReader(self.gateway, history_from, cleared_filter, terms)
        super().__init__(
            self.reader,
            company_codes,
            codes=codes,
            accounts=accounts,
            accounts_per_page=accounts_per_page,
            name=name,
        )

    def probe(self) -> tuple[Finding, ...]:
        """Try every entity set this source may use, one row of each; each finding says what follows from it."""
        from receivables.adapters.sap.probe import probe_odata  # it knows both transports

        return probe_odata(self.gateway)

    def payment_advices(self, company_code: str) -> tuple[PaymentAdviceItem, ...]:
        """Return the items of payment advices: what customers say they paid, input for allocation."""
        return tuple(advice_items(self.gateway, company_code))

    def credit_blocked_orders(self) -> tuple[BlockedOrder, ...]:
        """Return the sales orders that the credit check holds."""
        return tuple(blocked_orders(self.gateway))


class ODataReader:
    """Reads the cube by ranges of accounts."""

    def __init__(
        self,
        gateway: Gateway,
        history_from: date | None,
        cleared_filter: str,
        terms: Mapping[str, PaymentTerms] | None,
    ) -> None:
        self._gateway = gateway
        self._from = history_from
        self._is_open = cleared_filter
        self._terms = terms
        self._notes: list[Problem] = []

    def terms(self) -> Mapping[str, PaymentTerms] | None:
        """Return the terms that were given."""
        return self._terms

    def accounts(self, company_code: str) -> Sequence[str]:
        """Return every account of a company code."""
        where = f"CompanyCode eq {literal(company_code)}"
        rows = self._gateway.rows(
            PARTNER,
            "A_CustomerCompany",
            where=where,
            select=("Customer", "CompanyCode"),
            order=("Customer", "CompanyCode"),
        )
        return sorted({padded(row["Customer"]) for row in rows})

    def block(self, company_code: str, accounts: Sequence[str]) -> Block:
        """Return the items and master data of some accounts."""
        problems: list[Problem] = []
        where = f"{_ours(company_code)} and {_span('Customer', accounts)}"
        if self._from is not None:
            where += f" and ({self._is_open} or ClearingDate ge {literal(self._from)})"
        lines = tuple(self._lines(where, problems))
        found = self._masters(company_code, accounts)
        notes, self._notes = self._notes, []
        return Block(lines, (), found, (*problems, *notes))

    def members(self, company_code: str, clearings: Iterable[ClearingKey]) -> tuple[Line, ...]:
        """Return the cleared items of clearings, and what their documents posted."""
        keys = frozenset(clearings)
        numbers = sorted({key.document for key in keys})
        found = list(self.documents(company_code, numbers))
        for some in _chunks(numbers):
            either = " or ".join(f"ClearingAccountingDocument eq {literal(it)}" for it in some)
            found += self._lines(f"{_ours(company_code)} and ({either})", [])
        return taking_part(found, keys)

    def documents(self, company_code: str, numbers: Iterable[str]) -> tuple[Line, ...]:
        """Return the items of documents."""
        found: list[Line] = []
        for some in _chunks(sorted(numbers)):
            either = " or ".join(f"AccountingDocument eq {literal(it)}" for it in some)
            found += self._lines(f"{_ours(company_code)} and ({either})", [])
        return tuple(found)

    def touched(self, company_code: str, since: date) -> frozenset[str]:
        """Return the accounts with an item entered, changed or cleared from a day on."""
        names = (
            "AccountingDocumentCreationDate",
            "LastChangeDate",
            "ClearingDate",
            "ClearingCreationDate",
        )
        either = " or ".join(f"{name} ge {literal(since)}" for name in names)
        where = f"{_ours(company_code)} and ({either})"
        rows = self._gateway.rows(*CUBE, where=where, select=(*KEY, "Customer"), order=KEY)
        return frozenset(padded(row["Customer"]) for row in rows)

    def _lines(self, where: str, problems: list[Problem]) -> Iterator[Line]:
        seen = set()
        for row in self._gateway.rows(*CUBE, where=where, select=CUBE_PROPERTIES, order=KEY):
            try:
                line = from_cube(row)
            except ReceivablesError as error:
                problems.append(
                    Problem(error.code, f"the row cannot be read: {error}", f"cube {place_of(row)}")
                )
                continue
            except (KeyError, ValueError, ArithmeticError) as error:
                msg = f"the row cannot be read: {error!r}"
                problems.append(Problem("unreadable-row", msg, f"cube {place_of(row)}"))
                continue
            if (
                line.key not in seen
            ):  # a row can come twice when the collection changes between two pages
                seen.add(line.key)
                yield line

    def _masters(self, company_code: str, accounts: Sequence[str]) -> tuple[Master, ...]:
        span, ours = _span("Customer", accounts), f"CompanyCode eq {literal(company_code)}"
        company = self._entities(
            PARTNER, "A_CustomerCompany", f"{ours} and {span}", ("Customer", "CompanyCode")
        )
        return masters.masters_of_entities(
            company_code,
            self._entities(PARTNER, "A_Customer", span, ("Customer",)),
            company,
            self._entities(
                PARTNER,
                "A_CustomerDunning",
                f"{ours} and {span}",
                ("Customer", "CompanyCode", "DunningArea"),
            ),
            self._entities(
                CREDIT,
                "CreditManagementAccount",
                _span("BusinessPartner", accounts),
                ("BusinessPartner", "CreditSegment"),
            ),
        )

    def _entities(
        self, service: str, entity_set: str, where: str, order: Sequence[str]
    ) -> list[Mapping[str, Any]]:
        try:
            return list(self._gateway.rows(service, entity_set, where=where, order=order))
        except (AccessDenied, NotOffered) as error:
            msg = f"{entity_set} is left out: {error}"
            self._notes.append(
                Problem("service-unread", msg, f"{service}/{entity_set}", severity="noted")
            )
            return []


@dataclass(frozen=True, slots=True)
class PaymentAdviceItem:
    """What one line of a payment advice says.

    Args:
        advice: Number of the advice, and of its item.
        customer: Whose.
        document: The document it pays, as the customer names it: an accounting, billing or reference number.
        paid: Net amount paid for it.
        discount: Cash discount the customer took.
        reason: Why less was paid, by SAP's reason code.
    """

    advice: tuple[str, str]
    customer: str
    document: str
    paid: Money
    discount: Money
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class BlockedOrder:
    """A sales order that the credit check holds."""

    order: str
    customer: str
    net_amount: Money
    created_on: date | None
    status: str


def advice_items(gateway: Gateway, company_code: str) -> Iterator[PaymentAdviceItem]:
    """Yield the items of payment advices of customers."""
    ours = f"CompanyCode eq {literal(company_code)} and PaymentAdviceAccountType eq 'D'"
    key = ("CompanyCode", "PaymentAdviceAccountType", "PaymentAdviceAccount", "PaymentAdvice")
    heads = gateway.rows(ADVICE, "A_PaymentAdvice", where=ours, order=key)
    currencies = {row["PaymentAdvice"]: row["PaymentCurrency"] for row in heads}
    for row in gateway.rows(
        ADVICE, "A_PaymentAdviceItem", where=ours, order=(*key, "PaymentAdviceItem")
    ):
        currency = currencies[row["PaymentAdvice"]]
        names = ("AccountingDocument", "BillingDocument", "DocumentReferenceID")
        yield PaymentAdviceItem(
            (row["PaymentAdvice"], row["PaymentAdviceItem"]),
            unpadded(row["PaymentAdviceAccount"]),
            next((row[name] for name in names if row.get(name)), ""),
            Money(number(row["NetPaymentAmountInPaytCurrency"]), currency),
            Money(number(row.get("CashDiscountAmountInPaytCrcy")), currency),
            row.get("PaymentDifferenceReason") or None,
        )


def blocked_orders(gateway: Gateway) -> Iterator[BlockedOrder]:
    """Yield the sales orders that the credit check holds."""
    for row in gateway.rows(BLOCKED, "A_CreditBlockedSalesDocument", order=("SalesDocument",)):
        yield BlockedOrder(
            unpadded(row["SalesDocument"]),
            unpadded(row["SoldToParty"]),
            Money(number(row["TotalNetAmount"]), row["TransactionCurrency"]),
            day(row.get("CreationDate")),
            row.get("TotalCreditCheckStatus", ""),
        )


def _ours(company_code: str) -> str:
    return f"CompanyCode eq {literal(company_code)} and FinancialAccountType eq 'D'"


def _span(name: str, accounts: Sequence[str]) -> str:
    first, last = padded(accounts[0]), padded(accounts[-1])
    if first == last:
        return f"{name} eq {literal(first)}"
    return f"({name} ge {literal(first)} and {name} le {literal(last)})"


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(values), _OR):
        yield values[first : first + _OR]
