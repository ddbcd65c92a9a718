"""The subledger: validated facts, and the questions they answer.

Public: `Subledger` with its two doors, `OpenItemsExtract` for extracts without a history, and `CashPosition`.
"""

from receivables.subledger.cash import CashPosition
from receivables.subledger.extract import OpenItemsExtract
from receivables.subledger.subledger import Subledger

__all__ = ["CashPosition", "OpenItemsExtract", "Subledger"]
