"""Folds, scores against numbers counted by hand and by scikit-learn, and predictions of what no model has seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.interpretation.folds import Item, folds_of, is_seen, training
from harness.interpretation.held_out import HeldOut, ThresholdCounts
from harness.interpretation.protocol import Interpreter, PartSpec, Prediction
from harness.interpretation.scores import Counts, judge
from harness.interpretation.slots.protocol import Slots
from harness.records import Failure


def item(question: str, speaker: str = "a", intent: str = "home", slots: Sequence[int] = (), text: str = "") -> Item:
    return Item(f"{question}-{speaker}", question, speaker, text or question, intent, frozenset(slots))


ITEMS = [item(f"q{n:02}", speaker, f"intent {n % 3}", [n]) for n in range(30) for speaker in "abcd"]


def test_recordings_of_a_question_are_in_one_fold_and_every_fold_has_every_intent() -> None:
    folds = folds_of(ITEMS, "question", seed=7)
    assert set(folds) == {0, 1, 2, 3, 4}
    by_question = {one.question_id: fold for one, fold in zip(ITEMS, folds, strict=True)}
    assert all(by_question[one.question_id] == fold for one, fold in zip(ITEMS, folds, strict=True))
    shares = Counter((one.intent, fold) for one, fold in zip(ITEMS, folds, strict=True))
    assert set(shares.values()) == {8}  # 10 questions of each intent, 4 recordings each, over 5 folds
    assert folds != folds_of(ITEMS, "question", seed=8)
    shuffled = ITEMS[40:] + ITEMS[:40]
    assert {
        one.question_id: fold for one, fold in zip(shuffled, folds_of(shuffled, "question", 7), strict=True)
    } == by_question


def test_questions_that_hang_together_by_entities_are_in_one_fold() -> None:
    items = [*ITEMS, item("x1", slots=[3, 100]), item("x2", slots=[100, 7]), item("x3", slots=[200])]
    folds = dict(zip((one.question_id for one in items), folds_of(items, "entity", 7), strict=True))
    assert folds["q03"] == folds["x1"] == folds["x2"] == folds["q07"]
    assert not any(is_seen(items, folds_of(items, "entity", 7)))


def test_a_fold_is_a_speaker() -> None:
    folds = folds_of(ITEMS, "speaker", 7)
    assert folds[:4] == [0, 1, 2, 3]
    assert all(is_seen(ITEMS, folds))


def test_seen_is_what_a_training_item_has() -> None:
    items = [item("q1", slots=[1]), item("q2", slots=[1]), item("q3", slots=[2]), item("q4")]
    assert is_seen(items, [0, 1, 1, 0]) == [True, True, False, None]
    assert is_seen(items, [0, 0, 1, 0]) == [False, False, False, None]


def test_training_folds_are_the_others() -> None:
    assert training([0, 1, 0, 2]) == {0: [1, 3], 1: [0, 2, 3], 2: [0, 1, 2]}


# ---- scores

RIGHT, WRONG = Prediction("home"), Prediction("capital")


@pytest.mark.parametrize(
    ("predicted", "slots", "expected"),
    [
        (RIGHT, {1, 2}, Counts(1, 1, 2, 2, 2, 1, 0)),
        (RIGHT, {1, 3}, Counts(1, 1, 1, 2, 2, 0, 1)),  # a substitution
        (RIGHT, {1}, Counts(1, 1, 1, 1, 2, 0, 1)),  # a deletion
        (RIGHT, {1, 2, 3, 4}, Counts(1, 1, 2, 4, 2, 0, 2)),  # two insertions
        (WRONG, {1, 2}, Counts(1, 0, 2, 2, 2, 0, 1)),
        (WRONG, {3, 4, 5}, Counts(1, 0, 0, 3, 2, 0, 4)),  # two substitutions, an insertion, the intent
        (None, None, Counts(1, 0, 0, 0, 2, 0, 3)),
        (Prediction("home", error=Failure("interpret", "Timeout", "")), {1, 2}, Counts(1, 0, 2, 2, 2, 0, 1)),
    ],
)
def test_one_utterance(predicted: Prediction | None, slots: set[int] | None, expected: Counts) -> None:
    assert judge("home", {1, 2}, predicted, slots) == expected


def test_scores_of_three_utterances_by_hand() -> None:
    total = judge("home", {1}, RIGHT, {1}) + judge("home", {2}, WRONG, {2, 3}) + judge("home", set(), RIGHT, {4})
    assert total.ratios() == {
        "intent_accuracy": (2, 3),
        "slot_precision": (2, 4),
        "slot_recall": (2, 2),
        "slot_f1": (4, 6),
        "exact_interpretation": (1, 3),
        "semer": (3, 5),
    }
    assert Counts().ratios()["exact_interpretation"] == (0, 0)


@given(
    st.lists(
        st.tuples(st.frozensets(st.integers(0, 4)), st.frozensets(st.integers(0, 4)), st.sampled_from([RIGHT, WRONG])),
        min_size=1,
        max_size=12,
    )
)
def test_scores_are_scikit_learn_s(cases: list[tuple[frozenset[int], frozenset[int], Prediction]]) -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    total = sum((judge("home", own, predicted, given) for own, given, predicted in cases), Counts())
    reference, given = ([[int(name in one[side]) for name in range(5)] for one in cases] for side in (0, 1))
    for score, make in (
        ("slot_f1", "f1_score"),
        ("slot_precision", "precision_score"),
        ("slot_recall", "recall_score"),
    ):
        top, bottom = total.ratios()[score]
        expected = getattr(metrics, make)(reference, given, average="micro", zero_division=0.0)
        assert (top / bottom if bottom else 0.0) == pytest.approx(expected)
    top, bottom = total.ratios()["intent_accuracy"]
    assert top / bottom == pytest.approx(
        metrics.accuracy_score(["home"] * len(cases), [one[2].intent for one in cases])
    )


# ---- held out


@dataclass
class Parrot:
    """Remembers what it was trained on, and says so."""

    package: ClassVar[str | None] = None
    lessons: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)

    def __init__(self, spec: PartSpec | None = None, language: str = "en") -> None:
        self.lessons = []

    def identity(self) -> dict[str, str]:
        return {}

    def fit(self, texts: Sequence[str], intents: Sequence[str]) -> Knows:
        self.lessons.append((tuple(texts), tuple(intents)))
        return Knows(frozenset(texts))


@dataclass
class Knows:
    texts: frozenset[str]

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        return [Prediction("known" if text in self.texts else "new") for text in texts]


def test_no_text_is_judged_by_a_model_that_has_seen_it() -> None:
    parrot: Interpreter = Parrot()
    folds = folds_of(ITEMS, "question", 7)
    texts = [one.text for one in ITEMS]
    model = HeldOut.fit(parrot, ITEMS, folds, texts)
    assert {p.intent for p in model.predict(texts) if p} == {"new"}
    seen = HeldOut.fit(Parrot(), ITEMS, folds_of(ITEMS, "speaker", 7), texts)
    assert {p.intent for p in seen.predict(texts) if p} == {"known"}


def test_equal_texts_are_learnt_once_and_no_text_teaches_nothing() -> None:
    parrot = Parrot()
    items = [item("q1", "a"), item("q1", "b"), item("q2", "a"), item("q3", "a")]
    model = HeldOut.fit(parrot, items, [0, 0, 1, 1], ["one", "one", "two", None])
    assert parrot.lessons == [(("two",), ("home",)), (("one",), ("home",))]
    assert [p and p.intent for p in model.predict(["one", None, "one", "two"])] == ["new", None, "known", "new"]


def test_beginnings_of_a_text_are_judged_by_the_model_of_its_question() -> None:
    items = [item("q1"), item("q2")]
    model = HeldOut.fit(Parrot(), items, [0, 1], ["one", "two"])
    assert [p and p.intent for p in model.predict_for([0, 0, 1], ["one", "two", "one"])] == ["new", "known", "known"]


def test_thresholds_come_from_the_other_folds() -> None:
    """In fold 0 names below .9 are wrong, in fold 1 those from .6 are right: each is cut as the other would have it."""
    items = [item("q1", slots=[1]), item("q2", slots=[2])]
    slots: list[Slots | None] = [((0.95, 1), (0.8, 9)), ((0.6, 2),)]
    assert ThresholdCounts(items, slots).chosen([0, 1]) == [{1, 9}, set()]
    assert ThresholdCounts(items, [slots[0], None]).chosen([0, 1])[1] is None
    assert ThresholdCounts(items, slots).chosen([0, 0]) == [set(), set()]  # nothing to learn from: only what is certain
