"""Where the loss comes from, what to do first and what bias lists win: each rule of the verdict from both sides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.summary import Row
from harness.report.model import Report
from harness.report.verdict import verdict
from tests.conftest import GoldenRun
from tests.report.altered import asked_for, changed, first, of, text_under, with_p, with_value

# ---- where does the loss come from?


@pytest.mark.parametrize(
    ("lost_by_base", "lost_by_tiny", "expected"),
    [
        (10, 12, "of the 10 answers that base loses"),
        (9, 10, "of the 10 answers that tiny loses"),
        (4, 9, "No candidate loses more than 9 answers: fewer than 10 are too few to attribute."),
        (0, 0, "No answers are lost."),
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
    assert "phonetic recovers 12 [7, 17] of the 24 hits that bm25 loses with tiny." in text_under(
        "What to do next?", report
    )
    weaker = changed(report, row=with_value(0.2, "class_repair_rare", source=None))
    assert "12 [7, 17] of the 24 hits that tiny loses return" in text_under("What to do first?", weaker)
    assert "phonetic recovers 12 [7, 17] of the 24 hits" in text_under("What to do next?", weaker)
    assert "Give base a bias list" in text_under("What to do next?", weaker)
    without = changed(weaker, row=with_value(0.1, "class_repair_notation", source=None))
    assert "phonetic recovers 12 [7, 17] of the 24 hits" in text_under("What to do first?", without)


def test_a_retriever_that_recovers_nothing_is_told_with_its_harm(golden_run: GoldenRun) -> None:
    found = verdict(of(golden_run, "two_by_two"), "phonetic", "clean")
    texts = " ".join(finding.text for finding in found.findings)
    assert "bm25 recovers 0 [0, 3] of the 12 hits that phonetic loses with tiny." in texts
    assert (
        "It gives up 13 [7, 19] of 33 that phonetic reaches from the hypothesis and 1 [0, 5] of 45 that phonetic reaches from the "
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
    assert "It gives up 1 [0, 5] of 33 that bm25 reaches from the reference text." in text


def test_the_retriever_that_recovers_most_is_the_one_told(golden_run: GoldenRun) -> None:
    report = of(golden_run, "two_by_two")
    more = [replace(p, b="dense", rescued=replace(p.rescued, value=0.75)) for p in report.summary.agreement]
    text = str(first(changed(report, agreement=(*more, *report.summary.agreement))))
    assert "dense recovers 18 [" in text
    assert "phonetic recovers" not in text


def test_corrections_are_told_where_they_inform(golden_run: GoldenRun) -> None:
    report = of(golden_run, "answers")
    assert "One correction" not in str(first(report)), "all of the losses are recoverable by one"
    some = changed(report, row=with_value(0.75, "one_repair_share", source=None))
    assert "One correction recovers 75.0 % [73.5, 100.0] of the 12 answers that tiny loses." in str(first(some))


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


def test_where_nothing_is_lost_nothing_is_attributed_or_to_be_done(golden_run: GoldenRun) -> None:
    """The best backend loses nothing: phrases are for whoever keeps the other one."""
    report = of(golden_run, "dead_backend")
    kept = changed(
        report, row=with_value(0.0, "lost", "base"), words=tuple(w for w in report.summary.words if w.backend == "tiny")
    )
    assert text_under("What to do first?", kept).startswith(
        "Should you keep tiny, give it a bias list (with the hits lost): "
    )
    assert text_under("What to do first?", report).startswith("Give base a bias list (with the hits lost): ")


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
    assert "tiny loses 24 [17, 31] of 46 hits without one." in text
    assert "With each question's own names among 10 others it loses 6 [2, 12] of 46 hits (hit@1 +37.5 points" in text
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
    kept = "Keep the bias list: tiny loses 24 [17, 31] of 46 hits without it, 6 [2, 12] of 46 hits with it (hit@1 +37.5 points"
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
        "With bm25, under clean: With a list of every name of the suite (oracle), tiny+oracle loses 0 [0, 4] of 46 hits. The run "
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
    corrected = "Of the 16 hits that it loses, correcting only rare entity words recovers 100.0 % [79.4, 100.0]"
    assert corrected in str(verdict(report, "bm25", "quiet"))
    assert "entity words corrected" not in str(verdict(report, "bm25", "clean")), "there base loses too few"
