"""What touchpoints must say to make sense: exits, capacity of an agent, promises, announcements, lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cxsim.errors import problem
from cxsim.laws import Law
from cxsim.scenario.fields import law_of
from cxsim.scenario.schema import Automated, ScenarioModel, Staffed
from cxsim.scenario.schema_touchpoints import Exit
from cxsim.units import DAY

ROUNDING = 1e-9
LONGEST_DELAY = 10 * 365.25 * DAY
# A queue, its doors and its agents belong to the touchpoint, whatever the contact is about.
ONE_FOR_ALL = ("mechanism", "channel", "deferred", "hours", "at_closing", "lines", "waiting_room", "interruptible")


def touchpoints(model: ScenarioModel) -> Iterator[str]:
    """Problems of touchpoints and of the lines they share."""
    for name, touchpoint in model.touchpoints.items():
        for where, part in [(name, touchpoint), *((f"{name}.types.{k}", v) for k, v in touchpoint.types.items())]:
            yield from _exits(model, f"touchpoints.{where}", part)
            if isinstance(part, Staffed):
                yield from _capacity(f"scenario.touchpoints.{where}", part)
                yield from _deferred(f"scenario.touchpoints.{where}", part)
                yield from _dial(f"scenario.touchpoints.{where}", part)
                yield from _chaser(model, f"scenario.touchpoints.{where}", part)
        for contact_type, own in touchpoint.types.items():
            yield from _differences(f"scenario.touchpoints.{name}.types.{contact_type}", touchpoint, own)
    yield from _shared_lines(model)


def shares(path: str, given: Iterable[float], *, exactly: bool) -> Iterator[str]:
    """A problem if shares do not add up to (exactly or at most) 1."""
    total = sum(given)
    if total > 1 + ROUNDING or (exactly and total < 1 - ROUNDING):
        rule = "shares add up to 1" if exactly else "shares add up to at most 1; the rest leaves"
        yield problem(f"scenario.{path}", f"shares add up to {total:.6g}", rule)


def _differences(where: str, common: Automated | Staffed, own: Automated | Staffed) -> Iterator[str]:
    differing = [key for key in ONE_FOR_ALL if getattr(own, key, None) != getattr(common, key, None)]
    if isinstance(own, Staffed) and isinstance(common, Staffed):
        for key in ("announcement", "dial"):
            differing += [key] if (getattr(own, key) is None) != (getattr(common, key) is None) else []
    for key in differing:
        yield problem(
            f"{where}.{key}", "differs by type", "one for all contact types", "make it a touchpoint of its own"
        )


def _capacity(where: str, part: Staffed) -> Iterator[str]:
    """Contacts at once and what they cost do not contradict each other."""
    if part.slowdown and part.concurrency == 1:
        yield problem(f"{where}.slowdown", "given without concurrency", "it goes with a concurrency of 2 or more")
    elif beyond := [n for n in part.slowdown if n > part.concurrency]:
        yield problem(
            f"{where}.slowdown.{beyond[0]}", f"{beyond[0]} contacts", f"at most {part.concurrency}, the concurrency"
        )
    before = 1.0
    for n, factor in sorted(part.slowdown.items()):
        if factor < before:
            yield problem(f"{where}.slowdown.{n}", f"{factor:g}, after {before:g}", "it does not fall with the number")
        before = factor
    if part.interruptible and part.concurrency > 1:
        yield problem(f"{where}.interruptible", f"with concurrency {part.concurrency}", "work in hand alone")


def _deferred(where: str, part: Staffed) -> Iterator[str]:
    """What needs a customer on the line, and what needs one who is not."""
    if part.deferred:
        if part.patience is not None:
            yield problem(f"{where}.patience", "given", "a deferred touchpoint has no patience")
        for key in ("announcement", "ring_time"):
            if getattr(part, key) is not None:
                yield problem(f"{where}.{key}", "given", "at a deferred touchpoint nobody is on the line", "remove it")
        return
    for key in ("promise", "chaser", "interruptible"):
        if getattr(part, key):
            yield problem(f"{where}.{key}", "given", "goes with deferred: true", "remove it")


def _dial(where: str, part: Staffed) -> Iterator[str]:
    """What the centre needs to call, and what cannot be where it does."""
    if part.dial is None:
        if "unreached" in part.then:
            yield problem(f"{where}.then.unreached", "given without dial", "only who is called can be unreached")
        return
    if not part.deferred:
        yield problem(f"{where}.deferred", "false", "who is called does not wait on the line", "leave deferred out")
    if part.dial.mode == "progressive" and part.dial.preview != law_of("0 s"):
        yield problem(
            f"{where}.dial.preview", "given", "goes with mode: preview", "a progressive dialler reads nothing"
        )
    if part.dial.mode == "preview" and "preview" not in part.dial.model_fields_set:
        yield problem(f"{where}.dial.preview", "left out", "mode preview needs the time to read a record")
    if part.channel != "voice":
        yield problem(f"{where}.channel", part.channel, "voice, where agents dial", "remove dial, or make it voice")
    alone = "an agent who calls has one customer at a time"
    if part.interruptible:
        yield problem(f"{where}.interruptible", "true", alone)
    if part.concurrency > 1:
        yield problem(f"{where}.concurrency", part.concurrency, alone)


def _chaser(model: ScenarioModel, where: str, part: Staffed) -> Iterator[str]:
    if part.chaser is None:
        return
    if part.deferred and part.promise is None:
        yield problem(f"{where}.chaser", "given without promise", "asked when the promised time has passed")
    if isinstance(model.touchpoints.get(part.chaser.to), Automated) or part.chaser.to == "leave":
        yield problem(f"{where}.chaser.to", part.chaser.to, "a staffed touchpoint: somebody is asked")


def _shared_lines(model: ScenarioModel) -> Iterator[str]:
    for name, limit in model.shared_lines.items():
        where = f"scenario.shared_lines.{name}.touchpoints"
        for touchpoint in dict.fromkeys(limit.touchpoints):
            if isinstance(model.touchpoints[touchpoint], Automated):
                yield problem(where, f"{touchpoint} is automated", "staffed touchpoints")
            if limit.touchpoints.count(touchpoint) > 1:
                yield problem(where, f"{touchpoint} is given twice", "each once")


def _exits(model: ScenarioModel, where: str, touchpoint: Automated | Staffed) -> Iterator[str]:
    for outcome, exits in touchpoint.then.items():
        path = f"{where}.then.{outcome}"
        yield from shares(path, (exit_.share for exit_ in exits.values()), exactly=False)
        if isinstance(touchpoint, Automated) and outcome in ("abandoned", "blocked", "balked", "unreached"):
            yield problem(
                f"scenario.{path}",
                f"an automated touchpoint never ends {outcome}",
                "resolved, unresolved, falsely_resolved, closed",
            )
        for name, exit_ in exits.items():
            here = f"scenario.{path}.{name}"
            if isinstance(exit_.after, Law) and exit_.after.mean > LONGEST_DELAY:
                yield problem(f"{here}.after", f"{exit_.after.mean / DAY:.3g} days", "at most ten years")
            if exit_.transfer is None:
                if exit_.after == "next_opening" and exit_.to == "leave":
                    yield problem(f"{here}.after", "next_opening", "needs a touchpoint to go to")
                if exit_.position is not None:
                    yield problem(f"{here}.position", "given without transfer", "others join at the back")
                continue
            yield from _transfer(here, exit_, outcome, from_automated=isinstance(touchpoint, Automated))


def _transfer(here: str, exit_: Exit, outcome: str, *, from_automated: bool) -> Iterator[str]:
    if outcome not in ("resolved", "unresolved", "falsely_resolved"):
        yield problem(f"{here}.transfer", "given", f"a contact that is {outcome} is over")
    if exit_.to == "leave":
        yield problem(f"{here}.transfer", "to leave", "a touchpoint")
    if isinstance(exit_.after, Law) and not (exit_.after.name == "constant" and exit_.after.mean == 0):
        yield problem(f"{here}.after", "given", "a transfer goes on at once", "remove after")
    if exit_.transfer == "warm" and from_automated:
        yield problem(f"{here}.transfer", "warm", "an automated touchpoint has nobody to stay on the line", "use cold")
