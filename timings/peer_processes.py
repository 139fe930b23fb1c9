"""The peers' processes: what each needs to run here, how it is started, asked and ended."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "peers"


class Tool(NamedTuple):
    """A peer: its name, what it writes for each contact, days in one turn, the file, and which model that holds.

    The fast ones are given more days, since a short turn is measured badly.
    """

    name: str
    records: str
    days: int
    file: str
    model: str = "A"


TOOLS = (
    Tool("Ciw", "about twenty fields a call", 1, "ciw_a.py"),
    Tool("salabim", "three times a call", 1, "salabim_a.py"),
    Tool("cimba (Python)", "three times a call", 10, "cimba_a.py"),
    Tool("simmer", "six fields a call", 3, "simmer_a.R"),
    Tool("SSJ", "three times a call", 20, "SsjA.java"),
    Tool("C by hand", "three times a call", 60, "events_a.c"),
    Tool("cimba (Python), rules simplified", "eight columns a visit", 15, "cimba_b.py", "B"),
)


class Places(NamedTuple):
    """Where the peers are: an interpreter with requirements.txt, Rscript, a class path with SSJ and SsjA, cc."""

    python: str | None
    rscript: str | None
    ssj: str | None
    cc: str | None
    ssj_version: str = "version not given"


class Answer(NamedTuple):
    """One run of a peer: CPU time of its process [s], calls, of these abandoned, sum of waits [s]."""

    cpu: float
    calls: int
    abandoned: int
    waits: float


class PeerMissing(Exception):
    """A peer that cannot be measured here, and why."""


class Remote:
    """A peer in a process of its own, asked for one run after another.

    `spent` is the CPU time of its runs so far, by its own clock [s].
    """

    def __init__(self, tool: Tool, command: Sequence[str]) -> None:
        self.tool = tool
        self.spent = 0.0
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=FOLDER,
        )
        assert self.process.stdout is not None
        said = self.process.stdout.readline().split()
        if said[:1] != ["ready"]:
            complaint = self.process.communicate()[1].strip().splitlines() or ["it said nothing"]
            raise PeerMissing(next((line for line in reversed(complaint) if "Error" in line), complaint[-1]))
        self.version = " ".join(said[1:])

    def run(self, seed: int) -> Answer:
        """One run of its days."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(self.tool.days, seed, file=self.process.stdin, flush=True)
        cpu, calls, abandoned, waits = self.process.stdout.readline().split()
        self.spent += float(cpu)
        return Answer(float(cpu), int(calls), int(abandoned), float(waits))

    def close(self) -> None:
        """End its process."""
        self.process.communicate()


def command(tool: Tool, *, places: Places, folder: Path) -> list[str]:
    """What starts a peer.

    Raises
    ------
    PeerMissing
        With the option that would bring it in.
    """
    kind = Path(tool.file).suffix
    if kind == ".py" and places.python:
        return [places.python, "worker.py", Path(tool.file).stem]
    if kind == ".R" and places.rscript:
        return [places.rscript, tool.file]
    if kind == ".java" and places.ssj and shutil.which("java"):
        return ["java", "-cp", places.ssj, Path(tool.file).stem, places.ssj_version]
    if kind == ".c" and places.cc:
        program = folder / "events_a"
        subprocess.run([places.cc, "-O2", "-o", program, FOLDER / tool.file, "-lm"], check=True)
        return [str(program)]
    needed = {".py": "--python", ".R": "--rscript", ".java": "--ssj", ".c": "--cc"}[kind]
    raise PeerMissing(f"{needed} is not given, or what it needs is not there")


def started(places: Places, *, folder: Path, tools: Iterable[Tool] = TOOLS) -> tuple[list[Remote], dict[str, str]]:
    """The peers that run here, and for the others the reason why not."""
    found: list[Remote] = []
    missing: dict[str, str] = {}
    for tool in tools:
        try:
            found.append(Remote(tool, command(tool, places=places, folder=folder)))
        except (PeerMissing, OSError, subprocess.CalledProcessError) as reason:
            missing[tool.name] = str(reason)
    return found, missing
