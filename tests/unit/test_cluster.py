"""A Dask cluster gives the same bits, and whatever is wrong with it is said in one line after a stated time."""

import contextlib
import gc
import importlib
import json
import logging
import re
import socket
import threading
from concurrent.futures import CancelledError
from types import SimpleNamespace

import pytest
from support.processes import DaskCluster
from support.worker_tasks import doubled, mistaken, stubborn

from cxsim.errors import LogError, RunError, RunFailed
from cxsim.runs import cluster as module
from cxsim.runs.chunks import Chunks, Timed
from cxsim.runs.cluster import Other, address_of, by_cluster, work_there
from cxsim.runs.provenance import installation

needs_dask = pytest.mark.skipif(not module.is_installed(), reason="Dask is not installed")


@pytest.fixture(autouse=True)
def _gone():
    """What Dask left of a failed link goes now; in the thread of the next one it would block for ten seconds."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler with one worker, which gives a task up at the first worker that dies over it."""
    failures = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    found = DaskCluster(tmp_path_factory.mktemp("cluster"), n_workers=1, **failures)
    yield str(found.file)
    found.stop()


def by_place(worked):
    return {place: one for places, found in worked for place, one in zip(places, found, strict=True)}


def test_a_cluster_is_named_by_address_or_by_its_file(tmp_path):
    file = tmp_path / "scheduler.json"
    file.write_text(json.dumps({"address": "tls://10.0.0.1:8786", "workers": {}}))
    assert address_of(str(file)) == "tls://10.0.0.1:8786"
    assert address_of("tcp://10.0.0.1:8786") == "tcp://10.0.0.1:8786"


@pytest.mark.parametrize("text", ["", "{}", "[1]"])
def test_a_file_that_names_no_scheduler_is_refused(tmp_path, text):
    (tmp_path / "scheduler.json").write_text(text)
    with pytest.raises(RunError, match=r"names no address; tcp://HOST:PORT"):
        address_of(str(tmp_path / "scheduler.json"))


def test_a_file_that_is_not_there_is_refused():
    with pytest.raises(RunError, match=r"cluster nowhere\.json: No such file"):
        address_of("nowhere.json")


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(module, "is_installed", lambda: False)
    with pytest.raises(RunError, match=r"Dask is not installed; the extra; pip install 'cxsim\[cluster\]'"):
        next(by_cluster(doubled, [1, 2], named=str, address="tcp://127.0.0.1:1"))


def test_a_worker_with_another_cxsim_works_nothing():
    known = {**installation(), "cxsim": "0.0.1 (abc)"}
    found = work_there(known, doubled, [1])
    assert isinstance(found, Other)
    assert found.given.startswith(f"cxsim {installation()['cxsim']} instead of 0.0.1 (abc)")
    same = work_there(installation(), doubled, [1])
    assert isinstance(same, Timed)
    assert same.result == [2]


def test_a_worker_that_does_not_tell_of_a_library_works_nothing(monkeypatch):
    known = installation()
    monkeypatch.setattr(module, "installation", lambda: {key: value for key, value in known.items() if key != "numba"})
    found = work_there(known, doubled, [1])
    assert isinstance(found, Other)
    assert found.given == f"numba not told instead of {known['numba']}"


class Ended:
    """A future that has ended, as Dask hands it out."""

    def __init__(self, status="finished", *, error=None, found=None):
        self.status, self.error, self.found = status, error, found

    def add_done_callback(self, tell):
        """It tells nobody."""

    def exception(self, timeout):
        return self.error

    def result(self, timeout):
        return self.found


def crew_of(*, status="running"):
    link = SimpleNamespace(status=status, nthreads=lambda: {"tcp://a:1": 1, "tcp://b:1": 1})
    return module._Cluster(link, doubled, Chunks([1, 2], named=str), "tcp://a:1")


@needs_dask
@pytest.mark.parametrize(
    ("future", "kind", "said"),
    [
        (Ended("cancelled", error=CancelledError()), RunFailed, "the scheduler is gone"),
        (Ended("lost", found=3), RunFailed, "the scheduler is gone"),
        (Ended("error", error=ModuleNotFoundError("No module named 'cxsim'")), RunError,
         "a worker says: No module named 'cxsim'; cxsim on every worker; pip install cxsim there"),
        (Ended(found=Other("node7", "numpy 1 instead of 2")), RunError, "the worker on node7 has numpy 1 instead of 2"),
        (Ended("error", error=LogError("log: 3; anything else")), LogError, "log: 3"),
        (Ended("error", error=ZeroDivisionError("by zero")), ZeroDivisionError, "by zero"),
    ],
)  # fmt: skip
def test_what_ends_without_a_result_is_said_for_what_it_is(future, kind, said):
    with pytest.raises(kind, match=re.escape(said)):
        crew_of().outcome(future)


