"""Mexican electronic invoices (CFDI 4.0) and their payment complements (Pagos 2.0, REP).

    from receivables import cfdi

    cfdi.validate(xml)                      # what SAT's matrix would refuse, before the PAC does
    cfdi.import_batch(cfdi.read_folder(p))  # a folder of XML to facts
    cfdi.build_complement(…)                # payments and allocations to a complement
    cfdi.reconcile(documents, received, as_of=day)

It needs the extra `cfdi`. Inside this package SAT's names are used for SAT's things, in our spelling.
"""

from receivables.cfdi.batch import Batch, Read, read_folder
from receivables.cfdi.cadena import cadena_original
from receivables.cfdi.certificates import Certificate, Csd
from receivables.cfdi.complement import Complement, Issuer, Receiver, build_complement
from receivables.cfdi.deadlines import complement_due, month_end
from receivables.cfdi.documents import (
    Comprobante,
    Concepto,
    DoctoRelacionado,
    Emisor,
    Pago,
    Pagos,
    Receptor,
    Relacionados,
    Tax,
    Taxes,
    Timbre,
    Totales,
)
from receivables.cfdi.importer import Imported, import_batch
from receivables.cfdi.matching import Received
from receivables.cfdi.means import paid_by
from receivables.cfdi.mismatches import Mismatch, calendar
from receivables.cfdi.pac import (
    Cancellation,
    FolderJournal,
    MemoryJournal,
    Pac,
    Stamped,
    stamp_once,
)
from receivables.cfdi.payable import Credit, CreditNotes, PayableDocument, TaxGroup
from receivables.cfdi.profiles import CURRENCY_DECIMALS, PROFILES, SIX_DECIMALS, Profile, profile
from receivables.cfdi.read import parse
from receivables.cfdi.reconcile import reconcile
from receivables.cfdi.registers import KnownTaxpayers, Register, Taxpayer
from receivables.cfdi.relations import in_force
from receivables.cfdi.rendering import to_html
from receivables.cfdi.rules import Finding, Rule, all_rules, check, validate
from receivables.cfdi.seal import Seals, seal, seal_to_xml, verify
from receivables.cfdi.status import KnownStatuses, State, Status, StatusService
from receivables.cfdi.write import write
from receivables.cfdi.written import Written

__all__ = [
    "CURRENCY_DECIMALS",
    "PROFILES",
    "SIX_DECIMALS",
    "Batch",
    "Cancellation",
    "Certificate",
    "Complement",
    "Comprobante",
    "Concepto",
    "Credit",
    "CreditNotes",
    "Csd",
    "DoctoRelacionado",
    "Emisor",
    "Finding",
    "FolderJournal",
    "Imported",
    "Issuer",
    "KnownStatuses",
    "KnownTaxpayers",
    "MemoryJournal",
    "Mismatch",
    "Pac",
    "Pago",
    "Pagos",
    "PayableDocument",
    "Profile",
    "Read",
    "Received",
    "Receiver",
    "Receptor",
    "Register",
    "Relacionados",
    "Rule",
    "Seals",
    "Stamped",
    "State",
    "Status",
    "StatusService",
    "Tax",
    "TaxGroup",
    "Taxes",
    "Taxpayer",
    "Timbre",
    "Totales",
    "Written",
    "all_rules",
    "build_complement",
    "cadena_original",
    "calendar",
    "check",
    "complement_due",
    "import_batch",
    "in_force",
    "month_end",
    "paid_by",
    "parse",
    "profile",
    "read_folder",
    "reconcile",
    "seal",
    "seal_to_xml",
    "stamp_once",
    "to_html",
    "validate",
    "verify",
    "write",
]
