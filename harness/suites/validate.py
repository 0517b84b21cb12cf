"""Everything that is wrong with a suite folder, and everything that a person should look at.

Errors are those that `load_suite` refuses; warnings are what it accepts but what would weaken or spoil a measurement. A
warning's kind says in a few words what it is about, so that a thousand of one kind can be shown as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harness.audio.reading import recording_problem
from harness.errors import HarnessError, SuiteError
from harness.records import Question, Snippet
from harness.suites.reading import SuiteFiles, read_suite_files, safe_path
from harness.words.languages import frequency_list, require_frequencies, require_words, shortcomings
from harness.words.text.normalise import audit, normalise, tokenise
from harness.words.typos import possible_typos

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `file` is relative to the suite's folder, `line` counts from 1."""

    severity: Severity
    file: str
    line: int | None
    field: str | None
    message: str
    kind: str = "the suite does not load"

    @property
    def detail(self) -> str:
        """Where it is and what is wrong there."""
        place = ":".join([self.file, *([str(self.line)] if self.line else [])])
        return f"{place}: " + (f"{self.field}: " if self.field else "") + self.message

    def __str__(self) -> str:
        return f"{self.severity}: {self.detail}"


def validate_suite(path: Path | str) -> list[Problem]:
    """Return all problems of the suite in the folder `path`: errors in file order, then warnings."""
    root = Path(path)
    if not root.is_dir():
        message = "not a folder; a suite is a folder with a suite.toml and a questions.jsonl"
        return [Problem("error", str(path), None, None, message)]
    files = read_suite_files(root)
    errors = [_as_problem(error, root) for error in files.problems]
    warnings = (_language_warnings, _question_warnings, _typo_warnings, _duplicate_texts, _audio_warnings)
    return [*errors, *(warning for warnings_of in warnings for warning in warnings_of(files))]


def _as_problem(error: SuiteError, root: Path) -> Problem:
    file = Path(error.file or root)
    return Problem("error", file.relative_to(root).as_posix(), error.line, error.field, error.problem)


def _language_warnings(files: SuiteFiles) -> Iterator[Problem]:
    """Warn of what language data does not exist for: a run refuses it, or does without."""
    told = [*shortcomings(files.language)]
    for require in (require_words, require_frequencies if frequency_list(files.language) else require_words):
        try:
            require(files.language)
        except HarnessError as error:
            told += [] if str(error) in told else [str(error)]
    for message in told:
        yield Problem("warning", "suite.toml", None, "language", message, "language without data")


def _question_warnings(files: SuiteFiles) -> Iterator[Problem]:
    snippets = {snippet.id: snippet for snippet in files.snippets.records}
    with_utterance = {utterance.question_id for utterance in files.utterances.records}
    for line, question in files.questions:
        for kind, field, message in _weaknesses(question, snippets, files.language):
            yield Problem("warning", files.questions.file.name, line, field, message, kind)
        if files.utterances.records and question.id not in with_utterance:
            message = f"{question.id!r} has no utterance: it is in no sample, and no figure covers it"
            yield Problem("warning", files.questions.file.name, line, "id", message, "question without an utterance")


def _weaknesses(question: Question, snippets: dict[str, Snippet], language: str) -> Iterator[tuple[str, str, str]]:
    """Yield the kind, field and message of each warning about one question."""
    if question.entities is None:
        message = (
            "no entities are marked: they are guessed from the text, and called guessed wherever a figure rests on them"
        )
        yield "guessed entity names", "entities", message
    elif not question.entities:
        message = "the list is empty: no name is in the question, and none will be guessed"
        yield "question without an entity", "entities", message
    for entity, normalised in audit((entity.text for entity in question.entities or ()), language):
        message = f"{entity!r} is scored as {normalised!r}; check that this is how it is pronounced"
        yield "entity name that is scored in other letters", "entities", message
    if question.answers is not None and not question.answers:
        yield "question without an answer", "answers", "the list is empty: no answer can ever be right"
    for snippet_id in question.snippet_ids or ():
        if (
            question.answers
            and snippet_id in snippets
            and not _holds_answer(snippets[snippet_id], question.answers, language)
        ):
            message = f"none of the answers stands in the relevant snippet {snippet_id!r}"
            yield "relevant snippet without the answer", "snippet_ids", message


def _typo_warnings(files: SuiteFiles) -> Iterator[Problem]:
    """Warn of rare words with nearly the letters of a far commoner word: as names they would make every rate worse."""
    commoner = possible_typos((question.text for question in files.questions.records), files.language)
    for line, question in files.questions:
        for word in dict.fromkeys(tokenise(question.text, files.language)):
            if word in commoner:
                message = (
                    f"{word!r} may be a typing error of {commoner[word]!r}; correct it, or leave it where it is right"
                )
                yield Problem("warning", files.questions.file.name, line, "text", message, "possible typing error")


def _holds_answer(snippet: Snippet, answers: tuple[str, ...], language: str) -> bool:
    text = f" {normalise(snippet.title + ' ' + snippet.text, language)} "
    return any(f" {normalise(answer, language)} " in text for answer in answers)


def _duplicate_texts(files: SuiteFiles) -> Iterator[Problem]:
    for table in (files.questions, files.snippets):
        first: dict[str, int] = {}
        for line, record in table:
            before = first.setdefault(normalise(record.text, files.language), line)
            if before != line:
                message = f"the same text as on line {before}; results on copies are not independent"
                yield Problem("warning", table.file.name, line, "text", message, "repeated text")


def _audio_warnings(files: SuiteFiles) -> Iterator[Problem]:
    if not files.utterances.records:
        message = "no utterances: only text can be evaluated"
        yield Problem("warning", files.utterances.file.name, None, None, message, "suite without recordings")
    for line, utterance in files.utterances:
        for kind, message in _recording_problems(files.root, utterance.audio) if utterance.audio else ():
            yield Problem("warning", files.utterances.file.name, line, "audio", message, kind)


def _recording_problems(root: Path, relative: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and message of what is wrong with a recording, from decoding it."""
    try:
        path = safe_path(root, relative)
    except SuiteError:
        return  # reported as an error already
    problem, notes = recording_problem(path, relative)
    if problem:
        yield "recording that cannot be used", f"{relative!r} {problem}; the utterance will fail when it is run"
    for note in notes:
        yield "recording that is mended when it is read", f"{relative!r}: {note}"