@needs_dask
def test_a_lost_link_is_no_cluster_without_work():
    with pytest.raises(RunFailed, match=r"the scheduler is gone; .* `cxsim resume` goes on"):
        crew_of(status="closed").feed()


@needs_dask
def test_tasks_that_are_alike_are_not_taken_for_one():
    crew, asked = crew_of(), []

    def submit(*words, **options):
        asked.append((list(words[-1]), options))
        return Ended()

    crew.link.submit = submit
    crew.feed()
    assert asked == [([1], {"pure": False}), ([2], {"pure": False})]


@needs_dask
def test_as_many_chunks_are_cut_as_there_are_workers():
    crew = crew_of()
    crew.count()
    assert (crew.workers, crew.chunks.workers) == (2, 2)


@needs_dask
def test_what_dask_says_is_heard_again_afterwards(monkeypatch):
    monkeypatch.setattr(module, "CONNECT", 0.2)
    importlib.import_module("distributed")
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client", "distributed.core")]
    before = [logger.level for logger in loggers]
    with pytest.raises(RunError):
        module.reach("tcp://127.0.0.1:1")
    assert [logger.level for logger in loggers] == before
    assert logging.CRITICAL not in before


@needs_dask
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "tcp://no.such.host.invalid:1", "smoke://signal"])
def test_an_unreachable_cluster_is_given_up_after_a_stated_time_with_its_address(monkeypatch, address):
    monkeypatch.setattr(module, "CONNECT", 1.0)
    with pytest.raises(RunError, match=rf"cluster {address}: not reached at {address} within 1 s"):
        next(by_cluster(doubled, [1, 2], named=str, address=address))


@needs_dask
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.0 400 Bad request\r\n\r\n", bytes([255] * 64)])
def test_who_answers_and_is_no_scheduler_is_given_up_after_a_stated_time(monkeypatch, answer):
    monkeypatch.setattr(module, "CONNECT", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak():
            with contextlib.suppress(OSError):
                while True:
                    caller, _ = server.accept()
                    callers.append(caller)  # held open: it may say something, and then says nothing more
                    caller.sendall(answer)

        callers = []
        threading.Thread(target=speak, daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(RunError, match=f"cluster {address}: not reached at {address} within 1 s"):
            module.reach(address)


@needs_dask
def test_a_cluster_without_workers_is_given_up_after_a_stated_time(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "WORKERS", 0.5)
    alone = DaskCluster(tmp_path, n_workers=0)
    try:
        with pytest.raises(RunFailed, match="no worker within 0 s; one or more; start `dask worker`"):
            next(by_cluster(doubled, [1, 2], named=str, address=str(alone.file)))
    finally:
        alone.stop()


@needs_dask
def test_a_cluster_gives_every_result_with_its_place(cluster):
    found = by_place(by_cluster(doubled, list(range(50)), named=str, address=cluster))
    assert found == {number: 2 * number for number in range(50)}


@needs_dask
def test_a_link_is_closed_when_all_is_worked(cluster, monkeypatch):
    import distributed

    links = []

    def linked(*words, **options):
        links.append(open_link(*words, **options))
        return links[-1]

    open_link = distributed.Client
    monkeypatch.setattr(distributed, "Client", linked)
    assert len(by_place(by_cluster(doubled, [1, 2], named=str, address=cluster))) == 2
    assert [link.status for link in links] == ["closed"]


@needs_dask
def test_what_a_task_refuses_comes_through_as_it_was_said(cluster):
    with pytest.raises(LogError, match="log: 3; anything else"):
        list(by_cluster(mistaken, [1, 2, 3, 4], named=str, address=cluster))


@needs_dask
def test_workers_with_another_cxsim_are_refused(cluster, monkeypatch):
    monkeypatch.setattr(module, "installation", lambda: {**installation(), "numpy": "1.0"})
    with pytest.raises(RunError, match=r"the worker on .* has numpy [\d.]+ instead of 1\.0; the same as here"):
        list(by_cluster(doubled, [1, 2], named=str, address=cluster))


@needs_dask
def test_a_task_that_kills_every_worker_is_named_and_the_others_are_done(cluster, tmp_path):
    tasks = [(number, -1 if number == 2 else 0, tmp_path) for number in range(6)]
    worked = by_cluster(stubborn, tasks, named=_named, address=cluster)
    found, error = {}, None
    while error is None:
        try:
            places, results = next(worked)
        except RunFailed as failed:
            error = failed
        else:
            found.update(zip(places, results, strict=True))
    assert str(error).startswith("trial 2: every worker died over it; a task that ends")
    assert found == {number: number for number in (0, 1, 3, 4, 5)}


def _named(task):
    return f"trial {task[0]}"
