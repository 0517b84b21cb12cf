"""A suite folder to records, with every problem on the way: the parser behind `load` and `validate`.

Nothing stops at the first mistake. Lines that hold are kept, lines that do not become `SuiteError`s, and the checks
between files (unknown ids, entity spans) run over what was kept.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Generic, Literal, TypeVar

import msgspec

from harness.errors import SuiteError
from harness.records import Question, Snippet, Utterance

MAX_LINE_BYTES = 1_000_000  # a snippet is a paragraph: a longer line is another kind of file
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

R = TypeVar("R", Question, Snippet, Utterance)
Report = Callable[[SuiteError], None]
FieldProblem = tuple[str | None, str]  # the field, where there is one, and what is wrong with it


@dataclass(frozen=True)
class Header:
    """`suite.toml`."""

    name: str
    version: str = ""
    language: str = "en"
    licence: str = ""
    description: str = ""
    speech: Literal["synthetic", "human", "unknown"] = "unknown"
    defaults: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Table(Generic[R]):
    """The good records of one JSONL file in file order, and the line (from 1) that each stands on."""

    file: Path
    records: tuple[R, ...] = ()
    lines: tuple[int, ...] = ()

    def __iter__(self) -> Iterator[tuple[int, R]]:
        return zip(self.lines, self.records, strict=True)


@dataclass(frozen=True)
class SuiteFiles:
    """Everything that could be read of a suite folder, and everything that could not."""

    root: Path
    header: Header | None
    questions: Table[Question]
    snippets: Table[Snippet]
    utterances: Table[Utterance]
    problems: tuple[SuiteError, ...]

    @property
    def language(self) -> str:
        """The suite's language, as a suite.toml that says nothing else has it."""
        return (self.header or Header("")).language


def read_suite_files(root: Path) -> SuiteFiles:
    """Read the folder `root`. Problems are collected in file order, never raised."""
    problems: list[SuiteError] = []
    report = problems.append
    header = _read_header(root, report)
    questions = _read_table(root / "questions.jsonl", Question, report, required=True)
    snippets = _read_table(root / "snippets.jsonl", Snippet, report)
    utterances = _read_table(root / "utterances.jsonl", Utterance, report)
    _check_questions(questions, snippets, report)
    for line, snippet in snippets:
        if not snippet.text.strip():
            report(
                SuiteError("the text is empty; write what the page says", file=snippets.file, line=line, field="text")
            )
    _check_utterances(root, utterances, questions, report)
    return SuiteFiles(root, header, questions, snippets, utterances, tuple(problems))


def safe_path(root: Path, relative: str) -> Path:
    """`root / relative`, which need not exist. Raises `SuiteError` when it would leave the folder `root`."""
    parts = PurePosixPath(relative).parts
    if not relative.strip() or "\0" in relative:
        raise SuiteError(f"{relative!r} is not a path; write it relative to the suite's folder, as in 'audio/x.wav'")
    if PurePosixPath(relative).is_absolute() or PureWindowsPath(relative).drive or ".." in parts:
        raise SuiteError(
            f"{relative!r} leaves the suite's folder; copy the file into it and write a relative path without '..'"
        )
    path = root / relative
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError) as error:  # a name too long, a loop of links
        raise SuiteError(f"{relative!r} cannot be followed: {error.__class__.__name__}; use a plain file") from error
    if not inside:
        raise SuiteError(
            f"{relative!r} is a link that leaves the suite's folder; copy the file into the folder instead"
        )
    return path


# ---- one file ------------------------------------------------------------------------------------------------------


def suite_language(root: Path) -> str:
    """Return the language that the suite in a folder says it is in. Raises `SuiteError` for a suite.toml that does not read."""
    problems: list[SuiteError] = []
    header = _read_header(root, problems.append)
    if header is None:
        raise problems[0]
    return header.language


