"""How a report begins: its title, what kind of speech was measured, and how much."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report.model import Report


def title(report: Report) -> str:
    """Return the title of the report."""
    suite = report.record.suite["name"]
    if not report.figures.retrievers:
        return f"Which rare words were misrecognised: {suite}"
    return f"Which recognition errors cost the {report.rules.noun}: {suite}"


def speech_notice(report: Report) -> str:
    """Return what kind of speech was measured; stands over every table."""
    return {
        "synthetic": "Synthetic speech: these figures rank backends on this suite only; people sound different.",
        "human": "Human speech.",
    }.get(report.record.suite.get("speech", ""), "The suite does not say whether its speech is human or synthetic.")


def measured(report: Report) -> Iterator[str]:
    """Yield how much was measured, and how to read the figures."""
    questions = len({sample.question_id for sample in report.samples})
    utterances = len({sample.utterance_id for sample in report.samples})
    what = f"{questions} questions in {utterances} utterances, recognised by {', '.join(report.backends)}"
    if report.figures.retrievers:
        yield (
            f"{what}. Each question is searched twice in the suite's snippets, with the reference text and with the hypothesis, "
            f"and reaches the outcome with {report.rules.reached}."
        )
    else:
        yield f"{what}. Nothing is searched."
    yield (
        "Figures stand with their 95 % intervals in brackets. All utterances of a question are resampled together, since they "
        "rise and fall together. A figure of fewer than ten is marked as few."
    )
