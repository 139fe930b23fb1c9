"""What a planted fault is: a place in the package, what stands there, what is put there instead, and who must notice."""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Fault(NamedTuple):
    """One fault.

    Attributes
    ----------
    meaning : str
        What it does, in words of the model.
    file : str
        From the root of the repository.
    source, replacement : str
        Text that occurs once in the file, and what is put in its place.
    caught_by : str
        The test that must fail, as pytest names it.
    """

    meaning: str
    file: str
    source: str
    replacement: str
    caught_by: str


def faulty(fault, *, root=ROOT):
    """The file with the fault in it.

    Raises
    ------
    ValueError
        The source text does not occur, or not once, so that nobody knows what the fault would be.
    """
    text = (root / fault.file).read_text(encoding="utf-8")
    n = text.count(fault.source)
    if n != 1:
        raise ValueError(f"{fault.file}: {fault.source!r} occurs {n} times; once; plant '{fault.meaning}' anew")
    return text.replace(fault.source, fault.replacement)
