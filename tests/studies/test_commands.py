"""From a scenario file to tables, page and book, through the command line as a planner types it."""

import json
import re
import shutil

import pandas as pd
import pytest
import yaml
from support.command_line import command
from support.run_folders import stopped_after
from support.small_centres import SMALL_YAML

from cxsim import shipped
from cxsim.designs.optimise_options import OPTIONS
from cxsim.runs.store import RunFolder

MORE = "one more: agent_groups.desk.agents=2"
FILES = {"compare": "run"}  # verbs whose settings are those of another
COMPARE = ("compare", "desk.yaml", "--change", MORE, "replications=2", "seed=7")


def folder_of(said):
    """The run folder that a command names in its last line."""
    last = said.out.strip().splitlines()[-1]
    assert last.startswith("report: ")
    return last.removeprefix("report: ").removesuffix("/report.html")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with the small desk in a file."""
    path = tmp_path_factory.mktemp("home")
    (path / "desk.yaml").write_text(SMALL_YAML)
    return path


@pytest.fixture(autouse=True)
def _at_home(home, monkeypatch):
    monkeypatch.chdir(home)


@pytest.fixture(scope="module")
def compared(home):
    """A comparison, run once by this process; what was said and its folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        said = command(*COMPARE)
    return said, home / folder_of(said)


@pytest.fixture
def copied(compared, tmp_path):
    """A copy of the comparison's folder, to be spoilt."""
    return shutil.copytree(compared[1], tmp_path / "copy")


def test_a_comparison_leaves_tables_page_and_book_and_says_where(compared):
    said, folder = compared
    assert (said.code, said.err) == (0, "")
    left = {path.name for path in folder.iterdir()}
    parts = ("measures", "differences", "scorecard", "scorecard_differences", "composites", "explanations")
    tables = {f"{part}.csv" for part in (*parts, "uncertainty", "goals")}
    assert left == {"manifest.json", "shards", "report.html", "report.xlsx", *tables}
    assert len(RunFolder.open(folder)) == 4
    differences = pd.read_csv(folder / "differences.csv")
    waits = differences[(differences["by"] == "") & (differences["metric"] == "average_speed_of_answer")]
    assert (waits["difference"] < 0).all()


def test_the_page_needs_nothing_from_elsewhere_and_names_seed_and_command(compared):
    page = (compared[1] / "report.html").read_text()
    assert "cxsim compare desk.yaml" in page
    for outside in ('src="http', "src='http", "<link", "@import"):
        assert outside not in page


def test_the_same_command_with_two_workers_leaves_the_same_bytes(compared, home):
    said = command(*COMPARE, "--jobs", 2)
    assert said.code == 0
    again = home / folder_of(said)
    assert again != compared[1]
    for name in ("measures.csv", "differences.csv", "scorecard.csv", "goals.csv"):
        assert (again / name).read_bytes() == (compared[1] / name).read_bytes()
    # The page names the command it was made by; nothing else differs.
    assert (again / "report.html").read_text().replace(" --jobs 2", "") == (compared[1] / "report.html").read_text()


def test_a_run_that_lost_trials_and_results_is_resumed_to_the_same_bytes(compared, copied):
    copied = stopped_after(2, copied, copied.with_name("stopped")).path
    (copied / "measures.csv").unlink()
    refused = command("report", copied)
    assert refused.code == 2
    assert "not finished; a finished run; `cxsim resume" in refused.err
    said = command("resume", copied, "--quiet")
    assert (said.code, said.err) == (0, "")
    assert said.out == f"report: {copied}/report.html\n"
    for name in ("measures.csv", "differences.csv", "report.html", "report.xlsx"):
        assert (copied / name).read_bytes() == (compared[1] / name).read_bytes()


def test_a_report_is_drawn_again_without_running_anything(compared, copied, monkeypatch):
    (copied / "report.html").unlink()
    monkeypatch.setattr("cxsim.runs.execute.run_trial", None)
    assert command("report", copied).code == 0
    assert (copied / "report.html").read_bytes() == (compared[1] / "report.html").read_bytes()


