"""Which backend a verdict takes, whether the suite can tell, and what WER says: each rule from both sides."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from harness.analysis.comparisons import Comparison
from harness.analysis.summary import Row
from harness.report.model import Report
from tests.conftest import GoldenRun
from tests.report.altered import (
    Change,
    asked_for,
    changed,
    first,
    of,
    only,
    renamed,
    text_under,
    with_p,
    with_value,
    without,
)

# ---- can this suite tell?


def n_reached(n: int, retained: bool = True) -> Change:
    """The reference of 60 questions reaches hit@1 for that many."""

    def change(row: Row) -> Row | None:
        if row.metric == "hit@1" and row.source == "reference":
            return replace(row, value=n / 60)
        if row.metric == "retained":
            return replace(row, n=float(n), n_questions=n) if retained and n else None
        return row

    return change


@pytest.mark.parametrize("retained", [True, False])
@pytest.mark.parametrize(("n", "can_tell"), [(0, False), (9, False), (10, True), (60, True)])
def test_ten_questions_have_to_reach_the_outcome(golden_run: GoldenRun, n: int, can_tell: bool, retained: bool) -> None:
    headline = first(changed(of(golden_run, "tie"), row=n_reached(n, retained))).headline
    cannot = f"By hit@1, this suite cannot tell backends apart: the reference reaches it for {n} of 60 questions."
    assert (headline == cannot) is not can_tell


@pytest.mark.parametrize(("n", "warned"), [(9, False), (10, True), (29, True), (30, False)])
def test_less_than_half_of_the_questions_is_a_warning(golden_run: GoldenRun, n: int, warned: bool) -> None:
    text = text_under("Can this suite tell?", changed(of(golden_run, "tie"), row=n_reached(n)))
    assert (f"Of the other {60 - n} questions, hit@1 shows no loss, whatever is misrecognised." in text) is warned
    assert ("Fewer than 10 are too few to tell backends apart by hit@1." in text) is (n == 9)


def test_the_outcome_that_the_reference_reaches_most_is_suggested(golden_run: GoldenRun) -> None:
    report = of(golden_run, "weak_reader")
    assert first(report).detail.startswith(
        'The reference reaches hit@5 for 40 of 40 questions, 100.0 % [91.2, 100.0]. Set `outcome = "hit@5"` in the spec.'
    )
    rare = changed(report, row=lambda row: replace(row, value=0.2) if row.metric.startswith("hit@") else row)
    assert first(rare).detail.startswith("No other outcome of this run is reached for more of them:")
    by_answer = changed(of(golden_run, "answers_by_hits"), row=_only_answers_reach)
    nine = changed(report, row=lambda row: replace(row, value=9 / 40) if row.metric.startswith("hit@") else row)
    assert re.match(
        r"The most that the reference reaches is \S+, for 9 of 40 questions, .*, too few as well: it takes more questions",
        first(nine).detail,
    )
    assert 'Set `outcome = "answer"` in the spec.' in first(by_answer).detail
    five = changed(
        report,
        row=lambda row: replace(row, value=1.0, n_questions=5) if row.metric in ("exact_match", "retained") else row,
    )
    assert first(five).detail.startswith("The reference reaches it for all of them: it takes more questions.")


def _only_answers_reach(row: Row) -> Row | None:
    if row.metric == "retained":
        return None
    return replace(row, value=0.1) if row.metric.startswith("hit@") and row.source == "reference" else row


def test_failed_and_missing_samples_are_counted(golden_run: GoldenRun) -> None:
    report = of(golden_run, "tie")

    def of_tiny(row: Row) -> Row:
        return replace(row, n_scored=55, n_error=3, n_missing=2) if row.backend == "tiny" else row

    text = text_under("Can this suite tell?", changed(report, row=of_tiny))
    assert "3 of 60 samples of tiny failed; they count as wrong." in text
    assert "2 of 60 samples of tiny are missing: the run is not finished." in text
    assert "of base" not in text
    text = text_under("Can this suite tell?", asked_for(changed(report, row=of_tiny), missing="exclude"))
    assert "3 of 60 samples of tiny failed; they are left out." in text


def test_what_a_suite_lacks_is_said_with_the_line_that_adds_it(golden_run: GoldenRun) -> None:
    report = of(golden_run, "no_snippets")
    assert "`harness web collect SUITE --provider searxng --url URL --out DIR`" in text_under(
        "Can this suite tell?", report
    )
    lacks = text_under("What does this suite lack?", report)
    assert "`answers` to questions.jsonl" in lacks
    assert "`replay`" in lacks
    assert text_under("What does this suite lack?", of(golden_run, "two_by_two")) == (
        "The suite has no accepted answers: add the field `answers` to questions.jsonl to have answers judged."
    )
    not_judged = changed(of(golden_run, "tie"), row=lambda row: None if row.metric == "hit@1" else row)
    assert "No question says which snippets are relevant (`snippet_ids`" in text_under(
        "Can this suite tell?", not_judged
    )
    no_answers = changed(of(golden_run, "answers"), row=without("exact_match"))
    assert "No question has accepted answers (`answers`" in text_under("Can this suite tell?", no_answers)


# ---- which backend?


@pytest.mark.parametrize(
    ("p_holm", "headline"),
    [
        (0.0499, "Take base."),
        (0.05, "base or tiny: no significant difference in hit@5 (p = 0.050)."),
        (None, "base is ahead of tiny in hit@5; that is not tested."),
    ],
)
def test_a_backend_is_taken_only_where_the_stored_test_is_significant(
    golden_run: GoldenRun, p_holm: float | None, headline: str
) -> None:
    report = of(golden_run, "answers_by_hits")
    assert first(changed(report, comparison=with_p(p_holm, "hit@5"))).headline == headline


def test_the_order_in_which_a_difference_is_stored_does_not_matter(golden_run: GoldenRun) -> None:
    def turned(c: Comparison) -> Comparison:
        values = (None if v is None else -v for v in (c.delta, c.ci_high, c.ci_low))
        delta, low, high = values
        return replace(c, a=c.b, b=c.a, delta=delta, ci_low=low, ci_high=high)

    for name in ("two_by_two", "tie", "answers", "no_snippets"):
        report = of(golden_run, name)
        assert first(changed(report, comparison=turned)) == first(report)


def test_what_the_suite_could_have_shown_stands_beside_what_is_not_significant(golden_run: GoldenRun) -> None:
    report = of(golden_run, "answers_by_hits")
    assert "40 questions would show a difference of 13.5 points 4 times in 5." in text_under("Which backend?", report)
    never = changed(report, comparison=lambda c: replace(c, detectable=2.51))
    assert "40 questions cannot show a difference in hit@5." in text_under("Which backend?", never)
    assert "251" not in str(first(never))
    clear = changed(report, comparison=with_p(0.01, "hit@5"))
    assert "4 times in 5" not in text_under("Which backend?", clear)


def test_a_difference_against_the_order_of_the_figures_takes_nobody(golden_run: GoldenRun) -> None:
    """Where samples are missing, the pairs that are compared may order backends otherwise."""
    report = changed(
        of(golden_run, "answers"),
        comparison=lambda c: replace(c, delta=-abs(c.delta)) if c.metric == "exact_match" else c,
    )
    assert first(report).headline == "base is ahead of tiny in EM; that is not tested."


def test_the_next_best_may_not_be_among_the_stored_tests(golden_run: GoldenRun) -> None:
    report = changed(of(golden_run, "answers"), comparison=lambda c: None)
    assert first(report).headline == "base is ahead of tiny in EM; that is not tested."
    text = text_under("Which backend?", report)
    assert text.endswith(
        "The difference from the next best, tiny, is not among the stored tests: `harness compare RUN --baseline tiny` makes it."
    )


def test_a_known_test_against_a_third_is_told_where_the_next_best_has_none(golden_run: GoldenRun) -> None:
    report = of(golden_run, "two_by_two")
    specs = [
        replace(spec, bias="names.txt", distractors=None) if spec.bias == "own" else spec
        for spec in report.runs[0].spec.backends
    ]
    with_file = asked_for(report, backends=tuple(specs))  # tiny+own10 and base are each compared with tiny alone
    assert (
        first(with_file).headline == "tiny+own10 is ahead of base in hit@1 with bm25, under clean; that is not tested."
    )
    text = text_under("Which backend?", with_file)
    assert "tiny+own10 against tiny: +37.5 points" in text
    assert "the next best, base, is not among the stored tests" in text


def test_equal_backends_are_equal_in_hits_and_no_more_is_said_than_the_tests_say(golden_run: GoldenRun) -> None:
    report = of(golden_run, "tie")
    assert first(report).headline == "base and tiny are equal in hits; base has the lower WER (p < 0.001)."
    assert first(report).detail == "Each loses 6 [2, 12] of the 60 hits that the reference reaches."
    unsure = changed(report, comparison=with_p(0.2, "wer"))
    assert first(unsure).headline == "base and tiny are equal in hits."
    everything = str(first(report)) + str(first(unsure))
    assert "-0.0" not in everything
    assert "yet" not in everything
    assert "orders them otherwise" not in everything


def test_three_equal_backends(golden_run: GoldenRun) -> None:
    report = of(golden_run, "two_by_two")
    tied = changed(
        asked_for(
            report, backends=tuple(replace(s, bias=None, distractors=None) for s in report.runs[0].spec.backends)
        ),
        row=with_value(0.5, "hit@1"),
    )
    assert first(tied).headline == "base, tiny+oracle, tiny+own10 and tiny are equal in hits with bm25, under clean."


def test_a_backend_alone_is_told_by_what_it_loses(golden_run: GoldenRun) -> None:
    alone = only(of(golden_run, "tie"), "tiny")
    assert first(alone).headline == "tiny loses 6 [2, 12] of the 60 hits that the reference reaches."
    assert text_under("Which backend?", alone) == ""
    searched_nothing = only(of(golden_run, "no_snippets"), "tiny")
    assert first(searched_nothing).headline == "tiny: WER 14.3 % [11.0, 17.8]."


@pytest.mark.parametrize("bias", ["entities", "own"])
def test_no_backend_with_a_list_of_what_is_asked_for_is_taken(golden_run: GoldenRun, bias: str) -> None:
    report = of(golden_run, "answers")
    distractors = 100 if bias == "own" else None
    specs = tuple(
        replace(spec, bias=bias, distractors=distractors) if spec.label == "base" else spec
        for spec in report.runs[0].spec.backends
    )
    verdict_ = first(asked_for(report, backends=specs))
    assert verdict_.headline == "tiny loses 12 [7, 18] of the 36 answers that the reference reaches."
    assert "Take" not in str(verdict_)
    both = tuple(replace(spec, bias=bias, distractors=distractors) for spec in specs)
    none_to_take = first(asked_for(report, backends=both))
    assert none_to_take.headline == "base has the best EM, but no backend here can be deployed as it is."
    assert none_to_take.detail.startswith("Each has a bias list made of the names that are asked for.")
    assert "Take" not in str(none_to_take)


def test_headlines_stay_short_whatever_the_labels(golden_run: GoldenRun) -> None:
    long = {label: f"{label}:{'large-v3-turbo-' * 6}" for label in ("tiny", "base", "dead")}
    for name in ("answers", "answers_by_hits", "tie", "dead_backend", "no_snippets", "guessed_names"):
        report = renamed(of(golden_run, name), long)
        for change in (None, lambda c: None):
            headline = first(changed(report, comparison=change)).headline
            assert 0 < len(headline) < 100


def test_a_backend_to_take_is_told_with_its_p_value_and_no_other(golden_run: GoldenRun) -> None:
    assert first(of(golden_run, "two_by_two")).detail.endswith("of 46 hits; difference in hit@1: p < 0.001.")
    assert "difference in" not in first(of(golden_run, "dead_backend")).detail


# ---- what does WER say?


def test_wer_may_order_backends_otherwise_and_both_tests_are_told(golden_run: GoldenRun) -> None:
    report = changed(
        of(golden_run, "answers"),
        row=with_value(0.5, "wer", "base"),
        comparison=lambda c: replace(c, delta=0.43, ci_low=0.4, ci_high=0.5, p_holm=0.012) if c.metric == "wer" else c,
    )
    assert text_under("Does WER order them alike?", report) == (
        "WER orders them otherwise than EM: tiny has the lower WER, base the higher EM (base against tiny: WER +43.0 points "
        "[+40.0, +50.0], sign-flip test, Holm-adjusted p = 0.012, significant; EM +15.0 points [+5.0, +27.5], exact McNemar "
        "test, Holm-adjusted p = 0.031, significant)."
    )
    told = {finding.heading for finding in first(report).findings if finding.in_short}
    assert "Does WER order them alike?" in told, "the terminal says so, too, though the outcome has decided"
    tied = changed(report, comparison=lambda c: replace(c, delta=0.0) if c.metric == "exact_match" else c)
    assert "otherwise" not in str(first(tied))


def test_entity_recall_of_fewer_than_ten_mentions_is_not_quoted(golden_run: GoldenRun) -> None:
    def mentions(n: float) -> Report:
        return changed(
            of(golden_run, "tie"), row=lambda row: replace(row, n=n) if row.metric == "entity_recall" else row
        )

    assert "Entity recall" in text_under("What does WER say?", mentions(10.0))
    assert "Entity recall" not in text_under("What does WER say?", mentions(9.0))


def test_words_are_told_by_how_often_they_are_misrecognised(golden_run: GoldenRun) -> None:
    report = of(golden_run, "no_snippets")
    word = next(w for w in report.summary.words if w.backend == "base")
    rows = tuple(
        replace(
            word, word=name.lower(), phrases=(name,), n_reference=4, n_correct=n_correct, recognised_as=(("pallet", 1),)
        )
        for name, n_correct in (("Maseru", 3), ("Palikir", 0), ("Dodoma", 2))
    )
    text = text_under("Which words are misrecognised?", changed(report, words=rows))
    assert text.endswith("Palikir (4 of 4, as 'pallet'), Dodoma (2 of 4, as 'pallet'), Maseru (1 of 4, as 'pallet').")
