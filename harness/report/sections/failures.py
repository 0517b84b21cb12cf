"""What failed: samples without a transcript, and answers that the answerer did not give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from harness.analysis.failures import NOT_TRIED, cause_of
from harness.records import Failure, Sample
from harness.report.model import Report
from harness.report.tables import Heading, Section, Table, texts

MOST_SHOWN = 200
STAGES = {
    "load": "reading the recording", "condition": "making the condition", "recognise": "recognising", "score": "scoring",
    "answer": "answering",
}  # fmt: skip


def failures(report: Report) -> Section:
    """Return every failure, and how often each error happened; empty where nothing failed."""
    failed = list(dict.fromkeys(failure for sample in report.samples for failure in _of_sample(sample)))
    if not failed:
        return Section("failures", "What failed")
    headings = tuple(Heading(text, is_number=False) for text in ("what", "while", "error", "message"))
    rows = tuple(texts(what, STAGES.get(f.stage, f.stage), f.type, f.message) for what, f in failed[:MOST_SHOWN])
    rest = len(failed) - MOST_SHOWN
    below = f"{rest} more stand in the sample files of the run." if rest > 0 else ""
    return Section(
        "failures", "What failed", tuple(failure_sentences(report)), (Table("", headings, rows, below),),
        (_how_counted(report),),
    )  # fmt: skip


def failure_sentences(report: Report) -> Iterator[str]:
    """Yield a sentence for each backend and condition with failed samples: how many of how many, and why."""
    for arm in report.figures.arms:
        of_arm = [sample for sample in report.samples if (sample.backend, sample.condition) == arm]
        errors = Counter(reason(sample.error) for sample in of_arm if sample.error is not None)
        if errors:
            why = "; ".join(f"{text} ({n})" for text, n in errors.most_common(3))
            yield f"{report.figures.name(arm)}: {errors.total()} of {len(of_arm)} samples failed: {why}."


def reason(failure: Failure) -> str:
    """Return why something failed, in a few words."""
    if failure.type == NOT_TRIED:
        return f"not tried after {cause_of(failure).type}"
    return f"{failure.type} while {STAGES.get(failure.stage, failure.stage)}"


def _of_sample(sample: Sample) -> Iterator[tuple[str, Failure]]:
    """Yield the sample itself, and answers to it; that to the reference text, asked once for all utterances, by the question."""
    if sample.error is not None:
        yield sample.key, sample.error
    for retriever, outcome in sample.retrieval.items():
        for name, answer in ((sample.question_id, outcome.reference_answer), (sample.key, outcome.hypothesis_answer)):
            if answer is not None and answer.error is not None:
                yield f"{name} ({retriever})", answer.error


def _how_counted(report: Report) -> str:
    if report.runs[0].spec.missing == "exclude":
        return "Failed samples are left out of every figure, as the spec asks. An answer that failed counts as a wrong one."
    return (
        "Failed samples keep their place: all of their words count as wrong and their question as not reached. An answer that "
        "failed counts as a wrong one. A backend without a single transcript has no figures."
    )
