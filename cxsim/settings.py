"""Settings of a run, KEY=VALUE in Hydra's grammar, read and checked for their types."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cxsim import shipped
from cxsim.errors import RunError, problem
from cxsim.scenario.changes import quoted, refuse_wrong_kinds


def composed(name: str, overrides: Sequence[str]) -> dict[str, Any]:
    """A shipped configuration with overrides, by Hydra.

    Raises
    ------
    RunError
        An override that Hydra cannot read or that names no setting.
    """
    from hydra import compose, initialize_config_dir
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    # The environment is no part of an experiment.
    OmegaConf.clear_resolver("oc.env")
    folder = shipped.folder("conf") / "study"
    try:
        with initialize_config_dir(config_dir=str(folder.resolve()), version_base="1.3"):
            found = OmegaConf.to_container(compose(config_name=name, overrides=list(overrides)), resolve=True)
    except (HydraException, OmegaConfBaseException) as error:
        first = str(error).strip().splitlines()[0]
        raise RunError(problem(f"settings {' '.join(overrides)}", first, "KEY=VALUE in Hydra's grammar")) from None
    assert isinstance(found, dict)
    return {str(key): value for key, value in found.items()}


def settings_of(name: str, overrides: Sequence[str], *, seed: int | None) -> dict[str, Any]:
    """Settings of a run, checked for their types."""
    found = composed(name, [quoted(word) for word in overrides])
    if seed is not None:
        found["seed"] = seed
    if isinstance(found["metrics"], str):
        found["metrics"] = [found["metrics"]]
    refuse_wrong_kinds(found)
    return found


def setting_names(name: str = "run") -> list[str]:
    """Names of the settings of a run, or of another file of conf/study."""
    from cxsim.scenario.text import read_yaml

    path = shipped.folder("conf") / "study" / f"{name}.yaml"
    return list(read_yaml(path.read_text(encoding="utf-8"), where=path.name))


def settings_said(name: str = "run") -> list[tuple[str, str, str]]:
    """Name, default and meaning of the settings of a run, or of another file of conf/study, from the file itself."""
    text = (shipped.folder("conf") / "study" / f"{name}.yaml").read_text(encoding="utf-8")
    found = re.findall(r"^(\w+): *([^#\n]*?) *(?:# *(.*))?$", text, flags=re.MULTILINE)
    return [(key, default, meaning) for key, default, meaning in found]
