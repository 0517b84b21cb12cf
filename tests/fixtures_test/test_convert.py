"""Weights say the same in every layout: equal tokens, equal logits; CTranslate2's own converter, undone."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.audio.reading import load
from tests.asr.conftest import checkpoint, converted  # noqa: F401 - fixtures
from tests.asr.sounds import DEMO

TEXTS = (
    " which river flows through Ljubljana",
    " Wisława Szymborska's 42nd — naïve?",
    " 北京 🤖",
    "a  b\n\tc",
)


def test_tokens_and_logits_are_the_same(checkpoint: Path, converted: Mapping[str, Path]) -> None:  # noqa: F811
    import ctranslate2
    import numpy as np
    import torch
    import whisper
    from transformers import AutoProcessor, WhisperForConditionalGeneration
    from transformers.utils import logging

    logging.disable_progress_bar()
    original = whisper.load_model(str(checkpoint), device="cpu")
    other = WhisperForConditionalGeneration.from_pretrained(converted["transformers"]).eval()
    processor = AutoProcessor.from_pretrained(converted["transformers"])
    tokenizer, ours = whisper.tokenizer.get_tokenizer(False, num_languages=99), processor.tokenizer
    for text in TEXTS:
        ids = tokenizer.encode(text)
        assert ours(text, add_special_tokens=False).input_ids == ids
        assert ours.decode(ids, clean_up_tokenization_spaces=False) == tokenizer.decode(ids) == text
    assert ours.convert_tokens_to_ids("<|notimestamps|>") == tokenizer.no_timestamps
    assert ours.convert_tokens_to_ids(["<|0.00|>", "<|30.00|>"]) == [tokenizer.timestamp_begin, 51_863]
    suppressed = other.generation_config.suppress_tokens
    assert {*tokenizer.non_speech_tokens, tokenizer.sot, tokenizer.no_speech} <= set(suppressed)

    file = sorted((DEMO / "audio").glob("*.opus"))[0]
    samples = load(DEMO, f"audio/{file.name}", utterance_id=file.stem).samples
    mel = whisper.log_mel_spectrogram(whisper.pad_or_trim(samples))[None]
    features = processor.feature_extractor(samples, sampling_rate=16_000, return_tensors="pt").input_features
    torch.testing.assert_close(features, mel, atol=1e-5, rtol=0)
    tokens = torch.tensor([[*tokenizer.sot_sequence_including_notimestamps, *tokenizer.encode(TEXTS[0])]])
    ctranslate2_model = ctranslate2.models.Whisper(str(converted["faster-whisper"]), compute_type="float32")
    encoded = np.array(ctranslate2_model.encode(ctranslate2.StorageView.from_array(mel.numpy())))
    with torch.inference_mode():
        torch.testing.assert_close(torch.from_numpy(encoded), original.encoder(mel), atol=1e-3, rtol=0)
        torch.testing.assert_close(
            other(input_features=mel, decoder_input_ids=tokens).logits, original(mel, tokens), atol=1e-3, rtol=0
        )


@pytest.fixture(scope="module")
def made(converted: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """A small model of random weights, written by transformers and converted by CTranslate2's own converter."""
    import torch
    from ctranslate2.converters import TransformersConverter
    from transformers import WhisperConfig, WhisperForConditionalGeneration
    from transformers.utils import logging

    logging.disable_progress_bar()
    place = tmp_path_factory.mktemp("made")
    shutil.copytree(converted["transformers"], place / "source", ignore=shutil.ignore_patterns("model.safetensors"))
    torch.manual_seed(0)
    model = WhisperForConditionalGeneration(
        WhisperConfig(
            vocab_size=51_864, d_model=32, encoder_layers=2, decoder_layers=3, encoder_attention_heads=2,
            decoder_attention_heads=4, encoder_ffn_dim=128, decoder_ffn_dim=128, pad_token_id=50_256,
            bos_token_id=50_256, eos_token_id=50_256, decoder_start_token_id=50_257, init_std=0.5,
        )
    )  # fmt: skip
    for weight in model.parameters():  # biases and norms begin alike, and could stand in each other's places
        torch.nn.init.normal_(weight)
    model.save_pretrained(place / "source")
    TransformersConverter(str(place / "source"), copy_files=["tokenizer.json"]).convert(str(place / "ctranslate2"))
    TransformersConverter(str(place / "source")).convert(str(place / "int8"), quantization="int8")
    return place


