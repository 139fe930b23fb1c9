"""The reference operation: journeys of a benchmark-typical centre, to which the shipped model is anchored.

`python -m cxsim.perception.reference` prints the anchors of conf/perception/default.yaml.

Its rates are those to which published survey results belong: first contact resolution 72 %, resolved 89 %, 1.27
contacts a case, 18 % of first contacts transferred, 28 % held, 7 % of cases with an abandonment, 35 % of cases after
failed self-service, average speed of answer 25 s (80 % in 20 s), 200 agents. What no source states, such as the mix of
channels, is an assumption, marked so. Told again means what it means in a simulated log: after a cold transfer or a
change of channel.

Source
------
The outcome model of the reference, sections 3.6, 3.11 and 8.2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxsim import streams
from cxsim.contacts.columns import NOBODY
from cxsim.perception.anchoring import Targets, anchor
from cxsim.perception.journeys import CHAT, EMAIL, SELF, VOICE, Journeys
from cxsim.perception.parameters import Anchors, PerceptionModel
from cxsim.units import HOUR

Array = npt.NDArray[Any]

# Held out: far from the small numbers that people give as seeds.
SEED: Final = 2**62
N_JOURNEYS: Final = 200_000

N_AGENTS: Final = 200
MIX: Final = (0.70, 0.18, 0.12)  # voice, chat, e-mail: assumption
SELF_SERVICE_FIRST: Final = 0.35
SELF_SERVICE_TIME: Final = 6.0 * 60  # to the first offer to a person: assumption
DELAYED: Final = (0.243, 0.30, 1.0)  # share that waits at all; voice: 80 % in 20 s with a mean of 25 s
MEAN_DELAY: Final = (103.0, 100.0, 0.0)  # of those who wait [s]
EMAIL_WAIT: Final = (6.0 * HOUR, 1.0)  # median and log-SD: assumption
ABANDONS: Final = (0.060, 0.060, 0.0)
PATIENCE_USED: Final = 120.0  # mean wait of those who abandon [s]: assumption
REDIALS: Final = (0.50, 20.0 * 60, 1.0)  # share, median delay [s] and log-SD
COMES_BACK: Final = (0.80, 14.0 * HOUR, 1.0)  # the same after an unresolved contact
CHANGES_CHANNEL: Final = 0.25  # of those who come back: assumption
TRANSFERRED: Final = 0.18
COLD: Final = 0.7  # share of transfers: assumption
HELD: Final = (0.28, 75.0)  # share, mean [s]
TALK: Final = (300.0, 0.7)  # median [s] and log-SD
# Log-odds of resolving at the first and at later contacts, lost by a transfer, gained per SD of agent quality.
RESOLVES_FIRST: Final = 1.08
RESOLVES_LATER: Final = 0.70
TRANSFER_LOSES: Final = 0.70
AGENT_GAINS: Final = 0.10
MOST_ATTEMPTS: Final = 6

# Ordinals of the draws of one attempt.
(
    _CHANNEL, _SELF, _ABANDON, _PATIENCE, _REDIAL, _WAIT, _HOLD, _HOLD_TIME, _AGENT, _TRANSFER, _KIND, _SECOND_WAIT,
    _SECOND_AGENT, _TALK, _RESOLVE, _RETURN, _DELAY, _SWITCH,
) = range(18)  # fmt: skip


def reference_journeys(n: int = N_JOURNEYS, *, seed: int = SEED) -> Journeys:
    """Journeys of n customers, one case each, in the reference operation.

    Parameters
    ----------
    n : int
        Number of journeys, 1 or more.
    seed : int
        Draws the people, the agents and all that happens.

    Returns
    -------
    Journeys
    """
    course = _Course(n, seed)
    for attempt in range(MOST_ATTEMPTS):
        course.attempt(attempt)
    return course.journeys()


@dataclass
class _Touches:
    """Touches as they come, column by column, in pieces."""

    pieces: list[dict[str, Array]] = field(default_factory=list)

    def add(self, owner: Array, **columns: Any) -> None:
        m = len(owner)
        defaults: dict[str, Any] = {
            "wait": 0.0, "held": 0.0, "abandoned": False, "repeated_information": False, "transfers": 0,
            "quality": 0.0, "agent": NOBODY,
        }  # fmt: skip
        values = {**defaults, **columns}
        self.pieces.append({"owner": owner, **{name: np.broadcast_to(value, m) for name, value in values.items()}})

    def sorted(self) -> dict[str, Any]:
        """All touches in order of owner, and of adding within an owner."""
        joined = {name: np.concatenate([piece[name] for piece in self.pieces]) for name in self.pieces[0]}
        order = np.argsort(joined["owner"], kind="stable")
        return {name: values[order] for name, values in joined.items()}


class _Course:
    """Cases on their way: who is still trying, in which channel, and what has happened so far."""

    def __init__(self, n: int, seed: int) -> None:
        self.n, self.key = n, streams.replication_key(seed, 0)
        self.touches = _Touches()
        quality = streams.normals(
            streams.uniforms(self.key, streams.AGENT, np.arange(N_AGENTS), streams.address(0, 0, streams.REFERENCE))
        )
        # Quality is in SDs about the mean of the centre by definition; without this a pool would shift the anchors.
        self.quality = (quality - quality.mean()) / quality.std()
        everyone = np.arange(n)
        self.trying = everyone
        self.channel = np.searchsorted(np.cumsum(MIX[:2]), self.drawn(everyone, 0, _CHANNEL)).astype(np.int8)
        self.last_channel = np.full(n, -1, np.int8)
        self.clock, self.end = np.zeros(n), np.zeros(n)
        self.counts = {name: np.zeros(n, np.int64) for name in ("assisted", "abandoned", "switches")}
        self.resolved, self.ends_in_vain = np.zeros(n, bool), np.zeros(n, bool)
        self.method = np.full(n, SELF, np.int8)
        self.failed = (self.drawn(everyone, 0, _SELF) < SELF_SERVICE_FIRST).astype(np.int64)
        tried = np.flatnonzero(self.failed)
        self.clock[tried] = SELF_SERVICE_TIME
        self.last_channel[tried] = SELF
        self.touches.add(tried, channel=np.int8(SELF))

    def drawn(self, who: Array, attempt: int, ordinal: int) -> Array:
        """Uniform numbers of these cases for one draw of one attempt."""
        return streams.uniforms(self.key, streams.CASE, who, streams.address(attempt, ordinal, streams.REFERENCE))

    def attempt(self, attempt: int) -> None:
        """One attempt of everyone who is still trying."""
        who = self.trying
        gives_up = self.drawn(who, attempt, _ABANDON) < np.array(ABANDONS)[self.channel[who]]
        again = [self.abandon(who[gives_up], attempt), self.talk(who[~gives_up], attempt)]
        self.trying = np.sort(np.concatenate(again))

    def abandon(self, who: Array, attempt: int) -> Array:
        """Wait and hang up; who redials."""
        waited = -PATIENCE_USED * np.log(self.drawn(who, attempt, _PATIENCE))
        self.touches.add(who, channel=self.channel[who], wait=waited, abandoned=True)
        self.counts["abandoned"][who] += 1
        self.last_channel[who] = self.channel[who]
        self.end[who] = self.clock[who] + waited
        self.ends_in_vain[who] = True
        share, median, spread = REDIALS
        redials = who[self.drawn(who, attempt, _REDIAL) < share]
        self.clock[redials] = self.end[redials] + self.delay(redials, attempt, median, spread)
        return redials

    def talk(self, who: Array, attempt: int) -> Array:
        """Wait, talk, perhaps be transferred; who comes back because nothing was resolved."""
        channel = self.channel[who]
        wait, agent = self.wait(who, attempt, _WAIT), self.agent(who, attempt, _AGENT)
        transferred = self.drawn(who, attempt, _TRANSFER) < TRANSFERRED
        held = np.where(
            self.drawn(who, attempt, _HOLD) < HELD[0], -HELD[1] * np.log(self.drawn(who, attempt, _HOLD_TIME)), 0.0
        )
        told_before = (self.last_channel[who] >= 0) & (self.last_channel[who] != channel)
        self.touches.add(
            who, channel=channel, wait=wait, held=held, transfers=transferred.astype(np.int64), agent=agent,
            quality=self.quality[agent], repeated_information=told_before,
        )  # fmt: skip
        spent = wait + TALK[0] * np.exp(TALK[1] * streams.normals(self.drawn(who, attempt, _TALK)))
        if transferred.any():
            passed = who[transferred]
            second, agent[transferred] = (
                self.wait(passed, attempt, _SECOND_WAIT),
                self.agent(passed, attempt, _SECOND_AGENT),
            )
            cold = self.drawn(passed, attempt, _KIND) < COLD
            self.touches.add(
                passed, channel=channel[transferred], wait=second, agent=agent[transferred],
                quality=self.quality[agent[transferred]], repeated_information=cold,
            )  # fmt: skip
            spent[transferred] += second
        base = np.where(self.counts["assisted"][who] == 0, RESOLVES_FIRST, RESOLVES_LATER)
        log_odds = base - TRANSFER_LOSES * transferred + AGENT_GAINS * self.quality[agent]
        resolves = self.drawn(who, attempt, _RESOLVE) < 1.0 / (1.0 + np.exp(-log_odds))
        self.counts["switches"][who] += (self.counts["assisted"][who] > 0) & (self.method[who] != channel)
        self.counts["assisted"][who] += 1
        self.method[who] = self.last_channel[who] = channel
        self.end[who] = self.clock[who] + spent
        self.ends_in_vain[who] = False
        self.resolved[who] = resolves
        return self.returning(who[~resolves], attempt)

    def returning(self, who: Array, attempt: int) -> Array:
        """Who comes back, after a delay and perhaps in another channel."""
        share, median, spread = COMES_BACK
        back = who[self.drawn(who, attempt, _RETURN) < share]
        self.clock[back] = self.end[back] + self.delay(back, attempt, median, spread)
        switching = back[self.drawn(back, attempt, _SWITCH) < CHANGES_CHANNEL]
        # Voice users go to chat, all others call.
        self.channel[switching] = np.where(self.channel[switching] == VOICE, CHAT, VOICE)
        return back

    def wait(self, who: Array, attempt: int, ordinal: int) -> Array:
        """Wait [s] in the channel each is in, by inversion of one uniform number."""
        u, channel = self.drawn(who, attempt, ordinal), self.channel[who]
        delayed, mean = np.array(DELAYED)[channel], np.array(MEAN_DELAY)[channel]
        live = -mean * np.log(np.minimum(u / delayed, 1.0))
        written = EMAIL_WAIT[0] * np.exp(EMAIL_WAIT[1] * streams.normals(u))
        return np.where(channel == EMAIL, written, live)

    def agent(self, who: Array, attempt: int, ordinal: int) -> Array:
        """Number of an agent, anyone alike."""
        return (self.drawn(who, attempt, ordinal) * N_AGENTS).astype(np.int64)

    def delay(self, who: Array, attempt: int, median: float, spread: float) -> Array:
        """Time [s] until these cases try again."""
        return median * np.exp(spread * streams.normals(self.drawn(who, attempt, _DELAY)))

    def journeys(self) -> Journeys:
        """All that has happened, as facts."""
        columns, n = self.touches.sorted(), self.n
        m = len(columns["owner"])
        return Journeys(
            **columns,
            offline_wait=np.zeros(m),
            announced=np.full(m, np.nan),
            touchpoint=np.full(m, -1),
            replication=np.zeros(n, np.int32),
            case=np.arange(n),
            customer=np.arange(n),
            begin=np.zeros(n),
            end=self.end,
            resolved=self.resolved,
            surveyable=(self.counts["assisted"] > 0) & ~self.ends_in_vain,
            assisted=self.counts["assisted"],
            abandoned_attempts=self.counts["abandoned"],
            refused_attempts=np.zeros(n, np.int64),
            failed_self_service=self.failed,
            switches=self.counts["switches"],
            method=self.method,
        )


def reference_anchors(
    n: int = N_JOURNEYS, *, model: PerceptionModel, targets: Targets | None = None, seed: int = SEED
) -> Anchors:
    """The anchors of a model in the reference operation, to its own shapes or to other targets."""
    return anchor(reference_journeys(n, seed=seed), targets, parameters=model, seed=seed)


def _printed(anchors: Anchors) -> str:
    lines = ["anchors:"]
    for name, value in vars(anchors).items():
        shown = f"[{', '.join(f'{cut:.6f}' for cut in value)}]" if isinstance(value, tuple) else f"{value:.6f}"
        lines.append(f"  {name}: {{value: {shown}}}")
    return "\n".join(lines)


if __name__ == "__main__":
    from cxsim.perception.load import load_model

    print(_printed(reference_anchors(model=load_model())))
