"""Workers may die without taking the run with them; what a task says goes wrong comes through."""

import multiprocessing
from itertools import islice

import pytest
from support.worker_tasks import doubled, mistaken, stubborn

from cxsim.errors import LogError, RunFailed
from cxsim.runs.backends import processes, serial
from cxsim.runs.chunks import Chunks


def by_place(worked):
    """Results by the place of their task; no place comes twice."""
    found = {}
    for places, results in worked:
        for place, result in zip(places, results, strict=True):
            assert place not in found
            found[place] = result
    return found


def singly(tasks, **options):
    """Chunks of one task each."""
    return Chunks(tasks, seconds=0.0, **options)


def test_serial_works_each_chunk_in_turn():
    assert list(serial(doubled, singly([4, 5, 6]))) == [((0,), [8]), ((1,), [10]), ((2,), [12])]


def test_workers_give_every_result_with_its_place():
    assert by_place(processes(doubled, Chunks([4, 5, 6, 7, 8], workers=2), jobs=2)) == {
        place: 2 * task for place, task in enumerate([4, 5, 6, 7, 8])
    }


def test_no_tasks_need_no_workers():
    assert list(processes(doubled, Chunks([]), jobs=4)) == []


def test_a_task_that_kills_its_worker_once_is_tried_again_and_completes(tmp_path):
    tasks = [(0, 0, tmp_path), (1, 1, tmp_path), (2, 0, tmp_path), (3, 2, tmp_path)]
    assert by_place(processes(stubborn, singly(tasks), jobs=2)) == {0: 0, 1: 1, 2: 2, 3: 3}
    assert (tmp_path / "1.deaths").read_text() == "x"
    assert (tmp_path / "3.deaths").read_text() == "xx"


def test_a_poison_task_is_set_aside_after_three_tries_and_the_others_go_on(tmp_path):
    tasks = [(0, -1, tmp_path), *((number, 0, tmp_path) for number in (1, 2, 3))]
    results = processes(stubborn, singly(tasks, named=lambda task: f"trial {task[0]}"), jobs=1)
    found = [next(results) for _ in range(3)]
    with pytest.raises(RunFailed) as raised:
        next(results)
    assert found == [((1,), [1]), ((2,), [2]), ((3,), [3])]
    assert (tmp_path / "0.deaths").read_text() == "xxx"
    (line,) = raised.value.problems
    assert line.startswith("trial 0: its worker died 3 times (code -9); a task that ends; ")
    assert raised.value.exit_code == 1


def test_a_poison_task_in_the_middle_of_a_chunk_is_found_and_the_others_of_the_chunk_are_done(tmp_path):
    # The first task is alone, to be measured; the nine others go together until a worker dies over them.
    tasks = [(number, -1 if number == 5 else 0, tmp_path) for number in range(10)]
    results = processes(stubborn, Chunks(tasks, named=lambda task: f"trial {task[0]}"), jobs=1)
    found = by_place(islice(results, 9))
    with pytest.raises(RunFailed, match="trial 5: its worker died 3 times"):
        next(results)
    assert found == {number: number for number in range(10) if number != 5}
    assert (tmp_path / "5.deaths").read_text() == "xxx"


def test_three_poison_tasks_end_the_run_without_trying_the_rest(tmp_path):
    with pytest.raises(RunFailed) as raised:
        list(processes(stubborn, singly([(n, -1, tmp_path) for n in range(5)]), jobs=1))
    assert len(raised.value.problems) == 3
    assert not (tmp_path / "3.deaths").exists()


def test_what_a_task_refuses_comes_through_as_it_was_said():
    results = processes(mistaken, singly([1, 2, 3, 4]), jobs=1)
    assert [next(results), next(results)] == [((0,), [2]), ((1,), [4])]
    with pytest.raises(LogError, match="log: 3; anything else"):
        next(results)


def test_there_are_no_more_workers_than_tasks():
    before = set(multiprocessing.active_children())
    results = processes(doubled, singly([1, 2]), jobs=6)
    next(results)
    assert len(set(multiprocessing.active_children()) - before) <= 2
    results.close()


def test_workers_end_when_nobody_listens_any_more():
    before = set(multiprocessing.active_children())
    results = processes(doubled, singly(list(range(50))), jobs=2)
    next(results)
    assert set(multiprocessing.active_children()) - before
    results.close()
    assert not set(multiprocessing.active_children()) - before