def test_verify_says_equal_or_different(compared, copied):
    said = command("verify", compared[1], "--sample", 1)
    assert (said.code, said.err) == (0, "")
    first, *tables = said.out.splitlines()
    assert first == "equal to the last bit: today, replication 0"
    assert set(tables) == {f"equal to the last bit: {path.name}" for path in compared[1].glob("*.csv")}
    (copied / "measures.csv").write_text((copied / "measures.csv").read_text().replace("today", "yesterday", 1))
    said = command("verify", copied, "--sample", 1)
    assert (said.code, said.out.count("DIFFERENT: measures.csv")) == (1, 1)
    shards = sorted((copied / "shards").iterdir())
    shutil.copy(shards[1], shards[0])
    said = command("verify", copied, "--sample", 1)
    assert said.code == 1
    assert f"DIFFERENT: {shards[0].name}, changed since it was written\n" in said.out
    assert said.err.startswith("error: some differ")


@pytest.mark.parametrize(
    ("part", "key", "value", "said"),
    [
        ("versions", "numpy", "1.0.0", "begun with numpy 1.0.0, here "),
        (None, "sources", "0" * 16, "begun with other sources of cxsim"),
    ],
)
def test_a_run_that_other_code_began_is_not_gone_on_with(copied, part, key, value, said):
    path = copied / "manifest.json"
    manifest = json.loads(path.read_text())
    about = manifest["provenance"] if part is None else manifest["provenance"][part]
    about[key] = value
    path.write_text(json.dumps(manifest))
    shards = sorted((copied / "shards").iterdir())
    shards[0].unlink()
    rest = {shard.name: shard.read_bytes() for shard in shards[1:]}
    found = command("resume", copied)
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith(f"error: run {copied}: {said}")
    assert {shard.name: shard.read_bytes() for shard in (copied / "shards").iterdir()} == rest


@pytest.mark.parametrize("value", [None, 3, "x", []])
@pytest.mark.parametrize("key", ["options", "margin", "primary", "settings"])
def test_a_manifest_that_makes_no_sense_is_one_line(copied, key, value):
    path = copied / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["study"] |= {"kind": "sweep", key: value}
    path.write_text(json.dumps(manifest))
    found = command("resume", copied)
    assert found.err.count("\n") == 1
    assert (found.code, found.err.startswith("error: ")) == (2, True)


def test_a_run_as_json_is_for_scripts(home):
    said = command(
        "run", "desk.yaml", "replications=2", "metrics=[occupancy,asa]", "profile=none", "--json", "--seed", 0
    )
    assert (said.code, said.err) == (0, "")
    found = json.loads(said.out)
    assert {row["metric"] for row in found["estimates"]} == {"occupancy", "average_speed_of_answer"}
    assert found["provenance"]["seed"] == 0
    assert (home / found["run"] / "report.html").is_file()


def test_a_sweep_leaves_one_tidy_table_with_the_settings_as_columns(home):
    said = command("sweep", "scenario=desk.yaml", "agent_groups.desk.agents=1,2", "touchpoints.phone.resolves=0.9",
                   "replications=2", "metrics=[occupancy]", "profile=none")  # fmt: skip
    assert (said.code, said.err) == (0, "")
    table = pd.read_csv(home / folder_of(said) / "measures.csv")
    table = table[table["metric"] == "occupancy"]
    assert list(table["agent_groups.desk.agents"]) == [1, 2]
    assert "agent_groups.desk.agents" in said.out


AGENTS = "agent_groups.desk.agents=interval(1,3)"
TALK = "touchpoints.phone.talk_time.mean=interval(8 min,12 min)"
FEW = ("metrics=[service_level]", "primary=service_level", "profile=none", "replications=4")


