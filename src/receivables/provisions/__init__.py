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
from receivables.provisions.cohorts import LossCohort, loss_cohorts, matrix_from
from receivables.provisions.flows import FlowRates, aged_balances, collection_pattern, flow_rates
from receivables.provisions.history import Followed, Outcome, follow, outcome_of
from receivables.provisions.matrix import LossRate, ProvisionMatrix
from receivables.provisions.measure import measure_provision
from receivables.provisions.migration import AbsorbingChain, MigrationMatrix, migration_matrix
from receivables.provisions.policy import (
    Assessment,
    Cover,
    Dilution,
    Discounting,
    Exclusion,
    Overlay,
    Path,
    ProvisionPolicy,
    Scenario,
    Scope,
    Vat,
    discounted_loss,
)
from receivables.provisions.result import Provision, ProvisionLine, ProvisionRow
from receivables.provisions.vintages import Triangle, loss_triangle, month_ends

__all__ = [
    "AbsorbingChain",
    "Assessment",
    "BackTest",
    "BackTestRow",
    "CountTest",
    "Cover",
    "Dilution",
    "Discounting",
    "Exclusion",
    "FlowRates",
    "Followed",
    "Light",
    "LossCohort",
    "LossRate",
    "MigrationMatrix",
    "Outcome",
    "Overlay",
    "Path",
    "Provision",
    "ProvisionLine",
    "ProvisionMatrix",
    "ProvisionPolicy",
    "ProvisionRow",
    "Scenario",
    "Scope",
    "Triangle",
    "Vat",
    "aged_balances",
    "back_test",
    "collection_pattern",
    "count_test",
    "discounted_loss",
    "flow_rates",
    "follow",
    "loss_cohorts",
    "loss_triangle",
    "matrix_from",
    "measure_provision",
    "migration_matrix",
    "month_ends",
    "outcome_of",
]
