"""What generated scenarios are made of: laws, exits and touchpoints, with every mechanism that a visit may meet."""

from hypothesis import strategies as st

LATTICE = ("5 min", "60 s", "2 min", "0 s", "20 min")
HOURS = (
    None,
    {"all": "08:00-11:00"},
    None,
    {"all": "08:00-18:00"},
    {"mon-fri": "09:00-12:00, 13:00-17:00", "sat": "10:00-11:00"},
    {"all": "00:00-24:00"},
    {"mon-sat": "06:00-24:00", "sun": "00:00-06:00"},
)
# Where much is to happen nobody is sent away at the doors all day long.
LONG_HOURS = (None, {"all": "08:00-18:00"}, None, {"all": "00:00-24:00"}, {"all": "07:00-12:00, 13:00-22:00"})
NAMES = ("alpha", "beta", "gamma")
SHARES = (0.5, 1.0, 0.0, 0.3)


@st.composite
def durations(draw, *, lattice, long=False):
    """A law of durations: a multiple of a minute, or something with a density."""
    if lattice or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(("5 min", "20 min", "2 min", "9 min") if long else LATTICE))
    mean = draw(st.sampled_from(("5 min", "25 min") if long else ("30 s", "5 min", "25 min")))
    return draw(
        st.sampled_from(
            (
                {"law": "exponential", "mean": mean},
                {"law": "lognormal", "mean": mean, "cv": 1.0},
                {"law": "uniform", "low": "0 s", "high": mean},
            )
        )
    )


