"""Bad input gets one line a problem (where, what, allowed, remedy), exit code 2, and nothing is written."""

import pytest
from support.command_line import command
from support.small_centres import SMALL_YAML

ONCE = ("replications=1", "--out", "runs")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with a scenario and an older result that must stay as it is."""
    (tmp_path / "desk.yaml").write_text(SMALL_YAML)
    (tmp_path / "older").mkdir()
    (tmp_path / "older" / "measures.csv").write_text("as it was\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def everything(folder):
    return {path: path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


def refused(home, *words, said, code=2):
    before = everything(home)
    found = command(*words)
    assert found.code == code, found
    assert found.out == ""
    lines = found.err.splitlines()
    assert lines
    for line in lines:
        assert line.startswith("error: ")
        assert line.count(": ") >= 2
        assert ";" in line
        assert "Traceback" not in line
    assert said in found.err, found.err
    assert everything(home) == before
    return lines


SCENARIOS = {
    "unknown key": ("    resolves: 60%", "    resolvs: 60%", "portal.resolvs: not a key; keys here: "),
    "a key that stands elsewhere": (
        "    resolves: 60%",
        "    outbound: {}",
        "what the centre dials is touchpoints.NAME.dial",
    ),
    "wrong unit": ("duration: 3 min", "duration: 3 parsecs", "portal.duration: "),
    "no unit": ("duration: 3 min", "duration: 3", "portal.duration: "),
    "negative duration": ("duration: 3 min", "duration: -3 min", "portal.duration: "),
    "negative mean": ("mean: 4 min", "mean: -4 min", "phone.patience"),
    "shares above 1": ("{portal: 0.5, phone: 0.5}", "{portal: 0.5, phone: 0.6}", "advice.enters: "),
    "exits above 1": (
        "share: 70%, after: 5 min}}}",
        "share: 70%, after: 5 min}, b: {to: phone, share: 40%}}}",
        "portal",
    ),
    "share above 100 %": ("resolves: 60%", "resolves: 160%", "portal.resolves: "),
    "nobody serves": ("serves: {phone: {rank: 1}}", "serves: {phone: {repair: {rank: 1}}}", "phone"),
    "serves nothing there": ("serves: {phone: {rank: 1}}", "serves: {phon: {rank: 1}}", "did you mean 'phone'"),
    "unknown law": ("law: lognormal", "law: lognormall", "did you mean 'lognormal'"),
    "staffing too short": ("{agents: 1, ", "{by_interval: {all: [1, 2, 3]}, ", "by_interval"),
    "unknown touchpoint": ("to: phone, share: 50%", "to: fone, share: 50%", "did you mean 'phone'"),
    "code": (
        "name: Small desk",
        "name: Small desk\n_target_: os.system",
        "_target_: not a key; keys do not begin with _",
    ),
    "nested code": ("duration: 3 min", "duration: {_target_: os.system}", "_target_: not a key"),
    "a tag": ("name: Small desk", "name: !!python/object/apply:os.system [ls]", "not YAML"),
    "interpolation": ("name: Small desk", "name: ${oc.env:HOME}", "no interpolation"),
    "twice": ("name: Small desk", "name: Small desk\nname: Other", "'name' is given twice"),
    "no YAML": ("name: Small desk", "name: [Small desk", "not YAML"),
    "no date": ("2026-01-05", "5.1.26", "scenario.calendar.start: "),
}


@pytest.mark.parametrize("case", SCENARIOS)
def test_a_scenario_that_is_wrong_is_refused(home, case):
    before, after, said = SCENARIOS[case]
    assert before in SMALL_YAML
    (home / "wrong.yaml").write_text(SMALL_YAML.replace(before, after))
    refused(home, "run", "wrong.yaml", *ONCE, said=said)


def test_all_problems_are_said_together(home):
    text = SMALL_YAML.replace("resolves: 60%", "resolvs: 60%").replace("law: lognormal", "law: normall")
    (home / "wrong.yaml").write_text(text.replace("duration: 3 min", "duration: 3 parsecs"))
    assert len(refused(home, "run", "wrong.yaml", *ONCE, said="not a key")) == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty; a mapping of keys and values"),
        (b"- a\n- b\n", "a list; a mapping of keys and values"),
        (SMALL_YAML.replace("Small", "Zürich").encode("cp1252"), "is not UTF-8"),
        (SMALL_YAML.encode("utf-16"), "is not UTF-8"),
        (b"\x00\x01\x02", "not YAML"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused(home, content, said):
    (home / "wrong.yaml").write_bytes(content)
    refused(home, "run", "wrong.yaml", *ONCE, said=said)


WORDS = {
    "unknown scenario": (("run", "it_servicedesk"), "did you mean 'it_service_desk'?"),
    "a folder": (("run", "older"), "neither shipped nor a file"),
    "two scenarios": (("run", "desk.yaml", "other.yaml"), "argument other.yaml: a second scenario"),
    "unknown override": (("run", "desk.yaml", "agent_groups.dsk.agents=2"), "did you mean 'desk'?"),
    "unknown setting": (("run", "desk.yaml", "replicatons=2"), "replicatons: not a key"),
    "no override": (("run", "desk.yaml", "agent_groups.desk.agents=[1"), "cannot be read"),
    "several values": (("run", "desk.yaml", "agent_groups.desk.agents=1,2"), "use `cxsim sweep`"),
    "a value not allowed": (("run", "desk.yaml", "agent_groups.desk.agents=-2"), "agents: -2; "),
    "no replications": (("run", "desk.yaml", "replications=0"), "replications: 0; 1 or more"),
    "replications in words": (("run", "desk.yaml", "replications=many"), "replications=many: str; a whole number"),
    "several replications": (("run", "desk.yaml", "replications=1,2"), "replications=1,2: "),
    "negative seed": (("run", "desk.yaml", "seed=-1"), "seed: -1; a whole number from 0"),
    "negative seed option": (("run", "desk.yaml", "--seed", "-1"), "seed: -1; a whole number from 0"),
    "unknown metric": (("run", "desk.yaml", "metrics=[service_levle]"), "did you mean 'service_level'"),
    "metrics as numbers": (("run", "desk.yaml", "metrics=[1]"), "metrics=[1]: list; [metric, metric:variant]"),
    "a metric without data": (("run", "desk.yaml", "metrics=[customer_lifetime_value]"), "no customer has a margin"),
    "unknown profile": (("run", "desk.yaml", "profile=it_servicedesk"), "did you mean 'it_service_desk'"),
    "unknown engine": (("run", "desk.yaml", "engine=kernal"), "engine kernal: not an engine here"),
    "precision in words": (("run", "desk.yaml", "precision=fine"), "precision fine: cannot be read"),
    "precision of another unit": (("run", "desk.yaml", "precision=5 s"), "the primary metric has unit 1"),
    "interpolated setting": (("run", "desk.yaml", "replications=${oc.env:HOME}"), "settings replications="),
    "nothing to compare": (("compare", "desk.yaml"), "nothing to compare with"),
    "a change without a name": (("compare", "desk.yaml", "--change", "agent_groups.desk.agents=2"), "no name"),
    "a change of nothing": (("compare", "desk.yaml", "--change", "more:"), "no override"),
    "two changes of a name": (
        ("compare", "desk.yaml", "--change", "a: gives_up_after=3", "--change", "a: gives_up_after=4"),
        "change a: the name is taken",
    ),
    "a change of today's name": (
        ("compare", "desk.yaml", "--change", "today: gives_up_after=3"),
        "change today: the name is taken",
    ),
    "nothing to vary": (("sweep", "desk.yaml", "agent_groups.desk.agents=2"), "no setting to vary"),
    "no replications of a sweep": (
        ("sweep", "desk.yaml", "agent_groups.desk.agents=1,2", "replications=0"),
        "1 or more",
    ),
    "a setting that does not exist": (
        ("sweep", "desk.yaml", "agent_groups.dsk.agents=1,2"),
        "did you mean 'desk'?",
    ),
    "a range of what does not exist": (
        ("sweep", "desk.yaml", "agent_groups.desk.agnts=interval(1,3)", "sampling=sobol"),
        "did you mean 'agents'?",
    ),
    "a range in a grid": (("sweep", "desk.yaml", "agent_groups.desk.agents=interval(1,3)"), "sampling=latin_hypercube"),
    "points of a grid": (("sweep", "desk.yaml", "agent_groups.desk.agents=1,2", "points=8"), "none of a grid"),
    "no power of two": (
        ("sweep", "desk.yaml", "agent_groups.desk.agents=interval(1,3)", "sampling=sobol", "points=9"),
        "a power of two",
    ),
    "a sampling that is none": (
        ("sweep", "desk.yaml", "agent_groups.desk.agents=interval(1,3)", "sampling=random"),
        "sampling random: not known",
    ),
    "a precision out of reach": (
        ("run", "desk.yaml", "precision=0.01 points", "metrics=[service_level]", "profile=none"),
        "replications, as the first 30 say; at most 1,000; ask for less, or raise most=",
    ),
    "no input": (("sensitivity", "desk.yaml"), "sensitivity: no setting to vary; KEY=interval(LOW,HIGH)"),
    "a method that is none": (
        ("sensitivity", "desk.yaml", "agent_groups.desk.agents=interval(1,3)", "method=sobl"),
        "did you mean 'sobol'?",
    ),
    "points of a tornado": (
        ("sensitivity", "desk.yaml", "agent_groups.desk.agents=interval(1,3)", "points=5"),
        "none for method=tornado",
    ),
    "a range the wrong way round": (
        ("sensitivity", "desk.yaml", "agent_groups.desk.agents=interval(3,1)"),
        "3 is not below 1",
    ),
    "nothing to select from": (("select", "desk.yaml"), "select: 1 scenario; 2 or more"),
    "a best without a better side": (
        ("select", "desk.yaml", "--change", "more: agent_groups.desk.agents=2", "primary=occupancy"),
        "has no better side",
    ),
    "an indifference of nothing": (
        ("select", "desk.yaml", "--change", "more: agent_groups.desk.agents=2", "indifference=0 points"),
        "indifference 0 points: not above 0",
    ),
    "a benchmark that is not needed": (
        ("select", "desk.yaml", "--change", "more: agent_groups.desk.agents=2", "against=80%"),
        "a benchmark for method=standard only",
    ),
    "a confidence of one": (
        ("select", "desk.yaml", "--change", "more: agent_groups.desk.agents=2", "confidence=1.0"),
        "confidence: 1; between",
    ),
    "a target without looks": (("run", "desk.yaml", "target=service_level >= 80%"), "planned with target="),
    "looks without a target": (("run", "desk.yaml", "looks=planned"), "1 scenarios, no target"),
    "a target of another unit": (("run", "desk.yaml", "looks=planned", "target=asa <= 80%"), "a duration, as 30 s"),
    "half a target": (("run", "desk.yaml", "looks=planned", "target=service_level"), "target service_level: "),
    "planned looks of a sweep": (("sweep", "desk.yaml", "agent_groups.desk.agents=1,2", "looks=planned"), "looks"),
    "unknown experiment": (("experiment", "password_rest"), "did you mean 'password_reset'?"),
    "unknown setting of an experiment": (("experiment", "password_reset", "agents=2"), "not a setting of a run"),
    "unwritable folder": (("run", "desk.yaml", "replications=1", "--out", "desk.yaml/below"), "a writable folder"),
    "a file as folder": (("run", "desk.yaml", "replications=1", "--out", "desk.yaml"), "a writable folder"),
    "no run": (("resume", "older"), "run older: no manifest.json there"),
    "no run to report": (("report", "nosuch"), "run nosuch: no manifest.json there"),
    "no run to verify": (("verify", "nosuch"), "run nosuch: no manifest.json there"),
    "unknown thing": (("show", "service_levle"), "did you mean 'service_level'?"),
    "unknown kind": (("list", "scenario"), "did you mean 'scenarios'?"),
    "unknown verb": (("rnu", "desk.yaml"), "No such command 'rnu'"),
    "unknown option": (("run", "desk.yaml", "--qiet"), "--qiet"),
    "no jobs": (("run", "desk.yaml", "--jobs", "0"), "--jobs"),
    "missing argument": (("show",), "Missing argument"),
}


@pytest.mark.parametrize("case", WORDS)
def test_words_that_are_wrong_are_refused(home, case):
    words, said = WORDS[case]
    refused(home, *words, said=said)


GOOD = "offered,answered,ended\n2026-01-05T09:00:00,2026-01-05T09:00:10,2026-01-05T09:04:00\n"
LOGS = {
    "empty": (b"", "an empty file"),
    "missing column": (GOOD.replace("offered", "came").encode(), "column offered: not in the file"),
    "wrong encoding": (
        GOOD.replace("offered", "offered,Straße").replace("\n2", "\n2,x").encode("cp1252"),
        "is not utf-8",
    ),
    "dates that do not parse": (GOOD.replace("01-05T09:00:10", "31-01T09:00:10").encode(), "'2026-31-01T09:00:10'"),
    "answered before offered": (GOOD.replace("09:00:10", "08:00:10").encode(), "times_ordered: broken by 1 row"),
}


@pytest.mark.parametrize("verb", ["measure", "score"])
@pytest.mark.parametrize("case", LOGS)
def test_an_export_that_is_wrong_is_refused(home, verb, case):
    content, said = LOGS[case]
    (home / "calls.csv").write_bytes(content)
    refused(home, verb, "calls.csv", "--out", "older", said=said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nosuch.csv",), "no such file"),
        (("calls.csv", "--reader", "genric"), "did you mean 'generic'?"),
        (("calls.csv", "metrics=[service_levle]"), "did you mean 'service_level'"),
        (("calls.csv", "metrics=5"), "metrics=5: int; [metric, metric:variant]"),
        (("calls.csv", "metrics=[occupancy]"), "occupancy"),
        (("calls.csv", "metric=[asa]"), "argument metric=[asa]: not a setting here"),
        (("calls.csv", "window=8"), "window=8: int; [08:00, 18:00]"),
        (("calls.csv", "window=[08:00]"), "not two times; [08:00, 18:00]"),
        (("calls.csv", "window=[08:00,8 o'clock]"), "window"),
        (("calls.csv", "window=[18:00,08:00]"), "window"),
        (("calls.csv", "--out", "desk.yaml/below"), "a writable folder"),
    ],
)
def test_a_measurement_asked_for_wrongly_is_refused(home, words, said):
    (home / "calls.csv").write_text(GOOD)
    refused(home, "measure", *words, said=said)


def test_a_profile_that_does_not_exist_is_refused(home):
    (home / "calls.csv").write_text(GOOD)
    refused(home, "score", "calls.csv", "profile=inbound_voise", "--out", "scored", said="did you mean 'inbound_voice'")
