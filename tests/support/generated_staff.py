"""What generated scenarios are made of: agent groups, with every mechanism of presence and skill."""

from hypothesis import strategies as st

from support.generated_parts import HOURS, LONG_HOURS, NAMES, clock_times, durations, often, steps

WAITS = ("60 s", "5 min", "97 s", "20 min", "0 s")


@st.composite
def agent_groups(draw, types, touchpoints, *, everything, per_day, wanted, ordered, lattice):
    """A group with one of the three kinds of plan.

    Parameters
    ----------
    touchpoints : dict
        Staffed touchpoints as written.
    everything : bool
        The first group serves everything so that nothing is unserved.
    ordered : bool
        Groups may say when they are chosen.
    """
    names = list(touchpoints)
    mine = [name for name in names if everything or draw(st.booleans())] or names[:1]
    reserve = "reserve" in wanted and not any(_crowded(touchpoints[name]) for name in mine)
    serves = {}
    for name in mine:
        own = {"wanted": wanted, "ordered": ordered, "reserve": reserve,
               "last": bool(touchpoints[name].get("interruptible"))}  # fmt: skip
        terms = draw(service(**own))
        chosen = types if everything else draw(st.lists(st.sampled_from(types), min_size=1, unique=True))
        if draw(st.booleans()):
            terms = {t: draw(service(**own)) if draw(st.booleans()) else terms for t in chosen}
        serves[name] = terms
    source = {"serves": serves, "speed_spread": draw(st.sampled_from((0.0, 0.2)))}
    there = everything and "busy" in wanted
    source |= draw(plans(per_day=per_day, wanted=wanted, lattice=lattice, there=there))
    if draw(st.booleans()):
        source["counts"] = draw(st.sampled_from(("scheduled", "net")))
        source["shrinkage"] = {
            "planned": draw(st.sampled_from((0.0, 0.4))),
            "unplanned": draw(st.sampled_from((0.0, 0.5))),
        }
    if draw(st.booleans()):
        source["resolution_spread"] = draw(st.sampled_from((0.3, 1.0)))
    ends = [end for end in ("hand_over", "drop") if end in wanted]
    if ends and draw(st.integers(0, 3)) > 0:
        source["at_shift_end"] = draw(st.sampled_from(ends))
    if often(draw, wanted, "concurrency"):
        source["mixes"] = draw(st.sampled_from(("all", "none", "touchpoint")))
    if often(draw, wanted, "unavailable"):
        source["unavailable"] = {
            "share": draw(st.sampled_from((0.3, 1.0, 0.05))),
            "lasts": draw(durations(lattice=lattice)),
        }
    if often(draw, wanted, "tenure"):
        source["tenure"] = draw(st.sampled_from(("0 s", {"law": "exponential", "mean": "30 d"})))
        if often(draw, wanted, "learning"):
            source["learning"] = {
                "handle_time": draw(st.sampled_from((1.5, 0.5))),
                "resolution": draw(st.sampled_from((-0.6, 2.0))),
                "halves_every": draw(st.sampled_from(("12 h", "30 d"))),
            }
    return source


def _crowded(touchpoint):
    parts = [touchpoint, *touchpoint.get("types", {}).values()]
    return any(part.get("concurrency", 1) > 1 for part in parts)


@st.composite
def service(draw, *, wanted, ordered, reserve, last):
    """How a group serves a touchpoint, or a contact type of it; what may be laid aside is often served last."""
    rank = draw(st.integers(1, 3))
    terms = {"rank": rank + 2 if last else rank, "handle_time": draw(st.sampled_from((1.0, 2.0)))}
    if ordered and draw(st.booleans()):
        terms["chosen"] = draw(st.integers(1, 2))
    if often(draw, wanted, "overflow"):
        terms["after"] = draw(st.sampled_from(WAITS))
    if reserve and often(draw, wanted, "reserve"):
        terms["reserve"] = draw(st.sampled_from((1, 2)))
    if often(draw, wanted, "ageing"):
        terms["ageing"] = steps(draw, WAITS, (1, 2, 3))
    if often(draw, wanted, "levels"):
        terms |= {"level": draw(st.integers(1, 3)), "resolution": draw(st.sampled_from((-0.3, 1.5)))}
    return terms


@st.composite
def plans(draw, *, per_day, wanted, lattice, there):
    """Shifts, head counts by interval, or a head count in opening hours; somebody is `there` most of the time."""
    some = (1, 2, 3) if there else (1, 2, 3, 0)
    by_shift = {"breaks", "lateness"} & wanted
    kind = draw(st.integers(0, 3))
    if kind == 0 or (by_shift and kind == 3):
        names = NAMES[: draw(st.integers(1, 3))]
        source = {"shifts": {name: draw(shifts(wanted=wanted, there=there)) for name in names}}
        if "breaks" in wanted:
            source["late_breaks"] = draw(st.sampled_from(("on_time", "full")))
        if often(draw, wanted, "lateness"):
            source["lateness"] = {
                "share": draw(st.sampled_from((0.3, 1.0))),
                "by": draw(durations(lattice=lattice)),
            }
        return source
    if kind == 1:
        counts = st.lists(st.sampled_from(some), min_size=per_day, max_size=per_day)
        return {"by_interval": {"all": draw(counts), **({"sat": draw(counts)} if draw(st.booleans()) else {})}}
    hours = draw(st.sampled_from(LONG_HOURS if there else HOURS))
    source = {"agents": draw(st.sampled_from(some))}
    return source if hours is None else {**source, "hours": hours}


@st.composite
def shifts(draw, *, wanted, there):
    """A shift on the half hour; breaks one after the other, some touching, some at its begin or end."""
    begin = 30 * draw(st.integers(13, 20) if there else st.integers(0, 40))
    end = begin + 30 * draw(st.integers(8 if there else 1, (1440 - begin) // 30))
    source = {
        "days": draw(st.sampled_from(("all",) if there else ("all", "mon-fri", "sat, sun"))),
        "start": clock_times(begin),
        "end": clock_times(end),
        "agents": draw(st.sampled_from((1, 2) if there else (1, 2, 0))),
    }
    breaks, at = {}, begin
    for name in ("coffee", "lunch", "tea") if "breaks" in wanted else ():
        at += draw(st.sampled_from((60, 0, 30, 7)))
        lasts = draw(st.sampled_from((30, 10, 1)))
        if at + lasts <= end and draw(st.integers(0, 3)) > 0:
            breaks[name] = {"at": clock_times(at), "lasts": f"{lasts} min"}
            at += lasts
    return {**source, "breaks": breaks} if breaks else source
