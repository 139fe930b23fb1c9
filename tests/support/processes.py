"""Processes of a test: who is whose child, and a Dask cluster of one machine that may be killed piece by piece."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

MOST_WAIT = 300.0  # compiling may be part of it; ends a test that would otherwise wait for ever
HAS_PROC = Path("/proc/self/stat").exists()


def until(happened, *, process=None):
    """What `happened` gives once it is true; the wait ends with the process, or with patience, and then so does it."""
    end = time.monotonic() + MOST_WAIT
    while not (found := happened()):
        if time.monotonic() > end and process is not None:
            process.kill()
        assert process is None or process.poll() is None, process.communicate()
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.005)
    return found


def children(pid):
    """Processes that a process started, as Linux lists them; those that ended and were not yet missed are left out."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(stat.parent.name))
    return sorted(found)


def workers(pid):
    """Children that work: not those that Python keeps to look after semaphores."""
    found = []
    for child in children(pid):
        with contextlib.suppress(OSError):
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


class DaskCluster:
    """A scheduler and workers of one thread each on this machine, each in a process of its own, no dashboard."""

    def __init__(self, folder, *, n_workers=1, **environment):
        self.folder, self.file = folder, folder / "scheduler.json"
        self.processes, self.environment = [], environment
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", self.file)
        until(self._named, process=self.scheduler)
        for _ in range(n_workers):
            self.start_worker()

    def _named(self):
        """Whether the scheduler's file is there as a whole; it is not written in one go."""
        with contextlib.suppress(OSError, ValueError):
            return "address" in json.loads(self.file.read_text(encoding="utf-8"))
        return False

    def start_worker(self, *more):
        """One worker more, looked after by a nanny that starts it again when it is killed."""
        about = ("--scheduler-file", self.file, "--nthreads", "1", "--local-directory", self.folder)
        return self._start("worker", *about, "--death-timeout", "60", *more)

    def _start(self, what, *words):
        started = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{what}", "--host", "127.0.0.1", "--no-dashboard",
             *map(str, words)],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **self.environment},
        )  # fmt: skip
        self.processes.append(started)
        return started

    def stop(self):
        """End everything that was started here."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
