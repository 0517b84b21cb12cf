"""Suites by folder or by name. The shipped ones travel inside the wheel, or lie in the repository's `fixtures/`."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from harness.errors import SuiteError, UnknownName

HEADER = "suite.toml"


def find_suite(name_or_path: str) -> Path:
    """Return the folder of a suite: `name_or_path` itself where it is a folder with a `suite.toml`, else a shipped suite.

    Raises `SuiteError` for a path that leads to no folder and `UnknownName` for a name that no suite has.
    """
    path = Path(name_or_path)
    shipped = _shipped_folders()
    if name_or_path in shipped and not (path / HEADER).is_file():
        return shipped[name_or_path]
    if path.is_dir():
        return path
    looks_like_path = path.is_absolute() or os.sep in name_or_path or path.exists()
    if looks_like_path:
        known = ", ".join(shipped) or "none"
        raise SuiteError(f"not a folder; give a suite's folder or the name of a shipped suite ({known})", file=path)
    raise UnknownName("suite", name_or_path, shipped)


def list_suites() -> dict[str, str]:
    """Name to description of every shipped suite, sorted by name."""
    descriptions = {}
    for name, folder in _shipped_folders().items():
        header = tomllib.loads((folder / HEADER).read_text(encoding="utf-8"))
        descriptions[name] = str(header.get("description", ""))
    return descriptions


def _shipped_folders() -> dict[str, Path]:
    """Folder by name, sorted. A wheel has `shipped/` beside this file; a checkout has `fixtures/`."""
    here = Path(__file__).resolve()
    checkout = here.parents[2]
    is_checkout = (checkout / "pyproject.toml").is_file()  # not the site-packages folder of an installed wheel
    places = [checkout / "fixtures"] * is_checkout + [here.parent / "shipped"]
    folders = {header.parent.name: header.parent for place in places for header in place.glob(f"*/{HEADER}")}
    return dict(sorted(folders.items()))
