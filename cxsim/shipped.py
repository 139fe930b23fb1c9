"""Where the shipped configuration lies: inside an installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """A shipped top-level folder: in the installed package first, then in its parent (a checkout).

    Parameters
    ----------
    name : str
        'conf' or 'experiments'.
    """
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def path(group: str, name: str) -> Path | None:
    """The file of a shipped item, say path('profile', 'it_service_desk'), or None."""
    for ending in (".yaml", ".csv"):
        file = folder("conf") / group / f"{name}{ending}"
        if file.is_file():
            return file
    return None


def names(group: str) -> list[str]:
    """Names of what is shipped in a group: scenario, profile, reader, design, metrics, backend, study."""
    return sorted(file.stem for file in (folder("conf") / group).glob("*.yaml"))
