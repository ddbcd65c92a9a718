"""What the double does with writes: receipts, actions, references, promises, disputes, and files for import."""

from __future__ import annotations

import base64
import binascii
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.testing.oracle.modes import Modes, User
from receivables.testing.oracle.reading import Reading, Refused
from receivables.testing.oracle.resources import CHILDREN, RESOURCES, Resource
from receivables.testing.oracle.tables import Row, Tables
from receivables.testing.oracle.views import version

_NUMBER_LENGTH = 30
_COMPUTED = ("UnappliedAmount", "AccountedAmount", "CustomerName")


@dataclass(frozen=True, slots=True)
class _Posting:
    """When something is posted, for the tables."""

    posting_date: date
    recorded_at: None = None


class Writing:
    """Carries out POST, PATCH and DELETE on the tables."""

    def __init__(self, tables: Tables, modes: Modes, reading: Reading) -> None:
        self.tables, self.modes, self.reading = tables, modes, reading
        self.jobs: dict[int, list[str]] = {}
        self.imported: list[tuple[str, dict[str, bytes]]] = []

    def post(self, parts: list[str], body: Any, user: User) -> tuple[int, Any, Row]:
        """Return status, body and headers."""
        if parts == ["erpintegrations"]:
            return 201, self._import(body), {}
        resource = self._resource(parts[0])
        if len(parts) == 1:
            return self._create(resource, body, user)
        row = self.tables.rows[resource.name].get(int(parts[1])) if parts[1].isdigit() else None
        if row is None or not user.sees(row.get("BusinessUnit")):
            raise Refused(404, f"{resource.name} {parts[1]} was not found.")
        if parts[2] == "action":
            return 200, {"result": self._act(resource, row, parts[3], body)}, {}
        child = CHILDREN.get(parts[3])
        if parts[2] != "child" or child is None or child.writable is None:
            raise Refused(405, "POST action not supported")
        return self._refer(child, row, body)

    def patch(self, parts: list[str], body: Row, if_match: str | None) -> tuple[int, Any, Row]:
        """Change one row; a stale If-Match is refused."""
        resource = self._resource(parts[0])
        if len(parts) == 5 and parts[3] == "receivablesInvoiceInstallments":  # noqa: PLR2004 - a row of a child
            resource, row = CHILDREN[parts[3]], self.tables.instalment(int(parts[4]))
        else:
            row = self.tables.rows[resource.name][int(parts[1])]
        if resource.updatable is None:
            raise Refused(405, "PATCH action not supported")
        self._matching(row, if_match)
        for name in body:
            if name not in resource.updatable:
                raise Refused(400, f"attribute {name} cannot be updated")
        row |= body
        row["_version"] = version(row) + 1
        self.tables.touch(row)
        return 200, self.reading.views.shape(resource, row), {"ETag": f'"{version(row)}"'}

    def delete(self, parts: list[str], if_match: str | None) -> tuple[int, Any, Row]:
        """Delete a receipt that is not applied."""
        row = self.tables.rows[parts[0]].get(int(parts[1]))
        if row is None or parts[0] != "standardReceipts":
            raise Refused(404, "not found")
        self._matching(row, if_match)
        if row["UnappliedAmount"] != row["Amount"]:
            raise Refused(400, "AR-855000: You can't delete a receipt that is applied.")
        del self.tables.rows[parts[0]][int(parts[1])]
        return 204, None, {}

    def tick(self) -> int:
        """Run the AutoMatch job: apply receipts as their references say. Returns how many were applied."""
        numbers = {
            it["TransactionNumber"]: key
            for key, it in self.tables.rows["receivablesInvoices"].items()
        }
        applied = 0
        for receipt_id, references in self.tables.references.items():
            for reference in references:
                trx = numbers.get(reference["ReferenceNumber"])
                if trx is not None and not reference.get("_done"):
                    part = self.tables.instalments[trx][0]
                    amount = Decimal(
                        reference.get("ReferenceAmount") or part["InstallmentBalanceDue"]
                    )
                    self.tables.apply(
                        receipt_id, part, amount, "Applied", _Posting(self.tables.today)
                    )
                    reference["_done"] = True
                    applied += 1
        return applied

    def job(self, finder: str) -> Row:
        """Return the state of an import job, which moves on each time it is asked."""
        name, _, rest = finder.partition(";")
        number = int(rest.partition("=")[2])
        states = self.jobs.get(number)
        if states is None:
            return {
                "items": [],
                "count": 0,
                "hasMore": False,
                "limit": 25,
                "offset": 0,
                "links": [],
            }
        state = states.pop(0) if len(states) > 1 else states[0]
        told = (
            json.dumps({"JOBS": {"STATUS": state, "CHILD": []}})
            if name == "ESSExecutionDetailsRF"
            else state
        )
        return {
            "items": [{"RequestStatus": told}],
            "count": 1,
            "hasMore": False,
            "limit": 25,
            "offset": 0,
            "links": [],
        }

    def _resource(self, name: str) -> Resource:
        resource = RESOURCES.get(name)
        if resource is None:
            raise Refused(404, f"The requested resource {name} was not found.")
        return resource

    def _matching(self, row: Row, if_match: str | None) -> None:
        current = f'"{version(row)}"'
        if if_match is not None and if_match != current:
            raise Refused(412, "The row was changed by another user.", headers={"ETag": current})

    def _create(self, resource: Resource, body: Row, user: User) -> tuple[int, Any, Row]:
        if resource.writable is None:
            raise Refused(405, "POST action not supported")
        self._check(resource, body)
        if not user.sees(body.get("BusinessUnit")):
            raise Refused(403, "You don't have access to this business unit.")
        if resource.name == "receivablesDisputes":
            return self._dispute(body)
        key = self.tables.new_id()
        row = {resource.key: key, **body, **self.tables.who(self.tables.now)}
        if resource.name == "standardReceipts":
            row = self._receipt(row)
        if resource.name == "collectionPromises":
            row["Status"] = "Open"
        self.tables.rows[resource.name][key] = row
        echo = self.reading.views.shape(resource, row, bare=False, path=resource.name)
        echo |= dict.fromkeys((it for it in _COMPUTED if it in echo), None)
        return (
            201,
            echo,
            {
                "Location": f"{self.reading.views.host}/fscmRestApi/resources/11.13.18.05/{resource.name}/{key}"
            },
        )

    def _check(self, resource: Resource, body: Row) -> None:
        for name in resource.required:
            if body.get(name) in (None, ""):
                raise Refused(400, f"AR-855123: You must provide a value for the {name} attribute.")
        for name in body:
            if name not in (*resource.required, *(resource.writable or ())):
                raise Refused(400, f"attribute {name} is unknown")

    def _receipt(self, row: Row) -> Row:
        number = str(row.get("ReceiptNumber") or row["StandardReceiptId"])
        if len(number) > _NUMBER_LENGTH:
            raise Refused(400, f"ReceiptNumber is longer than {_NUMBER_LENGTH} characters")
        amount = Decimal(row["Amount"])
        day = row.get("ReceiptDate") or str(self.tables.today)
        account = row.get("CustomerAccountNumber") or None
        return {
            **row,
            "ReceiptNumber": f"P{number}" if self.modes.numbers_replaced else number,
            "CustomerAccountNumber": account,
            "Amount": amount,
            "UnappliedAmount": amount,
            "AccountedAmount": self.tables.accounted(amount, row),
            "ReceiptDate": day,
            "AccountingDate": row.get("AccountingDate") or day,
            "State": "Unapplied" if account else "Unidentified",
            "Status": "Confirmed",
        }

    def _refer(self, child: Resource, row: Row, body: Row) -> tuple[int, Any, Row]:
        self._check(child, body)
        reference = {child.key: self.tables.new_id(), **body, **self.tables.who(self.tables.now)}
        self.tables.references[row["StandardReceiptId"]].append(reference)
        return 201, self.reading.views.shape(child, reference), {}

    def _dispute(self, body: Row) -> tuple[int, Any, Row]:
        trx = body["CustomerTransactionId"]
        parts = self.tables.instalments.get(trx)
        if parts is None:
            raise Refused(400, f"CustomerTransactionId {trx} is unknown")
        left = Decimal(
            body.get("DisputeAmount") or sum(it["InstallmentBalanceDue"] for it in parts)
        )
        for part in parts:
            share = min(left, part["InstallmentBalanceDue"])
            if share:
                part["DisputeAmount"] = (part["DisputeAmount"] or Decimal(0)) + share
                part["DisputeDate"] = str(self.tables.today)
                self.tables.touch(part)
                left -= share
        return 201, {"RequestNumber": self.tables.new_id(), **body}, {}

    def _act(self, resource: Resource, row: Row, name: str, body: Row) -> str:
        if name not in resource.actions or self.modes.release < "26C":
            raise Refused(404, f"action {name} was not found.")
        if name == "applyReceipt":
            return self._apply(row, body)
        if name == "unapplyReceipt":
            found = self.tables.applications["standardReceiptApplications"].get(
                int(body["receivableApplicationId"])
            )
            if found is None or found["IsLatestApplication"] != "Y":
                return "ERROR"
            self.tables.unapply(
                "standardReceiptApplications",
                found["ApplicationId"],
                self.tables.today,
                self.tables.now,
            )
            return "SUCCESS"
        if name == "reverseReceipt" and row.get("ReversalDate") is None:
            reason = body.get("reversalReasonCode")
            self.tables.reverse(
                row["StandardReceiptId"], self.tables.today, reason, self.tables.now
            )
            return "SUCCESS"
        return "ERROR"

    def _apply(self, row: Row, body: Row) -> str:
        key = int(body["appliedPaymentScheduleId"])
        if key not in self.tables.owner_of:
            raise Refused(400, f"appliedPaymentScheduleId {key} is unknown")
        part = self.tables.instalment(key)
        amount = Decimal(body.get("amountApplied") or part["InstallmentBalanceDue"])
        if amount > part["InstallmentBalanceDue"] or amount > row["UnappliedAmount"]:
            return "ERROR"
        row_ = self.tables.apply(
            row["StandardReceiptId"], part, amount, "Applied", _Posting(self.tables.today)
        )
        row_ |= self.tables.who(self.tables.now)
        self.tables.touch(part)
        return "SUCCESS"

    def _import(self, body: Row) -> Row:
        if body.get("OperationName") not in {"importBulkData", "uploadFileToUCM"}:
            raise Refused(400, "OperationName is unknown")
        try:
            with zipfile.ZipFile(
                io.BytesIO(base64.b64decode(body["DocumentContent"], validate=True))
            ) as packed:
                files = {it: packed.read(it) for it in packed.namelist()}
        except (KeyError, binascii.Error, zipfile.BadZipFile):
            raise Refused(400, "DocumentContent is no zip file") from None
        number = 14557 + len(self.jobs)
        self.jobs[number] = ["WAIT", "RUNNING", "SUCCEEDED" if files else "WARNING"]
        self.imported.append((str(body.get("JobName")), files))
        return {**body, "DocumentContent": None, "ReqstId": str(number)}