def test_a_sample_of_settings_says_how_it_was_drawn_and_is_resumed_to_the_same_table(home):
    said = command("sweep", "desk.yaml", AGENTS, TALK, "sampling=sobol", "points=4", *FEW)
    assert (said.code, said.err) == (0, "")
    assert "Scrambled Sobol' sequence of 4 points, seed 7" in said.out
    table = pd.read_csv(home / folder_of(said) / "measures.csv")
    table = table[table["metric"] == "service_level"]
    assert len(table) == 4
    assert table["touchpoints.phone.talk_time.mean"].str.endswith(" min").all()
    again = home / folder_of(said)
    before = (again / "measures.csv").read_bytes()
    sorted((again / "shards").iterdir())[0].unlink()
    assert command("resume", again, "--quiet").code == 0
    assert (again / "measures.csv").read_bytes() == before


def test_a_factorial_prints_effects_and_what_they_cannot_be_told_from(home):
    said = command("sweep", "desk.yaml", AGENTS, TALK, "touchpoints.phone.resolves=interval(0.7,0.9)",
                   "touchpoints.portal.resolves=0.5,0.7", "sampling=factorial", "points=8", *FEW)  # fmt: skip
    assert (said.code, said.err) == (0, "")
    assert "2^(4-1), resolution IV, 8 points" in said.out
    effects = pd.read_csv(home / folder_of(said) / "effects.csv", index_col="setting")
    assert len(effects) == 4 + 3  # six interactions of two, in pairs
    assert effects.loc["agent_groups.desk.agents", "effect_low"] > 0
    assert effects["not_told_from"].tolist()[:4] == ["-"] * 4
    assert all(" x " in text for text in effects["not_told_from"][4:])


def test_a_tornado_leaves_its_table_and_opens_the_summary(home):
    said = command("sensitivity", "desk.yaml", AGENTS, TALK, *FEW)
    assert (said.code, said.err) == (0, "")
    assert "- Of these inputs agent_groups.desk.agents moves service level (strict) most" in said.out
    folder = home / folder_of(said)
    table = pd.read_csv(folder / "tornado.csv")
    assert list(table["range"]) == ["1 to 3", "8 min to 12 min"]
    page = (folder / "report.html").read_text()
    assert "Which input moves the answer" in page
    assert 'class="bar"' in page
    assert "DIFFERENT" not in command("verify", folder, "--sample", 3).out


def test_the_value_of_information_says_what_it_assumes(home):
    said = command("sensitivity", "desk.yaml", AGENTS, TALK, "method=information", "points=6", *FEW)
    assert (said.code, said.err) == (0, "")
    assert "Better measured, agent_groups.desk.agents narrows service level (strict) most" in said.out
    assert "equally likely anywhere in its range, and independent of the others" in said.out
    assert (home / folder_of(said) / "information.csv").is_file()


def test_morris_keeps_its_sample_beside(home):
    pytest.importorskip("SALib")
    said = command("sensitivity", "desk.yaml", AGENTS, TALK, "method=morris", "points=2", *FEW)
    assert (said.code, said.err) == (0, "")
    assert "Noise share: " in said.out
    assert len(pd.read_csv(home / folder_of(said) / "sample.csv")) >= 3


def test_the_best_is_selected_and_a_lost_trial_is_made_good(home):
    said = command("select", "desk.yaml", "--change", MORE, "--change", "slow: touchpoints.phone.after_call_work=2 min",
                   *FEW)  # fmt: skip
    assert (said.code, said.err) == (0, "")
    assert "- Selected: 'one more', the best by service level (strict)" in said.out
    folder = home / folder_of(said)
    table = pd.read_csv(folder / "selection.csv")
    assert list(table["scenario"]) == ["today", "one more", "slow"]
    before = (folder / "selection.csv").read_bytes()
    sorted((folder / "shards").iterdir())[-1].unlink()
    assert command("resume", folder, "--quiet").code == 0
    assert (folder / "selection.csv").read_bytes() == before


