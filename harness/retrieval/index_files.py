"""A folder that keeps an index: arrays that are mapped into memory, lists of strings, and a manifest.

    manifest.json       what the index was built from and how, and the size and sha256 of every other file
    <array>.npy         NumPy arrays, read without pickle
    <strings>.json      JSON lists of strings

A folder appears whole or not at all: it is written beside its place and renamed. The manifest holds its own digest.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from harness.errors import IndexError_
from harness.files import name_beside, remove_leftovers
from harness.retrieval.bm25 import Variant

FORMAT_VERSION: Final = 1
MANIFEST: Final = "manifest.json"
EMBEDDINGS: Final = "embeddings"
REBUILD: Final = "Build it again with `harness index build`."
_ATTEMPTS: Final = 100


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What a file of the index must be."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The fields that every index has. `digest` is the sha256 of the manifest written with an empty `digest`.

    `kind` tells kinds of index apart; the first kind, of impacts, has none. Fields that are `None` are not written.
    """

    source_digest: str
    n_snippets: int
    kind: str | None = None
    format_version: int = FORMAT_VERSION
    files: Mapping[str, StoredFile] = field(default_factory=dict)
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactManifest(Manifest):
    """What an impact index was built from and how; `idf` names the variant of BM25."""

    idf: Variant
    fixed_point_bits: int
    k1: float
    b: float
    delta: float | None = None
    average_length: float
    tokeniser: str
    language: str = "en"  # indexes of versions that knew no other have no such field
    n_terms: int
    n_postings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingManifest(Manifest):
    """What embeddings were made of, and how: see `encoder`."""

    kind: str | None = EMBEDDINGS
    encoder: Mapping[str, str]
    dimensions: int


M = TypeVar("M", bound=Manifest)


def write_arrays(
    folder: Path, manifest: Manifest, arrays: Mapping[str, NDArray[Any]], strings: Mapping[str, Sequence[str]]
) -> None:
    """Write an index to `folder`, in place of an index that is there.

    Killed at any moment, it leaves the old index, the new one, or none, and never part of one. Raises `IndexError_`
    if `folder` holds anything but an index.
    """
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(folder.parent)
    with _folder_beside(folder) as temporary:
        for name, array in arrays.items():
            with (temporary / f"{name}.npy").open("wb") as file:
                np.save(file, array, allow_pickle=False)
        for name, values in strings.items():
            (temporary / f"{name}.json").write_text(json.dumps(list(values)), encoding="ascii")
        files = {path.name: _describe(path) for path in sorted(temporary.iterdir())}
        (temporary / MANIFEST).write_bytes(_encode(_sealed(replace(manifest, files=files))))
        for path in [*temporary.iterdir(), temporary]:
            _flush_to_disk(path)
        _move_into_place(temporary, folder)
    _flush_to_disk(folder.parent)


def index_kind(folder: Path) -> type[Manifest]:
    """Return the kind of manifest that lies in `folder`. Raises `IndexError_` if there is none."""
    return EmbeddingManifest if _fields(folder / MANIFEST).get("kind") == EMBEDDINGS else ImpactManifest


def read_manifest(folder: Path, kind: type[M]) -> M:
    """Return the index's manifest. Raises `IndexError_` if it is absent, damaged, or of another format or kind."""
    import msgspec

    path = folder / MANIFEST
    fields = _fields(path)
    if (version := fields.get("format_version")) != FORMAT_VERSION:
        problem = f"found {version!r}, expected {FORMAT_VERSION}: made by another version. {REBUILD}"
        raise IndexError_(problem, file=path, field="format_version")
    try:
        manifest = msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise IndexError_(f"not the manifest of such an index: {error}. {REBUILD}", file=path) from error
    # Comparing bytes, not values, also detects damage to white space or to the order of fields.
    if path.read_bytes() != _encode(_sealed(manifest)):
        raise IndexError_(f"damaged: its content does not match its digest. {REBUILD}", file=path, field="digest")
    return manifest


def _fields(path: Path) -> dict[str, Any]:
    import msgspec

    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except OSError as error:
        raise IndexError_(f"there is no index here ({error.strerror}). {REBUILD}", file=path) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise IndexError_(f"not the manifest of an index: {error}. {REBUILD}", file=path) from error


