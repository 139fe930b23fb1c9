"""What customers write: theme, tone and one short sentence of our own, by the drivers that moved them most.

Every sentence is synthetic and says so. Who writes is decided in `cxsim.perception.answers`.

Source
------
The outcome model of the reference, section 3.8. Sentences: conf/perception/comments.yaml.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import yaml

from cxsim import shipped, streams
from cxsim.contacts.log import ContactLog
from cxsim.errors import LogError, PerceptionError, problem
from cxsim.perception.draws import of_case
from cxsim.perception.journeys import Journeys
from cxsim.perception.parameters import PerceptionModel
from cxsim.perception.satisfaction import DRIVERS, Contributions

Array = npt.NDArray[Any]

THEMES: Final = (*DRIVERS, "generic", "outside")
GENERIC, OUTSIDE = len(DRIVERS), len(DRIVERS) + 1
POLARITIES: Final = ("negative", "positive")
NO_COMMENT: Final = -1
SYNTHETIC: Final = "[synthetic] "
LOWEST_HIGH: Final = 4  # answers from here on are praise, unless contrary
_FEWEST = 4


@dataclass(frozen=True, eq=False)
class Comments:
    """Theme, polarity and sentence of each journey as codes, arrays [n]; -1 where nothing is written."""

    theme: Array
    polarity: Array
    sentence: Array


def written(
    journeys: Journeys, felt: Contributions, satisfaction: Array, commented: Array, *, model: PerceptionModel, seed: int
) -> Comments:
    """What those who comment write.

    Parameters
    ----------
    journeys : Journeys
        n journeys.
    felt : Contributions
    satisfaction : array [n]
        Answers 1 to 5.
    commented : array [n] of bool
    model : PerceptionModel
    seed : int
    """
    rows = np.flatnonzero(commented)
    drivers, answer = felt.drivers[rows], satisfaction[rows]
    low = answer < LOWEST_HIGH
    at_once = journeys.resolved[rows] & (journeys.assisted[rows] == 1)
    blamed = _blamed(journeys, rows, drivers, model=model, seed=seed)
    theme = np.where(low, blamed, _praised(drivers, at_once, model=model))
    # One draw decides whether a comment names anything, and what lies outside.
    u, size = of_case(journeys, streams.THEME, seed=seed, rows=rows), model.comments
    theme[np.where(low, u < size.generic_when_low, u < size.generic_when_high)] = GENERIC
    theme[low & (u >= 1.0 - size.outside)] = OUTSIDE
    contrary = of_case(journeys, streams.POLARITY, seed=seed, rows=rows) < size.contrary
    polarity = (~low ^ contrary).astype(np.int8)
    first, count = _places()
    chosen = of_case(journeys, streams.SENTENCE, seed=seed, rows=rows) * count[theme, polarity]
    found = Comments(*(np.full(len(journeys), NO_COMMENT, dtype) for dtype in (np.int8, np.int8, np.int16)))
    found.theme[rows], found.polarity[rows] = theme, polarity
    found.sentence[rows] = first[theme, polarity] + chosen.astype(np.int64)
    return found


def _blamed(journeys: Journeys, rows: Array, drivers: Array, *, model: PerceptionModel, seed: int) -> Array:
    """The driver whose loss, with some noise of attention, is largest; generic where nothing was lost."""
    # Touch 0 of the purpose is the draw of the kind of theme.
    u = [of_case(journeys, streams.THEME, seed=seed, touch=1 + driver, rows=rows) for driver in range(len(DRIVERS))]
    gumbel = -streams.logs(-streams.logs(np.stack(u, axis=1)))
    loss = np.where(drivers < 0.0, -drivers + model.comments.attention * gumbel, -np.inf)
    return np.where((drivers < 0.0).any(axis=1), np.argmax(loss, axis=1), GENERIC)


def _praised(drivers: Array, at_once: Array, *, model: PerceptionModel) -> Array:
    """The driver that gained most, being solved at once among them; generic where nothing was gained."""
    gain = np.maximum(drivers, 0.0)
    gain[:, DRIVERS.index("unresolved")] = np.where(at_once, model.comments.solved_at_once, 0.0)
    return np.where((gain > 0.0).any(axis=1), np.argmax(gain, axis=1), GENERIC)


def names_of_comments() -> dict[str, tuple[str, ...]]:
    """What decodes the codes of themes, polarities and sentences in a log."""
    return {"theme": THEMES, "polarity": POLARITIES, "sentence": _sentences()}


def comments(log: ContactLog) -> pd.DataFrame:
    """Comments of a perceived log as a table: case, satisfaction, theme, polarity, text, synthetic.

    Raises
    ------
    LogError
        Nobody has been asked yet: the log has no themes.
    """
    s = log.surveys
    if "theme" not in s or "sentence" not in s:
        raise LogError(problem("comments", "log.surveys has no theme and sentence", "a log that perception wrote"))
    rows = np.flatnonzero(s.sentence >= 0)
    texts, themes, tones = (np.array(log.labels(name)) for name in ("sentence", "theme", "polarity"))
    text = texts[s.sentence[rows]] if len(rows) else np.empty(0, dtype=object)
    return pd.DataFrame(
        {
            **{name: s.columns[name][rows] for name in ("replication", "case", "customer") if name in s},
            "satisfaction": s.satisfaction[rows],
            "theme": themes[s.theme[rows]] if len(rows) else text,
            "polarity": tones[s.polarity[rows]] if len(rows) else text,
            "text": text,
            "synthetic": np.full(len(rows), True),
        }
    )


@functools.cache
def _document() -> dict[str, dict[str, list[str]]]:
    file = shipped.path("perception", "comments")
    if file is None:
        raise PerceptionError(problem("conf/perception/comments.yaml", "not there", "the shipped sentences"))
    document: dict[str, dict[str, list[str]]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    lacking = [
        f"{theme}.{tone}"
        for theme in THEMES
        for tone in POLARITIES
        if len(document.get(theme, {}).get(tone, [])) < _FEWEST
    ]
    if lacking:
        raise PerceptionError(problem("perception.comments", f"too few for {', '.join(lacking)}", f"{_FEWEST} or more"))
    return document


@functools.cache
def _sentences() -> tuple[str, ...]:
    """Every sentence, in order of theme and polarity, marked as synthetic."""
    return tuple(f"{SYNTHETIC}{text}" for theme in THEMES for tone in POLARITIES for text in _document()[theme][tone])


@functools.cache
def _places() -> tuple[Array, Array]:
    """Number of the first sentence and of sentences, by theme and polarity, arrays [n_themes, 2]."""
    count = np.array([[len(_document()[theme][tone]) for tone in POLARITIES] for theme in THEMES])
    first = np.concatenate([[0], np.cumsum(count.ravel())[:-1]]).reshape(count.shape)
    return first, count
