"""One visit to a touchpoint: what becomes a row of the log, and what an engine must remember of it meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cxsim.contacts.columns import NO_TRANSFER, NOBODY

if TYPE_CHECKING:
    from cxsim.engines.floor import Agent
    from cxsim.engines.queues import Waiting

NAN = float("nan")

# Where a visit stands; what is over is GONE.
NEW, WAITING, RING, TALK, AFTER, HELD, GONE = range(7)


class _Unusual:
    """What few visits have: it stays with the class until it differs."""

    announced_wait = callback = laid_down = promise = NAN
    chaser = to_front = False
    dialled = paused = units = 0.0
    resumes = NEW
    holds: Touch | None = None
    replayed: list[float] | None = None


class Touch(_Unusual):
    """One visit. Columns of the log as they will be written; what few visits have stays with the class.

    Attributes
    ----------
    key : int
        Key of the case, for its draws.
    phase : int
        NEW, WAITING, RING, TALK, AFTER (after-call work), HELD (talk is over, the next leg not yet answered), GONE.
    queued : float
        Instant of joining the queue it is in, or of being offered [s].
    patience : float
        Not yet made an event [s]; inf once it has, or if the customer waits for ever.
    talk, after_call_work, share_held : float
        As drawn: work [s] of an average agent, share of talk on hold.
    dialled : float
        Time before the customer picked up, of one whom the centre calls [s].
    person : Agent
        Who has it in hand, or had it last.
    factor, effect : float
        Factor on the work and effect on resolution of that agent for it.
    left, updated, slow : float
        Work of the phase left at `updated` [s], and the factor on its time since then.
    version : int
        Of its next end; an end of an older version has been moved.
    laid_down, units, resumes
        Of one put back: instant, work left of an average agent [s], phase to go on with.
    holds : Touch
        The leg before, whose agent stays until this one is answered.
    """

    __slots__ = (
        "after_call_work", "agent", "answered", "case", "contact", "contact_type", "customer", "effect",
        "ended", "factor", "group", "held", "key", "left", "level", "offered", "outcome", "patience", "person", "phase",
        "queued", "reinfo", "segment", "share_held", "slow", "talk", "touch", "touchpoint", "transfer_kind",
        "truly_resolved", "updated", "version", "waiting", "work", "wrapped",
    )  # fmt: skip

    after_call_work: float
    effect: float
    factor: float
    key: Any
    left: float
    offered: float
    patience: float
    person: Agent
    queued: float
    share_held: float
    slow: float
    talk: float
    updated: float
    waiting: Waiting
    work: int

    def __init__(
        self, case: int, contact: int, touch: int, customer: int, segment: int, contact_type: int, touchpoint: int
    ) -> None:
        self.case, self.contact, self.touch = case, contact, touch
        self.customer, self.segment = customer, segment
        self.contact_type, self.touchpoint = contact_type, touchpoint
        self.answered = self.ended = self.wrapped = NAN
        self.held = 0.0
        self.group = self.agent = self.outcome = NOBODY
        self.truly_resolved = self.reinfo = False
        self.transfer_kind, self.level = NO_TRANSFER, 0
        self.phase, self.version = NEW, 0

    def following(self, *, contact: int, touch: int, touchpoint: int) -> Touch:
        """The next visit of the same case."""
        following = Touch(self.case, contact, touch, self.customer, self.segment, self.contact_type, touchpoint)
        following.key = self.key
        return following
