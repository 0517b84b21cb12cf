"""What the reader can do, and what a report says where that is too little."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.summary import Row
from harness.report.model import Report
from harness.report.sections.answers import answers
from harness.report.sections.reach import reach_note, reach_sentences
from tests.conftest import GoldenRun
from tests.report.altered import changed, first, of, text_under, with_value

WAYS_OUT = "`--answerer transformers:MODEL` or `--answerer openai-api:MODEL`"


def low(golden_run: GoldenRun, name: str, value: float = 0.25) -> Report:
    """The reader answers that share of the 36 questions whose answer it is shown."""
    return changed(of(golden_run, name), row=with_value(value, "reach", source="reference"))


@pytest.mark.parametrize(("value", "can_judge"), [(0.499, False), (0.5, True)])
@pytest.mark.parametrize("name", ["answers", "answers_by_hits"])
def test_under_half_answers_cannot_judge_and_the_ways_out_are_named(
    golden_run: GoldenRun, name: str, value: float, can_judge: bool
) -> None:
    report = low(golden_run, name, value)
    (sentence,) = reach_sentences(report.figures, "bm25")
    assert sentence.startswith(f"Reach {100 * value:.1f} % [")
    assert (
        f"the reader answers {round(36 * value)} exactly of 36 utterances with an accepted answer to read." in sentence
    )
    told = f"answers cannot judge here, `has_answer@5` can, which needs no reader. Another reader may do better: {WAYS_OUT}."
    assert (told in sentence) is not can_judge
    finding = {"answers": "Can this suite tell?", "answers_by_hits": "Caveats"}[name]
    assert (told in text_under(finding, report)) is not can_judge
    assert answers(report, "bm25").sentences[0] == sentence


def test_where_answers_cannot_judge_backends_are_judged_by_the_snippets(golden_run: GoldenRun) -> None:
    """Of 40 questions, an accepted answer stands in the first five snippets for 28 of tiny's hypotheses and 32 of base's."""
    before, verdict = first(of(golden_run, "answers")), first(low(golden_run, "answers"))
    assert before.headline == "Take base."
    assert verdict.headline == "base or tiny: no significant difference in answer in top 5 (p = 0.125)."
    assert verdict.detail == (
        "base has an accepted answer in the first 5 snippets for 32 of 40 questions, 80.0 % [64.1, 91.1]. tiny has an accepted "
        "answer in the first 5 snippets for 28 of 40 questions, 70.0 % [53.2, 83.6]."
    )
    which = text_under("Which backend?", low(golden_run, "answers"))
    assert which.startswith("answer in top 5 from the hypothesis: base 32 of 40 questions")
    assert "base against tiny: +10.0 points" in which
    told = text_under("Can this suite tell?", low(golden_run, "answers"))
    assert told.endswith('Set `outcome = "has_answer@5"` in the spec to see which errors cost these.')
    headings = {finding.heading for finding in verdict.findings}
    assert "Where does the loss come from?" not in headings, "that is of answers, which cannot judge"


def test_where_few_references_have_an_answer_in_the_snippets_nothing_judges_but_the_error_rate(
    golden_run: GoldenRun,
) -> None:
    few = changed(low(golden_run, "answers"), row=with_value(9 / 40, "has_answer@5", source="reference"))
    assert first(few).headline.startswith("By EM, this suite cannot tell backends apart")


def test_with_hits_as_the_outcome_a_low_reach_changes_no_choice(golden_run: GoldenRun) -> None:
    before, after = first(of(golden_run, "answers_by_hits")), first(low(golden_run, "answers_by_hits"))
    assert (before.headline, before.detail) == (after.headline, after.detail)


def shown(report: Report, n: int) -> Report:
    """The reader was shown an accepted answer for `n` of the 40 questions, and answered none of them."""

    def change(row: Row) -> Row | None:
        if (row.metric, row.source, row.group) == ("answer_read", "reference", "all"):
            return replace(row, value=n / 40)
        if row.metric != "reach":
            return row
        return replace(row, value=0.0, ci_low=0.0, n=float(n), n_questions=n) if n else None

    return changed(report, row=change)


@pytest.mark.parametrize(
    ("n", "sentence"),
    [
        (
            0,
            "Reach is not known: with bm25 and the reference text, there was no answer to read, so answers cannot judge here.",
        ),
        (
            1,
            "Reach is not known: with bm25 and the reference text, 1 utterance had an accepted answer to read, and fewer than 10 are "
            "too few to tell what the reader can do.",
        ),
        (
            9,
            "Reach is not known: with bm25 and the reference text, 9 utterances had an accepted answer to read, and fewer than 10 "
            "are too few to tell what the reader can do.",
        ),
    ],
)
def test_of_few_answers_to_read_nothing_is_told(golden_run: GoldenRun, n: int, sentence: str) -> None:
    report = shown(of(golden_run, "answers"), n)
    assert list(reach_sentences(report.figures, "bm25")) == [sentence]
    assert reach_note(report.figures) == f"Reach not known (n = {n})."


def test_of_ten_it_is_told_even_if_all_are_wrong(golden_run: GoldenRun) -> None:
    (sentence,) = reach_sentences(shown(of(golden_run, "answers"), 10).figures, "bm25")
    assert sentence.startswith(
        "Reach 0.0 % [0.0, 100.0]: with bm25 and the reference text, the reader answers 0 exactly of 10"
    )
    assert "Under half: answers cannot judge here" in sentence


def test_several_recordings_of_a_question_are_told_apart_from_questions(golden_run: GoldenRun) -> None:
    def twice(row: Row) -> Row:
        return replace(row, n_questions=18) if row.metric == "reach" else row

    (sentence,) = reach_sentences(changed(of(golden_run, "answers"), row=twice).figures, "bm25")
    assert "36 exactly of 36 utterances of 18 questions with an accepted answer to read." in sentence


def test_backends_of_different_samples_have_a_reach_each(golden_run: GoldenRun) -> None:
    report = changed(of(golden_run, "answers"), row=with_value(0.75, "reach", "base", source="reference"))
    sentences = list(reach_sentences(report.figures, "bm25"))
    assert [sentence.partition(" [")[0] for sentence in sentences] == ["tiny: Reach 100.0 %", "base: Reach 75.0 %"]
    assert reach_note(report.figures) == (
        "Reach 100.0 % [90.3, 100.0] (n = 36) (tiny); reach 75.0 % [90.3, 100.0] (n = 36) (base)."
    )


def test_nobody_has_a_reach_where_nobody_reads(golden_run: GoldenRun) -> None:
    for name in ("tie", "no_snippets"):
        report = of(golden_run, name)
        assert reach_note(report.figures) == ""
        assert not list(reach_sentences(report.figures, next(iter(report.figures.retrievers), None)))


def test_no_answer_lost_and_one_answer_lost(golden_run: GoldenRun) -> None:
    report = of(golden_run, "answers")
    none = changed(report, row=with_value(0.0, "answers_lost", source=None))
    assert "30 from the hypothesis; no answer is lost." in answers(none, "bm25").sentences[3]
    one = changed(report, row=with_value(1 / 40, "answers_lost", "base", source=None))
    one = changed(one, row=with_value(1 / 40, "retrieval_error_rate", "base", source=None))
    one = changed(one, row=with_value(0.0, "reader_error_rate", "base", source=None))
    assert (
        "of 1 answer lost 1 is a retrieval error (no snippet that bears the answer was retrieved) and 0 are reader errors "
        "(one was, and the reader failed)."
    ) in answers(one, "bm25").sentences[3]


def test_answers_in_any_notation_are_told_where_they_are_more(golden_run: GoldenRun) -> None:
    report = changed(
        of(golden_run, "answers"), row=with_value(38 / 40, "match_any_notation", "tiny", source="reference")
    )
    (tiny, base) = (s for s in answers(report, "bm25").sentences if "answered exactly" in s)
    assert "24 from the hypothesis (38 and 24 in any notation); of 12" in tiny
    assert "in any notation" not in base


def test_an_answerer_that_failed_on_everything_is_said_to_have_failed(golden_run: GoldenRun) -> None:
    report = shown(of(golden_run, "answers"), 36)
    for source in ("reference", "hypothesis"):
        report = changed(report, row=with_value(1.0, "answer_error_rate", source=source))
    told = answers(report, "bm25").sentences
    assert "the reader answers 0 exactly of 36" in told[0]
    assert "the answerer failed on 40 reference texts and 40 hypotheses, which count as not answered" in told[1]
