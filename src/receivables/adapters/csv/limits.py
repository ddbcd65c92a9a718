"""How much of a file is read at most, so that a hostile one costs little: sizes, counts and archive checks."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from receivables.errors import UnreadableSource

_KIB = 1024
_MIB = 1024 * _KIB
_NESTED = (".zip", ".xlsx", ".xlsm", ".docx", ".jar", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar")


@dataclass(frozen=True, slots=True)
class Limits:
    """The most a table file may hold; beyond a row's limit the row is quarantined, beyond a file's the file is refused.

    Args:
        field: Characters of a field.
        row: Characters of a row.
        columns: Columns.
        rows: Rows.
        quoted_lines: Lines one quoted field may run over.
        members: Entries of an archive (an `.xlsx` file is one).
        unpacked: Bytes of an archive when unpacked.
        ratio: Unpacked bytes for one packed byte, above the first MiB.
    """

    field: int = 64 * _KIB
    row: int = _MIB
    columns: int = 512
    rows: int = 20_000_000
    quoted_lines: int = 200
    members: int = 10_000
    unpacked: int = 512 * _MIB
    ratio: int = 100

    def check_archive(self, path: Path) -> None:
        """Refuse an archive that would unpack to too much, before anything is unpacked.

        Raises:
            UnreadableSource: For too many entries, too many bytes, too high a ratio, nested archives, or entries that
                would land outside.
        """
        try:
            with zipfile.ZipFile(path) as archive:
                members = archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            msg = f"{path.name} is no readable .xlsx file: {error}; save it again from the spreadsheet"
            raise UnreadableSource(msg) from None
        if len(members) > self.members:
            msg = f"{path.name} holds {len(members):,} entries; at most {self.members:,} are read"
            raise UnreadableSource(msg)
        unpacked = sum(member.file_size for member in members)
        packed = sum(member.compress_size for member in members)
        if unpacked > self.unpacked or unpacked > max(_MIB, packed * self.ratio):
            msg = (
                f"{path.name} unpacks from {packed:,} to {unpacked:,} bytes; at most {self.unpacked:,} bytes"
                f" and {self.ratio} to 1 are read; save it as .csv"
            )
            raise UnreadableSource(msg)
        for member in members:
            name = member.filename.replace("\\", "/")
            if name.startswith("/") or ".." in name.split("/") or name.lower().endswith(_NESTED):
                msg = f"{path.name} holds the entry {member.filename!r:.80}; nested archives and outside paths are not read"
                raise UnreadableSource(msg)


def check_columns(name: str, count: int, limits: Limits) -> None:
    """Refuse a table with too many columns."""
    if count > limits.columns:
        msg = f"{name} has {count:,} columns; at most {limits.columns} are read"
        raise UnreadableSource(msg)
