"""What a terminal shows of a suite: what it holds, how complex it is, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.analysis.complexity.suite import Complexity
    from harness.suites.describe import Description
    from harness.suites.validate import Problem

_MOST_SHOWN = 12  # values of a tag
_FIRST_OF_A_KIND = 3


def problem_lines(problems: Sequence[Problem], show_all: bool = False) -> list[str]:
    """Return every error, then the warnings by kind, the first three of each unless all are wanted, and their numbers."""
    errors = [problem for problem in problems if problem.severity == "error"]
    kinds: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.severity == "warning":
            kinds.setdefault(problem.kind, []).append(problem)
    lines = [str(problem) for problem in errors]
    for kind, warnings in kinds.items():
        lines.append(f"warning: {kind}: {len(warnings)}")
        shown = warnings if show_all else warnings[:_FIRST_OF_A_KIND]
        lines += [f"  {warning.detail}" for warning in shown]
        if len(shown) < len(warnings):
            lines.append(f"  ... and {len(warnings) - len(shown)} more; --all shows every one")
    n_warnings = _count(len(problems) - len(errors), "warning")
    of_kinds = f" of {_count(len(kinds), 'kind')}" if kinds else ""
    return [*lines, f"{_count(len(errors), 'error')}, {n_warnings}{of_kinds}"]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def description_lines(suite: Description) -> list[str]:
    """Return a suite's counts, one a line."""
    return [
        f"{suite.name} {suite.version}, {suite.speech} speech, digest {suite.digest[:12]}",
        f"  {suite.questions} questions with {_names(suite)}, {suite.words} different words, {_rare(suite)}",
        f"  {suite.snippets} snippets",
        f"  {suite.utterances} utterances, {suite.recordings} of them with audio, {suite.audio_seconds / 60:.1f} minutes",
        *_counted(suite),
    ]


def complexity_lines(suite: Complexity) -> list[str]:
    """Return how complex a suite's questions are, a measure a line."""
    lines = [
        f"{suite.name} {suite.version}, digest {suite.digest[:12]}",
        f"  {_count(suite.questions, 'question')}, {_count(suite.distinct_texts, 'distinct text')}, "
        f"{_count(suite.words, 'word')}, {suite.vocabulary} different ones",
        f"  entropy in bits: {', '.join(_entropies(suite))}",
    ]
    if suite.rare_share is not None:
        bands = ", ".join(f"{name} {100 * band.share:.1f} %" for name, band in suite.zipf_bands.items())
        lines += [f"  rare words: {100 * suite.rare_share:.1f} % of all", f"  words by Zipf band: {bands}"]
    if suite.tree_weight is not None:
        edge = "" if suite.tree_weight_per_edge is None else f", {suite.tree_weight_per_edge:.4f} an edge"
        lines.append(f"  minimum spanning tree over sentence embeddings: {suite.tree_weight:.3f}{edge}")
    for tag, of in suite.adjusted_rand.items():
        lines.append(
            f"  adjusted Rand index of {tag} ({_count(of.labels, 'label')}, {_count(of.questions, 'question')}) against "
            f"clusters: {of.adjusted_rand:.3f}"
        )
    return [*lines, *(f"  {reason}" for reason in suite.not_computed)]


def _entropies(suite: Complexity) -> Iterator[str]:
    for n, name in zip("123", ("words", "pairs of words", "triples"), strict=True):
        entropy = suite.entropy[n]
        yield f"{name} {'-' if entropy is None else f'{entropy:.3f}'}"


def _rare(suite: Description) -> str:
    return "no frequency list to tell rare ones by" if suite.rare_words is None else f"{suite.rare_words} rare"


def _names(suite: Description) -> str:
    """Say how many entity names the suite marks, and how many are guessed."""
    if not suite.guessed_entities:
        return f"{suite.entities} entity names"
    guessed = f"{suite.guessed_entities} guessed entity names"
    return f"{suite.entities} marked and {guessed}" if suite.entities else guessed


def _counted(suite: Description) -> Iterator[str]:
    if suite.possible_typos:
        words = [f"{word} ({commoner}?)" for word, commoner in suite.possible_typos.items()]
        yield f"  possible typing errors: {_first(words)}"
    counted = {
        "voices": suite.voices,
        "accents": suite.accents,
        "band of the rarest marked name": suite.bands,
        **suite.tags,
    }
    for what, counts in counted.items():
        if any(counts.values()):
            yield f"  {what}: " + _first([f"{value} {count}" for value, count in counts.items()])


def _first(items: Sequence[str]) -> str:
    more = f", and {len(items) - _MOST_SHOWN} more" if len(items) > _MOST_SHOWN else ""
    return ", ".join(items[:_MOST_SHOWN]) + more
