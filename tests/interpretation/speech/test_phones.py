"""Sounds written down without words, and counted: the same whatever was recognised before, equal to scikit-learn's counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.interpretation.classifier import Classifier
from harness.interpretation.speech.phones import count_runs
from harness.interpretation.speech.protocol import SpeechFeatures, SpeechPhones, build_speech_part
from harness.records import Clip
from harness.words.sounds.phones import PHONES, phones, sound_class
from harness.words.text.normalise import tokenise
from tests.asr.sounds import DEMO, question_clips
from tests.interpretation.speech.recordings import recording, samples, unreadable

STREAMS = st.lists(st.lists(st.sampled_from(sorted(PHONES)), max_size=12), min_size=1, max_size=6)


@settings(max_examples=25)
@given(STREAMS, st.integers(1, 3))
def test_runs_are_counted_as_scikit_learn_counts_them(streams: list[list[str]], longest: int) -> None:
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import CountVectorizer

    classes = [[sound_class(phone) for phone in stream] for stream in streams]
    rows = count_runs(streams, longest)
    if not any(streams):
        assert rows.nnz == 0
        return
    theirs = hstack(
        [
            CountVectorizer(analyzer=_runs(1, longest)).fit_transform(streams),
            CountVectorizer(analyzer=_runs(1, longest + 1)).fit_transform(classes),
        ]
    ).toarray()
    ours = rows.toarray()
    # Columns have other places: as sets of columns both are equal.
    used = ours[:, ours.any(axis=0)]
    assert sorted(map(tuple, used.T)) == sorted(map(tuple, theirs.T))


def _runs(shortest: int, longest: int) -> object:
    def analyse(stream: Sequence[str]) -> list[tuple[str, ...]]:
        return [
            tuple(stream[start : start + length])
            for length in range(shortest, longest + 1)
            for start in range(len(stream) - length + 1)
        ]

    return analyse


@settings(max_examples=25)
@given(STREAMS)
def test_a_column_means_the_same_whatever_other_streams_there_are(streams: list[list[str]]) -> None:
    together = count_runs(streams, 2).toarray()
    alone = [count_runs([stream], 2).toarray()[0] for stream in streams]
    assert (together == np.array(alone)).all()


def test_counts_by_hand() -> None:
    rows = count_runs([["D", "AO", "D"], []], 1)
    n_phones, n_classes = len(PHONES), len({sound_class(phone) for phone in PHONES})
    assert rows.shape == (2, n_phones + n_classes + n_classes**2)
    assert sorted(rows.data.tolist()) == [1, 1, 1, 1, 2, 2]  # AO, its class, T-AA, AA-T; D twice, and its class
    assert rows[1].nnz == 0


def test_sounds_of_a_question_are_nearer_to_it_than_to_any_other() -> None:
    part = build_speech_part("phones", "en")
    assert isinstance(part, SpeechPhones)
    clips = question_clips()
    written = part.phones([recording(clip) for clip in clips])
    assert all(set(stream) <= PHONES for stream in written)
    texts = [_text(clip) for clip in clips]
    for stream, own in zip(written, texts, strict=True):
        distances = {text: _distance(stream, text) for text in texts}
        assert min(distances, key=distances.__getitem__) == own
        assert distances[own] < 0.7


def _text(clip: Clip) -> str:
    from harness.suites.load import load_suite

    suite = load_suite(DEMO)
    asked = next(utterance.question_id for utterance in suite.utterances if utterance.id == clip.utterance_id)
    return next(question.text for question in suite.questions if question.id == asked)


def _distance(stream: Sequence[str], text: str) -> float:
    from rapidfuzz.distance import Levenshtein

    reference = [phone for word in tokenise(text, "en") for phone in phones(word, "en")]
    return Levenshtein.distance(reference, stream) / len(reference)


def test_what_was_recognised_before_changes_nothing(own_cache: object) -> None:
    clip = question_clips()[0]
    noise = Clip("noise", np.random.default_rng(0).normal(0, 0.3, 32_000).clip(-1, 1).astype(np.float32), 16_000)
    alone, after = build_speech_part("phones", "en"), build_speech_part("phones", "en")
    assert isinstance(alone, SpeechPhones)
    assert isinstance(after, SpeechPhones)
    first = alone._write(clip)  # type: ignore[attr-defined]
    after._write(noise)  # type: ignore[attr-defined]
    assert after._write(clip) == first  # type: ignore[attr-defined]
    assert first.phones


def test_silence_nothing_and_what_cannot_be_read() -> None:
    part = build_speech_part("phones", "en")
    assert isinstance(part, SpeechPhones)
    given = [recording(samples(1.0)), recording(samples(0.0, "empty")), unreadable()]
    assert all(len(stream) <= 3 for stream in part.phones(given))
    assert part.phones(given)[1:] == [(), ()]
    assert part.rows(given).shape[0] == 3
    assert part.rows(given)[1:].nnz == 0


def test_options_are_part_of_its_identity_and_wrong_ones_are_refused() -> None:
    plain = build_speech_part("phones", "en-GB").identity()
    assert plain["lw"] == "2.0"
    assert build_speech_part("phones,lw=1", "en").identity() != plain
    assert build_speech_part("phones,lw=1", "en").name == "phones,lw=1"
    with pytest.raises(UsageError, match="phones has no models"):
        build_speech_part("phones:large", "en")
    with pytest.raises(UsageError, match=r"'weight'.*Known options: lw"):
        build_speech_part("phones,weight=2", "en")
    with pytest.raises(UsageError, match=r"lw"):
        build_speech_part("phones,lw=0", "en")
    with pytest.raises(UsageError, match=r"knows the sounds of English, and the suite is in 'es'"):
        build_speech_part("phones", "es")


def test_the_classifier_on_its_rows_is_scikit_learns() -> None:
    """On streams made of two kinds of phones, with noise: what is predicted on other rows, and how sure, is equal."""
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    rng = np.random.default_rng(1)
    kinds = (("P", "AA", "T", "IY"), ("S", "EH", "N", "UW"))
    labels = ["left" if number % 2 else "right" for number in range(60)]
    streams = [
        [str(rng.choice(kinds[number % 2] if rng.random() < 0.6 else sorted(PHONES))) for _ in range(12)]
        for number in range(60)
    ]
    rows = count_runs(streams, 2)
    theirs = make_pipeline(TfidfTransformer(sublinear_tf=True), LogisticRegression(C=10.0, max_iter=5_000, tol=1e-7))
    theirs.fit(rows[:40], labels[:40])
    ours = Classifier(rows[:40], labels[:40]).predict(rows[40:])
    assert [one.intent for one in ours] == theirs.predict(rows[40:]).tolist()
    expected = theirs.predict_proba(rows[40:]).max(axis=1)
    assert [one.score for one in ours] == pytest.approx(expected, abs=1e-3)
    assert np.mean([one.intent == label for one, label in zip(ours, labels[40:], strict=True)]) > 0.8


def test_it_is_a_speech_part() -> None:
    part: SpeechFeatures = build_speech_part("phones", "en")
    assert part.package == "pocketsphinx"
