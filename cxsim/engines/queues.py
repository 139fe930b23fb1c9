"""Who waits: one queue a work type, its front and its back, and what routing sees of it."""

from __future__ import annotations

from collections import deque

import numpy as np

from cxsim.engines.touch import Touch
from cxsim.model.policies import EARLIEST_PROMISE, HIGHEST_VALUE, SCORE, Heads
from cxsim.model.tables import Tables

INF = float("inf")


class Waiting:
    """One stay of a contact in a queue: since when, whether it is still there, whether it takes room there."""

    __slots__ = ("queued", "roomy", "still", "touch")

    def __init__(self, touch: Touch, queued: float, *, roomy: bool) -> None:
        self.touch, self.queued, self.roomy, self.still = touch, queued, roomy, True


class Queues:
    """The queues of all work types.

    Attributes
    ----------
    heads : Heads
        The first contact of each queue, as the rules of routing see it.
    n : int
        Contacts in all queues.
    room : list of int
        Contacts by touchpoint whose customers wait on the line.
    """

    def __init__(self, tables: Tables) -> None:
        n_work = len(tables.types) * len(tables.touchpoints)
        self.tables = tables
        self.front: list[deque[Waiting]] = [deque() for _ in range(n_work)]
        self.back: list[deque[Waiting]] = [deque() for _ in range(n_work)]
        self.heads = Heads(
            queued=np.full(n_work, INF),
            waiting=np.zeros(n_work, dtype=np.int64),
            promise=np.full(n_work, INF),
            value=np.zeros(n_work),
            transferred=np.zeros(n_work, dtype=np.int64),
        )
        self.n = 0
        self.room = [0] * len(tables.touchpoints)
        self._looks_closer = tables.contact_policy in (EARLIEST_PROMISE, HIGHEST_VALUE, SCORE)

    def join(self, touch: Touch, now: float, *, front: bool, roomy: bool) -> Waiting:
        """A contact joins its queue, at the end of those at the front or of all."""
        waiting = Waiting(touch, now, roomy=roomy)
        touch.waiting = waiting
        (self.front if front else self.back)[touch.work].append(waiting)
        self.n += 1
        self.heads.waiting[touch.work] += 1
        if roomy:
            self.room[touch.touchpoint] += 1
        self._note_head(touch.work)
        return waiting

    def remove(self, waiting: Waiting) -> None:
        """A contact leaves its queue, from wherever it stands."""
        waiting.still = False
        touch = waiting.touch
        self.n -= 1
        self.heads.waiting[touch.work] -= 1
        if waiting.roomy:
            self.room[touch.touchpoint] -= 1
        self._note_head(touch.work)

    def head(self, work: int) -> Waiting | None:
        """The contact whose turn it is."""
        for queue in (self.front[work], self.back[work]):
            # Those who left from the middle are dropped when they come to the front.
            while queue and not queue[0].still:
                queue.popleft()
            if queue:
                return queue[0]
        return None

    def all_of(self, work: int) -> list[Waiting]:
        """Everybody in a queue, in order."""
        return [waiting for queue in (self.front[work], self.back[work]) for waiting in queue if waiting.still]

    def _note_head(self, work: int) -> None:
        head, heads = self.head(work), self.heads
        heads.queued[work] = INF if head is None else head.queued
        if head is not None and self._looks_closer:
            touch = head.touch
            heads.promise[work] = touch.offered + self.tables.queues.promise[work]
            heads.value[work] = self.tables.value[touch.segment]
            heads.transferred[work] = touch.touch > 0