def test_what_ctranslate2_converted_comes_back(made: Path, tmp_path: Path) -> None:
    import torch
    import whisper
    from transformers import WhisperForConditionalGeneration

    from fixtures.whisper.convert import convert

    layouts = convert(made / "ctranslate2", tmp_path)
    assert layouts["whisper"] == tmp_path / "2-layers.en" / "whisper" / "2-layers.en.pt"
    source = WhisperForConditionalGeneration.from_pretrained(made / "source").eval()
    back = WhisperForConditionalGeneration.from_pretrained(layouts["transformers"]).eval()
    heads = json.loads((made / "ctranslate2" / "config.json").read_text())["alignment_heads"]
    assert back.generation_config.alignment_heads == heads
    weights = dict(back.named_parameters())
    assert weights.keys() == dict(source.named_parameters()).keys()
    for name, weight in source.named_parameters():
        assert torch.equal(weights[name], weight), name
    mel, tokens = torch.randn(1, 80, 3000, generator=torch.Generator().manual_seed(1)), torch.tensor([[50_257, 50_362]])
    with torch.inference_mode():
        expected = source(input_features=mel, decoder_input_ids=tokens).logits
        assert torch.equal(back(input_features=mel, decoder_input_ids=tokens).logits, expected)
        actual = whisper.load_model(str(layouts["whisper"]), device="cpu")(mel, tokens)
        torch.testing.assert_close(actual, expected, atol=1e-2, rtol=1e-4)


def test_the_same_weights_are_converted_once(made: Path, tmp_path: Path) -> None:
    from fixtures.whisper.convert import convert

    folder = shutil.copytree(made / "ctranslate2", tmp_path / "model")
    first = convert(folder, tmp_path / "out")["whisper"].stat()
    assert convert(folder, tmp_path / "out")["whisper"].stat().st_mtime_ns == first.st_mtime_ns
    weights = bytearray((folder / "model.bin").read_bytes())
    weights[-2_000] ^= 1
    (folder / "model.bin").write_bytes(weights)
    assert convert(folder, tmp_path / "out")["whisper"].stat().st_mtime_ns > first.st_mtime_ns
    assert [path.name for path in (tmp_path / "out").glob("[!.]*")] == ["2-layers.en"]


def test_a_failed_conversion_leaves_nothing(made: Path, tmp_path: Path) -> None:
    from fixtures.whisper.convert import convert

    folder = shutil.copytree(made / "ctranslate2", tmp_path / "model")
    shutil.copy(made / "int8" / "model.bin", folder)
    with pytest.raises(ValueError, match="not quantised ones"):
        convert(folder, tmp_path / "out")
    for content, problem in (
        (b"not weights", "no model.bin of CTranslate2"),
        (b"", "no model.bin of CTranslate2"),
        ((made / "ctranslate2" / "model.bin").read_bytes()[:5_000], "no model.bin of CTranslate2"),
        (b"\x05\0\0\0\x04\0Abc\0\x01\0\0\0\0\0\0\0", r"version 5 of 'Abc': expected 6 of CTranslate2"),
    ):
        (folder / "model.bin").write_bytes(content)
        with pytest.raises(ValueError, match=problem):
            convert(folder, tmp_path / "out")
    assert list((tmp_path / "out").glob("[!.]*")) == []


def test_a_folder_that_is_not_there(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from fixtures.whisper.convert import main

    monkeypatch.setattr(sys, "argv", ["convert.py", "--model", "no-such"])
    with pytest.raises(SystemExit):
        main()
    assert "no-such/model.bin is not there: expected a Whisper model" in capsys.readouterr().err