def clock_times(minute):
    """hh:mm of a minute of the day."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def often(draw, wanted, *names):
    """Whether something is to be there in this part: three times in four if it is wanted in the scenario."""
    return all(name in wanted for name in names) and draw(st.integers(0, 3)) > 0


def steps(draw, instants, values):
    """One or more steps: a mapping of instants to values."""
    chosen = draw(st.lists(st.sampled_from(instants), min_size=1, max_size=3, unique=True))
    return {at: draw(st.sampled_from(values)) for at in chosen}


@st.composite
def exits(draw, targets, *, lattice, wanted, transfers=(), opening=False):
    """One or two ways on, whose shares fit."""
    found, passes_on = {}, bool(transfers) and bool({"warm", "front"} & wanted)
    for name in ("one", "two")[: draw(st.integers(1, 2))]:
        to = draw(st.sampled_from(targets if passes_on else [*targets, "leave"]))
        exit_ = {"to": to, "share": draw(st.sampled_from((0.5, 0.3) if "busy" in wanted else (0.0, 0.3, 0.5)))}
        kind = draw(st.integers(0, 2))
        if transfers and to != "leave" and (kind == 0 or (passes_on and kind == 1)):
            exit_["transfer"] = "warm" if "warm" in transfers and often(draw, wanted, "warm") else "cold"
            if often(draw, wanted, "front"):
                exit_["position"] = draw(st.sampled_from(("front", "back")))
        elif opening and kind == 1 and to != "leave":
            exit_["after"] = "next_opening"
        else:
            exit_["after"] = draw(durations(lattice=lattice))
        found[name] = exit_
    return found


@st.composite
def staffed(draw, types, targets, people, *, lattice, name, wanted):
    """A touchpoint with agents: on the line, deferred by the name of mail, outbound by that of calls."""
    deferred, outbound = name == "mail", name == "calls"
    several = {"lattice": lattice, "wanted": wanted}
    passed_on = ("cold", "warm")
    source = {
        "mechanism": "staffed",
        "channel": "email" if deferred else draw(st.sampled_from(("voice", "chat"))),
        "talk_time": draw(durations(lattice=lattice, long="busy" in wanted)),
        "after_call_work": draw(durations(lattice=lattice)),
        "resolves": draw(st.sampled_from((0.3, 0.0, 0.6) if {"warm", "front"} & wanted else SHARES)),
        "false_resolution": draw(st.sampled_from((0.0, 0.2))),
        "hold": draw(st.sampled_from((0.0, 0.2))),
        "then": {
            "unresolved": draw(exits(targets, transfers=passed_on, **several)),
            "falsely_resolved": draw(exits(targets, transfers=passed_on, **several)),
            "closed": draw(exits(targets, opening=True, **several)),
        },
    }
    if draw(st.integers(0, 3)) == 0:
        source["then"]["resolved"] = draw(exits(targets, transfers=passed_on, **several))
    hours = draw(st.sampled_from(LONG_HOURS if "busy" in wanted else HOURS))
    if hours is not None:
        source["hours"] = hours
        source["at_closing"] = draw(st.sampled_from(("serve_out", "turn_away")))
    limit = draw(st.integers(0, 11))
    if limit < 4:
        more = 4 if "busy" in wanted else 0
        source[("lines", "waiting_room")[limit % 2]] = more + (1 + limit if limit % 2 == 0 else limit - 1)
    if limit < 4 or "shared_lines" in wanted:
        source["then"]["blocked"] = draw(exits(targets, **several))
    if outbound:
        source |= draw(campaign(people, lattice=lattice, wanted=wanted))
        source["then"]["unreached"] = draw(exits(["calls", *targets], opening=True, **several))
    elif deferred:
        source |= {"deferred": True, **draw(put_off(people, wanted=wanted))}
    else:
        source |= draw(live(lattice=lattice, wanted=wanted))
        source["then"]["abandoned"] = draw(exits(targets, **several))
        if source.get("announcement", {}).get("balks"):
            source["then"]["balked"] = draw(exits(targets, **several))
    alone = outbound or source.get("interruptible", False)
    source |= draw(work(wanted=wanted, alone=alone))
    if draw(st.booleans()):
        own = {"resolves": draw(st.sampled_from(SHARES)), "talk_time": draw(durations(lattice=lattice))}
        own |= draw(work(wanted=wanted, alone=alone))
        if outbound and draw(st.booleans()):
            own["dial"] = {**source["dial"], "reached": draw(st.sampled_from((1.0, 0.1)))}
        if "concurrency" in own and "slowdown" in source:
            own.setdefault("slowdown", {})
        source["types"] = {draw(st.sampled_from(types)): own}
    return source


@st.composite
def live(draw, *, lattice, wanted):
    """What needs a customer on the line: patience, an announcement, ring time."""
    source = {}
    if draw(st.integers(0, 2)) == 0 or "ring_time" in wanted:
        busy = "busy" in wanted
        law = draw(durations(lattice=lattice, long=busy))
        law = law if isinstance(law, dict) else {"law": "constant", "value": law}
        source["patience"] = {"at_once": draw(st.sampled_from((0.0, 0.3) if busy else (0.0, 0.3, 1.0))), **law}
    if often(draw, wanted, "ring_time"):
        source["ring_time"] = draw(durations(lattice=lattice))
    if often(draw, wanted, "announcement"):
        source["announcement"] = {}
        if often(draw, wanted, "balking"):
            source["announcement"]["balks"] = steps(draw, ("0 s", "2 min", "10 min", "7 s"), (0.3, 1.0, 0.0, 0.6))
        if often(draw, wanted, "callback"):
            source["announcement"]["callback"] = {
                "from": draw(st.sampled_from(("0 s", "90 s"))),
                "share": draw(st.sampled_from((1.0, 0.7))),
                "answers": draw(st.sampled_from((0.5, 1.0, 0.0))),
            }
    return source


@st.composite
def campaign(draw, people, *, lattice, wanted):
    """What the centre needs to call customers; they may have been promised the call."""
    mode = draw(st.sampled_from(("preview", "progressive")))
    dial = {
        "mode": mode,
        "reached": draw(st.sampled_from((0.4, 0.0, 0.7, 1.0))),
        "rings": draw(durations(lattice=lattice)),
        "no_answer": draw(durations(lattice=lattice)),
        "attempts": draw(st.sampled_from((3, 1, 2, 9))),
    }
    if mode == "preview":
        dial["preview"] = draw(durations(lattice=lattice))
    source = draw(put_off(people, wanted=wanted - {"interruptible"}))
    if "promise" in source:
        # Dialling takes long, and whoever waits asks at each passing: not every minute of many days.
        source["promise"] = draw(st.sampled_from(("4 h", "50 min")))
    return {"channel": "voice", "dial": dial, **source}


@st.composite
def put_off(draw, people, *, wanted):
    """What needs a customer who does not stay on the line: promises, chasers, work that may be laid aside."""
    source = {}
    if often(draw, wanted, "interruptible"):
        source["interruptible"] = True
    if often(draw, wanted, "promise"):
        source["promise"] = draw(st.sampled_from(("10 min", "60 s", "4 h", "777 s")))
        if often(draw, wanted, "chaser"):
            source["chaser"] = {"to": draw(st.sampled_from(people)), "share": draw(st.sampled_from((0.3, 1.0, 0.0)))}
    return source


@st.composite
def work(draw, *, wanted, alone):
    """What it takes of an agent: contacts at once, further contacts of a case, its weight in routing."""
    source = {}
    if not alone and often(draw, wanted, "concurrency"):
        most = source["concurrency"] = draw(st.sampled_from((2, 3, 1, 7)))
        if most > 1 and often(draw, wanted, "slowdown"):
            factors = sorted(draw(st.lists(st.sampled_from((1.0, 1.18, 1.5, 4.0)), min_size=1, max_size=most - 1)))
            numbers = range(2, most + 1) if draw(st.booleans()) else range(most + 1 - len(factors), most + 1)
            source["slowdown"] = dict(zip(numbers, factors, strict=False))
    if often(draw, wanted, "again"):
        source["again"] = {
            "handle_time": draw(st.sampled_from((1.1, 0.5, 2.0))),
            "resolution": draw(st.sampled_from((-0.2, 1.0))),
        }
    if draw(st.booleans()):
        source["weight"] = draw(st.sampled_from((2, 0.5)))
    return source
