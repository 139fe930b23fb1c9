"""Where trials are worked: here, or by worker processes that may die without taking the run with them."""

from __future__ import annotations

import multiprocessing as mp
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, TypeVar

from cxsim.errors import CxsimError, RunFailed, problem

Task = TypeVar("Task")
Found = TypeVar("Found")

TRIES = 3
# So many tasks that kill every worker are no bad luck of a task: the machine or the installation is at fault.
GIVEN_UP = 3


def serial(work: Callable[[Task], Found], tasks: Sequence[Task]) -> Generator[tuple[int, Found], None, None]:
    """Each task in turn, in this process: (place in the list, result)."""
    for place, task in enumerate(tasks):
        yield place, work(task)


class Worker(NamedTuple):
    """A process, our end of the pipe to it, and the places of the tasks it has (one or none)."""

    process: BaseProcess
    pipe: Connection
    task: list[int]


def _serve(pipe: Connection, work: Callable[[Any], Any]) -> None:
    """The life of a worker: take a task, send its result or the user's mistake, until told to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process decides what an interrupt means
    while True:
        try:
            task = pipe.recv()
            try:
                answer = (True, work(task))
            except CxsimError as error:
                answer = (False, error)
            pipe.send(answer)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return  # the main process is gone


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes started here ignore an interrupt from their first moment, before `_serve` can say so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def processes(
    work: Callable[[Task], Found], tasks: Sequence[Task], *, jobs: int, named: Callable[[Task], str] = str
) -> Generator[tuple[int, Found], None, None]:
    """Tasks by worker processes, results as they come: (place in the list, result).

    A worker that is killed is replaced and its task tried again, at most three times. A task that kills its worker each
    time is set aside and the others go on; in the end it is named.

    Parameters
    ----------
    work : function of a task
        Importable by a new process.
    tasks : sequence
    jobs : int
        Workers at a time.
    named : function of a task
        Its name in messages.

    Raises
    ------
    RunFailed
        Tasks that killed their workers three times, all together at the end; at the third of them at once.
    CxsimError
        What a task itself raised.
    """
    crew = _Crew(work, tasks)
    poison: list[str] = []
    try:
        crew.hire(min(jobs, len(tasks)))
        while any(worker.task for worker in crew.workers):
            for position in crew.ready():
                worker = crew.workers[position]
                place = worker.task.pop()
                try:
                    done, result = worker.pipe.recv()
                except (EOFError, ConnectionResetError):
                    code = crew.replace(position)
                    if crew.tries[place] < TRIES:
                        crew.ahead.appendleft(place)
                    else:
                        poison.append(
                            problem(named(tasks[place]), f"its worker died {TRIES} times (code {code})",
                                    "a task that ends", "less memory a task, or look for what kills it")
                        )  # fmt: skip
                    if len(poison) == GIVEN_UP:
                        raise RunFailed(poison) from None
                    crew.feed(position)
                    continue
                if not done:
                    raise result
                crew.feed(position)
                yield place, result
    finally:
        crew.dismiss()
    if poison:
        raise RunFailed(poison)


class _Crew:
    """Workers and what is still to be done."""

    def __init__(self, work: Callable[[Any], Any], tasks: Sequence[Any]) -> None:
        self.work, self.tasks = work, tasks
        self.ahead = deque(range(len(tasks)))
        self.tries = [0] * len(tasks)
        self.workers: list[Worker] = []

    def start(self) -> Worker:
        """A new worker."""
        context = mp.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self.work), daemon=True)
        with _deaf():
            process.start()
        theirs.close()
        return Worker(process, ours, [])

    def hire(self, number: int) -> None:
        """So many workers more, each with a task."""
        for _ in range(number):
            self.workers.append(self.start())
            self.feed(len(self.workers) - 1)

    def feed(self, position: int) -> None:
        """The next task, if there is one, to a worker."""
        if not self.ahead:
            return
        place = self.ahead.popleft()
        self.tries[place] += 1
        self.workers[position].task.append(place)
        try:
            self.workers[position].pipe.send(self.tasks[place])
        except (BrokenPipeError, ConnectionResetError):
            # It died before it could take the task; its end of the pipe now reads as closed.
            return

    def ready(self) -> list[int]:
        """Positions of workers that have answered or died; waits for the first."""
        answered = set(wait([worker.pipe for worker in self.workers if worker.task]))
        return [position for position, worker in enumerate(self.workers) if worker.pipe in answered and worker.task]

    def replace(self, position: int) -> int | None:
        """A new worker in place of a dead one; the exit code of the dead."""
        dead = self.workers[position]
        dead.process.join(timeout=5.0)
        dead.process.kill()
        dead.pipe.close()
        self.workers[position] = self.start()
        return dead.process.exitcode

    def dismiss(self) -> None:
        """End every worker, whatever it is doing."""
        for worker in self.workers:
            worker.process.terminate()
        for worker in self.workers:
            worker.process.join()
            worker.pipe.close()
