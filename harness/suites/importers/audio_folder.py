"""A folder of recordings, and a table that says what is asked in each: `questions.tsv`, `.csv`, `.jsonl` or `.json`.

    audio           the recording, a path inside the folder
    text            the question as it is asked
    answer          accepted answers with `|` between, or a JSON list; may be absent
    speaker, accent, id, snippet_ids    may be absent; snippets are read from `snippets.jsonl` in the folder
    other columns   become tags of the recording, by which results are grouped

Recordings of the same words are recordings of one question, which is what is resampled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from harness.audio.reading import recording_problem
from harness.errors import SuiteError, TranscriptError
from harness.records import Question, Snippet, Utterance
from harness.suites.importers.writing import About, Dropped, Imported, write_suite
from harness.suites.reading import safe_path
from harness.suites.recordings import file_names
from harness.words.text.normalise import normalise
from harness.words.transcripts.entries import filled_lines
from harness.words.transcripts.matching import AUDIO_ENDINGS
from harness.words.transcripts.rows import ROW_FORMATS, Row, read_rows

_OWN = ("id", "audio", "text", "answer", "speaker", "accent", "snippet_ids")


@dataclass(frozen=True, slots=True)
class _Recorded:
    """One row that can be used, and the file that it names."""

    row: Row
    audio: str
    text: str
    path: Path


def import_audio_folder(folder: Path, out: Path, *, about: About | None = None) -> Imported:
    """Read the recordings and the table of `folder`, and write the suite folder `out` with copies of the recordings.

    Every recording is decoded once. Rows that cannot be used are left out and counted. Raises `SuiteError` for a folder
    or table that is none, or without a usable row; `UsageError` for an `out` that exists.
    """
    about, dropped = about or About(), Dropped()
    table = _table(folder)
    mended = Dropped()
    recorded = list(_usable(_rows(table), folder, about.language, dropped, mended))
    if not recorded:
        reasons = "; ".join(f"{why}: {n}" for why, n in dropped.reasons().items())
        raise SuiteError(f"holds no row that can be used. {reasons or 'It is empty'}", file=table)
    for name in _unnamed(folder, {row.path for row in recorded}):
        dropped.add("recordings that no row names, or only a row that cannot be used", name)
    snippets = _snippets(folder / "snippets.jsonl")
    ids = _ids(recorded)
    questions = _questions(recorded, ids, {snippet.id for snippet in snippets}, about.language, dropped)
    endings = [row.path.suffix.lower() for row in recorded]
    names = dict(zip(ids, file_names(zip(ids, endings, strict=True)), strict=True))  # by utterance id
    imported = Imported(
        name=about.name or folder.resolve().name,
        description=f"Imported from a folder of recordings with {table.name}.",
        licence=about.licence,
        speech=about.speech,
        language=about.language,
        questions=list({question.id: question for question in questions}.values()),
        snippets=snippets,
        utterances=[
            _utterance(row, identity, question.id, f"audio/{names[identity]}")
            for row, identity, question in zip(recorded, ids, questions, strict=True)
        ],
        dropped=dropped.reasons(),
        mended=mended.reasons(),
        citation=about.citation,
        recordings={f"audio/{names[identity]}": row.path for row, identity in zip(recorded, ids, strict=True)},
    )
    write_suite(imported, out)
    return imported


def _table(folder: Path) -> Path:
    if not folder.is_dir():
        raise SuiteError(
            "not a folder; one with recordings and a questions.tsv, .csv or .jsonl was expected", file=folder
        )
    tables = [path for format in ROW_FORMATS if (path := folder / f"questions.{format}").is_file()]
    if len(tables) != 1:
        names = " and ".join(path.name for path in tables) or "no table"
        expected = "expected one questions.tsv, .csv or .jsonl with the columns audio, text and answer"
        raise SuiteError(f"holds {names}; {expected}", file=folder)
    return tables[0]


def _rows(table: Path) -> list[Row]:
    try:
        rows = read_rows(table, table.suffix.removeprefix("."), {"audio", "text"}.issubset)
    except TranscriptError as error:
        raise SuiteError(error.problem, file=error.file, line=error.line, field=error.field) from error
    if rows and table.suffix in (".csv", ".tsv") and not {"audio", "text"} <= rows[0].fields.keys():
        shown = ", ".join(str(cell)[:40] for cell in rows[0].fields.values())
        raise SuiteError(f"its first line is no header with audio and text, but {shown}", file=table, line=rows[0].line)
    return rows


def _usable(rows: Sequence[Row], folder: Path, language: str, dropped: Dropped, mended: Dropped) -> Iterator[_Recorded]:
    seen: set[Path] = set()
    for row in rows:
        place = f"line {row.line}"
        audio, text = (_text(row.fields.get(name)) for name in ("audio", "text"))
        if not audio:
            dropped.add("rows that name no recording", place)
            continue
        if not normalise(text, language):
            dropped.add("rows whose text has no words", place)
            continue
        try:
            path = safe_path(folder, audio)
        except SuiteError as error:
            dropped.add("rows whose recording lies outside the folder", f"{place}: {error.problem}")
            continue
        if path in seen:
            dropped.add("rows whose recording came before", f"{place}, {audio}")
            continue
        problem, notes = recording_problem(path, audio)
        if problem:
            why = "cannot be used" if path.is_file() else "is not there"
            dropped.add(f"rows whose recording {why}", f"{place}, {audio} {problem}")
            continue
        for note in notes:
            mended.add(note, f"{place}, {audio}")
        seen.add(path)
        yield _Recorded(row, audio, " ".join(text.split()), path)


def _unnamed(folder: Path, named: Container[Path]) -> list[str]:
    """Recordings, by their endings, that are not among `named`."""
    paths = (path for path in folder.rglob("*") if path.suffix.lower() in AUDIO_ENDINGS and path not in named)
    return sorted(path.relative_to(folder).as_posix() for path in paths if path.is_file())


def _ids(recorded: Sequence[_Recorded]) -> list[str]:
    """Return the column `id` where it says something; otherwise the recording's name, without its ending if that is enough."""
    given = [_text(row.row.fields.get("id")) or Path(row.audio).stem for row in recorded]
    counts = Counter(given)
    return [name if counts[name] == 1 else row.audio for name, row in zip(given, recorded, strict=True)]


