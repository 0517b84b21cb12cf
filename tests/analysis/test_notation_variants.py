"""What a notation variant changes in a sample's record and figures: names are recognised, words are still counted as errors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.analysis.evaluation import Evaluator
from harness.analysis.measures import Measure, contributions
from harness.analysis.outcomes import Judge
from harness.analysis.word_costs import word_costs
from harness.records import Counterfactual, Entity, PlannedSample, Question, Sample, Suite, Transcript
from harness.words.rarity import Rarity
from tests.analysis.samples import questions_of, sample

PLANNED = PlannedSample("q1.a|clean|b", "q1.a", "q1", "clean", "b")


def judged(text: str, name: str, hypothesis: str, aliases: tuple[str, ...] = ()) -> Sample:
    """A sample of one question about one name."""
    entity = Entity(name, text.index(name), text.index(name) + len(name), aliases=aliases)
    question = Question("q1", text, entities=(entity,))
    suite = Suite(Path(), "", "", "en", "", "", "unknown", (question,), (), (), "")
    evaluator = Evaluator(suite, {}, Rarity("en"), Judge.named("hit@1"), seed=7)
    return evaluator.judged(PLANNED, Transcript(hypothesis), {})


def test_a_name_in_another_notation_is_recalled_and_its_words_are_still_errors() -> None:
    one = judged("Who besieged Warsaw in 1656?", "Warsaw", "who besieged war saw in 1656")
    assert [entity.recalled for entity in one.entities] == [True]
    assert [region.notation for region in one.error_regions] == [True]
    assert [step.operation for step in one.alignment].count("insertion") == 1
    assert added(one, "wer") == (2, 7)
    assert added(one, "notation_share") == (1, 1)


def test_a_name_that_is_misrecognised_beside_one_in_another_notation_is_missed() -> None:
    text = "Did Jimi Hendrix hear Peter Medawar?"
    assert judged(text, "Jimi Hendrix", "did jimmy hendricks hear peter mad dog").entities[0].recalled
    assert not judged(text, "Peter Medawar", "did jimmy hendricks hear peter mad dog").entities[0].recalled
    assert not judged(text, "Jimi Hendrix", "did timmy hendrix hear peter medawar").entities[0].recalled


def test_a_name_is_missed_where_only_a_part_of_it_is_in_another_notation() -> None:
    assert (
        not judged("Who saw Doctor Warsaw today?", "Doctor Warsaw", "who saw doctor war paint today")
        .entities[0]
        .recalled
    )
    assert (
        not judged("Where is St. Louis airport?", "St. Louis airport", "where is saint louis import")
        .entities[0]
        .recalled
    )


def test_a_name_recognised_as_its_alias_is_recalled() -> None:
    text, hypothesis = "When did John F. Kennedy die?", "when did jack kennedy die"
    assert not judged(text, "John F. Kennedy", hypothesis).entities[0].recalled
    assert judged(text, "John F. Kennedy", hypothesis, ("JFK", "Jack Kennedy")).entities[0].recalled


def test_no_bias_list_is_asked_for_a_word_in_another_notation() -> None:
    made = sample(
        "q1", "where does the okapi live", "where does the oh kapi live", "lost", [1.0], ["rare_entity"], [(3, 4)]
    )
    assert [row.word for row in word_costs([made], ("b", "clean", "bm25"), questions_of([made]), {}, "en")] == ["okapi"]
    marked = replace(made, error_regions=(replace(made.error_regions[0], notation=True),))
    assert word_costs([marked], ("b", "clean", "bm25"), questions_of([marked]), {}, "en") == ()


def test_what_is_lost_by_notation_stands_apart() -> None:
    made = sample(
        "q1", "did the okapi see rome", "did the oh kapi sea rome", "lost", [0.75], ["rare_entity"], [(2, 3)]
    )  # fmt: skip
    regions = (
        replace(made.error_regions[0], reference_end=3, hypothesis_end=4, notation=True),
        replace(made.error_regions[0], reference_start=3, hypothesis_start=4),
    )
    outcome = made.retrieval["bm25"]
    assert outcome.counterfactual is not None
    for returned, expected in ((1.0, 1.0), (0.5, 0.0)):
        counterfactual: Counterfactual = replace(
            outcome.counterfactual, shapley=(0.75, 0.25), inject_one=(0.0, 1.0),
            class_repair={"notation": returned, "rare_entity": 0.0, "not_rare_entity": 0.0},
        )  # fmt: skip
        both = replace(
            made, error_regions=regions, region_classes=("rare_entity", "content"),
            retrieval={"bm25": replace(outcome, counterfactual=counterfactual)},
        )  # fmt: skip
        assert added(both, "notation_share") == (1, 2)
        assert added(both, "loss_share_notation", "", "bm25") == (0.75, 1.0)
        assert added(both, "class_repair_notation", "", "bm25") == (expected, 1)


def added(one: Sample, name: str, source: str = "hypothesis", retriever: str = "") -> tuple[float, float]:
    (counted,) = [
        (top, bottom)
        for group, measure, top, bottom in contributions(one, ["all"], Rarity("en"))
        if (group, measure) == ("all", Measure(name, retriever, source))
    ]
    return counted
