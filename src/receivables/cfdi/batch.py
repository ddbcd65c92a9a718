"""Folders and zip packages of XML files to documents, every file accounted for.

A file is read, a duplicate (its UUID was read before), skipped with a reason, or failed with a problem; the four counts sum
to the files found. Zip packages are read in memory within limits; no path in them is used.
"""

from __future__ import annotations

import hashlib
import lzma
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from receivables.cfdi.documents import Comprobante
from receivables.cfdi.read import parse
from receivables.cfdi.secure import MOST_BYTES
from receivables.errors import HostileXml, UnreadableCfdi, UnreadableSource
from receivables.facts.wording import counted
from receivables.problems import Problem

MOST_ENTRIES = 100_000
MOST_UNPACKED = 2_000_000_000
MOST_RATIO = 200  # unpacked to packed bytes of one entry
_SMALL = 1_000_000  # entries below this may pack as well as they like


_SPOILT = (
    UnreadableCfdi,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
)  # what a package or file of strangers may raise


@dataclass(frozen=True, slots=True)
class Read:
    """One document of a batch.

    Args:
        file: Its name, relative to the folder.
        document: What it says.
        sha256: Digest of the file's bytes.
    """

    file: str
    document: Comprobante
    sha256: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What a folder holds.

    Args:
        documents: The documents, by file name; each UUID once.
        duplicates: Files that say again what another says, each with that one's name.
        skipped: Files that are no documents of ours to read, each with the reason.
        problems: What failed, and what is odd about what was read.
        failed: Files that could not be read.
    """

    documents: tuple[Read, ...] = ()
    duplicates: tuple[tuple[str, str], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()
    failed: tuple[str, ...] = ()

    @property
    def files(self) -> int:
        """How many files were found."""
        return len(self.documents) + len(self.duplicates) + len(self.skipped) + len(self.failed)

    def __str__(self) -> str:
        return (
            f"{counted(self.files, 'file')} = {counted(len(self.documents), 'document')}"
            f" + {counted(len(self.duplicates), 'duplicate')}"
            f" + {len(self.skipped):,} skipped + {len(self.failed):,} failed"
        )


def read_folder(folder: Path, *, most_bytes: int = MOST_BYTES) -> Batch:
    """Read every XML file below a folder, and those in its zip packages.

    Args:
        folder: The folder, or a single XML or zip file.
        most_bytes: The largest file read.

    Raises:
        UnreadableSource: When there is no such folder or file.
    """
    if not folder.exists():
        msg = f"{folder}: there is no such folder or file; check the path"
        raise UnreadableSource(msg)
    collecting = _Collecting()
    base = folder if folder.is_dir() else folder.parent
    for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
        if path.is_file():
            name = path.relative_to(base).as_posix()
            if path.suffix.lower() == ".zip":
                collecting.package(name, path, most_bytes)
            elif path.suffix.lower() == ".xml":
                collecting.path(name, path, most_bytes)
            else:
                collecting.skipped.append((name, "not an XML file"))
    return collecting.batch()


class _Collecting:
    """One run over a folder."""

    def __init__(self) -> None:
        self.read: list[Read] = []
        self.duplicates: list[tuple[str, str]] = []
        self.skipped: list[tuple[str, str]] = []
        self.problems: list[Problem] = []
        self.failed: list[str] = []
        self._by_uuid: dict[str, Read] = {}

    def path(self, name: str, path: Path, most_bytes: int) -> None:
        try:
            with path.open("rb") as file:
                xml = file.read(most_bytes + 1)
        except OSError as error:
            self._fail(name, error)
            return
        self.file(name, xml, most_bytes)

    def file(self, name: str, xml: bytes, most_bytes: int) -> None:
        try:
            document = parse(xml, most_bytes=most_bytes)
        except UnreadableCfdi as error:
            self._fail(name, error)
            return
        one = Read(name, document, hashlib.sha256(xml).hexdigest())
        before = self._by_uuid.get(document.uuid) if document.uuid else None
        if before is None:
            if document.uuid:
                self._by_uuid[document.uuid] = one
            self.read.append(one)
            return
        self.duplicates.append((name, before.file))
        if not _same(before.document, document):
            msg = (
                f"has UUID {document.uuid} like {before.file} and another total or seal; one of them was tampered with:"
                " ask SAT which is theirs"
            )
            self.problems.append(Problem("tampered-document", msg, name))

    def package(self, name: str, path: Path, most_bytes: int) -> None:
        """Read a package entry by entry: one that is spoilt or hostile does not lose the others."""
        try:
            with zipfile.ZipFile(path) as package:
                for entry in _listed(package):
                    inner = f"{name}:{entry.filename}"
                    if not entry.filename.lower().endswith(".xml"):
                        self.skipped.append((inner, "not an XML file"))
                        continue
                    try:
                        xml = _unpacked(package, entry, most_bytes)
                    except _SPOILT as error:
                        self._fail(inner, error)
                    else:
                        self.file(inner, xml, most_bytes)
        except _SPOILT as error:
            self._fail(name, error)

    def batch(self) -> Batch:
        return Batch(
            tuple(self.read),
            tuple(self.duplicates),
            tuple(self.skipped),
            tuple(self.problems),
            tuple(self.failed),
        )

    def _fail(self, name: str, error: Exception) -> None:
        code = error.code if isinstance(error, UnreadableCfdi) else "unreadable-file"
        self.failed.append(name)
        self.problems.append(Problem(code, str(error), name))


def _same(one: Comprobante, other: Comprobante) -> bool:
    return (one.total, one.sello, one.fecha) == (other.total, other.sello, other.fecha)


def _listed(package: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the files of a package; refuse one that unpacks beyond reason as a whole."""
    listed = [it for it in package.infolist() if not it.is_dir()]
    if len(listed) > MOST_ENTRIES:
        msg = f"the package has {len(listed):,} entries and the limit is {MOST_ENTRIES:,}"
        raise HostileXml(msg)
    if sum(it.file_size for it in listed) > MOST_UNPACKED:
        msg = f"the package unpacks to more than {MOST_UNPACKED:,} bytes; split it"
        raise HostileXml(msg)
    return listed


def _unpacked(package: zipfile.ZipFile, entry: zipfile.ZipInfo, most_bytes: int) -> bytes:
    """Return one file of a package; refuse one that unpacks beyond reason."""
    packed = max(entry.compress_size, 1)
    if entry.file_size > most_bytes or (
        entry.file_size > _SMALL and entry.file_size / packed > MOST_RATIO
    ):
        msg = f"it unpacks from {packed:,} to {entry.file_size:,} bytes; it is refused unread"
        raise HostileXml(msg)
    with package.open(entry) as file:
        xml = file.read(most_bytes + 1)  # what the directory says may be a lie
    if len(xml) > most_bytes:
        msg = "it is larger than the package says; it is refused"
        raise HostileXml(msg)
    return xml
