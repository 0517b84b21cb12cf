"""Early decision on the 1,190 reference texts of XQuAD (NoiseQA), against figures that were first counted by other code.

There: hit@1 .925 from whole questions and .92 at 82 % of the words with a margin of .5; the question's rarest word decides
33 % of the time, a random word is the rarest 10 % of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from harness.analysis.early.courses import Decision, margin, of_words
from harness.analysis.early.deciding import Words
from harness.analysis.early.figures import Counting, Curve, Grown, curve
from harness.retrieval.impact_retriever import ImpactRetriever
from harness.suites.importers.squad import import_squad
from harness.suites.load import load_suite
from harness.words.rarity import Rarity
from harness.words.text.normalisers import DEFAULT, normaliser


@pytest.fixture(scope="module")
def counted(outside_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Curve:
    data, root = outside_data / "noiseqa", tmp_path_factory.mktemp("noiseqa") / "suite"
    texts = {"human": data / "xquad-asr-natural.json"}
    import_squad(data / "xquad-context-en-question-en.json", root, transcripts=texts)
    suite = load_suite(root)
    retriever = ImpactRetriever.build(suite.snippets, {}, None, language="en")
    relevant = {question.id: set(question.snippet_ids or ()) for question in suite.questions}

    def decide(question: str, texts: Sequence[str]) -> list[Decision]:
        rankings = retriever.search(texts, 2)
        return [Decision(bool(set(r.snippet_ids[:1]) & relevant[question]), margin(r)) for r in rankings]

    rules, rarity = normaliser(DEFAULT, "en"), Rarity("en")
    courses = [of_words(question.id, rules.tokenise(question.text), decide) for question in suite.questions]
    counting = Counting(tolerances=(0.0, 0.01), resamples=200)
    return curve(Grown("words", courses), counting, Words(rarity.zipf, rarity.is_rare))


def test_the_whole_question_and_a_margin_of_a_half(counted: Curve) -> None:
    half = next(at for at in counted.at_thresholds if at.threshold == 0.5)
    assert counted.n == 1190
    assert counted.right.value == pytest.approx(0.925, abs=0.005)
    assert half.right.value == pytest.approx(0.92, abs=0.005)
    assert half.share.value == pytest.approx(0.82, abs=0.02)


def test_the_rarest_word_decides_three_times_as_often_as_by_chance(counted: Curve) -> None:
    rarest = counted.deciding[0]
    assert rarest.kind == "rarest"
    assert rarest.decides.value == pytest.approx(0.33, abs=0.01)
    assert rarest.by_chance.value == pytest.approx(0.10, abs=0.01)
    assert rarest.difference.ci_low is not None
    assert rarest.difference.ci_low > 0.15


def test_a_rule_that_may_lose_a_point_saves_words_and_one_that_may_not_saves_none(counted: Curve) -> None:
    strict, lenient = counted.rules
    assert strict.share.value == pytest.approx(1.0, abs=0.05)
    assert lenient.share.value is not None
    assert 0.7 < lenient.share.value < 0.9
    assert lenient.difference.value is not None
    assert -0.02 < lenient.difference.value <= 0.0


def test_the_curve_rises_and_the_oracle_saves_more_than_any_rule(counted: Curve) -> None:
    values = [point.right.value or 0.0 for point in counted.points]
    assert np.all(np.diff(values) > 0)
    assert counted.until_settled.value is not None
    assert counted.until_settled.value < min(rule.share.value or 0.0 for rule in counted.rules)
