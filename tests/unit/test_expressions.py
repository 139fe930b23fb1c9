"""The language of reader files says what it says, and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxsim.contacts.expressions import Words, evaluate, names_in
from cxsim.errors import LogError

COLUMNS = {
    "start": np.array([10.0, np.nan, 90_000.0]),
    "end": np.array([20.0, 30.0, np.nan]),
    "result": Words(np.array([0, 1, -1]), ("agent", "hung up")),
}


def value(text, **more):
    return evaluate(text, {**COLUMNS, **more}, where="reader test", n_rows=3, first_weekday=4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("end - start > 5", [True, False, False]),
        ("end != start", [True, False, False]),
        ("result == 'agent' or missing(start)", [True, True, False]),
        ("result != 'agent'", [False, True, False]),
        ("not missing(result) and not missing(end)", [True, True, False]),
        ("5 < end <= 20", [True, False, False]),
        ("weekday(start) == 'Fri'", [True, False, False]),
        ("weekday(start) == 'Sat'", [False, False, True]),
        ("hour(start) == 1", [False, False, True]),
        ("repeated(result)", [False, False, False]),
        ("choose(result == 'agent', end > 5, end > 25)", None),
    ],
)
def test_conditions_over_missing_values_are_false(text, expected):
    if expected is None:
        with pytest.raises(LogError):
            evaluate(f"missing({text}) and 3", COLUMNS, where="reader test", n_rows=3)
    else:
        assert value(text).tolist() == expected


def test_instants_can_be_chosen():
    np.testing.assert_array_equal(value("first(start, end, 7)"), [10.0, 30.0, 90_000.0])
    np.testing.assert_array_equal(value("least(start, end)"), [10.0, 30.0, 90_000.0])
    np.testing.assert_array_equal(value("greatest(start, end - 5)"), [15.0, 25.0, 90_000.0])
    np.testing.assert_array_equal(value("nothing()"), [np.nan] * 3)
    np.testing.assert_array_equal(value("choose(result == 'agent', start, -1)"), [10.0, -1.0, -1.0])


def test_words_can_be_chosen():
    words = value("choose(missing(start), 'lost', result)")
    assert [words.names[code] if code >= 0 else None for code in words.codes] == ["agent", "lost", None]
    nobody = value("choose(result == 'agent', 'desk', nothing())")
    assert nobody.codes.tolist() == [0, -1, -1]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 4)), max_size=8))
def test_overlaps_agree_with_a_plain_loop(rows):
    columns = {
        "who": Words(np.array([row[0] for row in rows], dtype="i4"), ("a", "b", "c")),
        "start": np.array([row[1] for row in rows], dtype="f8"),
        "end": np.array([row[1] + row[2] for row in rows], dtype="f8"),
    }
    found = evaluate("overlaps(who, start, end)", columns, where="reader test", n_rows=len(rows))
    expected = []
    for n, (who, start, _) in enumerate(rows):
        earlier = [r for m, r in enumerate(rows) if r[0] == who and (r[1], m) < (start, n)]
        expected.append(any(r[1] + r[2] > start for r in earlier))
    assert found.tolist() == expected


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('echo')",
        "start.__class__",
        "(lambda: 1)()",
        "[x for x in start]",
        "start[0]",
        "start * 2 ** 99",
        "open('file')",
        "first(a=start)",
        "True",
        "start >",
        "",
    ],
)
def test_nothing_but_the_language_is_read(text):
    with pytest.raises(LogError, match="reader test"):
        names_in(text, where="reader test")


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("strat > 1", "'strat' is not a column of this reader; .*did you mean 'start'"),
        ("result > 1", "a word compared"),
        ("start and end", "a condition"),
        ("result - 1", "is a word; a number"),
        ("missing(start, end)", "1 to 1 things"),
    ],
)
def test_a_mistake_in_an_expression_is_named(text, match):
    with pytest.raises(LogError, match=match):
        value(text)
