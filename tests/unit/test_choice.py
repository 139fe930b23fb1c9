"""Which engine simulates, and what is refused before the first event."""

import pytest

import cxsim
from cxsim.engines import choice
from cxsim.errors import RunError


@pytest.fixture
def fresh(monkeypatch):
    monkeypatch.setattr(choice._Done, "contacts", 0)
    monkeypatch.setattr(choice._Done, "at_hand", False)
    monkeypatch.setattr(choice, "COMPILED", True)
    monkeypatch.setattr(choice, "is_compiled", lambda: True)


def test_a_small_job_is_done_by_the_engine_that_starts_at_once(fresh):
    assert choice.engine_for(cxsim.load_scenario("it_service_desk", "calendar.days=1")) == "process"


def test_many_small_jobs_in_one_process_are_worth_the_compiled_engine(fresh):
    day = cxsim.load_scenario("it_service_desk", "calendar.days=1")
    chosen = [choice.engine_for(day) for _ in range(200)]
    cases = choice.cases_of(day)
    assert chosen.index("kernel") * cases == pytest.approx(choice.FETCHED, abs=cases)
    assert set(chosen[chosen.index("kernel") :]) == {"kernel"}


def test_one_large_job_is_done_by_the_compiled_engine_at_once(fresh):
    assert choice.engine_for(cxsim.load_scenario("retail_bank_voice_200", "calendar.days=40")) == "kernel"


def test_compiling_takes_a_larger_job_than_fetching(fresh, monkeypatch):
    monkeypatch.setattr(choice, "is_compiled", lambda: False)
    assert choice.engine_for(cxsim.load_scenario("retail_bank_voice_200", "calendar.days=40")) == "process"


def test_without_a_compiler_the_readable_engine_does_everything(fresh, monkeypatch):
    monkeypatch.setattr(choice, "COMPILED", False)
    assert choice.engine_for(cxsim.load_scenario("retail_bank_voice_200", "calendar.days=400")) == "process"


def test_too_little_memory_is_said_before_the_first_event():
    endless = cxsim.load_scenario(
        "retail_bank_voice_200", "calendar.days=3660", 'contact_types.everyday.volume="7000000 per day"'
    )
    with pytest.raises(RunError, match=r"needs about [\d,.]+ GB of memory .* GB are free; simulate fewer days"):
        cxsim.simulate(endless)