def read_array(folder: Path, manifest: Manifest, name: str, dtype: type[np.generic], *shape: int) -> NDArray[Any]:
    """Return the array `name`, mapped and read-only. Raises `IndexError_` unless it is a whole `dtype[shape]`."""
    path = _checked(folder, manifest, f"{name}.npy")
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise IndexError_(f"not an array: {error}. {REBUILD}", file=path) from error
    if array.dtype != dtype or array.shape != shape:
        problem = f"found {array.dtype}{list(array.shape)}, expected {np.dtype(dtype)}{list(shape)}. {REBUILD}"
        raise IndexError_(problem, file=path)
    return np.asarray(array)  # slices of np.memmap cost microseconds each; the view stays mapped


def read_strings(folder: Path, manifest: Manifest, name: str, length: int) -> tuple[str, ...]:
    """Return the list `name`. Raises `IndexError_` unless it holds `length` strings."""
    path = _checked(folder, manifest, f"{name}.json")
    try:
        values = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise IndexError_(f"not a JSON list: {error}. {REBUILD}", file=path) from error
    if not isinstance(values, list) or len(values) != length or not all(isinstance(value, str) for value in values):
        raise IndexError_(f"expected a JSON list of {length} strings. {REBUILD}", file=path)
    return tuple(values)


def damaged_files(folder: Path, manifest: Manifest) -> list[str]:
    """Return what is wrong with the files of the index, one line each: absent, another size, another digest."""
    problems = []
    for name, expected in sorted(manifest.files.items()):
        path = folder / name
        if not path.is_file():
            problems.append(f"{path}: absent")
        elif (actual := _describe(path)) != expected:
            problems.append(
                f"{path}: {actual.size_bytes} bytes with sha256 {actual.sha256[:12]}, "
                f"expected {expected.size_bytes} bytes with sha256 {expected.sha256[:12]}"
            )
    return problems


def _checked(folder: Path, manifest: Manifest, name: str) -> Path:
    path = folder / name
    expected = manifest.files.get(name)
    size = path.stat().st_size if path.is_file() else None
    if expected is None or size != expected.size_bytes:
        state = "absent" if size is None else f"{size} bytes long"
        wanted = "nothing about it in the manifest" if expected is None else f"{expected.size_bytes} bytes expected"
        raise IndexError_(f"{state}, {wanted}. {REBUILD}", file=path)
    status = path.stat()
    digest = _digest(path, status.st_ino, status.st_size, status.st_mtime_ns)
    if digest != expected.sha256:
        raise IndexError_(
            f"damaged: its sha256 is {digest[:12]}, expected {expected.sha256[:12]}. {REBUILD}", file=path
        )
    return path


@lru_cache(maxsize=1024)
def _digest(path: Path, inode: int, size: int, changed: int) -> str:
    """Return the digest of a file, read once in a process unless it changes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _describe(path: Path) -> StoredFile:
    with path.open("rb") as file:
        return StoredFile(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _sealed(manifest: M) -> M:
    return replace(manifest, digest=hashlib.sha256(_encode(replace(manifest, digest=""))).hexdigest())


def _encode(manifest: Manifest) -> bytes:
    written = {name: value for name, value in asdict(manifest).items() if value is not None}
    return (json.dumps(written, indent=2, sort_keys=True) + "\n").encode("ascii")


@contextmanager
def _folder_beside(folder: Path) -> Iterator[Path]:
    """A new folder on the same file system; what is left of it at the end is removed."""
    temporary = name_beside(folder)
    temporary.mkdir()
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _move_into_place(temporary: Path, folder: Path) -> None:
    """Rename `temporary` to `folder`; an index that is there is moved away first, and then removed."""
    for _ in range(_ATTEMPTS):
        try:
            temporary.replace(folder)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise
        else:
            return
        if _is_something_else(folder):
            raise IndexError_("holds something that is not an index; name an empty or a new folder.", file=folder)
        with _folder_beside(folder) as old, suppress(FileNotFoundError):  # another process may be replacing it, too
            folder.replace(old)
    raise IndexError_("other processes keep writing an index here; let one of them finish.", file=folder)


def _is_something_else(folder: Path) -> bool:
    """Return whether a folder or file without a manifest is there, unless another process removes it meanwhile."""
    try:
        opened = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        os.stat(MANIFEST, dir_fd=opened)
    except (FileNotFoundError, NotADirectoryError):
        with suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(opened), folder.stat())
        return False
    else:
        return False
    finally:
        os.close(opened)


def _flush_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
