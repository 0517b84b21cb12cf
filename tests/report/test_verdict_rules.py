"""Each rule of the verdict, and both sides of each: what it says when figures, tests or labels are others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from harness.analysis.comparisons import Comparison
from harness.analysis.summary import Row
from harness.records import Failure
from harness.report.differences import difference_sentences
from harness.report.model import Figures, Report
from harness.report.verdict import Verdict, primary, verdict
from tests.conftest import GoldenRun

Change = Callable[[Any], Any]


def of(golden_run: GoldenRun, name: str) -> Report:
    return Report.read(golden_run(name))


def changed(report: Report, row: Change | None = None, comparison: Change | None = None, **parts: Any) -> Report:
    """The report with other rows, comparisons and parts of the summary; what a change makes `None` is left out."""
    summary = report.figures.summary
    for name, change in (("rows", row), ("comparisons", comparison)):
        if change is not None:
            parts[name] = tuple(new for new in map(change, getattr(summary, name)) if new is not None)
    return replace(report, figures=Figures(replace(summary, **parts), report.figures.rules))


def asked_for(report: Report, **fields: Any) -> Report:
    """The report of a run whose spec has other fields."""
    (run,) = report.runs
    spec = msgspec.to_builtins(replace(run.spec, **fields))
    return replace(report, runs=(replace(run, record=replace(run.record, spec=spec)),))


def first(report: Report) -> Verdict:
    found = primary(report)
    assert found is not None
    return found


def text_under(heading: str, report: Report) -> str:
    texts = [finding.text for finding in first(report).findings if finding.heading == heading]
    assert len(texts) < 2
    return "".join(texts)


def only(report: Report, label: str) -> Report:
    """The report of a run of that backend alone."""
    specs = tuple(spec for spec in report.runs[0].spec.backends if spec.label == label)
    return asked_for(changed(report, row=lambda row: row if row.backend == label else None), backends=specs)


def with_value(value: float, metric: str, *backends: str, source: str | None = "hypothesis") -> Change:
    """Rows of a metric of all recordings get that value, for these backends or for all."""

    def change(row: Row) -> Row:
        wanted = (row.metric, row.source, row.group) == (metric, source, "all")
        return replace(row, value=value) if wanted and (not backends or row.backend in backends) else row

    return change


def with_p(p_holm: float | None, metric: str = "hit@1") -> Change:
    """Comparisons in a metric get that adjusted p-value."""
    return lambda c: replace(c, p_holm=p_holm) if c.metric == metric else c


def without(metric: str) -> Change:
    return lambda one: None if one.metric == metric else one


def renamed(report: Report, names: Mapping[str, str]) -> Report:
    """The report with other labels."""

    def new(one: Any) -> Any:
        return replace(one, backend=names.get(one.backend, one.backend))

    summary = report.figures.summary
    comparisons = tuple(replace(c, a=names.get(c.a, c.a), b=names.get(c.b, c.b)) for c in summary.comparisons)
    backends = tuple(replace(spec, label=names.get(spec.label, spec.label)) for spec in report.runs[0].spec.backends)
    relabelled = changed(report, row=new, words=tuple(map(new, summary.words)), comparisons=comparisons)
    return asked_for(relabelled, backends=backends)


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
    assert first(nine).detail.startswith("No other outcome of this run"), "9 is more than 8, and too few"
    assert 'Set `outcome = "answer"` in the spec.' in first(by_answer).detail


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
    assert first(report).detail == "Each loses 6 of the 60 hits that the reference reaches [2, 12]."
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
    assert first(alone).headline == "tiny loses 6 of the 60 hits that the reference reaches [2, 12]."
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
    assert verdict_.headline == "tiny loses 12 of the 36 answers that the reference reaches [7, 18]."
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


# ---- what does WER say?


def test_wer_may_order_backends_otherwise_and_both_tests_are_told(golden_run: GoldenRun) -> None:
    report = changed(
        of(golden_run, "answers"),
        row=with_value(0.5, "wer", "base"),
        comparison=lambda c: replace(c, delta=0.43, ci_low=0.4, ci_high=0.5, p_holm=0.012) if c.metric == "wer" else c,
    )
    assert text_under("What does WER say?", report).endswith(
        "WER orders them otherwise than EM: tiny has the lower WER, base the higher EM (base against tiny: WER +43.0 points "
        "[+40.0, +50.0], sign-flip test, Holm-adjusted p = 0.012, significant; EM +15.0 points [+5.0, +27.5], exact McNemar "
        "test, Holm-adjusted p = 0.031, significant)."
    )
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


# ---- where does the loss come from?


@pytest.mark.parametrize(
    ("lost_by_base", "lost_by_tiny", "expected"),
    [
        (10, 12, "of the 10 answers that base loses"),
        (9, 10, "of the 10 answers that tiny loses"),
        (4, 9, "No candidate loses more than 9 answers: fewer than 10 are too few to attribute."),
        (0, 0, "No candidate loses any: fewer than 10 are too few to attribute."),
    ],
)
def test_the_loss_is_attributed_where_ten_outcomes_were_lost(
    golden_run: GoldenRun, lost_by_base: int, lost_by_tiny: int, expected: str
) -> None:
    lost = {"base": lost_by_base, "tiny": lost_by_tiny}

    def change(row: Row) -> Row:
        if row.metric == "lost":
            return replace(row, value=lost[row.backend] / 40)
        return replace(row, n=float(lost[row.backend])) if row.metric.startswith("loss_share") else row

    assert expected in text_under("Where does the loss come from?", changed(of(golden_run, "answers"), row=change))


def test_the_whole_loss_has_no_interval_without_width(golden_run: GoldenRun) -> None:
    text = text_under("Where does the loss come from?", of(golden_run, "two_by_two"))
    assert (
        "All of the 24 hits that tiny loses fall to rare entity words, which are 44.4 % [30.9, 58.6] of its 54 error"
        in text
    )
    assert "[100.0, 100.0]" not in text


@pytest.mark.parametrize(("n_regions", "quoted"), [(10.0, True), (9.0, False)])
def test_a_share_of_few_error_regions_is_not_quoted(golden_run: GoldenRun, n_regions: float, quoted: bool) -> None:
    report = changed(
        of(golden_run, "answers"),
        row=lambda row: replace(row, n=n_regions) if row.metric == "region_share_rare" else row,
    )
    assert ("of its 10 error regions" in text_under("Where does the loss come from?", report)) is quoted
    assert "of its 9" not in str(first(report))


def test_a_part_that_every_resample_gives_has_no_interval(golden_run: GoldenRun) -> None:
    parts = {"loss_share_rare": 0.0, "loss_share_function": 1.0}

    def change(row: Row) -> Row:
        part = parts.get(row.metric)
        return row if part is None else replace(row, value=part, ci_low=part, ci_high=part)

    text = text_under("Where does the loss come from?", changed(of(golden_run, "answers"), row=change))
    assert text.startswith("0.0 % of the 12 answers that tiny loses fall to rare entity words")
    assert text.endswith("The rest: function words 100.0 %.")


# ---- what to do first?


def headings(report: Report) -> list[str]:
    return [finding.heading for finding in first(report).findings]


def test_the_remedy_that_recovers_most_comes_first(golden_run: GoldenRun) -> None:
    report = of(golden_run, "two_by_two")
    assert "Give base a bias list" in text_under("What to do first?", report)
    assert "phonetic recovers 12 of the 24 hits that bm25 loses with tiny [7, 17]." in text_under(
        "What to do next?", report
    )
    weaker = changed(report, row=with_value(0.2, "class_repair_rare", source=None))
    assert "phonetic recovers 12 of the 24 hits" in text_under("What to do first?", weaker)
    assert "Give base a bias list" in text_under("What to do next?", weaker)


def test_a_retriever_that_recovers_nothing_is_told_with_its_harm(golden_run: GoldenRun) -> None:
    found = verdict(of(golden_run, "two_by_two"), "phonetic", "clean")
    texts = " ".join(finding.text for finding in found.findings)
    assert "bm25 recovers 0 of the 12 hits that phonetic loses with tiny [0, 3]." in texts
    assert (
        "It gives up 13 of 33 [7, 19] that phonetic reaches from the hypothesis and 1 of 45 [0, 5] that phonetic reaches from the "
        "reference text."
    ) in texts


@pytest.mark.parametrize(("n_lost", "told"), [(10, True), (9, False)])
def test_what_is_recovered_of_fewer_than_ten_is_not_told(golden_run: GoldenRun, n_lost: int, told: bool) -> None:
    report = of(golden_run, "two_by_two")
    pairs = tuple(replace(pair, lost_a=n_lost) for pair in report.summary.agreement)
    assert ("phonetic recovers" in str(first(changed(report, agreement=pairs)))) is told


def test_harm_to_fewer_than_ten_is_not_told(golden_run: GoldenRun) -> None:
    """tiny reaches 22 hits with bm25 from the hypothesis, all of them kept."""
    fewer = changed(of(golden_run, "two_by_two"), row=with_value(9 / 48, "kept", "tiny", source=None))
    text = text_under("What to do next?", fewer)
    assert "from the hypothesis and" not in text
    assert "It gives up 1 of 33 [0, 5] that bm25 reaches from the reference text." in text


def test_the_retriever_that_recovers_most_is_the_one_told(golden_run: GoldenRun) -> None:
    report = of(golden_run, "two_by_two")
    more = [replace(p, b="dense", rescued=replace(p.rescued, value=0.75)) for p in report.summary.agreement]
    text = str(first(changed(report, agreement=(*more, *report.summary.agreement))))
    assert "dense recovers 18 of the 24 hits that bm25 loses with tiny" in text
    assert "phonetic recovers" not in text


def test_corrections_are_told_where_they_inform(golden_run: GoldenRun) -> None:
    report = of(golden_run, "answers")
    assert "One correction" not in str(first(report)), "all of the losses are recoverable by one"
    some = changed(report, row=with_value(0.75, "one_repair_share", source=None))
    assert (
        "One correction recovers 75.0 % [73.5, 100.0] of the 12 answers that tiny loses; the others take two or more."
        in str(first(some))
    )


def test_phrases_are_as_written_and_cost_twice_or_are_the_top_ones(golden_run: GoldenRun) -> None:
    report = of(golden_run, "tie")
    words = [w for w in report.summary.words if w.backend == "base"]
    assert len(words) == 6
    bias = first(report).bias
    assert bias is not None
    assert [p.text for p in bias.phrases] == ["Palikir", "Malabo", "Klaipeda", "Naypyidaw", "Narvik", "Marrakesh"]
    more = [
        replace(words[i % 6], word=f"w{i}", phrases=(f"The W{i}", f"w{i}"), recoverable=1 + (i < 6)) for i in range(9)
    ]
    costly = first(changed(report, words=tuple(more))).bias
    assert costly is not None
    assert costly.all == tuple(f"The W{i}" for i in range(6)), (
        "six cost two hits each: those that cost one are left out"
    )
    few = first(changed(report, words=tuple(more[1:]))).bias
    assert few is not None
    assert len(few.all) == 8, "five are too few: all are given, the costliest first"
    assert [p.cost for p in few.phrases] == [2] * 5 + [1] * 3


def test_words_of_one_mention_are_one_phrase_and_listed_ones_are_none(golden_run: GoldenRun) -> None:
    report = of(golden_run, "tie")
    word = next(w for w in report.summary.words if w.backend == "base")
    pair = tuple(
        replace(word, word=w, phrases=("Peter Medawar",), recoverable=n) for w, n in (("peter", 1), ("medawar", 2))
    )
    bias = first(changed(report, words=pair)).bias
    assert bias is not None
    assert [(p.text, p.word, p.cost) for p in bias.phrases] == [("Peter Medawar", "medawar", 2)]
    listed = tuple(replace(w, in_bias_list=True) for w in pair)
    despite = first(changed(report, words=listed)).bias
    assert despite is not None
    assert (despite.phrases, despite.despite, despite.listed_for) == ((), ("Peter Medawar",), "base")
    assert first(changed(report, words=())).bias is None


# ---- what failed?


def test_a_dead_backend_comes_first_with_its_reason_and_takes_no_part(golden_run: GoldenRun) -> None:
    found = first(of(golden_run, "dead_backend"))
    assert found.headline == "dead transcribed nothing. base or tiny: no significant difference in hit@1 (p = 0.065)."
    assert found.detail.startswith(
        "dead takes no part: all of its 30 samples failed (Rejected: POST http://127.0.0.1:8000/v1/audio/transcriptions: status "
        "404, expected 200; the server says: no such model)."
    )
    assert "dead" not in " ".join(finding.text for finding in found.findings)


def test_nothing_is_said_where_every_backend_is_dead(golden_run: GoldenRun) -> None:
    report = changed(of(golden_run, "dead_backend"), row=lambda row: row if row.backend == "dead" else None)
    found = first(report)
    assert found.headline == "No backend transcribed anything."
    assert "all of its 30 samples failed (Rejected" in found.detail
    assert (found.findings, found.bias) == ((), None)


def test_two_dead_backends_are_counted(golden_run: GoldenRun) -> None:
    report = changed(of(golden_run, "dead_backend"), row=lambda row: None if row.backend == "tiny" else row)
    found = first(report)
    assert found.headline.startswith("2 backends transcribed nothing. base loses 3 of the 30 hits")
    assert "tiny takes no part: it has no finished sample." in found.detail


def test_a_backend_is_dead_only_under_conditions_that_it_was_run_under(golden_run: GoldenRun) -> None:
    report = of(golden_run, "two_by_two")

    def not_quiet(row: Row) -> Row | None:
        return None if (row.backend, row.condition) == ("tiny+own10", "quiet") else row

    left_out = changed(report, row=not_quiet)  # all of its samples failed, and the spec leaves out what failed
    assert "tiny+own10 transcribed nothing." in verdict(left_out, "bm25", "quiet").headline
    assert "transcribed nothing" not in verdict(left_out, "bm25", "clean").headline
    (run,) = left_out.runs
    another = replace(run)
    another.__dict__["samples"] = {
        key: s for key, s in run.samples.items() if (s.backend, s.condition) != ("tiny+own10", "quiet")
    }
    not_run = replace(left_out, runs=(another,))
    assert "transcribed nothing" not in verdict(not_run, "bm25", "quiet").headline
    gone = changed(not_run, row=lambda row: None if row.backend == "tiny+oracle" else row)
    assert verdict(gone, "bm25", "quiet").detail.startswith("tiny+oracle takes no part: it has no finished sample")


# ---- caveats


@pytest.mark.parametrize(("value", "warned"), [(0.499, True), (0.5, False)])
def test_a_reader_that_is_right_for_less_than_half_is_named(golden_run: GoldenRun, value: float, warned: bool) -> None:
    report = changed(of(golden_run, "answers"), row=with_value(value, "exact_match", source="reference"))
    assert ("with so weak a reader, reader errors mean little" in text_under("Caveats", report)) is warned


def test_guessed_names_are_said_to_be_guessed(golden_run: GoldenRun) -> None:
    report = of(golden_run, "guessed_names")
    assert "no entities in 40 questions: their names are guessed by a rule" in text_under("Caveats", report)
    assert "52 guessed entity mentions" in text_under("What does WER say?", report)
    assert text_under("Caveats", of(golden_run, "tie")) == ""


def test_a_possible_typo_is_named_and_never_a_bias_phrase(golden_run: GoldenRun) -> None:
    report = of(golden_run, "guessed_names")
    assert "count as rare words: mamel (mammal?), caracter (character?)." in text_under("Caveats", report)
    bias = first(report).bias
    assert bias is not None
    assert "mamel" not in bias.all
    word = next(w for w in report.summary.words if w.word == "palikir" and w.backend == "base")
    mention = replace(word, phrases=("mamel Palikir",))
    of_mention = first(changed(report, words=(mention,))).bias
    assert of_mention is not None
    assert of_mention.all == ("palikir",), "a mention with a typo in it is not given as a phrase"


# ---- differences


def test_differences_say_significance_with_p_and_nothing_of_what_is_equal(golden_run: GoldenRun) -> None:
    report = of(golden_run, "tie")
    assert list(difference_sentences(report.figures)) == [
        "base against tiny: WER -9.2 points [-10.6, -7.7], MAPSSWE, Holm-adjusted p < 0.001, significant; rare WER equal on every "
        "question; entity recall equal on every question.",
        "base against tiny: hit@1 equal on every question; hits lost equal on every question.",
    ]
    unsure = changed(report, comparison=with_p(0.05, "wer"))
    assert "Holm-adjusted p = 0.050, not significant" in next(difference_sentences(unsure.figures))
    untested = changed(report, comparison=with_p(None, "wer"))
    assert "WER -9.2 points [-10.6, -7.7], no test;" in next(difference_sentences(untested.figures))


# ---- bias lists of the run

LISTS = "What would a bias list win?"


def with_bias(report: Report, **lists: str | None) -> Report:
    """The report of a run in which these backends have other bias lists."""
    labels = {label.replace("_", "+"): bias for label, bias in lists.items()}
    specs = tuple(
        replace(spec, bias=labels[spec.label], distractors=None) if spec.label in labels else spec
        for spec in report.runs[0].spec.backends
    )
    return asked_for(report, backends=specs)


def test_what_lists_win_is_told_with_their_tests_and_an_oracle_is_a_bound(golden_run: GoldenRun) -> None:
    report = of(golden_run, "two_by_two")
    text = text_under(LISTS, report)
    assert "tiny loses 24 of 46 hits [17, 31] without one." in text
    assert "With each question's own names among 10 others it loses 6 of 46 hits [2, 12] (hit@1 +37.5 points" in text
    assert text.endswith("No user could have that list: it is an upper bound.")
    untested = changed(report, comparison=with_p(None))
    assert text_under(LISTS, untested).count("(not tested)") == 2


@pytest.mark.parametrize(("n_oracle", "n_list", "bound"), [(5, 6, True), (7, 6, False), (24, 24, False)])
def test_an_oracle_that_does_not_lose_least_is_no_bound(
    golden_run: GoldenRun, n_oracle: int, n_list: int, bound: bool
) -> None:
    n_lost = {"tiny+oracle": n_oracle, "tiny+own10": n_list}

    def change(row: Row) -> Row:
        return replace(row, value=n_lost[row.backend] / 48) if row.metric == "lost" and row.backend in n_lost else row

    text = text_under(LISTS, changed(of(golden_run, "two_by_two"), row=change))
    assert text.endswith("it is an upper bound." if bound else "it is no setting to take.")


def test_of_lists_among_others_the_shortest_and_the_longest_are_told(golden_run: GoldenRun) -> None:
    report = of(golden_run, "two_by_two")
    rows = report.summary.rows
    longer = [replace(row, backend="tiny+own99") for row in rows if row.backend == "tiny+own10"]
    longest = [replace(row, backend="tiny+own200") for row in longer]
    sizes = {"tiny+own10": 11.0, "tiny+own99": 100.0, "tiny+own200": 201.0}

    def sized(row: Row) -> Row:
        metrics = {"bias_listed": 0.0, "bias_distractors": 1.0}
        if row.metric in metrics and row.backend in sizes:
            return replace(row, value=sizes[row.backend] - metrics[row.metric])
        return row

    (own,) = (spec for spec in report.runs[0].spec.backends if spec.label == "tiny+own10")
    more = tuple(replace(own, label=f"tiny+own{n}", distractors=n) for n in (200, 99))
    with_three = asked_for(
        changed(changed(report, rows=(*longest, *longer, *rows)), row=sized),
        backends=(*report.runs[0].spec.backends, *more),
    )
    text = text_under(LISTS, with_three)
    assert text.index("among 10 others") < text.index("among 200 others")
    assert "among 99" not in text


def test_a_list_from_a_file_can_be_taken_and_is_kept_where_it_is_significantly_better(golden_run: GoldenRun) -> None:
    from_file = with_bias(of(golden_run, "two_by_two"), tiny_own10="names.txt", base="entities")
    assert first(from_file).headline == "Take tiny+own10 with bm25, under clean."
    kept = "Keep the bias list: tiny loses 24 of 46 hits [17, 31] without it, 6 of 46 hits [2, 12] with it (hit@1 +37.5 points"
    assert kept in str(first(from_file))
    assert "Keep the bias list" not in str(first(changed(from_file, comparison=with_p(0.05))))
    worse = changed(from_file, comparison=lambda c: replace(c, delta=-c.delta) if c.metric == "hit@1" else c)
    assert "Keep the bias list" not in str(first(worse))


def test_a_list_of_an_engine_that_the_run_has_not_without_one(golden_run: GoldenRun) -> None:
    report = of(golden_run, "two_by_two")
    kept = ("tiny+oracle", "base")
    rows = changed(report, row=lambda row: row if row.backend in kept else None)
    alone = asked_for(rows, backends=tuple(spec for spec in report.runs[0].spec.backends if spec.label in kept))
    assert text_under(LISTS, alone) == (
        "With bm25, under clean: With a list of every name of the suite (oracle), tiny+oracle loses 0 of 46 hits [0, 4]. The run "
        "has no such backend without a list."
    )


def test_phrases_come_from_the_best_backend_without_a_list(golden_run: GoldenRun) -> None:
    report = of(golden_run, "two_by_two")
    bias = first(report).bias
    assert bias is not None
    assert bias.backend == "base", "tiny+own10 and tiny+oracle are better, and have a list"
    assert bias.listed_for == ""
    listed = tuple(
        replace(word, recoverable=2) if (word.backend, word.condition) == ("tiny+oracle", "clean") else word
        for word in report.summary.words
    )
    assert not [word for word in listed if word.backend == "tiny+oracle" and word.entity], "it has every name right"
    castle = next(word for word in report.summary.words if (word.backend, word.condition) == ("tiny+oracle", "clean"))
    known = (replace(castle, recoverable=1, in_bias_list=True, phrases=("Castle",)),)
    despite = first(changed(report, words=known)).bias
    assert despite is not None
    assert (despite.despite, despite.listed_for) == (("Castle",), "tiny+oracle")


def test_a_backend_with_a_list_gets_no_phrases_where_one_has_none(golden_run: GoldenRun) -> None:
    """The words of tiny+own10, the better backend, are not in its list, and would do it good; base can have a list at all."""
    report = with_bias(of(golden_run, "two_by_two"), tiny_own10="names.txt")
    words = tuple(replace(word, in_bias_list=False) for word in report.summary.words)
    bias = first(changed(report, words=words)).bias
    assert bias is not None
    assert bias.backend == "base"


def test_class_corrections_are_told_of_the_backend_that_gets_the_phrases(golden_run: GoldenRun) -> None:
    report = of(golden_run, "two_by_two")
    corrected = (
        "With only its rare entity words corrected, base recovers 100.0 % [79.4, 100.0] of the 16 hits that it loses"
    )
    assert corrected in str(verdict(report, "bm25", "quiet"))
    assert "entity words corrected" not in str(verdict(report, "bm25", "clean")), "there base loses too few"


def test_a_long_reason_is_cut_and_the_most_frequent_one_is_given(golden_run: GoldenRun) -> None:
    report = of(golden_run, "dead_backend")
    (run,) = report.runs
    store = dict(run.samples)
    keys = [key for key, sample in store.items() if sample.backend == "dead"]
    for key in keys[:3]:
        error = store[key].error
        assert error is not None
        store[key] = replace(store[key], error=replace(error, type="Rare", message="seldom"))
    for key in keys[3:]:
        error = store[key].error
        assert error is not None
        store[key] = replace(store[key], error=replace(error, message="long " * 100))
    changed_run = replace(run)
    changed_run.__dict__["samples"] = store
    detail = first(replace(report, runs=(changed_run,))).detail
    assert f"(Rejected: {('long ' * 32).rstrip()} ...)" in detail
    assert "seldom" not in detail


def test_samples_that_failed_are_told_with_the_reason(golden_run: GoldenRun) -> None:
    report = of(golden_run, "dead_backend")

    def revived(row: Row) -> Row:
        return replace(row, n_scored=2, n_error=28) if row.backend == "dead" else row

    assert text_under("What failed?", changed(report, row=revived)).startswith(
        "dead: 30 of 30 samples, most often Rejected: POST http://127.0.0.1:8000"
    )
    assert text_under("What failed?", of(golden_run, "tie")) == ""


def test_what_failed_under_one_condition_is_not_told_of_another(golden_run: GoldenRun) -> None:
    report = of(golden_run, "two_by_two")
    (run,) = report.runs
    failure = Failure("recognise", "Timeout", "no transcript after 60 s")
    failed = {
        key: replace(sample, status="error", error=failure) if sample.backend == "tiny" and n % 2 else sample
        for n, (key, sample) in enumerate(run.samples.items())
    }
    n = Counter(s.condition for s in failed.values() if s.error is not None)
    assert n["clean"] > 0 < n["quiet"]
    changed_run = replace(run)
    changed_run.__dict__["samples"] = failed
    report = changed(
        replace(report, runs=(changed_run,)), row=lambda row: replace(row, n_error=1) if row.backend == "tiny" else row
    )
    for condition in ("clean", "quiet"):
        (text,) = [f.text for f in verdict(report, "bm25", condition).findings if f.heading == "What failed?"]
        assert f"tiny: {n[condition]} of 48 samples, most often Timeout: no transcript after 60 s." in text


def test_answers_that_failed_are_counted(golden_run: GoldenRun) -> None:
    report = changed(of(golden_run, "answers"), row=with_value(0.1, "answer_error_rate", "tiny"))
    assert text_under("What failed?", report) == (
        "The answerer failed on 4 of 40 from the hypothesis (tiny); these count as not answered."
    )


def test_a_difference_in_runaway_transcripts_is_told_where_there_is_one(golden_run: GoldenRun) -> None:
    report = of(golden_run, "tie")
    (wer,) = (c for c in report.summary.comparisons if c.metric == "wer")
    none_ran = replace(wer, metric="runaway_rate", delta=0.0, ci_low=0.0, ci_high=0.0)
    some_ran = replace(none_ran, delta=0.02, ci_high=0.05, p_holm=0.5)
    for c, told in ((none_ran, False), (some_ran, True)):
        sentence = next(difference_sentences(changed(report, comparisons=(*report.summary.comparisons, c)).figures))
        assert ("runaway rate" in sentence) is told
