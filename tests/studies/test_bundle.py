"""An audit bundle, made and verified through the command line; whatever is changed afterwards is found."""

import hashlib
import json
import platform
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import yaml
from support.command_line import command
from support.run_folders import stopped_after
from support.small_centres import SMALL_YAML

from cxsim import shipped
from cxsim.bundle import check
from cxsim.bundle.answers import ITEMS
from cxsim.bundle.author import NAMES, template
from cxsim.bundle.pack import write_bundle
from cxsim.bundle.page import SHOWN, page
from cxsim.bundle.register import Entry
from cxsim.bundle.source import read_source
from cxsim.protocol import Study
from cxsim.runs.shards import packed
from cxsim.runs.store import RunFolder

SAID = [f"{name}=we say so of {name}" for name in NAMES]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with the small desk, and a model of feelings that is read by its whole path."""
    path = tmp_path_factory.mktemp("home-of-a-planner")
    (path / "desk.yaml").write_text(SMALL_YAML)
    shutil.copy(shipped.path("perception", "default"), path / "felt.yaml")
    return path


@pytest.fixture(autouse=True)
def _at_home(home, monkeypatch):
    monkeypatch.chdir(home)


@pytest.fixture(scope="module")
def run(home):
    """A comparison, run once."""
    more = "one more: agent_groups.desk.agents=2"
    words = ("replications=2", "seed=7", "metrics=[asa,service_level]", "profile=none", f"perception={home}/felt.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        said = command("compare", home / "desk.yaml", "--change", more, *words, "--out", home / "runs", "--quiet")
        assert said.code == 0, said.err
    (folder,) = (home / "runs").iterdir()
    return folder


@pytest.fixture(scope="module")
def packed_up(run, home):
    """Its bundle as a zip, and what was said."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        said = command("bundle", run, *SAID, "--out", home / "audit.zip")
    return home / "audit.zip", said


@pytest.fixture(scope="module")
def kept(packed_up, home):
    """The same, unpacked."""
    with zipfile.ZipFile(packed_up[0]) as archive:
        archive.extractall(home / "kept")
    return home / "kept"


@pytest.fixture
def copied(kept, tmp_path):
    """A copy of the bundle, to be changed."""
    return shutil.copytree(kept, tmp_path / "copy")


def renewed(root):
    """Checksums written again, as somebody would who wants a change to stay unseen."""
    names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    lines = [
        f"{hashlib.sha256((root / name).read_bytes()).hexdigest()}  {name}\n" for name in names if name != "SHA256SUMS"
    ]
    (root / "SHA256SUMS").write_text("".join(lines))


def in_manifest(root, change):
    """A manifest with a change, and checksums that agree with it."""
    path = root / "run" / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest, indent=1))
    renewed(root)


