"""A sample's evaluation, on a retriever whose rankings are written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from harness.analysis.evaluation import Evaluator
from harness.analysis.outcomes import Judge
from harness.records import (
    Alternative,
    Entity,
    PlannedSample,
    Question,
    Ranking,
    RareWord,
    RetrievalOutcome,
    Sample,
    Snippet,
    Suite,
    Transcript,
)
from harness.words.rarity import Rarity

REFERENCE = "Which river flows through Ljubljana?"
SNIPPETS = tuple(Snippet(f"s{n}", f"Snippet {n} has the answer{n}.") for n in range(10))


class Written:
    """Ranks the snippets of each text as it is told, and those of any other text not at all."""

    def __init__(self, rankings: Mapping[str, Sequence[str]]) -> None:
        self._rankings = rankings

    def search(self, texts: Sequence[str], k: int) -> list[Ranking]:
        ids = [tuple(self._rankings.get(text, ()))[:k] for text in texts]
        return [Ranking(each, tuple(float(-rank) for rank in range(len(each)))) for each in ids]

    def search_variants(self, reference: str, texts: Sequence[str], k: int) -> list[Ranking]:
        return self.search(texts, k)


def evaluate(
    transcript: Transcript,
    rankings: Mapping[str, Sequence[str]],
    *,
    outcome: str = "hit@1",
    threshold: float = 3.0,
    answers: Sequence[str] | None = None,
) -> Sample:
    start = REFERENCE.index("Ljubljana")
    mention = Entity("Ljubljana", start, start + len("Ljubljana"))
    question = Question("q", REFERENCE, None if answers is None else tuple(answers), (mention,), ("s0",))
    suite = Suite(Path(), "", "", "en", "", "", "unknown", (question,), SNIPPETS, (), "")
    evaluator = Evaluator(suite, {"r": Written(rankings)}, Rarity("en", threshold), Judge.named(outcome), seed=7)
    return evaluator.judged(PlannedSample("u|clean|b", "u", "q", "clean", "b"), transcript, {})


def outcome_of(sample: Sample) -> RetrievalOutcome:
    return sample.retrieval["r"]


def ljubljana(*alternatives: str) -> RareWord:
    transcript = Transcript("which river flows through the piano", tuple(map(Alternative, alternatives)))
    (word,) = evaluate(transcript, {}).rare_words
    return word


def test_a_rare_word_is_in_an_nbest_list_where_any_entry_has_it() -> None:
    wrong, right = "which river flows through the piano", "which river flows through Ljubljana"
    assert ljubljana(wrong, right).in_nbest is True
    assert ljubljana(right, wrong).in_nbest is True
    assert ljubljana(wrong, "which liver flows through the piano").in_nbest is False
    assert ljubljana().in_nbest is None  # there is no list, which is not a list without the word


@pytest.mark.parametrize("k", [1, 5, 10])
@pytest.mark.parametrize("rank", [1, 2, 5, 6, 10])
def test_an_answer_is_looked_for_in_the_first_one_five_and_ten_snippets(rank: int, k: int) -> None:
    ids = [snippet.id for snippet in SNIPPETS]
    text = "which river flows through ljubljana"
    sample = evaluate(Transcript(text), {text: ids}, answers=[f"answer{rank - 1}"])
    assert outcome_of(sample).hypothesis_metrics[f"has_answer@{k}"] == (rank <= k)


@pytest.mark.parametrize(
    ("from_reference", "from_hypothesis", "fate"),
    [(1, 3, "kept"), (3, 4, "lost"), (4, 3, "gained"), (4, 10, "never")],
)
def test_a_retrieved_answer_is_an_outcome_whatever_the_suite_calls_relevant(
    from_reference: int, from_hypothesis: int, fate: str
) -> None:
    ids = [snippet.id for snippet in SNIPPETS]

    def with_answer_at(rank: int) -> list[str]:
        others = ids[1:]
        return [*others[: rank - 1], ids[0], *others[rank - 1 :]]

    sample = evaluate(
        Transcript("which river floors through ljubljana"),
        {
            "which river flows through ljubljana": with_answer_at(from_reference),
            "which river floors through ljubljana": with_answer_at(from_hypothesis),
        },
        outcome="has_answer@3",
        answers=["answer0"],
    )
    outcome = outcome_of(sample)
    assert outcome.fate == fate
    assert outcome.reference_metrics["has_answer@3"] == (from_reference <= 3)
    counterfactual = outcome.counterfactual
    assert counterfactual is not None
    assert (counterfactual.outcome, counterfactual.from_reference) == ("has_answer@3", from_reference <= 3)
    assert counterfactual.shapley == ((from_reference <= 3) - (from_hypothesis <= 3),)
    assert outcome.restored_by == ((0,) if fate == "lost" else ())


def test_what_counts_as_rare_is_decided_by_the_threshold_of_the_run() -> None:
    transcript = Transcript("which river floors through ljubljana")
    for threshold, rare, classes in (
        (3.0, ["ljubljana"], ("content",)),
        (4.5, ["flows", "ljubljana"], ("rare_other",)),
    ):
        sample = evaluate(transcript, {}, threshold=threshold)
        assert [word.text for word in sample.rare_words] == rare
        assert sample.region_classes == classes


@pytest.mark.parametrize(
    ("from_reference", "from_hypothesis", "fate"),
    [(1, 1, "kept"), (4, 9, "kept"), (4, None, "lost"), (None, 4, "gained"), (None, None, "never")],
)
def test_an_outcome_of_degrees_is_reached_by_any_degree(
    from_reference: int | None, from_hypothesis: int | None, fate: str
) -> None:
    sample = evaluate(
        Transcript("which river floors through ljubljana"),
        {
            "which river flows through ljubljana": with_relevant_at(from_reference),
            "which river floors through ljubljana": with_relevant_at(from_hypothesis),
        },
        outcome="rr@10",
    )
    assert outcome_of(sample).fate == fate


def test_an_error_region_restores_the_outcome_where_its_correction_alone_does_as_well_as_the_reference() -> None:
    sample = evaluate(
        Transcript("which liver flows through the piano"),
        {
            "which river flows through ljubljana": with_relevant_at(2),
            "which river flows through the piano": with_relevant_at(
                3
            ),  # the first region corrected: found, but further down
            "which liver flows through ljubljana": with_relevant_at(2),
        },
        outcome="rr@10",
    )
    outcome = outcome_of(sample)
    assert outcome.counterfactual is not None
    assert outcome.counterfactual.repair_one == (pytest.approx(1 / 3), 0.5)
    assert outcome.counterfactual.inject_one == (0.5, pytest.approx(1 / 3))
    assert outcome.restored_by == (1,)
    assert outcome.counterfactual.smallest_repairs == ((1,),)


def with_relevant_at(rank: int | None) -> list[str]:
    """A ranking that has the relevant snippet at that rank, or nowhere."""
    others = [snippet.id for snippet in SNIPPETS if snippet.id != "s0"]
    return others if rank is None else [*others[: rank - 1], "s0", *others[rank - 1 :]]


def test_what_is_not_speech_is_removed_from_the_text_and_the_nbest_list_before_anything_is_judged() -> None:
    text = "which river flows through ljubljana"
    tagged = f"<|en|> [00:00.000 --> 00:02.000] {text} (applause)"
    sample = evaluate(Transcript(tagged, (Alternative("[ljubljana] which river"),)), {text: ["s0"]})
    assert [step.operation for step in sample.alignment] == ["hit"] * 5
    assert outcome_of(sample).fate == "kept"
    assert sample.transcript == Transcript(tagged, (Alternative("[ljubljana] which river"),))
    assert sample.not_speech == {"special_tokens": 1, "time_stamps": 1, "sound_tags": 1}
    assert [word.in_nbest for word in sample.rare_words] == [False]


def test_a_transcript_of_tags_alone_is_an_empty_hypothesis() -> None:
    sample = evaluate(Transcript("[BLANK_AUDIO]"), {})
    assert [step.operation for step in sample.alignment] == ["deletion"] * 5
    assert (sample.status, sample.not_speech) == ("ok", {"bracketed_tags": 1})


def test_a_text_that_loops_in_tags_alone_does_not_run_away() -> None:
    assert evaluate(Transcript("[Music] " * 40 + REFERENCE), {}).runaway is None
