"""A folder of exported files, written whole or not at all. It says of itself what it is, so that only it is replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

from harness.errors import UsageError
from harness.files import building, write_atomically, writing

MANIFEST = "export.json"


@dataclass(frozen=True, slots=True)
class ExportManifest:
    """export.json: the format, and the SHA-256 of every other file of the folder."""

    format: str
    files: Mapping[str, str]


def write_folder(folder: Path, format: str, files: Mapping[str, bytes]) -> Path:
    """Makes `folder` hold these files and `export.json`, and returns it.

    An earlier export of the same format is replaced, if nobody has changed it since; an empty folder is filled. Raises
    `UsageError` where anything else lies there, `RunError` where it cannot be written.
    """
    with writing(folder):
        place = folder.resolve()
        if place.exists():
            _require_replaceable(place, folder, format)
        with building(place) as unfinished:
            for name, content in files.items():
                write_atomically(unfinished / name, content)
            manifest = ExportManifest(format, {name: _digest(content) for name, content in files.items()})
            write_atomically(
                unfinished / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"
            )
    return folder


def _require_replaceable(place: Path, folder: Path, format: str) -> None:
    if not place.is_dir():
        raise UsageError(f"{folder} is a file, and {format} makes a folder. Name another place.")
    there = list(place.iterdir())
    if not there:
        return
    try:
        manifest = msgspec.json.decode((place / MANIFEST).read_bytes(), type=ExportManifest)
    except (OSError, msgspec.MsgspecError):
        manifest = None
    if manifest is None or manifest.format != format:
        raise UsageError(
            f"{folder} holds something else than an earlier export of {format}. Name an empty or a new folder."
        )
    for path in there:
        if path.name != MANIFEST and not (
            path.is_file() and manifest.files.get(path.name) == _digest(path.read_bytes())
        ):
            raise UsageError(
                f"{path.name} in {folder} has been changed or added since it was exported. Move it away, or name another folder."
            )


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
