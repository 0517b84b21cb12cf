"""What `harness compare` prints: the sentences on what a suite cannot tell, the legend, the signs, and the gates."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.analysis.comparisons import Comparison
from harness.analysis.rules import Rules
from harness.report.comparison import how_to_read, open_questions, print_comparison
from harness.report.screen import Screen
from harness.runs.compare import ComparedRuns
from harness.runs.gates import Figure
from tests.conftest import WriteSuite


def difference(metric: str, detectable: float | None, p_holm: float | None = 0.4, **changes: Any) -> Comparison:
    told: dict[str, Any] = {
        "a": "base", "b": "tiny", "condition": "clean", "retriever": None, "metric": metric, "delta": 0.01, "ci_low": -0.02,
        "ci_high": 0.04, "test": "sign-flip", "p_value": p_holm, "p_holm": p_holm, "n": 48, "detectable": detectable,
    }  # fmt: skip
    return Comparison(**{**told, **changes})


def figures(*pair: tuple[Comparison, float | None]) -> dict[tuple[str, str, str | None, str], Figure]:
    """The baseline's figures of these differences."""
    return {
        (c.a, c.condition, c.retriever, c.metric): Figure(c.a, c.condition, c.retriever, c.metric, value, 0.0, 1.0, c.n)
        for c, value in pair
    }


@pytest.mark.parametrize(
    ("metric", "baseline", "detectable", "sentence"),
    [
        ("wer", 0.15, 0.039, "48 questions would show differences above 3.9 points (WER) 4 times in 5, before Holm's adjustment."),
        ("wer", 0.15, 2.51, "48 questions cannot show a difference in WER."),
        ("wer", 3.2, 2.51, "48 questions cannot show a rise in WER, and a fall only above 251.0 points."),  # it ran away
        ("wer", 0.15, 0.3, "48 questions cannot show a fall in WER, and a rise only above 30.0 points."),
        ("lost", 0.02, 0.05, "48 questions cannot show a fall in hits lost, and a rise only above 5.0 points."),
        ("lost", 0.98, 0.05, "48 questions cannot show a rise in hits lost, and a fall only above 5.0 points."),
        ("lost", 0.5, 0.6, "48 questions cannot show a difference in hits lost."),
        ("lost", 0.0, 1.0, "48 questions cannot show a difference in hits lost."),
        ("rare_wer", 0.9, 0.2, "48 questions would show differences above 20.0 points (rare WER) 4 times in 5, before Holm's adjustment."),
    ],
)  # fmt: skip
def test_a_suite_promises_no_difference_that_there_cannot_be(
    metric: str, baseline: float, detectable: float, sentence: str
) -> None:
    one = difference(metric, detectable)
    assert open_questions([one], figures((one, baseline)), Rules()) == [sentence]


def test_counts_fall_to_none_and_rise_without_a_bound() -> None:
    one = difference("false_rare_insertions", 13.0)
    (sentence,) = open_questions([one], figures((one, 5.0)), Rules())
    assert sentence.startswith("48 questions cannot show a fall in rare-word false alarms, and a rise only above 13")
    (sentence,) = open_questions([one], figures((one, 20.0)), Rules())
    assert sentence.startswith("48 questions would show differences above 13 (rare-word false alarms) 4 times in 5")


def test_times_are_ratios_and_not_per_cent() -> None:
    one = difference("real_time_factor", 0.021)
    (sentence,) = open_questions([one], figures((one, 0.172)), Rules())
    assert sentence.startswith("48 questions would show differences above 0.02 (RTF) 4 times in 5")


def test_a_score_is_no_per_cent_and_at_most_one() -> None:
    one = difference("ndcg@10", 0.3, retriever="bm25")
    assert open_questions([one], figures((one, 0.8)), Rules()) == [
        "48 questions cannot show a rise in nDCG@10 ASR with bm25, and a fall only above 0.300."
    ]


def test_what_is_lost_is_named_by_the_outcome() -> None:
    one = difference("lost", 0.6)
    assert open_questions([one], figures((one, 0.5)), Rules("answer")) == [
        "48 questions cannot show a difference in answers lost."
    ]


def test_a_single_question_shows_nothing() -> None:
    one = difference("wer", None, None, n=1)
    assert open_questions([one], figures((one, 0.1)), Rules()) == ["1 question cannot show a difference in WER."]


def test_nothing_is_said_of_significant_differences() -> None:
    one, level = difference("wer", 0.04, 0.049), difference("wer", 0.04, 0.05, p_value=0.001)
    assert open_questions([one], figures((one, 0.2)), Rules()) == []
    assert len(open_questions([level], figures((level, 0.2)), Rules())) == 1