def _read_header(root: Path, report: Report) -> Header | None:
    file = root / "suite.toml"
    if not file.is_file():
        report(SuiteError("not found; a suite folder holds a suite.toml with at least a `name`", file=file))
        return None
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        report(SuiteError(f"byte {error.start} is not UTF-8; save the file as UTF-8", file=file))
        return None
    except tomllib.TOMLDecodeError as error:
        report(SuiteError(f"not valid TOML: {error}", file=file))
        return None
    for key, problem in _unknown_keys(table, Header):
        report(SuiteError(problem, file=file, field=key))
    try:
        header = msgspec.convert(table, Header)
    except msgspec.ValidationError as error:
        field_name, problem = _explain(error)
        report(SuiteError(problem, file=file, field=field_name))
        return None
    if not header.name.strip():
        report(SuiteError("the name is empty; give the suite a name", file=file, field="name"))
    return header


def _read_table(file: Path, record_type: type[R], report: Report, *, required: bool = False) -> Table[R]:
    if not file.is_file():
        if required:
            report(SuiteError(f"not found; a suite folder holds a {file.name}, one JSON object per line", file=file))
        return Table(file)
    records: list[R] = []
    lines: list[int] = []
    line_of: dict[str, int] = {}
    for line, raw in _json_lines(file, report):
        record, line_problems = _decode(raw, record_type)
        for field_name, problem in line_problems:
            report(SuiteError(problem, file=file, line=line, field=field_name))
        if record is None:
            continue
        if record.id in line_of:
            problem = f"{record.id!r} is used twice, first on line {line_of[record.id]}; every id must be unique"
            report(SuiteError(problem, file=file, line=line, field="id"))
            continue
        line_of[record.id] = line
        records.append(record)
        lines.append(line)
    if required and not records:
        report(SuiteError("holds no question; write one JSON object per line", file=file))
    return Table(file, tuple(records), tuple(lines))


def _json_lines(file: Path, report: Report) -> Iterator[tuple[int, bytes]]:
    """Numbered lines that are not blank, without line ends."""
    with file.open("rb") as stream:
        number = 0
        while raw := stream.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(raw) > MAX_LINE_BYTES:
                problem = (
                    f"longer than {MAX_LINE_BYTES:,} bytes; is this one JSON object per line? Reading stopped here"
                )
                report(SuiteError(problem, file=file, line=number))
                return
            if raw.startswith(BYTE_ORDER_MARK):
                report(SuiteError("begins with a byte order mark; save as UTF-8 without one", file=file, line=number))
                raw = raw.removeprefix(BYTE_ORDER_MARK)
            if raw.strip():
                yield number, raw.strip()


def stream_snippets(file: Path) -> Iterator[Snippet]:
    """Yield the snippets of a `snippets.jsonl` one by one, however many there are; only their ids are kept.

    Raises `SuiteError` at the first line that is wrong, and for a file that cannot be read.
    """
    problems: list[SuiteError] = []
    known: set[str] = set()
    try:
        for line, raw in _json_lines(file, problems.append):
            record, line_problems = _decode(raw, Snippet)
            if record is not None and not line_problems and record.id in known:
                line_problems = [("id", f"{record.id!r} is used twice; every id must be unique")]
            for field_name, problem in line_problems:
                raise SuiteError(problem, file=file, line=line, field=field_name)
            if record is not None:
                known.add(record.id)
                yield record
    except OSError as error:
        raise SuiteError(f"cannot be read: {error.strerror}.", file=file) from error
    if problems:
        raise problems[0]


# ---- one line ------------------------------------------------------------------------------------------------------


