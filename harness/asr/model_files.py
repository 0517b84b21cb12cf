"""What a path to a model holds, told from its files without loading them, and which backend reads it."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness.errors import UsageError
from harness.records import BackendSpec

_CTRANSLATE2_MARK = b"Spec\0"  # its files begin with a version and the name of their layout: "WhisperSpec"
_GGML_MARK = b"lmgg"  # little-endian "ggml"
_PICKLE_MARK = b"\x80\x02"  # PyTorch's files before version 1.6


@dataclass(frozen=True, slots=True)
class ModelKind:
    """A kind of model: what it is called, the backend that reads it unchanged, and how to name it instead.

    `backend` is empty where none reads the path itself.
    """

    what: str
    backend: str
    write_as: str


def model_kind(path: Path) -> ModelKind | None:
    """Return the kind of model in a file or folder; `None` where it is none that is known here, or nothing is there."""
    try:
        return _kind_of_folder(path) if path.is_dir() else _kind_of_file(path) if path.is_file() else None
    except OSError:
        return None  # the backend that loads it reports why it cannot be read


def refuse_other_kind(spec: BackendSpec, path: Path) -> None:
    """Raise `UsageError` for a model that another backend reads, with its kind and how to name that backend."""
    kind = model_kind(path)
    if kind is not None and kind.backend != spec.name:
        raise UsageError(
            f"backend {spec.label!r}: {path} is {kind.what}, which {spec.name} does not read. Write {kind.write_as}"
        )


def _kind_of_folder(folder: Path) -> ModelKind | None:
    if _is_ctranslate2(folder / "model.bin"):
        return ModelKind("a model in CTranslate2's layout", "faster-whisper", f"faster-whisper:{folder}")
    if _has_model_type(folder / "config.json"):
        return ModelKind("a model in the layout of transformers", "transformers", f"transformers:{folder}")
    checkpoints = [file for file in sorted(folder.glob("*.pt")) if _is_pytorch(file)]
    if checkpoints:
        return ModelKind("a folder with a checkpoint of PyTorch", "", f"whisper:{checkpoints[0]}")
    return None


def _kind_of_file(file: Path) -> ModelKind | None:
    if _is_pytorch(file):
        return ModelKind("a checkpoint of PyTorch", "whisper", f"whisper:{file}")
    if _is_ctranslate2(file):
        return ModelKind(
            "the weights of a model in CTranslate2's layout without their folder", "", f"faster-whisper:{file.parent}"
        )
    if _begins(file, 4) == _GGML_MARK:
        instead = f"'command,run=whisper-cli -m {file} -f {{audio}} --no-prints --no-timestamps'"
        return ModelKind("a model of whisper.cpp", "command", instead)
    return None


def _is_ctranslate2(file: Path) -> bool:
    return file.is_file() and _CTRANSLATE2_MARK in _begins(file, 64)


def _is_pytorch(file: Path) -> bool:
    if _begins(file, 2) == _PICKLE_MARK:
        return True
    if not zipfile.is_zipfile(file):
        return False
    with zipfile.ZipFile(file) as archive:
        return any(name.endswith("/data.pkl") for name in archive.namelist())


def _has_model_type(config: Path) -> bool:
    """Return whether a `config.json` is that of transformers."""
    try:
        return bool(msgspec.json.decode(config.read_bytes(), type=_Config).model_type)
    except (OSError, msgspec.MsgspecError):
        return False


class _Config(msgspec.Struct):
    model_type: str = ""


def _begins(file: Path, n_bytes: int) -> bytes:
    with file.open("rb") as opened:
        return opened.read(n_bytes)
