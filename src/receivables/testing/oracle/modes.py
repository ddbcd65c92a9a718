"""How the double behaves: release and language, quirks that real pods have, and faults on demand."""

from __future__ import annotations

from dataclasses import dataclass, field

FAULTS = frozenset(
    {
        "401-html", "login-page", "redirect", "403-html", "403-json", "404-text", "429-seconds", "429-date", "429-bare",
        "429-html", "500-text", "502-html", "503-html", "504-html", "reset", "drip", "truncated", "duplicate-row",
        "accepted-then-dropped",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Modes:
    """What kind of pod the double is.

    Args:
        frameworks: Framework versions it allows.
        release: `26C` knows receipt actions, `25D` does not.
        language: `en`, or `es` for a user whose statuses are Spanish.
        ignores_offset: Paths whose `offset` is ignored.
        empty_page: Path that once gives an empty page which says that there is more.
        counting_fails: True when `totalResults=true` is answered 500.
        strict_projection: True when projecting `Comments`, `State` or `Status` is answered 500.
        amounts_as_text: True when amounts come as JSON strings.
        long_decimals: True when amounts come with 38 decimals.
        dropped: Attributes this release does not have.
        added: An attribute this release adds, and its value.
        not_queryable: Attributes that `q` may not name, besides those of the resource.
        numbers_replaced: True when a POST's number is replaced by the pod's.
        largest_page: What `limit` is clamped to.
        children_shown: How many children an expanded row shows at most.
        moving: True when a row is updated between pages.
    """

    frameworks: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8, 9)
    release: str = "26C"
    language: str = "en"
    ignores_offset: frozenset[str] = frozenset()
    empty_page: str = ""
    counting_fails: bool = False
    strict_projection: bool = False
    amounts_as_text: bool = False
    long_decimals: bool = False
    dropped: frozenset[str] = frozenset()
    added: tuple[tuple[str, object], ...] = ()
    not_queryable: frozenset[str] = frozenset()
    numbers_replaced: bool = False
    largest_page: int = 500
    children_shown: int = 25
    moving: bool = False


@dataclass(slots=True)
class Fault:
    """Something that goes wrong with the next requests that fit.

    Args:
        kind: One of `FAULTS`.
        path: A part of the path it happens to.
        method: The method it happens to; any when empty.
        times: How often.
        skip: How many fitting requests go well before.
    """

    kind: str
    path: str = ""
    method: str = ""
    times: int = 1
    skip: int = 0

    def __post_init__(self) -> None:
        if self.kind not in FAULTS:
            msg = f"there is no fault {self.kind!r}; it must be one of {', '.join(sorted(FAULTS))}"
            raise ValueError(msg)

    def happens(self, method: str, path: str) -> bool:
        """Tell whether it happens to this request, and count it."""
        if self.path not in path or (self.method and self.method != method) or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in.

    Args:
        name: Its name.
        password: Its password.
        business_units: What it sees; None for all, empty for nothing.
    """

    name: str = "AR_SERVICE"
    password: str = field(default="correct horse", repr=False)
    business_units: frozenset[str] | None = None

    def sees(self, unit: object) -> bool:
        """Tell whether rows of a business unit are shown."""
        return self.business_units is None or unit is None or unit in self.business_units
