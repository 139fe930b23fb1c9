"""Peers are started, asked, checked against Erlang A and ranked; those that are not there are named with the reason."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "timings"))
import peer_processes
import peers
from peer_processes import Answer, PeerMissing, Places, Remote, Tool

# A peer as any other, but for the simulating: it knows the answer and takes 10 s of CPU time a call.
KNOWS = """
import time
VERSION = "1.2.3"
clock = 0.0
time.process_time = lambda: clock
def run(n_days, seed):
    global clock
    clock += 10.0 * 100_000 * n_days
    return 100_000 * n_days
def counts(calls):
    return calls, round(calls * {abandoned}), calls * {wait}
"""


def _remote(folder: Path, monkeypatch: pytest.MonkeyPatch, *, wait: float) -> Remote:
    text = KNOWS.format(abandoned=peers.EXACT.abandonment_rate, wait=wait)
    (folder / "knows_a.py").write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return Remote(Tool("Knows", "nothing", 2, "knows_a.py"), [sys.executable, "worker.py", "knows_a"])


def test_a_peer_answers_with_its_own_cpu_time_and_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remote = _remote(tmp_path, monkeypatch, wait=8.0)
    try:
        first, second = remote.run(1), remote.run(2)
    finally:
        remote.close()
    assert remote.version == "1.2.3"
    assert first == second
    assert first.calls == 200_000
    assert first.cpu == 2_000_000.0
    assert first.waits == 1_600_000.0
    assert remote.spent == 4_000_000.0


@pytest.mark.parametrize(("wait", "right"), [(peers.EXACT.mean_wait, True), (peers.EXACT.mean_wait + 6.0, False)])
def test_the_dear_peer_stands_last_and_a_wrong_one_is_marked(
    wait: float, right: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = _remote(tmp_path, monkeypatch, wait=wait)
    try:
        rows = peers.standings([remote], engines=["process"], turns=1, days={"process": 1})
    finally:
        remote.close()
    assert {row.name for row in rows} == {"cxsim, process", "bare SimPy", "Knows"}
    by_name = {row.name: row for row in rows}
    assert rows[-1].name == "Knows"
    assert by_name["cxsim, process"].cost["process"].median == 1.0
    # Nobody real needs 10 s of CPU time a call: far more than a thousand times as much.
    assert by_name["Knows"].cost["process"].median > 1000
    assert by_name["Knows"].agrees is right
    assert by_name["cxsim, process"].agrees
    assert by_name["bare SimPy"].agrees
    text = peers.table(peers.Measured({"A": rows}, {"Other": "--python is not given"}), turns=1)
    assert ("(wrong)" in text) is not right
    assert "- Left out: Other (--python is not given)." in text


def test_agreement_is_asked_of_both_numbers() -> None:
    exact = peers.EXACT
    calls = 100_000
    right = Answer(0.0, calls, round(calls * exact.abandonment_rate), calls * exact.mean_wait)
    assert peers.agrees([right] * 3, days=10)
    assert not peers.agrees([right._replace(abandoned=round(1.2 * right.abandoned))] * 3, days=10)
    assert not peers.agrees([right._replace(waits=0.8 * right.waits)] * 3, days=10)


def test_a_model_without_a_formula_is_held_against_the_script() -> None:
    script = [Answer(0.0, 10_000, 350, 90_000.0)] * 4
    assert peers.agrees(script, days=1, model="B", script=script)
    few = [Answer(0.0, 10_000, 100, 20_000.0)] * 4
    assert not peers.agrees(few, days=1, model="B", script=script)


def test_peers_that_are_not_there_are_named_with_the_reason(tmp_path: Path) -> None:
    found, missing = peer_processes.started(Places(None, None, None, None), folder=tmp_path)
    assert found == []
    assert list(missing) == [tool.name for tool in peer_processes.TOOLS]
    assert all("--" in reason for reason in missing.values())
    nowhere = Tool("Nowhere", "nothing", 1, "no_such_peer.py")
    with pytest.raises(PeerMissing, match="no_such_peer"):
        Remote(nowhere, [sys.executable, "worker.py", "no_such_peer"])


def test_every_peer_has_its_file() -> None:
    assert all((peer_processes.FOLDER / tool.file).is_file() for tool in peer_processes.TOOLS)
