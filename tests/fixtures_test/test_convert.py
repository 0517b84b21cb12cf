"""A checkpoint says the same in all three layouts: equal tokens, equal logits, equal texts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.asr.audio import load
from tests.asr.conftest import checkpoint, converted  # noqa: F401 - fixtures
from tests.asr.sounds import DEMO

TEXTS = (
    " which river flows through Ljubljana",
    " Wisława Szymborska's 42nd — naïve?",
    " 北京 🤖",
    "a  b\n\tc",
    "<|notimestamps|>",
)


def test_tokens_and_logits_are_the_same(checkpoint: Path, converted: dict[str, Path]) -> None:  # noqa: F811
    import torch
    import whisper
    from transformers import AutoProcessor, WhisperForConditionalGeneration
    from transformers.utils import logging

    logging.disable_progress_bar()
    original = whisper.load_model(str(checkpoint), device="cpu")
    other = WhisperForConditionalGeneration.from_pretrained(converted["transformers"]).eval()
    processor = AutoProcessor.from_pretrained(converted["transformers"])
    tokenizer, ours = whisper.tokenizer.get_tokenizer(False, num_languages=99), processor.tokenizer
    for text in TEXTS[:-1]:
        ids = tokenizer.encode(text)
        assert ours(text, add_special_tokens=False).input_ids == ids
        assert ours.decode(ids, clean_up_tokenization_spaces=False) == tokenizer.decode(ids) == text
    assert ours.convert_tokens_to_ids(TEXTS[-1]) == tokenizer.no_timestamps
    assert ours.convert_tokens_to_ids(["<|0.00|>", "<|30.00|>"]) == [tokenizer.timestamp_begin, 51_863]

    file = sorted((DEMO / "audio").glob("*.opus"))[0]
    samples = load(DEMO, f"audio/{file.name}", utterance_id=file.stem).samples
    mel = whisper.log_mel_spectrogram(whisper.pad_or_trim(samples))[None]
    features = processor.feature_extractor(samples, sampling_rate=16_000, return_tensors="pt").input_features
    torch.testing.assert_close(features, mel, atol=1e-5, rtol=0)
    tokens = torch.tensor([[*tokenizer.sot_sequence_including_notimestamps, *tokenizer.encode(TEXTS[0])]])
    with torch.inference_mode():
        torch.testing.assert_close(
            other(input_features=mel, decoder_input_ids=tokens).logits, original(mel, tokens), atol=1e-4, rtol=0
        )


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from fixtures.whisper.convert import main

    monkeypatch.setattr(sys, "argv", ["convert.py", "--checkpoint", "no-such.pt"])
    with pytest.raises(SystemExit):
        main()
    assert "no-such.pt is not there: expected an openai-whisper checkpoint" in capsys.readouterr().err