def files_in(root):
    """Bytes of all files below a folder, by name."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_bundle_is_verified_by_one_command(packed_up):
    target, said = packed_up
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"bundle: {target} (")
    said = command("verify", target)
    assert (said.code, said.err) == (0, "")
    assert "equal to the last bit: today, replication 0\n" in said.out
    assert "equal to the last bit: one more, replication 1\n" in said.out
    assert said.out.endswith("written again, equal\nverified\n")


def test_the_same_run_gives_the_same_bytes_as_folder_or_zip_and_whatever_shards_it_was_kept_in(run, kept, tmp_path):
    folder = RunFolder.open(run)
    again = stopped_after(0, run, tmp_path / "other")
    for trial in reversed(list(Study.from_manifest(folder.manifest).design().trials(0, 2))):
        again.keep(packed([trial], [folder.load(trial)]))
    assert command("bundle", again.path, *SAID, "--out", tmp_path / "bundle").code == 0
    assert files_in(tmp_path / "bundle") == files_in(kept)
    for name in ("one.zip", "two.zip"):
        write_bundle(files_in(kept), tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_the_index_lists_every_file_that_it_can_with_its_bytes_and_the_trials_that_were_run_again(kept):
    index = json.loads((kept / "bundle.json").read_text())
    listed = {entry["name"]: (entry["sha256"], entry["bytes"]) for entry in index["files"]}
    files = files_in(kept)
    # It cannot list itself, nor what is made from it.
    assert set(files) - set(listed) == {"bundle.json", "bundle.html", "SHA256SUMS"}
    assert listed == {name: (hashlib.sha256(files[name]).hexdigest(), len(files[name])) for name in listed}
    assert {"today, replication 0", "one more, replication 1"} <= set(index["run_again"])


def test_nothing_of_the_machine_is_in_a_bundle(kept, home):
    assert "perception=felt.yaml" in json.loads((kept / "bundle.json").read_text())["command"]
    texts = {name: data for name, data in files_in(kept).items() if not name.endswith((".parquet", ".xlsx"))}
    with zipfile.ZipFile(kept / "results" / "report.xlsx") as book:
        texts |= {name: book.read(name) for name in book.namelist()}
    for trace in (str(home), home.name, f" {platform.node()} ", str(Path.home())):
        assert [name for name, data in texts.items() if trace.encode() in data] == []


def test_every_item_of_the_checklist_is_answered_and_every_assumption_has_an_origin(kept):
    stress = pd.read_csv(kept / "stress.csv", dtype=str)
    by_run = stress[stress["from"] == "the run"].set_index("item")["answer"]
    assert list(by_run.index) == [item.number for item in ITEMS]
    assert (by_run.str.len() > 20).all()
    assert set(stress["from"]) - {"the run"} == {f"the author ({name})" for name in NAMES}
    found = pd.read_csv(kept / "assumptions.csv", keep_default_na=False)
    assert (found["origin"] != "").all()
    told = found[found["what"] == "touchpoints.phone.talk_time"].iloc[0]
    assert (told["kind"], told["grade"], told["note"]) == ("stated", "tag A", "as told by the desk")
    felt = found[found["what"] == "waiting.voice.loss"].iloc[0]
    assert (felt["kind"], felt["grade"], felt["note"]) == ("perception", "B", "90 % range 0.08 to 0.4")


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_field_is_refused_by_its_name(run, name, tmp_path):
    blank = [word if not word.startswith(f"{name}=") else f"{name}= TBD " for word in SAID]
    said = command("bundle", run, *blank, "--out", tmp_path / "bundle")
    assert said.code == 2
    assert said.err.startswith(f"error: author.{name}: blank; STRESS-DES ")
    assert f"{name}='...'" in said.err
    assert not (tmp_path / "bundle").exists()


def test_the_empty_form_is_refused_with_every_field_named_and_not_written_over(run, tmp_path):
    form = tmp_path / "author.yaml"
    assert command("bundle", "--template", form).code == 0
    assert form.read_text() == template()
    said = command("bundle", run, "--author", form, "--out", tmp_path / "bundle")
    assert said.code == 2
    assert [line.split(":")[1].strip() for line in said.err.splitlines()] == [f"author.{name}" for name in NAMES]
    said = command("bundle", "--template", form)
    assert (said.code, "is there already" in said.err) == (2, True)


def test_a_changed_byte_is_found_in_every_file(copied):
    names = [name for name in files_in(copied) if name.endswith((".csv", ".yaml", ".html", ".parquet"))]
    for name in names:
        data = bytearray((copied / name).read_bytes())
        data[-2] ^= 1
        (copied / name).write_bytes(data)
    (copied / "diagram.svg").unlink()
    (copied / "more.txt").write_text("more")
    said = command("verify", copied)
    assert said.code == 1
    assert [name for name in names if f"DIFFERENT: {name}: changed since the bundle was made" not in said.out] == []
    assert "DIFFERENT: diagram.svg: missing" in said.out
    assert "DIFFERENT: more.txt: not on the list" in said.out


def test_a_changed_table_is_found_also_under_new_checksums(copied):
    path = copied / "results" / "measures.csv"
    path.write_text(path.read_text().replace("today", "todaY", 1))
    renewed(copied)
    said = command("verify", copied)
    assert said.code == 1
    assert "DIFFERENT: results/measures.csv: not what the counters give" in said.out


def test_a_changed_setting_is_found_also_under_new_checksums(copied):
    in_manifest(copied, lambda m: m["scenarios"][0]["source"]["contact_types"]["repair"].update(volume="61 per day"))
    said = command("verify", copied)
    assert said.code == 1
    assert "scenario today reads differently now" in said.out


def test_a_changed_seed_is_found_also_under_new_checksums(copied):
    in_manifest(copied, lambda m: m["study"].update(seed=8))
    said = command("verify", copied)
    assert said.code == 1
    assert "4 of 4 trials are missing" in said.out


def test_changed_counters_are_found_by_running_again(copied):
    folder = RunFolder(copied / "run")
    manifest = folder.manifest
    manifest["study"]["perception"] = str(copied / manifest["study"]["perception"])
    trials = Study.from_manifest(manifest).design().trials(0, 2)
    tables = [folder.load(trial) for trial in trials]
    tables[0].loc[0, "numerator"] += 1e-9
    for path in folder.shards.iterdir():
        path.unlink()
    RunFolder(folder.path).keep(packed(trials, tables))
    renewed(copied)
    said = command("verify", copied)
    assert said.code == 1
    assert "DIFFERENT: today, replication 0: comes out differently" in said.out


def test_other_code_and_versions_are_said_and_do_no_harm_to_equal_numbers(kept, monkeypatch):
    files, here = check.source_files(), check.versions()
    monkeypatch.setattr(check, "source_files", lambda: {**files, "cxsim/laws.py": "0" * 64})
    monkeypatch.setattr(check, "versions", lambda: {**here, "numpy": "0.1"})
    said = command("verify", kept)
    assert said.code == 0, said.err
    assert "files: cxsim/laws.py\n" in said.out
    assert ", here 0.1\n" in said.out
    assert said.out.endswith("verified, with other code and versions than its own\n")


def test_what_only_one_side_has_is_another_version_and_many_files_are_counted(kept, monkeypatch):
    files, here = check.source_files(), check.versions()
    more = {f"cxsim/new_{number}.py": "0" * 64 for number in range(check.NAMED + 2)}
    monkeypatch.setattr(check, "source_files", lambda: {**files, **more})
    monkeypatch.setattr(check, "versions", lambda: {**{k: v for k, v in here.items() if k != "simpy"}, "fresh": "1.0"})
    said = command("verify", kept)
    assert said.code == 0, said.err
    named = ", ".join(sorted(more)[: check.NAMED])
    assert f"{len(more)} of {len(files) + len(more)} files: {named} and 2 more\n" in said.out
    assert f"simpy {here['simpy']}, here none; fresh none, here 1.0\n" in said.out


def test_a_run_that_comes_out_differently_now_is_not_bundled(run, tmp_path, monkeypatch):
    monkeypatch.setattr(check, "verify", lambda *words, **options: [("today, replication 1", False)])
    said = command("bundle", run, *SAID, "--out", tmp_path / "bundle")
    assert (said.code, "today, replication 1: comes out differently now" in said.err) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_says_what_made_the_run_and_not_what_reads_it(run, tmp_path):
    copy = shutil.copytree(run, tmp_path / "run")
    path = copy / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["provenance"] |= {"machine": "Abacus 1", "versions": {**check.versions(), "numpy": "9.8.7"}}
    path.write_text(json.dumps(manifest, indent=1))
    source = read_source(RunFolder.open(copy))
    assert source.findings.provenance["versions"]["numpy"] == "9.8.7"
    assert source.findings.provenance["machine"] == "Abacus 1"


def test_every_scenario_stands_in_a_bundle_as_it_ran_and_every_trial_is_counted(kept, run):
    first, second = ((kept / "inputs" / "scenario" / f"0{number}.yaml").read_text() for number in (1, 2))
    assert first.startswith("# today\n")
    assert second.startswith("# one more\n")
    agents = [yaml.safe_load(text)["agent_groups"]["desk"]["agents"] for text in (first, second)]
    assert agents == [1, 2]
    index = json.loads((kept / "bundle.json").read_text())
    assert (index["trials"], index["replications"]) == (len(RunFolder.open(run)), 2)


def test_a_page_that_shows_some_assumptions_says_how_many_there_are(kept):
    entries = [Entry("limit", "", f"line {number}", "", "", "so it is", "here") for number in range(SHOWN + 7)]
    text = page(json.loads((kept / "bundle.json").read_text()), [], entries, "")
    assert f"line {SHOWN - 1}<" in text
    assert f"line {SHOWN}<" not in text
    assert str(SHOWN + 7) in text


def test_a_run_whose_table_was_changed_or_is_gone_is_not_bundled(run, tmp_path):
    copy = shutil.copytree(run, tmp_path / "run")
    table = copy / "measures.csv"
    table.write_text(table.read_text().replace("today", "todaY", 1))
    (copy / "goals.csv").unlink()
    said = command("bundle", copy, *SAID)
    assert said.code == 2
    assert "goals.csv is missing; measures.csv is not what its counters give" in said.err
    assert f"`cxsim report {copy}`" in said.err
    assert {path.name for path in tmp_path.iterdir()} == {"run"}


def test_a_run_that_is_not_finished_or_damaged_is_not_bundled(run, tmp_path):
    said = command("bundle", stopped_after(3, run, tmp_path / "stopped").path, *SAID)
    assert (said.code, "not finished: 1 of 4 trials are missing" in said.err) == (2, True)
    copy = shutil.copytree(run, tmp_path / "damaged")
    shard = next((copy / "shards").iterdir())
    shard.write_bytes(shard.read_bytes()[:-1])
    said = command("bundle", copy, *SAID)
    assert (said.code, f"{shard.name}: changed since it was written" in said.err) == (2, True)
    said = command("bundle", tmp_path / "nothing", *SAID)
    assert (said.code, "no manifest.json there" in said.err) == (2, True)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"letter.txt": "dear"}, "no bundle.json, no SHA256SUMS, no run/manifest.json in it"),
        ({"bundle.json": "{}", "../outside.txt": "x"}, "'../outside.txt' leads outside of the bundle"),
        ({"bundle.json": "{}", "/etc/outside.txt": "x"}, "'/etc/outside.txt' leads outside of the bundle"),
        ({"bundle.json": "{}", "C:/outside.txt": "x"}, "'C:/outside.txt' leads outside of the bundle"),
        ({"bundle.json": "[", "SHA256SUMS": "", "run/manifest.json": "{}"}, "bundle.json cannot be read"),
        ({"bundle.json": '{"format": 1}', "SHA256SUMS": "", "run/manifest.json": "{}"}, "bundle.json is incomplete"),
        (
            {
                "bundle.json": '{"format": 99, "versions": {}, "run_again": []}',
                "SHA256SUMS": "",
                "run/manifest.json": "",
            },
            "format 99; format 1; take the version of cxsim that wrote it",
        ),
        ({"bundle.json": "0" * 200_000_000}, "would unfold to 200,000,000 bytes"),
    ],
)
def test_a_zip_that_is_no_bundle_or_would_do_harm_is_refused(tmp_path, files, said):
    path = tmp_path / "foreign.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    found = command("verify", path)
    assert found.code == 2
    assert said in found.err
    assert len(found.err.splitlines()) == 1
    assert {entry.name for entry in tmp_path.iterdir()} == {"foreign.zip"}


def test_a_file_that_is_no_zip_and_a_torn_one_are_refused(packed_up, tmp_path):
    (tmp_path / "letter.zip").write_text("dear")
    data = bytearray(packed_up[0].read_bytes())
    data[200] ^= 255
    (tmp_path / "torn.zip").write_bytes(data)
    (tmp_path / "cut.zip").write_bytes(data[:5000])
    for name in ("letter.zip", "torn.zip", "cut.zip"):
        found = command("verify", tmp_path / name)
        assert found.code == 2, found.out
        assert len(found.err.splitlines()) == 1


def test_an_existing_target_is_refused_before_anything_is_worked(run, packed_up):
    before = packed_up[0].read_bytes()
    said = command("bundle", run, *SAID, "--out", packed_up[0])
    assert (said.code, "is there already; a new name" in said.err) == (2, True)
    assert packed_up[0].read_bytes() == before
