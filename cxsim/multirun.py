"""A grid by Hydra's own sweeper and launchers, for researchers: `python -m cxsim.multirun --multirun KEY=VALUE,VALUE`.

Each job is one point of the grid and leaves its rows; at the end they are put together, and are those of `cxsim sweep`
to the last bit. Hydra neither tries again nor resumes: for that, and for clusters, there is `cxsim sweep --cluster`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import hydra
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from cxsim import shipped
from cxsim.errors import CxsimError, RunFailed, problem
from cxsim.scenario.changes import refuse_wrong_kinds, split_words
from cxsim.scenario.load import load_scenario, sweep_values
from cxsim.scenario.text import read_yaml

DEFAULT_SCENARIO = "it_service_desk"
TABLE = "measures.csv"
# A plain override is handed to Hydra as one that may also add: a key that a file leaves out is a key all the same.
FORCED = "++"


def settings_of_runs() -> dict[str, Any]:
    """The settings of a run and their defaults."""
    path = shipped.folder("conf") / "study" / "run.yaml"
    return dict(read_yaml(path.read_text(encoding="utf-8"), where=path.name))


def job(config: DictConfig) -> None:
    """Work one point of the grid and leave its rows."""
    from cxsim.reports.outputs import write_table
    from cxsim.study import run_study, sweep_study

    hydra_config = HydraConfig.get()
    words = [word.removeprefix(FORCED) for word in hydra_config.overrides.task]
    found: Any = OmegaConf.to_container(config, resolve=True)
    varied, names = found["varied"], found["settings"]
    settings = {key: found[key] for key in names}
    if isinstance(settings["metrics"], str):
        settings["metrics"] = [settings["metrics"]]
    refuse_wrong_kinds(settings)
    _, _, of_scenario = split_words(words, settings=names)
    point = [word for word in of_scenario if word.partition("=")[0] in varied]
    fixed = [word for word in of_scenario if word not in point]
    scenario = load_scenario(found["scenario"], *fixed)
    result = run_study(sweep_study(scenario, point, **settings))
    write_table(result.findings.estimates, Path(hydra_config.runtime.output_dir) / TABLE)


class Collected(Callback):
    """Put the rows of all jobs together, in the order of the grid, when the last is done."""

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        """Write the table beside the folders of the jobs.

        Raises
        ------
        RunFailed
            A job left no rows.
        """
        folder = Path(config.hydra.sweep.dir)
        jobs = sorted((path for path in folder.iterdir() if path.name.isdigit()), key=lambda path: int(path.name))
        missing = [path.name for path in jobs if not (path / TABLE).is_file()]
        if missing or not jobs:
            given = f"job {', '.join(missing)} left no {TABLE}" if jobs else "no jobs"
            raise RunFailed(problem(f"folder {folder}", given, "one of each job", "see its log"))
        from cxsim.runs.store import write_whole

        header, *rest = ((path / TABLE).read_text(encoding="utf-8").partition("\n") for path in jobs)
        write_whole(folder / TABLE, "".join([*header, *(rows for _, _, rows in rest)]))
        print(f"table: {folder}/{TABLE}")


def prepared(words: Sequence[str]) -> list[str]:
    """The words of a command as Hydra takes them; what they are to mean is checked and stored before.

    Raises
    ------
    CxsimError
        An unknown scenario or setting, a value that is not allowed.
    """
    settings = settings_of_runs()
    own = [word for word in words if word.startswith("-") or word.startswith("hydra")]
    rest = [word for word in words if word not in own]
    name, of_run, of_scenario = split_words(rest, settings=list(settings))
    changing = [word for word in of_scenario if word[:1] not in "+~"]
    varied = [word for word in changing if len(sweep_values(word)[1]) > 1]
    base = load_scenario(name or DEFAULT_SCENARIO, *(word for word in of_scenario if word not in varied))
    from cxsim.designs.sweep import grid

    if varied:
        grid(base, varied)  # refuses what is wrong before any job begins
    plain = load_scenario(name or DEFAULT_SCENARIO).source
    callback = {"_target_": f"{Collected.__module__}.{Collected.__qualname__}"}
    ConfigStore.instance().store(
        "cxsim_multirun",
        {
            **plain,
            **settings,
            "scenario": name or DEFAULT_SCENARIO,
            "settings": list(settings),
            "varied": [word.partition("=")[0] for word in varied] or [word.partition("=")[0] for word in changing],
            "hydra": {"callbacks": {"cxsim": callback}, "mode": None},
        },
    )
    return [*own, *of_run, *(f"{FORCED}{word}" if word in changing else word for word in of_scenario)]


def main() -> None:
    """Entry point of `python -m cxsim.multirun`."""
    try:
        sys.argv[1:] = prepared(sys.argv[1:])
        # An absolute folder, or Hydra takes the folders of the package for groups of its configuration.
        folder = str((shipped.folder("conf") / "study").resolve())
        hydra.main(version_base="1.3", config_path=folder, config_name="cxsim_multirun")(job)()
    except CxsimError as error:
        for line in error.problems:
            print(f"error: {' '.join(line.split())}", file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    # Under its own name, by which workers of a launcher can import it.
    from cxsim.multirun import main as run

    run()