def _questions(
    recorded: Sequence[_Recorded], ids: Sequence[str], snippet_ids: Container[str], language: str, dropped: Dropped
) -> list[Question]:
    """Return the question of each recording. Rows of the same words share one, with all of their answers and snippets."""
    groups: dict[str, list[int]] = {}
    for index, row in enumerate(recorded):
        groups.setdefault(normalise(row.text, language), []).append(index)
    questions: dict[int, Question] = {}
    for group in groups.values():
        answers = [answer for index in group for answer in _several(recorded[index].row.fields.get("answer"))]
        relevant = [name for index in group for name in _several(recorded[index].row.fields.get("snippet_ids"))]
        for name in relevant:
            if name not in snippet_ids:
                dropped.add("snippet_ids that are in no line of snippets.jsonl", name)
        question = Question(
            ids[group[0]],
            recorded[group[0]].text,
            tuple(dict.fromkeys(answers)) or None,
            snippet_ids=tuple(name for name in dict.fromkeys(relevant) if name in snippet_ids) or None,
        )
        questions |= dict.fromkeys(group, question)
    return [questions[index] for index in range(len(recorded))]


def _utterance(recorded: _Recorded, identity: str, question_id: str, audio: str) -> Utterance:
    fields = recorded.row.fields
    tags = {str(name): value for name, cell in fields.items() if name not in _OWN and (value := _text(cell))}
    return Utterance(identity, question_id, audio, _text(fields.get("speaker")), _text(fields.get("accent")), tags)


def _text(cell: Any) -> str:
    """Texts and numbers as text; nothing else is one."""
    return str(cell).strip() if isinstance(cell, str | int | float) and not isinstance(cell, bool) else ""


def _several(cell: Any) -> list[str]:
    cells = cell if isinstance(cell, list) else _text(cell).split("|")
    return [text for item in cells if (text := _text(item))]


def _snippets(path: Path) -> list[Snippet]:
    """Return those of `snippets.jsonl`, in the suite's own format; none where there is no such file."""
    snippets: dict[str, Snippet] = {}
    for number, line in filled_lines(path) if path.is_file() else ():
        try:
            snippet = msgspec.json.decode(line.encode(), type=Snippet)
        except (msgspec.DecodeError, RecursionError) as error:
            problem = f'expected {{"id": ..., "text": ..., "title": ..., "url": ...}}: {error}'
            raise SuiteError(problem, file=path, line=number) from error
        if snippets.setdefault(snippet.id, snippet) is not snippet:
            raise SuiteError(
                f"{snippet.id!r} is used twice; every id must be unique", file=path, line=number, field="id"
            )
    return list(snippets.values())
