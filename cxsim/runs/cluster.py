"""Chunks worked by a Dask cluster, by address or scheduler file; whatever dies there, what is finished is kept here."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import json
import logging
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from cxsim.errors import CxsimError, RunError, RunFailed, problem
from cxsim.runs.backends import Found, Task, Work, Worked
from cxsim.runs.chunks import Chunk, Chunks, timed
from cxsim.runs.provenance import installation

# What an unreachable cluster, and one without a single worker, is waited for [s].
CONNECT = 10.0
WORKERS = 60.0
# Dask itself gives a task to other workers until four have died over it; then it is tried once more, alone.
TRIES = 2
_ALONE = threading.Lock()


class Other(NamedTuple):
    """The answer of a worker that has another cxsim, or other libraries, than the one who asks."""

    where: str
    given: str


def is_installed() -> bool:
    """Whether Dask is there."""
    return importlib.util.find_spec("distributed") is not None


def work_there(known: dict[str, str], work: Callable[[Sequence[Any]], Any], tasks: Sequence[Any]) -> Any:
    """What a worker does with a chunk: refuse if it would make other numbers of it, else work it, one at a time."""
    here = installation()
    other = [
        f"{name} {here.get(name, 'not told')} instead of {known[name]}"
        for name in known
        if here.get(name) != known[name]
    ]
    if other:
        return Other(socket.gethostname(), ", ".join(other))
    with _ALONE:
        return timed(work, tasks)


def address_of(cluster: str) -> str:
    """The address of a cluster given as 'tcp://host:port', 'tls://host:port' or by its scheduler file.

    Raises
    ------
    RunError
        Neither.
    """
    where, allowed = f"cluster {cluster}", "tcp://HOST:PORT, tls://HOST:PORT or the scheduler's JSON file"
    if "://" in cluster:
        return cluster
    try:
        found = json.loads(Path(cluster).read_text(encoding="utf-8"))["address"]
    except OSError as error:
        raise RunError(problem(where, error.strerror or "cannot be read", allowed)) from None
    except (ValueError, KeyError, TypeError):
        raise RunError(problem(where, "names no address", allowed)) from None
    return str(found)


def reach(cluster: str) -> str:
    """The address of a cluster that answers.

    Raises
    ------
    RunError
        It does not, in the stated time; or Dask is not installed.
    """
    if not is_installed():
        raise RunError(problem(f"cluster {cluster}", "Dask is not installed", "the extra",
                               "pip install 'cxsim[cluster]'"))  # fmt: skip
    address = address_of(cluster)
    try:
        # In a thread of its own, since a notebook has a loop that runs already. A link that fails when it is opened
        # would hang when it is forgotten; so it is opened only where somebody answers.
        with _silent(), ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _knock(address)).result()
    except Exception as error:  # noqa: BLE001 - whatever answers there may be anything: it is no scheduler
        said = " ".join(str(error).split()).rstrip(".") or "no answer"
        given = f"not reached at {address} within {CONNECT:.0f} s ({said})"
        raise RunError(problem(f"cluster {cluster}", given, "a scheduler that runs there",
                               "start it, or leave out --cluster")) from None  # fmt: skip
    return address


async def _knock(address: str) -> None:
    from distributed.comm import connect
    from distributed.security import Security

    # Around all of it: who takes the call and then says nothing would be waited for without end.
    async with asyncio.timeout(CONNECT):
        comm = await connect(address, timeout=CONNECT, **Security().get_connection_args("client"))
    comm.abort()


def by_cluster(
    work: Work[Task, Found], tasks: Sequence[Task], *, named: Callable[[Task], str], address: str
) -> Worked[Found]:
    """Chunks by the workers of a cluster, one for each at a time, results as they come.

    Parameters
    ----------
    work : function of a list of tasks
        Importable by the workers.
    tasks : sequence
    named : function of a task
        Its name in messages.
    address : str
        Of the scheduler, or its file.

    Raises
    ------
    RunError
        No cluster there, no worker, or one that has another cxsim.
    RunFailed
        The scheduler is gone; tasks that kill every worker.
    CxsimError
        What a task itself raised.
    """
    found = reach(address)
    from distributed import Client

    with _silent():
        try:
            link = Client(found, timeout=CONNECT, set_as_default=False, name="cxsim")
        except (OSError, TimeoutError):
            raise _gone(address) from None
        crew = _Cluster(link, work, Chunks(tasks, named=named, tries=TRIES), address)
        try:
            yield from crew.results()
        finally:
            with suppress(OSError, TimeoutError):  # of one that is gone already
                link.close(timeout=CONNECT)
    crew.chunks.finish()


def _gone(cluster: str) -> RunFailed:
    """The scheduler does not answer any more."""
    return RunFailed(problem(f"cluster {cluster}", "the scheduler is gone", "one that stays",
                             "start it again; finished trials are kept, `cxsim resume` goes on"))  # fmt: skip


@contextmanager
def _silent() -> Iterator[None]:
    """What Dask has to say about a lost connection, in many lines, is said here in one."""
    importlib.import_module("distributed")  # it sets levels of its own when it is imported
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client", "distributed.core")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


class _Cluster:
    """The workers behind a link, and the chunks under way."""

    def __init__(self, link: Any, work: Callable[[Any], Any], chunks: Chunks[Any], address: str) -> None:
        self.link, self.work, self.chunks, self.address = link, work, chunks, address
        self.known = installation()
        self.under_way: dict[Any, Chunk] = {}
        self.ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.counted = self.seen = time.monotonic()
        self.workers = 0

    def results(self) -> Worked[Any]:
        """Places and results of each chunk."""
        while len(self.chunks) or self.under_way:
            self.feed()
            try:
                future = self.ended.get(timeout=0.2 if not self.under_way else 1.0)
            except queue.Empty:
                continue
            chunk = self.under_way.pop(future)
            found = self.outcome(future)
            if found is None:
                self.chunks.died(chunk, "every worker died over it")
                continue
            self.chunks.took(chunk, found.seconds)
            self.feed()
            yield chunk.places, found.result

    def feed(self) -> None:
        """A chunk for each worker; one over which workers died goes alone, so that no other is suspected with it."""
        self.count()
        if self.link.status not in ("running", "connecting"):
            raise _gone(self.address)
        while len(self.under_way) < (1 if self.chunks.suspect else self.workers):
            if any(chunk.suspect for chunk in self.under_way.values()):
                return
            chunk = self.chunks.take()
            if chunk is None:
                return
            # Dask is not to guess from names and arguments that two tasks are one.
            future = self.link.submit(work_there, self.known, self.work, self.chunks.of(chunk), pure=False)
            self.under_way[future] = chunk
            future.add_done_callback(self.ended.put)

    def count(self) -> None:
        """Count the workers, once a second.

        Raises
        ------
        RunFailed
            None for a minute, or the scheduler is gone.
        """
        now = time.monotonic()
        if self.workers and now - self.counted < 1.0:
            return
        try:
            self.workers = len(self.link.nthreads())
        except (OSError, TimeoutError, CancelledError):
            raise _gone(self.address) from None
        self.counted = now
        self.chunks.workers = max(1, self.workers)
        if self.workers:
            self.seen = now
        elif now - self.seen > WORKERS:
            given = f"no worker within {WORKERS:.0f} s"
            raise RunFailed(problem(f"cluster {self.address}", given, "one or more",
                                    "start `dask worker`, then `cxsim resume`; finished trials are kept"))  # fmt: skip

    def outcome(self, future: Any) -> Any:
        """What came of a chunk; None if workers died over it.

        Raises
        ------
        CxsimError
            See `by_cluster`.
        """
        from distributed import KilledWorker

        if future.status in ("cancelled", "lost"):
            raise _gone(self.address)
        try:
            error = future.exception(timeout=WORKERS)
            found = None if error is not None else future.result(timeout=WORKERS)
        except (OSError, TimeoutError, CancelledError):
            raise _gone(self.address) from None
        if isinstance(found, Other):
            given = f"the worker on {found.where} has {found.given}"
            raise RunError(problem(f"cluster {self.address}", given, "the same as here",
                                   "install the same version on every worker"))  # fmt: skip
        if isinstance(error, KilledWorker):
            return None
        if isinstance(error, CxsimError):
            raise error
        if isinstance(error, ImportError):
            raise RunError(problem(f"cluster {self.address}", f"a worker says: {error}", "cxsim on every worker",
                                   "pip install cxsim there"))  # fmt: skip
        if error is not None:
            raise error
        return found
