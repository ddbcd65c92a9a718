"""SAT's validation matrices as functions: what a PAC would refuse, before it does."""

from receivables.cfdi.rules.findings import Finding, all_rules, check, validate
from receivables.cfdi.rules.registry import Fault, Rule

__all__ = ["Fault", "Finding", "Rule", "all_rules", "check", "validate"]
