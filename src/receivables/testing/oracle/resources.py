"""What the double offers: the resources with their attributes in wire order, keys, finders, children and actions."""

from __future__ import annotations

from dataclasses import dataclass

_WHO = "CreatedBy CreationDate LastUpdatedBy LastUpdateDate"
_APPLICATION = (
    "ApplicationAmount EnteredCurrency ApplicationDate AccountingDate ApplicationStatus ProcessStatus IsLatestApplication"
    f" ReferenceInstallmentId ReferenceTransactionId ReferenceTransactionNumber ReferenceTransactionStatus {_WHO}"
)


@dataclass(frozen=True, slots=True)
class Finder:
    """A finder: its variables, and those of which at least one must be given."""

    name: str
    variables: tuple[str, ...]
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource or child.

    Args:
        name: Its name.
        key: Its key attribute.
        attributes: In the order of the wire.
        queryable: Those that `q` may name; None for all.
        finders: Its finders.
        children: Names of its children.
        actions: Its actions, from 26C on.
        required: What a POST must give.
        writable: What a POST may give, besides `required`; None when it takes no POST.
        updatable: What a PATCH may change; None when it takes no PATCH.
    """

    name: str
    key: str
    attributes: tuple[str, ...]
    queryable: frozenset[str] | None = None
    finders: tuple[Finder, ...] = ()
    children: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    writable: tuple[str, ...] | None = None
    updatable: tuple[str, ...] | None = None

    def may_query(self, attribute: str) -> bool:
        """Tell whether `q` may name an attribute."""
        return attribute in self.attributes and (
            self.queryable is None or attribute in self.queryable
        )


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ACCOUNT_CHILDREN = _words(
    "creditMemoApplications creditMemos standardReceiptApplications standardReceipts transactionAdjustments"
    " transactionPaymentSchedules transactionsPaidByOtherCustomers"
)
_WINDOW = ("TransactionLimitByDays", "TransactionStatus")
_ACCOUNT_VARIABLES = _words(
    "AccountNumber BillToSiteNumber CustomerName TaxRegistrationNumber TaxpayerIdentificationNumber"
)

INVOICES = Resource(
    "receivablesInvoices",
    "CustomerTransactionId",
    _words(
        "CustomerTransactionId DueDate ConversionDate ConversionRate InvoiceCurrencyCode SpecialInstructions CrossReference"
        " DocumentNumber TransactionNumber TransactionDate TransactionType TransactionSource BillToCustomerNumber BillToSite"
        " Comments InternalNotes PaymentTerms LegalEntityIdentifier ConversionRateType PurchaseOrder PurchaseOrderDate"
        " PurchaseOrderRevision FirstPartyRegistrationNumber ThirdPartyRegistrationNumber InvoicingRule ShipToCustomerName"
        " ShipToCustomerNumber BillingDate BillToPartyId BusinessUnit InvoiceStatus AccountingDate ShipToSite"
        " PayingCustomerName PayingCustomerSite BillToCustomerName FreightAmount Carrier ShipDate ShippingReference"
        " BillToContact ShipToContact PrintOption CreatedBy CreationDate LastUpdatedBy LastUpdateDate PayingCustomerAccount"
        " SoldToPartyNumber RemitToAddress DefaultTaxationCountry EnteredAmount InvoiceBalanceAmount Prepayment Intercompany"
        " DocumentFiscalClassification BankAccountNumber CreditCardAuthorizationRequestIdentifier CreditCardExpirationDate"
        " CreditCardIssuerCode CreditCardTokenNumber CreditCardVoiceAuthorizationCode CreditCardErrorCode"
        " CreditCardErrorText CardHolderLastName CardHolderFirstName ReceiptMethod SalesPersonNumber"
        " StructuredPaymentReference InvoicePrinted LastPrintDate OriginalPrintDate DeliveryMethod Email AllowCompletion"
        " ControlCompletionReason"
    ),
    frozenset(
        _words(
            "CustomerTransactionId TransactionNumber CreationDate BillToPartyId InvoiceStatus LastUpdateDate"
        )
    ),
    (
        Finder("PrimaryKey", ("CustomerTransactionId",), ("CustomerTransactionId",)),
        Finder(
            "invoiceSearch",
            _words(
                "BillToCustomerNumber BillToCustomerName BusinessUnit InvoiceStatus TransactionDate TransactionSource"
                " TransactionNumber TransactionType DueDate"
            ),
        ),
    ),
    _words(
        "receivablesInvoiceInstallments receivablesInvoiceLines receivablesInvoiceDistributions"
    ),
    updatable=_words("InvoiceStatus PaymentTerms TransactionDate"),
)
CREDIT_MEMOS = Resource(
    "receivablesCreditMemos",
    "CustomerTransactionId",
    _words(
        "CustomerTransactionId TransactionNumber TransactionDate CreatedBy CreationDate LastUpdatedBy LastUpdateDate"
        " CreditMemoCurrency BusinessUnit TransactionType TransactionSource AccountingDate LegalEntityIdentifier CreditReason"
        " BillToCustomerNumber BillToSite BillToCustomerName EnteredAmount DocumentNumber CrossReference CustomerReference"
        " CustomerReferenceDate BillingDate PurchaseOrder SpecialInstructions CreditMemoComments DefaultTaxationCountry"
        " FreightShipDate Carrier FreightShippingReference FreightFOB ConversionRateType ConversionRate ConversionRateDate"
        " FirstPartyRegistrationNumber ThirdPartyRegistrationNumber ShipToCustomerName ShipToCustomerNumber"
        " ShipToCustomerSite FreightCreditAmount PrimarySalesperson Intercompany TransactionBalanceDue DeliveryMethod"
        " PrintStatus PrintDate GenerateBill DocumentFiscalClassifcation PayingCustomerName PayingCustomerSite"
        " PayingCustomerAccount BillToContact ShipToContact SoldToPartyNumber PurchaseOrderDate CreditMemoStatus"
        " InternalNotes PurchaseOrderRevision StructuredPaymentReference AllowCompletion ControlCompletionReason"
        " RecipientEmail"
    ),
)
RECEIPTS = Resource(
    "standardReceipts",
    "StandardReceiptId",
    _words(
        "StandardReceiptId ReceiptNumber BusinessUnit ReceiptMethod ReceiptDate DocumentNumber Amount Currency"
        " ConversionRateType ConversionDate ConversionRate State Status RemittanceBankName RemittanceBankBranch"
        " RemittanceBankAccountNumber RemittanceBankDepositDate RemittanceBankAllowOverride CustomerName"
        " TaxpayerIdentificationNumber CustomerSite CustomerAccountNumber CustomerBank CustomerBankBranch"
        " CustomerBankAccountNumber UnappliedAmount AccountedAmount AccountingDate MaturityDate PostmarkDate ReceiptAtRisk"
        " ReceivablesSpecialist Comments CreditCardTokenNumber CreditCardAuthorizationRequestIdentifier"
        " CardHolderFirstName CardHolderLastName CreditCardIssuerCode CreditCardExpirationDate VoiceAuthorizationCode"
        f" {_WHO} StructuredPaymentReference ReceiptBatchName ReceiptBatchDate ReversalCategory ReversalReason ReversalDate"
        " ReversalComments"
    ),
    children=("remittanceReferences",),
    actions=("applyReceipt", "bulkApplyReceipt", "unapplyReceipt", "reverseReceipt"),
    required=_words("Amount BusinessUnit Currency ReceiptMethod"),
    writable=_words(
        "ReceiptNumber ReceiptDate AccountingDate CustomerAccountNumber CustomerSite RemittanceBankAccountNumber"
        " ConversionRateType ConversionRate ConversionDate Comments StructuredPaymentReference"
    ),
    updatable=("Comments", "CustomerAccountNumber", "CustomerSite"),
)
ADJUSTMENTS = Resource(
    "receivablesAdjustments",
    "AdjustmentId",
    _words(
        "AdjustmentId AdjustmentNumber AdjustmentType AdjustmentAmount AdjustmentDate AccountingDate Status"
        " ReceivablesActivity BusinessUnit CustomerTransactionId TransactionNumber TransactionClass AccountedAmount Currency"
        " InstallmentNumber InstallmentBalance AdjustmentReason ApprovedBy BillToSiteUseId Comments AccountCombination"
        f" {_WHO}"
    ),
)
_ACCOUNT = _words(
    "AccountId AccountNumber CustomerId CustomerName TaxRegistrationNumber TaxpayerIdentificationNumber"
    f" TotalOpenReceivablesForAccount TotalTransactionsDueForAccount {_WHO}"
)
ACCOUNTS = Resource(
    "receivablesCustomerAccountActivities",
    "AccountId",
    _ACCOUNT,
    None,
    (
        Finder(
            "CustomerAccountActivitiesFinder", (*_ACCOUNT_VARIABLES, *_WINDOW), _ACCOUNT_VARIABLES
        ),
    ),
    _ACCOUNT_CHILDREN,
)
SITES = Resource(
    "receivablesCustomerAccountSiteActivities",
    "BillToSiteUseId",
    (
        *_words("BillToSiteUseId BillToSiteNumber BillToSiteAddress"),
        *(it.replace("ForAccount", "ForSite") for it in _ACCOUNT),
    ),
    None,
    (
        Finder(
            "CustomerAccountSiteActivitiesFinder",
            (*_ACCOUNT_VARIABLES, *_WINDOW),
            _ACCOUNT_VARIABLES,
        ),
    ),
    _ACCOUNT_CHILDREN,
)
PROMISES = Resource(
    "collectionPromises",
    "PromiseDetailId",
    _words(
        "PromiseDetailId BillToCustomerAccount BusinessUnit Currency CustomerTransactionId InstallmentNumber PaymentAccount"
        f" PaymentMethod PromiseAmount PromiseBalanceAmount PromiseDate Status TransactionNumber {_WHO}"
    ),
    required=_words("BillToCustomerAccount BusinessUnit Currency InstallmentNumber PromiseDate"),
    writable=_words(
        "PromiseAmount PromiseBalanceAmount PaymentMethod PaymentAccount TransactionNumber"
    ),
)
DELINQUENCIES = Resource(
    "collectionsDelinquencies",
    "DelinquencyId",
    _words(
        "DelinquencyId PaymentScheduleId TransactionNumber BillToCustomerAccount BusinessUnit Status UnpaidReason"
        f" DelinquencyDeterminationDate {_WHO}"
    ),
    required=("PaymentScheduleId",),
    writable=("UnpaidReason",),
    updatable=("UnpaidReason",),
)
STRATEGIES = Resource(
    "collectionStrategies",
    "StrategyId",
    _words(
        "StrategyId Score AccountNumber PartyName PartyNumber SiteUse NextStrategyTask StrategyStatus BusinessUnit"
        f" StrategyTemplate {_WHO}"
    ),
    children=("strategyExecutionTasks",),
)
DISPUTES = Resource(
    "receivablesDisputes",
    "DisputeId",
    _words("RequestNumber CustomerTransactionId DisputeAmount DisputeReason DisputeSection"),
    required=("CustomerTransactionId",),
    writable=_words(
        "BillToCustomerNumber CustomerComments DisputeAmount DisputePercentage DisputeReason DisputeSection DisputeType"
        " InternalComments"
    ),
)
RATES = Resource(
    "currencyRates",
    "ConversionDate",
    _words(
        "FromCurrency ToCurrency ConversionDate ConversionRate ConversionType UserConversionType"
    ),
    frozenset(),
    (
        Finder(
            "CurrencyRatesFinder",
            _words("fromCurrency toCurrency userConversionType startDate endDate"),
            ("fromCurrency",),
        ),
    ),
)

RESOURCES = {
    it.name: it
    for it in (
        INVOICES,
        CREDIT_MEMOS,
        RECEIPTS,
        ADJUSTMENTS,
        ACCOUNTS,
        SITES,
        PROMISES,
        DELINQUENCIES,
        STRATEGIES,
        DISPUTES,
        RATES,
    )
}
_CHILDREN = (
    Resource(
        "receivablesInvoiceInstallments",
        "InstallmentId",
        _words(
            "InstallmentId InstallmentSequenceNumber InstallmentDueDate OriginalAmount PaymentDaysLate InstallmentBalanceDue"
            " InstallmentStatus DisputeAmount DisputeDate InstallmentClosedDate InstallmentGLClosedDate AccountedBalanceDue"
            f" InstallmentAmountAdjusted InstallmentAmountCredited AmountPaid PendingAdjustmentAmount {_WHO}"
        ),
        updatable=("InstallmentDueDate", "OriginalAmount"),
    ),
    Resource(
        "receivablesInvoiceLines",
        "CustomerTransactionLineId",
        _words(
            "CustomerTransactionLineId LineNumber Description LineAmount Quantity UnitSellingPrice"
        ),
    ),
    Resource(
        "receivablesInvoiceDistributions",
        "DistributionId",
        _words(
            "DistributionId AccountClass AccountCombination AccountedAmount Amount InvoiceLineNumber Percent"
        ),
    ),
    Resource(
        "remittanceReferences",
        "RemittanceReferenceId",
        _words(
            f"RemittanceReferenceId ReceiptMatchBy ReferenceNumber ReferenceAmount CustomerReason CustomerReference {_WHO}"
        ),
        required=("ReferenceNumber",),
        writable=_words("ReceiptMatchBy ReferenceAmount CustomerReason CustomerReference"),
    ),
    Resource(
        "transactionPaymentSchedules",
        "InstallmentId",
        _words(
            "InstallmentId InstallmentNumber TotalOriginalAmount TotalBalanceAmount EnteredCurrency PaymentDaysLate"
            " InstallmentStatus TransactionNumber TransactionId TransactionDate TransactionClass PaymentScheduleDueDate"
            f" AccountingDate PurchaseOrder TransactionType TransactionSourceName ReceiptMethod BillToSiteNumber {_WHO}"
        ),
        None,
        (Finder("TransactionPaymentSchedulesFinder", _WINDOW),),
    ),
    Resource(
        "creditMemos",
        "CreditMemoId",
        _words(
            "CreditMemoId CreditMemoNumber CreditMemoDate TransactionClass AccountingDate PurchaseOrder TotalOriginalAmount"
            " TotalBalanceAmount AvailableAmount TransactionType InstallmentId CreditMemoCurrency CreditMemoStatus"
            f" BillToSiteNumber {_WHO}"
        ),
        None,
        (Finder("CreditMemosFinder", _WINDOW),),
    ),
    Resource(
        "standardReceipts",
        "StandardReceiptId",
        _words(
            "StandardReceiptId ReceiptNumber Currency Amount AvailableAmount UnappliedAmount ReceiptDate AccountingDate"
            f" BusinessUnit CustomerSite ReceiptMethod ProcessStatus State LegalEntity {_WHO}"
        ),
        None,
        (Finder("StandardReceiptsFinder", ("ProcessStatus", "ReceiptLimitByDays")),),
    ),
    Resource(
        "standardReceiptApplications",
        "ApplicationId",
        _words(f"ApplicationId StandardReceiptId ReceiptNumber {_APPLICATION}"),
    ),
    Resource(
        "creditMemoApplications",
        "ApplicationId",
        _words(f"ApplicationId CreditMemoId CreditMemoNumber CreditMemoStatus {_APPLICATION}"),
    ),
    Resource(
        "transactionAdjustments",
        "AdjustmentId",
        _words(
            "AdjustmentId AdjustmentNumber AdjustmentAmount AdjustmentType AdjustmentReason EnteredCurrency ApplicationDate"
            " AccountingDate ProcessStatus ReferenceInstallmentId ReferenceTransactionId ReferenceTransactionNumber"
            " ReferenceTransactionStatus"
        ),
    ),
    Resource("transactionsPaidByOtherCustomers", "TransactionId", ("TransactionId",)),
    Resource(
        "strategyExecutionTasks",
        "WorkItemId",
        _words(
            "WorkItemId WorkOrder StrategyTaskTemplate ScheduleStart ScheduleEnd ExecutionStart ExecutionEnd PostWaitEndTime"
            f" TaskType AssignedTo TaskStatus {_WHO}"
        ),
    ),
)
CHILDREN = {it.name: it for it in _CHILDREN}
