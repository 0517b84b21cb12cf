"""What a report shows beside the samples: the questions, utterances and snippets they refer to, as the suite had them.

It is kept in the run's folder, so that a report can be read long after the suite has changed or gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from harness.records import Question, Sample, Snippet, Suite, Utterance

SHOWN_SNIPPETS = 3  # of each ranking
_LONGEST_TEXT = 1_000  # characters of a snippet that are kept


@dataclass(frozen=True, slots=True)
class Evidence:
    """evidence.json, each in the order of the suite. `snippets` are those that rank among a sample's first three."""

    questions: tuple[Question, ...] = ()
    utterances: tuple[Utterance, ...] = ()
    snippets: tuple[Snippet, ...] = ()


def gather(suite: Suite, samples: Iterable[Sample]) -> Evidence:
    """Return what `samples` refer to; long texts of snippets are cut."""
    questions: set[str] = set()
    utterances: set[str] = set()
    snippets: set[str] = set()
    for sample in samples:
        questions.add(sample.question_id)
        utterances.add(sample.utterance_id)
        for outcome in sample.retrieval.values():
            snippets.update(
                outcome.reference.snippet_ids[:SHOWN_SNIPPETS], outcome.hypothesis.snippet_ids[:SHOWN_SNIPPETS]
            )
    return Evidence(
        tuple(question for question in suite.questions if question.id in questions),
        tuple(utterance for utterance in suite.utterances if utterance.id in utterances),
        tuple(_cut(snippet) for snippet in suite.snippets if snippet.id in snippets),
    )


def _cut(snippet: Snippet) -> Snippet:
    if len(snippet.text) <= _LONGEST_TEXT:
        return snippet
    return replace(snippet, text=snippet.text[:_LONGEST_TEXT] + " …")
