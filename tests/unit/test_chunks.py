"""Tasks go out in chunks of about so long, each exactly once, and singly where a worker died."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxsim.errors import RunFailed
from cxsim.runs.chunks import Chunks


def handed_out(chunks, *, each):
    """Sizes of the chunks where every task takes so long [s]."""
    sizes = []
    while (chunk := chunks.take()) is not None:
        sizes.append(len(chunk.places))
        chunks.took(chunk, each * len(chunk.places))
    return sizes


@given(st.integers(0, 200), st.integers(1, 5), st.lists(st.tuples(st.floats(0, 10), st.integers(0, 9)), max_size=60))
def test_every_task_is_done_once_whatever_they_take_and_whoever_dies(n_tasks, workers, fates):
    chunks, done, under_way = Chunks(list(range(n_tasks)), workers=workers, tries=1000), [], []
    fate = iter(fates)
    while len(chunks) or under_way:
        while len(under_way) < workers and (chunk := chunks.take()) is not None:
            under_way.append(chunk)
        chunk = under_way.pop(0)
        seconds, luck = next(fate, (1.0, 9))
        if luck == 0:
            chunks.died(chunk, "died")
        else:
            chunks.took(chunk, seconds)
            done += chunk.places
    assert sorted(done) == list(range(n_tasks))


def test_the_first_task_goes_alone_and_short_ones_go_together():
    assert handed_out(Chunks(list(range(101)), seconds=2.0), each=0.1) == [1, *[20] * 5]


def test_what_the_first_task_paid_for_is_forgotten_with_the_second():
    chunks = Chunks(list(range(100)), seconds=1.0)
    for seconds, size in ((30.0, 1), (0.1, 1), (1.0, 10)):
        chunk = chunks.take()
        assert len(chunk.places) == size
        chunks.took(chunk, seconds)


def test_long_tasks_go_alone():
    assert handed_out(Chunks(list(range(5)), seconds=2.0), each=3.0) == [1] * 5


def test_the_last_tasks_are_shared_out_among_the_workers():
    sizes = handed_out(Chunks(list(range(41)), workers=2, seconds=100.0), each=0.1)
    assert sizes[1] == 10
    assert sizes[-1] == 1


def test_tasks_over_which_a_worker_died_come_next_in_their_order_and_alone():
    chunks = Chunks(list(range(10)), seconds=1.0)
    chunks.took(chunks.take(), 0.25)
    died = chunks.take()
    assert died.places == (1, 2, 3, 4)
    chunks.died(died, "died")
    assert chunks.suspect
    assert [chunks.take() for _ in range(4)] == [((place,), True) for place in died.places]
    assert not chunks.suspect
    assert chunks.take().places == (5, 6, 7, 8)


def test_a_task_is_set_aside_after_its_last_try_and_named_at_the_end():
    chunks = Chunks(["a", "b"], named=lambda task: f"task {task}", tries=2)
    for _ in range(2):
        chunks.died(chunks.take(), "its worker died twice")
    assert chunks.take().places == (1,)
    with pytest.raises(RunFailed, match="task a: its worker died twice"):
        chunks.finish()
