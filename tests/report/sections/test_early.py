"""What a report says of early decision: every form of its sentences, and that they follow the figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.attribution import Estimate
from harness.analysis.early.deciding import Words
from harness.analysis.early.figures import Counting, Curve, Grown, RuleResult, curve
from harness.analysis.early.result import EarlyDecision
from harness.report.model import Report
from harness.report.pictures.drawing import specification
from harness.report.pictures.early import early_pictures
from harness.report.sections.early import early, early_section
from harness.report.tables import Section
from tests.analysis.early.by_hand import course
from tests.conftest import GoldenRun
from tests.report.altered import of

COUNTING = Counting(n_folds=2, tolerances=(0.0, 0.01), resamples=200)
WORDS = Words(lambda word: 1.0 if word == "okapi" else 6.0, lambda word: word == "okapi")


def counted(n_right: int, n: int = 12, backend: str | None = None, mode: str = "words", margin: float = 0.6) -> Curve:
    """`n` questions of four words, `n_right` of them right from the second word on, which is a rare one."""
    courses = [
        course(f"q{i}", "-+++" if i < n_right else "----", (0.1, margin, margin, margin), "the okapi lives here")
        for i in range(n)
    ]
    grown = Grown(mode, courses, backend, backend and "clean")  # type: ignore[arg-type]
    return curve(grown, COUNTING, WORDS)


def told(report: Report, *curves: Curve, notes: tuple[str, ...] = ()) -> Section:
    return early_section(EarlyDecision("hit@1", "bm25", 12, curves, notes), report.figures)


@pytest.fixture
def report(golden_run: GoldenRun) -> Report:
    return of(golden_run, "tie")


def test_a_run_without_the_study_has_no_section(report: Report) -> None:
    assert early(report).is_empty


def test_all_of_them_right_in_the_end(report: Report) -> None:
    until, oracle, rule, lenient, rarest, rare = told(report, counted(12)).sentences
    assert until == (
        "From the whole reference text, hit@1 is 100.0 % [73.5, 100.0]. The 12 that are right in the end are right for good "
        "after 50.0 % [50.0, 50.0] of their words on average (2.0 of 4.0 words)."
    )
    assert oracle == "An oracle that stops at that moment would save 50.0 % of all words."
    assert rule == (
        "A rule that stops once the first score leads the second by a share set on other questions saves 50.0 % (threshold 0.6) at the "
        "same outcome."
    )
    assert lenient == "Where it may lose 1 point on those, it does the same."
    assert rarest == (
        "The word that decides is the question's rarest in 100.0 % [73.5, 100.0] of 12 questions, and a random word of them is "
        "in 25.0 %: more often than chance, +75.0 points [+75.0, +75.0]."
    )
    assert rare.startswith(
        "The word that decides is a rare one, where the question has any, in 100.0 % [73.5, 100.0] of 12"
    )


def test_those_that_are_never_right_are_counted_and_named(report: Report) -> None:
    until, oracle, *_ = told(report, counted(10)).sentences
    assert until.startswith("From the whole reference text, hit@1 is 83.3 % [")
    assert "The 10 that are right in the end are right for good after 50.0 %" in until
    # 10 questions at half, 2 at all of it: 7 of 12
    assert oracle == (
        "An oracle that stops at that moment would save 41.7 % of all words, counting the 2 never right for good as needing all."
    )


@pytest.mark.parametrize("n_right", [1, 9])
def test_few_that_are_right_have_no_mean(report: Report, n_right: int) -> None:
    (until,) = told(report, counted(n_right)).sentences
    assert until.endswith(f", {n_right} of 12: too few to say how early they are right.")


def test_nothing_right_leaves_nothing_to_decide(report: Report) -> None:
    (until,) = told(report, counted(0)).sentences
    assert until == (
        "From the whole reference text, hit@1 is 0.0 % [0.0, 26.5]: nothing is right in the end, so there is nothing to decide "
        "early."
    )


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (Estimate(0.0, 0.0, 0.0), "at the same outcome"),
        (Estimate(-0.004, -0.012, 0.0), "at a change in hit@1 of -0.4 points [-1.2, 0.0], whose interval holds 0"),
        (Estimate(0.01, -0.02, 0.04), "at a change in hit@1 of +1.0 points [-2.0, +4.0], whose interval holds 0"),
        (Estimate(-0.04, -0.06, -0.01), "at a change in hit@1 of -4.0 points [-6.0, -1.0]"),
        (Estimate(0.04, 0.01, 0.06), "at a change in hit@1 of +4.0 points [+1.0, +6.0]"),
    ],
)
def test_what_the_rule_costs_is_said_as_it_is(report: Report, difference: Estimate, words: str) -> None:
    one = counted(12)
    rule = RuleResult(0.0, (0.3, None, 0.4), Estimate(0.9, 0.8, 1.0), Estimate(0.75, 0.7, 0.8), difference)
    sentence = told(report, replace(one, rules=(rule,))).sentences[2]
    assert sentence.endswith(f" saves 25.0 % (thresholds 0.3 to 0.4 or never) {words}.")


def test_a_rule_that_may_lose_a_point(report: Report) -> None:
    one = counted(12)
    saving = replace(
        one.rules[1], thresholds=(0.3, 0.3), share=Estimate(0.4, 0.3, 0.5), difference=Estimate(-0.02, -0.03, -0.01)
    )
    lenient = told(report, replace(one, rules=(one.rules[0], saving))).sentences[3]
    assert lenient == (
        "Where it may lose 1 point on those, it saves 60.0 % (threshold 0.3) at a change in hit@1 of -2.0 points [-3.0, -1.0]."
    )
    more = told(report, replace(one, rules=(one.rules[0], replace(saving, tolerance=0.025)))).sentences[3]
    assert more.startswith("Where it may lose 2.5 points on those, it saves 60.0 %")


def test_a_rule_that_never_stops_saves_nothing(report: Report) -> None:
    """The margin is the same, .1, at the first word, where it is wrong."""
    strict, lenient = told(report, counted(12, margin=0.1)).sentences[2:4]
    assert strict == (
        "A rule that stops once the first score leads the second by a share set on other questions saves nothing: on those, "
        "stopping earlier always lost some."
    )
    assert lenient == "Where it may lose 1 point on those, it still saves nothing."


def test_what_is_saved_has_the_interval_of_what_is_read_turned_round(report: Report) -> None:
    saved = told(report, counted(10)).tables[1].rows[0][2]
    shares = counted(10).until_settled
    assert (saved.text, saved.interval) == (
        f"{100 * (1 - shares.value):.1f} %",
        f"[{100 * (1 - shares.ci_high):.1f}, {100 * (1 - shares.ci_low):.1f}]",
    )


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (Estimate(0.2, 0.1, 0.3), "more often than chance, +20.0 points [+10.0, +30.0]"),
        (Estimate(0.1, -0.1, 0.3), "not told from chance, +10.0 points [-10.0, +30.0]"),
        (Estimate(-0.2, -0.3, -0.1), "less often than chance, -20.0 points [-30.0, -10.0]"),
    ],
)
def test_the_deciding_word_against_chance(report: Report, difference: Estimate, words: str) -> None:
    one = counted(12)
    kind = replace(one.deciding[0], difference=difference)
    assert told(report, replace(one, deciding=(kind,))).sentences[-1].endswith(f": {words}.")
    assert len(told(report, replace(one, deciding=(replace(kind, n=9),))).sentences) == 4


def test_hypotheses_of_two_backends_are_told_and_of_all_tabulated(report: Report) -> None:
    section = told(report, counted(12), *(counted(10, backend=name) for name in ("tiny", "base", "large")))
    starts = [sentence.split(",")[0] for sentence in section.sentences[6:]]
    assert starts == ["From the whole hypotheses of tiny", "From the whole hypotheses of base"]
    assert all("An oracle" in s and "A rule" in s for s in section.sentences[6:])
    early_table, saved, fixed, deciding = section.tables
    assert [row[0].text for row in early_table.rows] == ["reference text", "tiny", "base", "large"]
    assert [row[3].text for row in saved.rows] == ["nothing", "1 point"] * 4
    assert [h.text for h in fixed.headings[1:]] == [
        "reference text: hit@1", "reference text: words read", "tiny: hit@1", "tiny: words read",
    ]  # fmt: skip
    assert len(deciding.rows) == 8


def test_partial_hypotheses(report: Report) -> None:
    plain = counted(10, backend="tiny", mode="partials")
    tokens = [[["a", "b"], ["a", "c", "d"], ["a", "c", "d", "e"]]] * 12
    courses = [course(f"q{i}", "-+++" if i < 10 else "----") for i in range(12)]
    one = curve(Grown("partials", courses, "tiny", "clean", tokens, [True] * 12), COUNTING, WORDS)
    read, parts, revised = told(report, one).sentences
    assert read == (
        "tiny read 12 recordings as they came in: hit@1 is 83.3 % [49.9, 98.2] in the end, and 100.0 % [73.5, 100.0] where each "
        "is read at once."
    )
    assert "right for good after 50.0 % [50.0, 50.0] of their seconds on average (2.0 of 4.0 seconds)" in parts
    assert revised == (
        "Its partial hypotheses take back 0.25 words for each word of the transcript, in 100.0 % [73.5, 100.0] of the "
        "recordings."
    )
    assert len(told(report, plain).sentences) == 2  # nothing is known of revisions


def test_cut_recordings(report: Report) -> None:
    courses = [course(f"q{i}", "-+++") for i in range(12)]
    one = curve(Grown("audio", courses, "tiny", "clean", grid=(0.25, 0.5, 0.75, 1.0)), COUNTING, WORDS)
    cut, parts = told(report, one).sentences
    assert cut == (
        "tiny recognised 12 recordings cut after 25, 50, 75, 100 % of the length: hit@1 is 0.0 %, 100.0 %, 100.0 %, 100.0 %."
    )
    assert parts.startswith("The 12 that are right in the end are right for good after 50.0 %")
    single = curve(Grown("audio", courses[:1], "tiny", "clean", grid=(0.5, 1.0)), COUNTING, WORDS)
    cut, parts = told(report, single).sentences
    assert cut.startswith("tiny recognised 1 recording cut after 50, 100 %")
    assert parts == "Only 1 of 1 are right in the end, too few to say how early."


def test_what_was_left_out_is_said(report: Report) -> None:
    section = told(report, counted(12), notes=("replayed transcripts have no parts of recordings: vendor",))
    assert section.sentences[-1] == "Replayed transcripts have no parts of recordings: vendor."


def test_pictures_show_every_curve_and_say_half_and_all(report: Report) -> None:
    curves = (counted(12), counted(10, backend="tiny"), counted(10, backend="tiny", mode="partials"))
    words, seconds = early_pictures(EarlyDecision("hit@1", "bm25", 12, curves), report.figures)
    assert (words.name, seconds.name) == ("early-words", "early-seconds")
    assert words.takeaway == (
        "reference text: hit@1 100.0 % [73.5, 100.0] after 50 % of the words, 100.0 % [73.5, 100.0] after all. "
        "tiny: hit@1 83.3 % [49.9, 98.2] after 50 % of the words, 83.3 % [49.9, 98.2] after all."
    )
    assert [row[0] for row in words.rows] == ["reference text"] * 10 + ["tiny"] * 10
    assert words.rows[3] == ("reference text", "40 %", "0.0 % [0.0, 26.5]")
    values = specification(words)["data"]["values"]
    assert [(p["x"], p["y"]) for p in values[:6]] == [(0.1, 0), (0.2, 0), (0.3, 0), (0.4, 0), (0.5, 1), (0.6, 1)]
    assert all(p["low"] <= p["y"] <= p["high"] for p in values)


def test_seconds_stand_beside_words_where_they_are_known(report: Report) -> None:
    courses = [replace(course(f"q{i}", "-+++"), ends=(0.5, 1.0, 1.5, 2.0), length=2.5) for i in range(12)]
    section = told(report, curve(Grown("words", courses, "tiny", "clean"), COUNTING, WORDS))
    assert "(2.0 of 4.0 words, 1.0 of 2.5 seconds)" in section.sentences[0]
    assert any("puts the end of the deciding word" in paragraph for paragraph in section.after)
    assert not any("puts the end" in paragraph for paragraph in told(report, counted(12)).after)


def test_intents_have_results_tables_and_pictures_of_their_own(report: Report) -> None:
    intent = replace(counted(11), decides="intent")
    decision = EarlyDecision("hit@1", "bm25", 12, (counted(12), intent), (), "relation", "ngrams")
    section = early_section(decision, report.figures)
    assert section.sentences[6].startswith(
        "From the whole reference text, intent accuracy is 91.7 % [59.7, 99.8]. The 11 that are right in the end"
    )
    assert [table.title for table in section.tables] == [
        "", "What stopping early saves", "Stopping at a fixed margin", "Deciding words", "Intent: how early",
        "Intent: what stopping early saves", "Intent: stopping at a fixed margin", "Intent: deciding words",
    ]  # fmt: skip
    assert any(
        "ngrams learnt it from the whole reference texts of the questions of other folds" in p for p in section.after
    )
    assert section.tables[6].headings[1].text == "reference text: intent accuracy"
    names = [picture.name for picture in early_pictures(decision, report.figures)]
    assert names == ["early-words", "early-intent-words"]
    lost = replace(intent.rules[0], thresholds=(0.3,), difference=Estimate(-0.04, -0.06, -0.01))
    told_of = early_section(replace(decision, curves=(replace(intent, rules=(lost,)),)), report.figures).sentences[2]
    assert told_of.endswith("at a change in intent accuracy of -4.0 points [-6.0, -1.0].")


def test_few_questions_are_not_drawn(report: Report) -> None:
    assert not list(early_pictures(EarlyDecision("hit@1", "bm25", 9, (counted(9, 9),)), report.figures))
