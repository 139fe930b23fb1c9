"""What a reader file says, once read: how the columns of one system's export become the columns of the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

KINDS: Final = ("word", "number", "yes or no", "identity", "time of day", "instant")
TREATMENTS: Final = ("kept", "repaired", "left out")


@dataclass(frozen=True)
class Source:
    """One column of the reader: where it is found in the file and how it is read."""

    name: str
    found_as: tuple[str, ...]
    kind: str = "word"
    format: str = "iso or seconds"
    missing: tuple[str, ...] = ()
    values: Mapping[str, str] | None = None
    otherwise: str | None = None


@dataclass(frozen=True)
class Dirt:
    """One rule for rows that are not as they should be."""

    kind: str
    when: str
    treatment: str
    reason: str
    set: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Touch:
    """One leg that a row gives: expressions for columns of the log, and constants where the file has none."""

    when: str | None
    columns: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str]


@dataclass(frozen=True)
class Events:
    """How several rows of one case become its legs; all but the constants are names of columns of the reader.

    Attributes
    ----------
    case, order, at : the case, the number of the event within it, its instant.
    leg : what changes when the case is passed on, say the group that holds it.
    opened, resolved : instants of the whole case.
    of_case, of_leg : columns of the log taken from the last event of the case, the last known value within the leg.
    legs_less_one : the export's own count of passings on, or ''.
    facts : columns kept per case in `log.meta["cases"]`.
    """

    case: str
    order: str
    at: str
    leg: str
    opened: str
    resolved: str
    of_case: Mapping[str, str]
    of_leg: Mapping[str, str]
    constants: Mapping[str, str]
    legs_less_one: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Reader:
    """A column map; see `conf/reader/*.yaml` for the meaning of the keys.

    Attributes
    ----------
    day, order : the column with the date and the columns with times of day, in the order in which they happen.
    origin : the column whose earliest day is day 0.
    not_recorded : metrics that would come out of constants of the map, not of anything recorded.
    needs : alternatives of columns without which nothing can be read.
    """

    name: str
    columns: tuple[Source, ...]
    touches: tuple[Touch, ...]
    about: str = ""
    notes: tuple[str, ...] = ()
    not_recorded: tuple[str, ...] = ()
    delimiter: str = "auto"
    encoding: str = "utf-8"
    missing: tuple[str, ...] = ()
    origin: str = "offered"
    day: str = ""
    order: tuple[str, ...] = ()
    needs: tuple[tuple[str, ...], ...] = ()
    formulas: Mapping[str, str] = field(default_factory=dict)
    dirt: tuple[Dirt, ...] = ()
    events: Events | None = None

    @property
    def where(self) -> str:
        """Place for errors."""
        return f"reader {self.name}"