def _decode(raw: bytes, record_type: type[R]) -> tuple[R | None, list[FieldProblem]]:
    """One JSON object as a record, or `None` and why not."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [(None, f"byte {error.start + 1} of the line is not UTF-8; save the file as UTF-8")]
    try:
        table = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        return None, [(None, f"not a JSON object: {error}; each line must be one complete JSON object")]
    if not isinstance(table, dict):
        return None, [(None, f"found a JSON {type(table).__name__}, expected an object with {_names(record_type)}")]
    problems: list[FieldProblem] = _unknown_keys(table, record_type)
    try:
        record = msgspec.convert(table, record_type)
    except msgspec.ValidationError as error:
        return None, [*problems, _explain(error)]
    if not record.id.strip():
        problems.append(("id", "the id is empty; every record needs one of its own"))
    return (None if problems else record), problems


def _unknown_keys(table: Mapping[str, object], record_type: type) -> list[FieldProblem]:
    """Return each key of `table` that is no field of the dataclass, with what to do about it."""
    known = [f.name for f in dataclasses.fields(record_type)]
    problems: list[FieldProblem] = []
    for key in table:
        if key not in known:
            close = get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"did you mean {close[0]!r}?" if close else f"known are {_names(record_type)}."
            own = " Data of your own goes under 'tags'." if "tags" in known else ""
            problems.append((key, f"unknown key; {hint}{own}"))
    return problems


def _names(record_type: type) -> str:
    return ", ".join(f.name for f in dataclasses.fields(record_type))


JSON_TYPES = {"array": "a list", "object": "an object", "str": "a string", "int": "a whole number", "null": "null"}


def _explain(error: msgspec.ValidationError) -> FieldProblem:
    """Field and problem from msgspec's message, for example "Expected `array`, got `str` - at `$.answers[0]`"."""
    message, _, path = str(error).partition(" - at ")
    place = path.strip("`").removeprefix("$").removeprefix(".") or None
    missing = re.fullmatch(r"Object missing required field `(\w+)`", message)
    if missing:
        return ".".join(filter(None, (place, missing[1]))), "missing; it is required"
    expected = re.fullmatch(r"Expected `(.+)`, got `(.+)`", message)
    if expected:
        wanted = " or ".join(JSON_TYPES.get(name, name) for name in expected[1].split(" | "))
        return place, f"expected {wanted}, found {JSON_TYPES.get(expected[2], expected[2])}"
    return place, message


# ---- between the files ---------------------------------------------------------------------------------------------


def _check_questions(questions: Table[Question], snippets: Table[Snippet], report: Report) -> None:
    known = {snippet.id for snippet in snippets.records}
    for line, question in questions:
        for field_name, problem in _question_problems(question, known):
            report(SuiteError(problem, file=questions.file, line=line, field=field_name))


def _question_problems(question: Question, snippet_ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    if not question.text.strip():
        yield "text", "the text is empty; write the question as it is asked"
    for index, answer in enumerate(question.answers or ()):
        if not answer.strip():
            yield f"answers[{index}]", "an answer is empty; leave it out"
    for index, entity in enumerate(question.entities or ()):
        place = f"entities[{index}]"
        for number, alias in enumerate(entity.aliases):
            if not alias.strip():
                yield f"{place}.aliases[{number}]", "an alias is empty; leave it out"
        inside = 0 <= entity.start < entity.end <= len(question.text)
        if not inside:
            yield (
                place,
                f"the span {entity.start}..{entity.end} is empty or outside of the text (0..{len(question.text)})",
            )
        elif (text := question.text[entity.start : entity.end]) != entity.text:
            start = question.text.find(entity.text)
            hint = f"; it stands at {start}..{start + len(entity.text)}" if start >= 0 else ""
            yield place, f"the text at {entity.start}..{entity.end} is {text!r}, expected {entity.text!r}{hint}"
    for index, snippet_id in enumerate(question.snippet_ids or ()):
        if snippet_id not in snippet_ids:
            yield f"snippet_ids[{index}]", f"{snippet_id!r} is in no line of snippets.jsonl; add it or correct the id"


def _check_utterances(root: Path, utterances: Table[Utterance], questions: Table[Question], report: Report) -> None:
    known = {question.id for question in questions.records}
    for line, utterance in utterances:
        if utterance.question_id not in known:
            problem = f"{utterance.question_id!r} is in no line of questions.jsonl; add the question or correct the id"
            report(SuiteError(problem, file=utterances.file, line=line, field="question_id"))
        if utterance.audio is not None:
            try:
                safe_path(root, utterance.audio)
            except SuiteError as error:
                report(SuiteError(error.problem, file=utterances.file, line=line, field="audio"))