def test_a_decision_at_planned_looks_opens_the_summary(home):
    said = command("run", "desk.yaml", "looks=planned", "target=service_level >= 20%", "metrics=[service_level]",
                   "profile=none")  # fmt: skip
    assert (said.code, said.err) == (0, "")
    assert "- Above: the target of at least 20.0% for service level (strict) is met: " in said.out
    assert "after 20 replications" in said.out
    said = command("compare", "desk.yaml", "--change", MORE, "looks=planned", "margin=1 point", *FEW[:3])
    assert (said.code, said.err) == (0, "")
    assert "- Above: service level (strict) with 'one more' is above that of 'today': " in said.out
    page = (home / folder_of(said) / "report.html").read_text()
    assert "Above: service level" in page


def test_an_experiment_of_your_own_runs_from_its_folder(home):
    (home / "mine").mkdir(exist_ok=True)
    shutil.copy(home / "desk.yaml", home / "mine" / "desk.yaml")
    (home / "mine" / "study.yaml").write_text(
        "title: Mine\nquestion: What now?\nscenario: desk.yaml\ndesign: estimate\nreplications: 9\nprofile: none\n"
        "metrics: [occupancy]\n"
    )
    said = command("experiment", "mine", "replications=1", "--quiet", "--out", "elsewhere")
    assert (said.code, said.err) == (0, "")
    assert len(RunFolder.open(home / folder_of(said))) == 1
    assert folder_of(said).startswith("elsewhere/")


# The last line has no instant at which the call was offered.
CALLS = """\
offered,answered,ended,outcome
2026-01-05T09:00:00,2026-01-05T09:00:10,2026-01-05T09:04:00,answered
2026-01-05T09:01:00,2026-01-05T09:01:30,2026-01-05T09:06:00,answered
2026-01-05T09:02:00,,2026-01-05T09:03:00,lost
2026-01-05T09:03:00,2026-01-05T09:03:05,2026-01-05T09:04:05,answered
,2026-01-05T09:03:05,2026-01-05T09:04:05,answered
"""


def test_a_real_export_is_measured_and_nothing_is_written_unasked(home, tmp_path, monkeypatch):
    (home / "calls.csv").write_text(CALLS)
    before = sorted(home.iterdir())
    said = command("measure", "calls.csv", "metrics=[service_level,asa,abandonment_rate]", "--json")
    assert (said.code, said.err) == (0, "")
    found = {row["metric"]: row["value"] for row in json.loads(said.out)["estimates"]}
    assert found == {"service_level": 0.5, "average_speed_of_answer": 15.0, "abandonment_rate": 0.25}
    assert sorted(home.iterdir()) == before


def test_a_real_export_is_scored_with_page_and_book_where_asked(home):
    (home / "calls.csv").write_text(CALLS)
    said = command("score", "calls.csv", "profile=inbound_voice", "--out", "scored")
    assert (said.code, said.err) == (0, "")
    assert "calls.csv: 5 rows read, 4 kept, 1 left out" in said.out
    assert "not offered: 1 left out; no instant at which the contact was offered (lines 6)" in said.out
    assert {path.name for path in (home / "scored").iterdir()} == {
        "measures.csv",
        "scorecard.csv",
        "report.html",
        "report.xlsx",
    }
    table = pd.read_csv(home / "scored" / "scorecard.csv")
    assert "abandonment_rate" in set(table["metric"])


def test_a_record_and_a_simulation_stand_in_one_scorecard_of_equal_definitions(home):
    (home / "calls.csv").write_text(CALLS)
    said = command(
        "score", "calls.csv", "--with", "desk.yaml", "profile=inbound_voice", "replications=2", "--out", "two"
    )
    assert (said.code, said.err) == (0, "")
    table = pd.read_csv(home / "two" / "scorecard.csv")
    sides = dict(list(table.groupby("scenario")))
    assert set(sides) == {"calls.csv", "desk.yaml"}
    one, other = (part[["metric", "variant", "weight"]].values.tolist() for part in sides.values())
    assert one == other
    assert "left out of the scorecards" in said.out
    assert "occupancy:default" in said.out  # a call record says nothing of it


def test_another_definition_than_the_peers_is_refused(home):
    (home / "calls.csv").write_text(CALLS)
    said = command("score", "calls.csv", "--with", "desk.yaml", "metrics=[service_level:answered_only]")
    assert said.code == 2
    assert "metrics.service_level" in said.err
    assert "compares 'strict'" in said.err


