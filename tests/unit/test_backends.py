"""Workers may die without taking the run with them; what a task says goes wrong comes through."""

import multiprocessing

import pytest
from support.worker_tasks import double, mistaken, stubborn

from cxsim.errors import LogError, RunFailed
from cxsim.runs.backends import processes, serial


def test_serial_works_each_task_in_turn():
    assert list(serial(double, [4, 5, 6])) == [(0, 8), (1, 10), (2, 12)]


def test_workers_give_every_result_with_its_place():
    assert sorted(processes(double, [4, 5, 6, 7, 8], jobs=2)) == [(0, 8), (1, 10), (2, 12), (3, 14), (4, 16)]


def test_no_tasks_need_no_workers():
    assert list(processes(double, [], jobs=4)) == []


def test_a_task_that_kills_its_worker_once_is_tried_again_and_completes(tmp_path):
    tasks = [(0, 0, tmp_path), (1, 1, tmp_path), (2, 0, tmp_path), (3, 2, tmp_path)]
    assert sorted(processes(stubborn, tasks, jobs=2)) == [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert (tmp_path / "1.deaths").read_text() == "x"
    assert (tmp_path / "3.deaths").read_text() == "xx"


def test_a_poison_task_is_set_aside_after_three_tries_and_the_others_go_on(tmp_path):
    tasks = [(0, -1, tmp_path), *((number, 0, tmp_path) for number in (1, 2, 3))]
    results = processes(stubborn, tasks, jobs=1, named=lambda task: f"trial {task[0]}")
    found = [next(results) for _ in range(3)]
    with pytest.raises(RunFailed) as raised:
        next(results)
    assert found == [(1, 1), (2, 2), (3, 3)]
    assert (tmp_path / "0.deaths").read_text() == "xxx"
    (line,) = raised.value.problems
    assert line.startswith("trial 0: its worker died 3 times (code -9); a task that ends; ")
    assert raised.value.exit_code == 1


def test_three_poison_tasks_end_the_run_without_trying_the_rest(tmp_path):
    with pytest.raises(RunFailed) as raised:
        list(processes(stubborn, [(n, -1, tmp_path) for n in range(5)], jobs=1))
    assert len(raised.value.problems) == 3
    assert not (tmp_path / "3.deaths").exists()


def test_what_a_task_refuses_comes_through_as_it_was_said():
    results = processes(mistaken, [1, 2, 3, 4], jobs=1)
    assert [next(results), next(results)] == [(0, 2), (1, 4)]
    with pytest.raises(LogError, match="log: 3; anything else"):
        next(results)


def test_workers_end_when_nobody_listens_any_more():
    before = set(multiprocessing.active_children())
    results = processes(double, list(range(50)), jobs=2)
    next(results)
    assert set(multiprocessing.active_children()) - before
    results.close()
    assert not set(multiprocessing.active_children()) - before
