"""Comments: themes follow what went wrong, tones follow the answer, and every sentence is marked synthetic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cxsim.contacts.log import ContactLog, Table, concatenate
from cxsim.errors import LogError
from cxsim.metrics.comments import THEMES as THEMES_OF_METRICS
from cxsim.perception.answers import answers, opinions
from cxsim.perception.comments import GENERIC, OUTSIDE, POLARITIES, THEMES, comments, names_of_comments, written
from cxsim.perception.load import load_model
from cxsim.perception.reference import reference_journeys
from cxsim.perception.satisfaction import DRIVERS, contributions
from cxsim.perception.surveys import perceive

MODEL = load_model()


def of_reference(n: int = 60_000, *, seed: int = 3, model=MODEL):
    journeys = reference_journeys(n, seed=seed)
    felt = contributions(journeys, model=model)
    said = answers(journeys, opinions(journeys, felt, model=model, seed=seed), model=model, seed=seed)
    everyone = np.ones(n, bool)
    return journeys, felt, said, written(journeys, felt, said.satisfaction, everyone, model=model, seed=seed)


def calls(n: int = 4000) -> ContactLog:
    rng = np.random.default_rng(1)
    offered = np.sort(rng.random(n)) * 86400.0
    columns = {
        "replication": np.zeros(n), "case": np.arange(n), "customer": np.arange(n), "offered": offered,
        "answered": offered + 200.0, "ended": offered + 500.0, "outcome": (rng.random(n) < 0.3).astype(int),
    }  # fmt: skip
    return ContactLog(Table("touchpoints", columns), meta={"horizon": 86400.0})


def test_only_those_who_answered_and_wrote_have_a_theme_a_tone_and_a_sentence():
    log = perceive(calls(), seed=1)
    s = log.surveys
    wrote = s.theme >= 0
    assert np.array_equal(wrote, s.polarity >= 0)
    assert np.array_equal(wrote, s.sentence >= 0)
    assert not np.any(wrote & ~s.answered)
    assert 0.2 < wrote.sum() / s.answered.sum() < 0.5


def test_the_table_of_comments_is_flagged_synthetic_in_every_line():
    log = perceive(calls(), seed=1)
    table = comments(log)
    assert len(table) == (log.surveys.sentence >= 0).sum() > 0
    assert table["synthetic"].all()
    assert table["text"].str.startswith("[synthetic] ").all()
    assert all(name.startswith("[synthetic] ") for name in log.names["sentence"])
    frame = log.to_frame("surveys")
    assert frame["sentence"].dropna().str.startswith("[synthetic] ").all()


def test_every_theme_and_tone_has_four_to_eight_sentences_all_different():
    names = names_of_comments()["sentence"]
    assert len(set(names)) == len(names)
    assert 4 * 2 * len(THEMES) <= len(names) <= 8 * 2 * len(THEMES)
    assert all(len(name) < 80 and name.isascii() for name in names)


def test_metrics_know_the_same_themes():
    assert set(THEMES_OF_METRICS) == set(THEMES)


def test_low_comments_are_generic_or_outside_at_the_stated_shares():
    _, felt, said, found = of_reference()
    low = said.satisfaction <= 3
    lost = (felt.drivers < 0.0).any(axis=1)
    assert np.mean(found.theme[low & lost] == GENERIC) == pytest.approx(0.45, abs=0.01)
    assert np.mean(found.theme[low] == OUTSIDE) == pytest.approx(0.25, abs=0.01)
    assert np.mean(found.theme[~low] == GENERIC) >= 0.74
    assert not np.any(found.theme[~low] == OUTSIDE)


def test_seven_in_a_hundred_strike_the_opposite_tone():
    _, _, said, found = of_reference()
    opposite = (found.polarity == POLARITIES.index("positive")) != (said.satisfaction >= 4)
    assert opposite.mean() == pytest.approx(0.07, abs=0.005)


def test_what_is_blamed_was_lost_and_mostly_the_largest_loss():
    _, felt, said, found = of_reference()
    rows = np.flatnonzero((said.satisfaction <= 3) & (found.theme < len(DRIVERS)))
    loss = -felt.drivers[rows, found.theme[rows]]
    assert np.all(loss > 0.0)
    assert np.mean(loss >= -felt.drivers[rows].min(axis=1) - 1e-12) > 0.7


def test_without_noise_of_attention_the_largest_loss_is_blamed():
    model = replace(MODEL, comments=replace(MODEL.comments, attention=0.0))
    _, felt, said, found = of_reference(5000, model=model)
    rows = np.flatnonzero((said.satisfaction <= 3) & (found.theme < len(DRIVERS)))
    assert np.array_equal(found.theme[rows], np.argmin(felt.drivers[rows], axis=1))


def test_praise_names_a_gain_or_being_solved_at_once():
    journeys, felt, said, found = of_reference()
    rows = np.flatnonzero((said.satisfaction >= 4) & (found.theme < GENERIC))
    solved = found.theme[rows] == DRIVERS.index("unresolved")
    at_once = journeys.resolved & (journeys.assisted == 1)
    assert np.all(at_once[rows][solved])
    assert np.all(felt.drivers[rows[~solved], found.theme[rows[~solved]]] > 0.0)


def test_a_sentence_belongs_to_its_theme_and_tone():
    *_, found = of_reference(20_000)
    owner = {}
    for theme, polarity, sentence in zip(found.theme, found.polarity, found.sentence, strict=True):
        assert owner.setdefault(sentence, (theme, polarity)) == (theme, polarity)


def test_comments_depend_on_nobody_else():
    log = calls()
    some = log.with_tables(touchpoints=log.touchpoints.take(log.touchpoints.case % 2 == 0))
    whole = perceive(log, seed=1).surveys
    assert perceive(some, seed=1).surveys == whole.take(whole.case % 2 == 0)


def test_replications_are_written_each_on_its_own():
    log = calls(500)
    other = log.with_tables(touchpoints=log.touchpoints.with_columns(replication=np.full(500, 4)))
    together = perceive(concatenate([log, other]), seed=1).surveys
    assert together == concatenate([perceive(log, seed=1), perceive(other, seed=1)]).surveys


def test_a_log_that_nobody_perceived_has_no_comments():
    with pytest.raises(LogError, match="no theme"):
        comments(calls())
    nothing = perceive(calls().with_tables(touchpoints=calls().touchpoints.take(slice(0, 0))), seed=1)
    assert comments(nothing).empty
