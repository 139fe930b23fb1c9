"""How far a run is: a bar with the time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

EVERY = 10.0


@contextmanager
def shown_progress(*, enabled: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A function of (done, all) to be called after each trial; None if nothing is to be shown."""
    if not enabled:
        yield None
        return
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines()
        return
    columns = (TextColumn("simulating"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("simulating", total=None)

        def show(done: int, n: int) -> None:
            bar.update(task, completed=done, total=n)

        yield show


class _Lines:
    """A line now and then."""

    def __init__(self) -> None:
        self.last = time.monotonic()
        self.first: tuple[float, int] | None = None

    def __call__(self, done: int, n: int) -> None:
        now = time.monotonic()
        if now - self.last >= EVERY:
            self.last = now
            left = ""
            if self.first is not None and done > self.first[1]:
                seconds = (now - self.first[0]) * (n - done) / (done - self.first[1])
                left = f", about {seconds:.0f} s left"
            print(f"simulated {done} of {n} trials{left}", file=sys.stderr, flush=True)
        if self.first is None and done:
            # The first trial pays for compiling and says nothing of the others.
            self.first = (now, done)
