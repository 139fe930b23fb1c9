"""Every example of the README runs as it stands there, only with fewer replications.

The first two `sh` blocks set up, run the main job and run the tests: a fresh machine does that (.ci/run). Lines of the
later ones that begin with `cxsim` are run through the command line, `python` blocks are executed, in an empty folder.
"""

import re
import shlex
from pathlib import Path

import matplotlib as mpl
import pytest
from support.command_line import command

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FEW = "2"
REPLICATED = ("run", "compare", "sweep", "sensitivity", "select", "experiment", "optimise", "tune")


def blocks(language):
    """Fenced blocks of a language, as they stand there."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def commands():
    """Lines of the later shell blocks that call cxsim, as words."""
    lines = "".join(blocks("sh")[2:]).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("cxsim ")]


def saving(words):
    """The words of a command and the file its output goes to, if any: `cxsim show NAME > FILE`."""
    return (words[:-2], words[-1]) if words[-2:-1] == [">"] else (words, None)


def files_for(words):
    """Earlier commands of the README that write the files which this one reads."""
    asked = {word.partition("=")[2] for word in words}
    return [earlier for earlier in commands() if saving(earlier)[1] in asked]


def fewer(words):
    """The same words with few replications; a precision would ask for more."""
    kept = [word for word in words if not word.startswith(("replications=", "precision=", "most="))]
    return [*kept, f"replications={FEW}"] if kept[0] in REPLICATED else kept


def test_the_first_two_shell_blocks_set_up_run_and_test():
    setup, test = blocks("sh")[:2]
    assert "pip install" in setup
    assert "cxsim run" in setup
    assert "pytest" in test


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_of_the_readme_runs(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for earlier in files_for(words):
        asked, name = saving(earlier)
        (tmp_path / name).write_text(command(*asked).out, encoding="utf-8")
    said = command(*fewer(saving(words)[0]))
    assert said.code == 0, said.err
    assert said.out


@pytest.mark.parametrize("code", blocks("python"), ids=lambda code: next(iter(code.split("\n"))))
def test_every_program_of_the_readme_runs(code, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    mpl.use("agg")
    exec(compile(re.sub(r"replications=\d+", f"replications={FEW}", code), "README.md", "exec"), {})
    assert capsys.readouterr().out


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_file_that_the_readme_points_to_is_there(target):
    assert (ROOT / target).exists()
