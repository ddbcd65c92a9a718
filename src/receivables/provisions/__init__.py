"""Provisions: expected credit loss, loss rates from history, and what is posted for them.

Public: `measure_provision` with its policy and result; loss rates from snapshots, cohorts, chains and vintages; the
roll-forward, proposed journal lines and differences to what is booked.
"""

from receivables.provisions.backtest import (
    BackTest,
    BackTestRow,
    CountTest,
    Light,
    back_test,
    count_test,
)
from receivables.provisions.booked import (
    Booked,
    Difference,
    Method,
    ProvisionCheck,
    ProvisionDelta,
    check_provision,
    provision_deltas,
)
from receivables.provisions.cohorts import LossCohort, loss_cohorts, matrix_from
from receivables.provisions.deductibility import (
    Checklist,
    DoubtfulCredit,
    Step,
    UdiSeries,
    check_deductibility,
    udi_limit,
)
from receivables.provisions.exposures import measure_exposures
from receivables.provisions.flows import FlowRates, aged_balances, collection_pattern, flow_rates
from receivables.provisions.groups import Group, GroupedRow, measure_groups
from receivables.provisions.history import Followed, Outcome, follow, outcome_of
from receivables.provisions.matrix import LossRate, ProvisionMatrix
from receivables.provisions.measure import measure_provision
from receivables.provisions.migration import AbsorbingChain, MigrationMatrix, migration_matrix
from receivables.provisions.outlook import Discounting, Overlay, Scenario, discounted_loss
from receivables.provisions.policy import Path, ProvisionPolicy
from receivables.provisions.result import Provision, ProvisionLine, ProvisionRow
from receivables.provisions.roll_forward import (
    Account,
    Framework,
    JournalEntry,
    JournalLine,
    RollForward,
    propose_charge,
    propose_entries,
    propose_reclassification,
    propose_recovery,
    propose_write_off,
    roll_forward,
)
from receivables.provisions.rules import Assessment, Cover, Dilution, Exclusion, Scope, Vat
from receivables.provisions.vintages import Triangle, loss_triangle, month_ends

__all__ = [
    "AbsorbingChain",
    "Account",
    "Assessment",
    "BackTest",
    "BackTestRow",
    "Booked",
    "Checklist",
    "CountTest",
    "Cover",
    "Difference",
    "Dilution",
    "Discounting",
    "DoubtfulCredit",
    "Exclusion",
    "FlowRates",
    "Followed",
    "Framework",
    "Group",
    "GroupedRow",
    "JournalEntry",
    "JournalLine",
    "Light",
    "LossCohort",
    "LossRate",
    "Method",
    "MigrationMatrix",
    "Outcome",
    "Overlay",
    "Path",
    "Provision",
    "ProvisionCheck",
    "ProvisionDelta",
    "ProvisionLine",
    "ProvisionMatrix",
    "ProvisionPolicy",
    "ProvisionRow",
    "RollForward",
    "Scenario",
    "Scope",
    "Step",
    "Triangle",
    "UdiSeries",
    "Vat",
    "aged_balances",
    "back_test",
    "check_deductibility",
    "check_provision",
    "collection_pattern",
    "count_test",
    "discounted_loss",
    "flow_rates",
    "follow",
    "loss_cohorts",
    "loss_triangle",
    "matrix_from",
    "measure_exposures",
    "measure_groups",
    "measure_provision",
    "migration_matrix",
    "month_ends",
    "outcome_of",
    "propose_charge",
    "propose_entries",
    "propose_reclassification",
    "propose_recovery",
    "propose_write_off",
    "provision_deltas",
    "roll_forward",
    "udi_limit",
]
