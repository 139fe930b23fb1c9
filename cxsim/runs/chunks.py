"""What is still to be done, handed out in chunks of a second or two, and what to do when a worker dies over one."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from cxsim.errors import RunFailed, problem

Task = TypeVar("Task")

# So long is worth the way to a worker and a shard of its own, and little enough to lose.
SECONDS = 2.0
# So many tasks that kill every worker are no bad luck of a task: the machine or the installation is at fault.
GIVEN_UP = 3
TRIES = 3


class Chunk(NamedTuple):
    """Places of tasks in the list of all that are worked together; a suspect one alone, since a worker died over it."""

    places: tuple[int, ...]
    suspect: bool = False


class Timed(NamedTuple):
    """What a chunk gave, and the seconds it took where it was worked."""

    result: Any
    seconds: float


def timed(work: Callable[[Sequence[Any]], Any], tasks: Sequence[Any]) -> Timed:
    """Work a chunk and measure it."""
    begun = time.perf_counter()
    result = work(tasks)
    return Timed(result, time.perf_counter() - begun)


class Chunks(Generic[Task]):
    """Tasks in chunks, in their order.

    How many go together follows from what the finished ones took; what comes out of a task does not depend on it.

    Parameters
    ----------
    tasks : sequence
    workers : int
        Among whom the last ones are shared out evenly.
    named : function of a task
        Its name in messages.
    seconds : float
        What a chunk is to take [s].
    tries : int
        Deaths of workers after which a task is set aside.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        *,
        workers: int = 1,
        named: Callable[[Task], str] = str,
        seconds: float = SECONDS,
        tries: int = TRIES,
    ) -> None:
        self.tasks, self.workers, self.named, self.seconds, self.tries = tasks, workers, named, seconds, tries
        self.next = 0
        self.suspects: deque[int] = deque()
        self.deaths: dict[int, int] = {}
        self.poison: list[str] = []
        self.each: float | None = None

    def __len__(self) -> int:
        return len(self.suspects) + len(self.tasks) - self.next

    @property
    def suspect(self) -> bool:
        """Whether the next chunk is a task over which a worker died."""
        return bool(self.suspects)

    def take(self) -> Chunk | None:
        """The next chunk; one task until it is known how long they take."""
        if self.suspects:
            return Chunk((self.suspects.popleft(),), suspect=True)
        left = len(self.tasks) - self.next
        if not left:
            return None
        wanted = 1 if self.each is None else int(self.seconds / max(self.each, 1e-6))
        # Twice as many as workers, so that nobody has a long one left when the others are done.
        size = max(1, min(wanted, left // (2 * self.workers)) if self.workers > 1 else min(wanted, left))
        self.next += size
        return Chunk(tuple(range(self.next - size, self.next)))

    def of(self, chunk: Chunk) -> list[Task]:
        """The tasks of a chunk."""
        return [self.tasks[place] for place in chunk.places]

    def took(self, chunk: Chunk, seconds: float) -> None:
        """A chunk is done; the mean of the last few says how many go into the next."""
        each = seconds / len(chunk.places)
        # What comes first in a process pays for imports and compiling, and is forgotten soon.
        self.each = each if self.each is None else min(each, 0.5 * (self.each + each))

    def died(self, chunk: Chunk, how: str) -> None:
        """A worker died over a chunk: its tasks are tried again, each alone, until it is known which one kills.

        Raises
        ------
        RunFailed
            The third task that kills every worker.
        """
        for place in reversed(chunk.places):
            self.deaths[place] = self.deaths.get(place, 0) + 1
            if self.deaths[place] < self.tries:
                self.suspects.appendleft(place)
                continue
            self.poison.append(
                problem(self.named(self.tasks[place]), how, "a task that ends",
                        "less memory a task, or look for what kills it")
            )  # fmt: skip
        if len(self.poison) >= GIVEN_UP:
            raise RunFailed(self.poison)

    def finish(self) -> None:
        """All others are done.

        Raises
        ------
        RunFailed
            Tasks that were set aside.
        """
        if self.poison:
            raise RunFailed(self.poison)