def test_a_window_is_looked_at_alone(home):
    (home / "calls.csv").write_text(CALLS)
    said = command("measure", "calls.csv", "window=[09:00,09:02]", "metrics=asa", "--json")
    assert json.loads(said.out)["estimates"][0]["n"] == 2


def test_a_centre_that_cannot_keep_up_runs_and_says_so_first(home):
    text = SMALL_YAML.replace("60 per day", "400 per day").replace(
        "    patience: {law: exponential, mean: 4 min}\n", ""
    )
    (home / "full.yaml").write_text(text)
    said = command("run", "full.yaml", "replications=1", "metrics=[occupancy]", "profile=none")
    assert (said.code, said.err) == (0, "")
    first = said.out.splitlines()[0]
    assert first.startswith("warning: ")
    assert "phone" in first


def test_what_is_shipped_is_listed_shown_and_found_healthy():
    listed = command("list", "scenarios")
    assert listed.code == 0
    assert "it_service_desk" in listed.out
    assert "\nlaws:\n" in command("list").out
    assert "calendar: " in command("show", "it_service_desk").out
    well = command("doctor")
    assert (well.code, well.out.splitlines()[-1]) == (0, "all is well")
    assert command("warm-up").code == 0


def test_credit_of_each_setting_is_printed_as_well_as_kept(tmp_path):
    both = "both: agent_groups.desk.agents=2, touchpoints.portal.resolves=70%"
    said = command("compare", "desk.yaml", "--change", both, "--attribute", "replications=2", "--out", tmp_path)
    assert said.code == 0
    printed = said.out.partition("What each setting of 'both' did")[2]
    kept = pd.read_csv(next(tmp_path.iterdir()) / "attribution.csv")
    assert set(kept["setting"]) == {"agent_groups.desk.agents=2", "touchpoints.portal.resolves=70%"}
    assert all(setting in printed for setting in kept["setting"])
    assert "What each setting" not in command(*COMPARE).out


@pytest.mark.parametrize("verb", ["run", "compare", "sweep", "tune", "sensitivity", "select", "optimise"])
def test_help_lists_every_setting_of_a_verb_with_its_default(verb):
    lines = command(verb, "--help").out.partition("Settings, KEY=VALUE:")[2].splitlines()
    settings = [re.fullmatch(r"   ('?)(\w+)=?(.*?)\1 +(?:\S.*)", line) for line in lines if line.startswith("   ")]
    listed = {found[2]: found[3] for found in settings}
    if verb == "optimise":
        own = {key for key, option in OPTIONS.items() if list not in option.kinds}
        assert own <= set(listed)
        assert (listed["search_days"], listed["confidence"], listed["beside"]) == ("100", "0.95", "false")
        assert "looks" not in listed
    else:
        declared = yaml.safe_load((shipped.folder("conf") / "study" / f"{FILES.get(verb, verb)}.yaml").read_text())
        assert set(listed) == set(declared)
        assert {key: yaml.safe_load(value) for key, value in listed.items()} == declared


def test_a_confidence_is_taken_as_a_setting_as_well_as_an_option(tmp_path):
    words = ("optimise", "desk.yaml", "--vary", "agent_groups.desk.agents=1..3", "--out", tmp_path, "search_days=10",
             "fresh_days=10", "replications=1", "profile=none", "metrics=[service_level]")  # fmt: skip
    said = command(*words, "confidence=90%")
    assert said.code == 0
    assert "90% confidence" in " ".join(said.out.split()) or "allowed" in said.out
    manifest = json.loads((next(tmp_path.iterdir()) / "manifest.json").read_text())
    assert manifest["study"]["options"]["confidence"] == 0.9


def test_help_is_no_error():
    for words in ((), ("--help",), ("run", "--help")):
        said = command(*words)
        assert (said.code, said.err) == (0, "")
        assert "Usage: cxsim" in said.out
