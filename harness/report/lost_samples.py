"""The samples whose outcome was lost, one by one, as Markdown: `ref` over `ASR`, and the corrections that recover it.

The page shows every sample by itself; here stand the first few.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from harness.records import Answer, RetrievalOutcome, Sample
from harness.report.markup import code, text
from harness.report.model import Report

_SHOWN = 40


def lost_samples(report: Report) -> Iterator[str]:
    """Yield the lines of the section; none where nothing is searched."""
    if not report.figures.retrievers:
        return
    noun = report.rules.noun
    yield f"## {noun.capitalize()} lost, one by one\n"
    lost = [
        (sample, retriever, outcome)
        for sample in report.samples
        for retriever, outcome in sample.retrieval.items()
        if outcome.fate == "lost" and sample.transcript is not None
    ]
    if not lost:
        yield "None.\n"
        return
    yield "Words in **bold** are where `ref` and `ASR` differ.\n"
    for sample, retriever, outcome in lost[:_SHOWN]:
        yield from _one(sample, retriever, outcome)
    rest = len(lost) - _SHOWN
    yield f"\n{rest} more stand in the sample files of the run.\n" if rest > 0 else ""


def _one(sample: Sample, retriever: str, outcome: RetrievalOutcome) -> Iterator[str]:
    yield f"- `{code(sample.key)}` ({text(retriever)})"
    yield f"  - ref: {_marked(sample, reference=True)}"
    yield f"  - ASR: {_marked(sample, reference=False)}"
    yield f"  - {_corrections(sample, outcome.restored_by)}"
    if outcome.reference_answer is not None and outcome.hypothesis_answer is not None:
        reference, hypothesis = (_answer(a) for a in (outcome.reference_answer, outcome.hypothesis_answer))
        yield f"  - answer from ref: {reference}; from ASR: {hypothesis}"


def _marked(sample: Sample, *, reference: bool) -> str:
    """Return one side of the alignment, its error regions in bold."""
    parts = []
    for is_hit, steps in groupby(sample.alignment, key=lambda step: step.operation == "hit"):
        words = " ".join(text(w) for step in steps if (w := step.reference if reference else step.hypothesis))
        parts.append(words if is_hit or not words else f"**{words}**")
    return " ".join(filter(None, parts)) or "(nothing)"


def _corrections(sample: Sample, restored_by: Sequence[int]) -> str:
    reference = sample.reference.split()
    regions = [sample.error_regions[index] for index in restored_by]
    words = [" ".join(reference[r.reference_start : r.reference_end]) or "(insertion removed)" for r in regions]
    return (
        f"recoverable by correcting {' or '.join(map(text, words))}" if words else "not recoverable by one correction"
    )


def _answer(answer: Answer) -> str:
    return "(failed)" if answer.error is not None else text(answer.text) or "(no answer)"