def test_sentences_name_condition_and_retriever() -> None:
    pair = [
        difference("hit@1", 0.1, retriever=retriever, condition="babble 10 dB") for retriever in ("bm25", "phonetic")
    ] + [difference("lost", 0.9, retriever="bm25", condition="babble 10 dB")]
    known = figures(*((one, 0.5) for one in pair))
    sentences = open_questions(pair, known, Rules(), name_condition=True)
    assert [sentence.partition(":")[0] for sentence in sentences] == ["babble 10 dB"] * 2
    assert "cannot show a difference in hits lost with bm25." in sentences[0]
    assert "10.0 points (hit@1" in sentences[1]
    assert "with bm25), 10.0 points" in sentences[1]
    assert "with phonetic) 4 times in 5" in sentences[1]
    assert not any("babble" in sentence for sentence in open_questions(pair, known, Rules()))


# ---- the whole output


def printed(compared: ComparedRuns) -> str:
    console = Screen(file=StringIO(), width=200)
    print_comparison(console, compared)
    return " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]


@pytest.fixture
def write_run(write_suite: WriteSuite, tmp_path: Path) -> Any:
    def write(*lines: str) -> Path:
        suite = write_suite()
        spec = tmp_path / "spec.toml"
        backends = "".join(f'[[backend]]\nname = "replay"\nmodel = "{name}"\n' for name in ("vendor", "perfect"))
        spec.write_text(f'suite = "{suite}"\n' + "".join(line + "\n" for line in lines) + backends)
        return Path(harness.run(spec, out=tmp_path / "run", jobs=1).folder)

    return write


@pytest.mark.parametrize(
    ("threshold", "often"), [(3.0, "less than once in a million"), (4.5, "fewer than 31.6 in a million")]
)
def test_the_legend_says_what_is_rare(write_run: Any, threshold: float, often: str) -> None:
    compared = harness.compare(write_run(f"rare_threshold = {threshold}"))
    assert compared.rules.rare_threshold == threshold
    assert f"Rare words: Zipf under {threshold:g}, {often} words." in printed(compared)
    only = harness.compare(*compared.runs, metrics=["hit@1"])
    assert "Rare words" not in printed(only)


def test_the_legend_explains_the_tests_that_were_used(write_run: Any) -> None:
    compared = harness.compare(write_run())
    assert {c.test for c in compared.comparisons} == {"sign-flip"}  # two recordings of each question
    (legend, *_) = how_to_read(compared)
    assert "sign-flip swaps the two backends question by question at random." in legend
    assert "McNemar" not in legend
    assert "MAPSSWE" not in legend
    assert "significant where it is under 0.05" in legend
    assert "chance" not in printed(compared)


def test_each_row_names_its_test(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite()
    voices = (suite / "utterances.jsonl").read_text().splitlines()
    (suite / "utterances.jsonl").write_text("".join(f"{line}\n" for line in voices if '"speaker": "a"' in line))
    harness.run(suite, backends=["replay:vendor", "replay:perfect"], out=tmp_path / "run", jobs=1)
    compared = harness.compare(tmp_path / "run", metrics=["wer", "hit@1"])
    assert [c.test for c in compared.comparisons] == ["sign-flip", "mcnemar"]
    text = printed(compared)
    assert "WER 30.0 % 0.0 % -30.0 sign-flip 0.500 0.500" in text
    assert "50.0 % 100.0 % +50.0 McNemar 0.500 0.500" in text
    assert "McNemar is the exact test of yes/no outcomes" in text


def test_sentences_stand_under_their_condition(write_run: Any) -> None:
    text = printed(harness.compare(write_run("[[condition]]", 'name = "clean"', "[[condition]]", 'name = "telephone"')))
    for condition in ("clean", "telephone"):
        assert f"{condition}: 4 questions " in text


def test_what_rounds_to_nothing_has_no_sign(write_run: Any) -> None:
    folder = write_run()
    text = printed(harness.compare(folder, folder.parent / _twin(folder), metrics=["wer"]))
    assert "-0.0" not in text
    assert "+0.0" not in text
    assert "WER 0.0 % 0.0 % 0.0 sign-flip 1.000 1.000 [0.0, 0.0]" in text


def _twin(folder: Path) -> str:
    """The name of the same run, done once more."""
    harness.run(folder.parent / "spec.toml", out=folder.parent / "twin", jobs=1, retries=2)
    return "twin"
