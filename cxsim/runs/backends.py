"""Where trials are worked: here, or by worker processes that may die without taking the run with them."""

from __future__ import annotations

import multiprocessing as mp
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, TypeVar

from cxsim.errors import CxsimError
from cxsim.runs.chunks import Chunk, Chunks, timed

Task = TypeVar("Task")
Found = TypeVar("Found")
Work = Callable[[Sequence[Task]], Found]
# Chunks as they come, in any order: the places of their tasks and what came of them.
Worked = Generator[tuple[tuple[int, ...], Found], None, None]


def serial(work: Work[Task, Found], chunks: Chunks[Task]) -> Worked[Found]:
    """Each chunk in turn, in this process."""
    while (chunk := chunks.take()) is not None:
        found = timed(work, chunks.of(chunk))
        chunks.took(chunk, found.seconds)
        yield chunk.places, found.result


class Worker(NamedTuple):
    """A process, our end of the pipe to it, and the chunks it has (one or none)."""

    process: BaseProcess
    pipe: Connection
    chunk: list[Chunk]


def _serve(pipe: Connection, work: Callable[[Any], Any]) -> None:
    """The life of a worker: take a chunk, send its result or the user's mistake, until told to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process decides what an interrupt means
    while True:
        try:
            tasks = pipe.recv()
            try:
                answer: tuple[bool, Any] = (True, timed(work, tasks))
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


def processes(work: Work[Task, Found], chunks: Chunks[Task], *, jobs: int) -> Worked[Found]:
    """Chunks by worker processes, results as they come.

    A worker that is killed is replaced and the tasks of its chunk tried again, each alone, at most three times. A task
    that kills its worker each time is set aside and the others go on; in the end it is named.

    Parameters
    ----------
    work : function of a list of tasks
        Importable by a new process.
    chunks : Chunks
    jobs : int
        Workers at a time.

    Raises
    ------
    RunFailed
        Tasks that killed their workers three times, all together at the end; at the third of them at once.
    CxsimError
        What a task itself raised.
    """
    crew = _Crew(work, chunks)
    try:
        crew.hire(min(jobs, len(chunks)))
        while any(worker.chunk for worker in crew.workers):
            for position in crew.ready():
                worker = crew.workers[position]
                chunk = worker.chunk.pop()
                try:
                    done, found = worker.pipe.recv()
                except (EOFError, ConnectionResetError):
                    code = crew.replace(position)
                    chunks.died(chunk, f"its worker died {chunks.tries} times (code {code})")
                    crew.feed()
                    continue
                if not done:
                    raise found
                chunks.took(chunk, found.seconds)
                crew.feed()
                yield chunk.places, found.result
    finally:
        crew.dismiss()
    chunks.finish()


class _Crew:
    """Workers, and the chunks they are fed with."""

    def __init__(self, work: Callable[[Any], Any], chunks: Chunks[Any]) -> None:
        self.work, self.chunks = work, chunks
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
        """So many workers more, each with a chunk."""
        self.workers += [self.start() for _ in range(number)]
        self.feed()

    def feed(self) -> None:
        """The next chunks to workers who have none."""
        for worker in self.workers:
            chunk = None if worker.chunk else self.chunks.take()
            if chunk is None:
                continue
            worker.chunk.append(chunk)
            try:
                worker.pipe.send(self.chunks.of(chunk))
            except (BrokenPipeError, ConnectionResetError):
                # It died before it could take the chunk; its end of the pipe now reads as closed.
                continue

    def ready(self) -> list[int]:
        """Positions of workers that have answered or died; waits for the first."""
        answered = set(wait([worker.pipe for worker in self.workers if worker.chunk]))
        return [position for position, worker in enumerate(self.workers) if worker.pipe in answered and worker.chunk]

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
