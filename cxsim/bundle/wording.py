"""A scenario told in sentences, from its validated model: how cases arrive, what they meet, who serves them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cxsim.laws import Law
from cxsim.scenario.schema import AgentGroup, ContactType, Exits, ScenarioModel, Staffed
from cxsim.scenario.schema_touchpoints import Automated
from cxsim.units import DAY, WEEKDAYS, spoken


def law(given: Law | str) -> str:
    """A law in words: its name, mean and coefficient of variation."""
    if isinstance(given, str):
        return given.replace("_", " ")
    if given.name == "constant":
        return spoken(given.mean)
    return f"{given.name} with mean {spoken(given.mean)} and cv {given.cv:.3g}"


def shares(given: Mapping[Any, float]) -> str:
    """Names with their shares."""
    return ", ".join(
        f"{name} {share:.4g}" if share > 1 else f"{name} {100 * share:.4g} %" for name, share in given.items()
    )


def weekly(hours: tuple[tuple[float, float], ...] | None, *, otherwise: str) -> str:
    """Opening hours of a week, days with equal hours together."""
    if hours is None:
        return otherwise
    days: dict[int, list[str]] = {}
    for start, end in hours:
        day = int(start // DAY)
        days.setdefault(day, []).append(f"{_clock(start - day * DAY)}-{_clock(end - day * DAY)}")
    alike: dict[str, list[str]] = {}
    for day, spans in days.items():
        alike.setdefault(" and ".join(spans), []).append(WEEKDAYS[day % 7])
    return "; ".join(f"{', '.join(names)} {spans}" for spans, names in alike.items())


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3600):02d}:{int(seconds % 3600 // 60):02d}"


def arrivals(name: str, entry: ContactType, model: ScenarioModel) -> str:
    """How cases of a type come, and where they enter."""
    if entry.arrivals is not None:
        how = f"{len(entry.arrivals.at)} cases replayed from a record"
    else:
        factors = [f"{day} {factor:g}" for day, factor in entry.weekdays.items() if factor != 1]
        how = f"{entry.volume or 0:g} cases on an ordinary day"
        how += f", by shape {entry.shape} of the day" if entry.shape else ", at the same rate around the clock"
        how += f", days of the week times {', '.join(factors)}" if factors else ""
    how += f", in batches ({shares(entry.batch)})" if entry.batch else ""
    surges = [
        f"{key} (times {surge.factor:g} for {spoken(surge.lasts)})"
        for key, surge in model.surges.items()
        if surge.type == name
    ]
    how += f", with surges {', '.join(surges)}" if surges else ""
    return f"{name}: {how}; enters at {shares(entry.enters)}."


def exits(then: Exits) -> list[str]:
    """Where cases go by outcome."""
    found = []
    for outcome, ways in then.items():
        for way in ways.values():
            how = f", {way.transfer} transfer" if way.transfer else f" after {law(way.after)}"
            found.append(f"{outcome.replace('_', ' ')}: {100 * way.share:.4g} % to {way.to}{how}")
        rest = 1 - sum(way.share for way in ways.values())
        found += [f"{outcome.replace('_', ' ')}: {100 * rest:.4g} % leave"] if rest > 1e-9 else []
    return found


def touchpoint(name: str, part: Staffed | Automated) -> str:
    """What happens at a touchpoint, with the contact types that differ there."""
    text = f"{name} ({part.mechanism}, {part.channel}): {_service(part)}; open {weekly(part.hours, otherwise='always')}"
    ways = exits(part.then)
    text += f"; then {'; '.join(ways)}" if ways else "; then the case leaves"
    for kind, own in part.types.items():
        text += f". Of type {kind}: {_service(own)}"
    return f"{text}."


def _service(part: Staffed | Automated) -> str:
    solved = f"looks resolved in {100 * part.resolves:.4g} %"
    solved += f", of these {100 * part.false_resolution:.4g} % falsely" if part.false_resolution else ""
    if isinstance(part, Automated):
        return f"takes {law(part.duration)}; {solved}"
    text = f"talk {law(part.talk_time)}, after-call work {law(part.after_call_work)}"
    text += f", hold {100 * part.hold:.4g} % of talk" if part.hold else ""
    text += (
        f", {part.concurrency} at once, slowed by {', '.join(f'{n:g}' for n in part.slowed())}"
        if part.concurrency > 1
        else ""
    )
    return f"{text}; {solved}"


def queue(name: str, part: Staffed) -> str:
    """The rules of the queues at a staffed touchpoint."""
    told = ["deferred, nobody leaves, waits overnight"] if part.deferred else []
    if part.patience is not None:
        at_once = f", {100 * part.patience.at_once:.4g} % leave unless served at once" if part.patience.at_once else ""
        told.append(f"patience {law(part.patience.rest)}{at_once}")
    elif not part.deferred:
        told.append("customers wait for ever")
    told += [f"{part.lines} lines, more are blocked"] if part.lines is not None else []
    told += [f"{part.waiting_room} may wait, more are blocked"] if part.waiting_room is not None else []
    told += [f"promise {spoken(part.promise)}"] if part.promise is not None else []
    told += (
        [f"{100 * part.chaser.share:.4g} % ask at {part.chaser.to} once the promise has passed"] if part.chaser else []
    )
    told += ["laid aside for live contacts"] if part.interruptible else []
    if part.announcement is not None:
        told.append(
            "the expected wait is told" + (", with the offer of a callback" if part.announcement.callback else "")
        )
    if part.hours is not None and not part.deferred:
        told.append("at closing those waiting are " + ("served" if part.at_closing == "serve_out" else "sent away"))
    return f"{name}: one queue a contact type; {'; '.join(told)}."


def group(name: str, part: AgentGroup) -> str:
    """Who serves, how many, when, and what."""
    if part.shifts is not None:
        who = "; ".join(
            f"shift {key}: {shift.agents} agents {_clock(shift.start)}-{_clock(shift.end)}"
            for key, shift in part.shifts.items()
        )
    elif part.by_interval is not None:
        who = "; ".join(
            f"{day}: {min(heads)} to {max(heads)} agents by interval" for day, heads in part.by_interval.items()
        )
    else:
        who = f"{part.agents} agents, {weekly(part.hours, otherwise='around the clock')}"
    lost = part.shrinkage
    counted = f" ({part.counts} count)" if part.counts else ""
    text = (
        f"{name}: {who}{counted}; shrinkage planned {100 * lost.planned:.4g} %, unplanned {100 * lost.unplanned:.4g} %"
    )
    text += f"; speed between agents log-SD {part.speed_spread:g}, quality {part.resolution_spread:g}"
    text += f"; cost {part.cost:g} a paid hour" if part.cost is not None else ""
    return f"{text}; serves {'; '.join(_served(part))}; at the end of a shift: {part.at_shift_end.replace('_', ' ')}."


def _served(part: AgentGroup) -> Iterable[str]:
    for at, terms in part.serves.items():
        for kind, one in terms.items():
            after = f" from a wait of {spoken(one.after)}" if one.after else ""
            yield f"{at}{'' if kind == 'all' else f' ({kind})'} at rank {one.rank}{after}"
