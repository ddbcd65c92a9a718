"""SAP as a source of facts: over RFC by tables or BAPIs, over OData; all three read into the same facts.

Public: the two sources, what connects them, what the system's codes mean, the probe, and the writers, which are opt-in.
"""

from receivables.adapters.sap.codes import Codes, Meaning, SpecialGl
from receivables.adapters.sap.config import Config, read_config
from receivables.adapters.sap.odata import Gateway
from receivables.adapters.sap.odata_source import SapODataSource
from receivables.adapters.sap.odata_writer import SapODataWriter
from receivables.adapters.sap.probe import Finding, describe, probe_odata, probe_rfc
from receivables.adapters.sap.rfc import Rfc, RfcConnection, connect_rfc
from receivables.adapters.sap.rfc_source import SapRfcSource
from receivables.adapters.sap.soap_clearing import SapSoapClearer
from receivables.adapters.sap.source import SapSource
from receivables.adapters.sap.uuids import UuidTable
from receivables.adapters.sap.writer import Posting, SapWriter, Written

__all__ = [
    "Codes",
    "Config",
    "Finding",
    "Gateway",
    "Meaning",
    "Posting",
    "Rfc",
    "RfcConnection",
    "SapODataSource",
    "SapODataWriter",
    "SapRfcSource",
    "SapSoapClearer",
    "SapSource",
    "SapWriter",
    "SpecialGl",
    "UuidTable",
    "Written",
    "connect_rfc",
    "describe",
    "probe_odata",
    "probe_rfc",
    "read_config",
]
