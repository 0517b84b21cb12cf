"""Indexes in the cache: each folder is named by a digest of what its index is made of, and says so inside.

indexes/<sha256 of made_of.json>/made_of.json   retriever, options, snippets, analyser
indexes/<...>/manifest.json ...                 the index, or below it one for each model of embeddings
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from harness.files import name_beside, remove_leftovers, write_atomically
from harness.retrieval.index_files import MANIFEST

MADE_OF: Final = "made_of.json"


def kept_name(made_of: bytes) -> str:
    """Return the name of the folder of an index that is made of this."""
    return sha256(made_of).hexdigest()


def note_key(folder: Path, made_of: bytes) -> None:
    """Write into a folder of the cache what its index is made of, where it does not say so yet."""
    path = folder / MADE_OF
    if folder.is_dir() and not path.exists():
        remove_leftovers(folder)
        with suppress(OSError):  # a cache that may only be read
            write_atomically(path, made_of)


def misplaced(folder: Path) -> list[str]:
    """Return a line if the index of another folder lies here; none where no key was noted, as by earlier versions."""
    path = folder / MADE_OF
    if not path.exists() or kept_name(path.read_bytes()) == folder.name:
        return []
    return [f"{folder}: the index of another name, {kept_name(path.read_bytes())}, lies here, or {path} was changed"]


def indexes_in(folder: Path) -> list[Path]:
    """Return the folders of the indexes in a folder of the cache: itself, or those below."""
    return sorted(path.parent for path in folder.rglob(MANIFEST))


def remove_index(folder: Path) -> None:
    """Remove a folder of the cache, at one moment for whoever else looks at it."""
    aside = name_beside(folder)
    with suppress(FileNotFoundError):
        folder.rename(aside)
        if aside.is_dir() and not aside.is_symlink():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.unlink()
