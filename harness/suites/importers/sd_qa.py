"""SD-QA (Faisal et al., Findings of EMNLP 2021): questions of TyDi QA read aloud in many dialects, with two recognisers' outputs.

    english.dev.csv                      ID, english-gold, and a column of transcripts for each dialect and recogniser: irl-en-IE
    irl/english.dev.irl-en-IE.triples.jsonl   {"example_id", "question", "answers": [...], "has_answer", "audio_path"}
    irl/metadata.csv                     example_id, user_id, gender, age ...
    irl/wav_eng/ID.wav

The CSV is required; the rest is read from where the data set has it, or named. An utterance is a question in a dialect. A
recogniser that was used for all dialects (en-US for English) is one set of transcripts, the dialects' own ones together are
the set `local`: so both cover every utterance and can be compared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from harness.audio.reading import recording_problem
from harness.errors import SuiteError
from harness.records import Question, Snippet, Utterance
from harness.suites.importers.lines import read_columns, read_json_lines, read_lines
from harness.suites.importers.writing import Dropped, Imported, write_suite

LICENCE = "Apache-2.0; text of Wikipedia: CC BY-SA 3.0"
CITATION = "Faisal et al., SD-QA: Spoken Dialectal Question Answering for the Real World, Findings of EMNLP 2021"
_EXPECTED = "the CSV of SD-QA: ID, LANGUAGE-gold, and columns such as irl-en-IE"
_COLUMN = re.compile(r"(?P<dialect>[A-Za-z0-9_]+)-(?P<locale>[a-z]{2,3}-[A-Z]{2})")
_ID = re.compile(r"-?\d{1,20}")
_MAX_ANSWER_WORDS = 30


class _Triple(msgspec.Struct):
    example_id: int
    answers: list[str]


@dataclass
class _Answers:
    """What the triples say of a question: short answers, and passages that hold them."""

    short: list[str] = field(default_factory=list)
    passages: list[str] = field(default_factory=list)


def import_sd_qa(
    table: Path,
    out: Path,
    *,
    triples: Sequence[Path] = (),
    audio: bool = True,
    name: str | None = None,
    licence: str = LICENCE,
    language: str | None = None,
) -> Imported:
    """Read `table` and what lies beside it, and write the suite folder `out`.

    A triple's span that holds another span, or that stands alone and is longer than 30 words, is a passage: it becomes a
    snippet, relevant to its question. The others are answers. The language, unless set, is that of the dialects: "en" of
    irl-en-IE. Raises `SuiteError` for a file that is not of the format.
    """
    dropped: Counter[str] = Counter()
    header = _header(table)
    gold = next((column for column in header if column.endswith("-gold")), None)
    columns = {column: (match["dialect"], match["locale"]) for column in header if (match := _COLUMN.fullmatch(column))}
    if gold is None or "ID" not in header or not columns:
        raise SuiteError(f"has the columns {', '.join(header)[:200]}; expected {_EXPECTED}", file=table, line=1)
    rows = _rows(table, gold, dropped)
    answers = _read_triples(triples or sorted(table.parent.glob("*/*.triples.jsonl")), rows, dropped)
    snippets, relevant = _passages(answers)
    dialects = list(dict.fromkeys(dialect for dialect, _ in columns.values()))
    speakers = {dialect: _read_speakers(table.parent / dialect / "metadata.csv") for dialect in dialects}
    mended, unusable = Dropped(), Dropped()
    recordings = _recordings(table.parent, dialects, rows, unusable, mended) if audio else {}
    sets = _recognisers(columns)
    imported = Imported(
        name=name or table.name.removesuffix(".csv"),
        description=f"Imported from SD-QA ({table.name}): {len(dialects)} dialects; passages that answer are the snippets.",
        licence=licence,
        citation=CITATION,
        speech="human",
        language=language or next(iter(columns.values()))[1].partition("-")[0],
        questions=[_question(identity, row[gold], answers.get(identity), relevant) for identity, row in rows.items()],
        snippets=snippets,
        utterances=list(_utterances(rows, dialects, speakers, recordings)),
        transcripts={label: _hypotheses(rows, chosen, dropped) for label, chosen in sets.items()},
        dropped=dropped + unusable.reasons(),
        mended=mended.reasons(),
        recordings=recordings,
    )
    write_suite(imported, out)
    return imported


def _header(table: Path) -> list[str]:
    for _, line in read_lines(table, _EXPECTED):
        return [name.strip().strip('"') for name in line.split(",")]
    raise SuiteError(f"is empty; expected {_EXPECTED}", file=table)


def _rows(table: Path, gold: str, dropped: Counter[str]) -> dict[str, dict[str, str]]:
    rows: dict[str, dict[str, str]] = {}
    for number, row in read_columns(table, ",", ("ID", gold), _EXPECTED):
        identity = row["ID"].strip()
        if not _ID.fullmatch(identity):
            raise SuiteError(
                f"{identity[:40]!r} is no id of TyDi QA, a whole number", file=table, line=number, field="ID"
            )
        if not row[gold].strip():
            dropped["questions without text"] += 1
        elif identity in rows:
            dropped["questions whose id came before"] += 1
        else:
            rows[identity] = row
    if not rows:
        raise SuiteError(f"holds no question; expected {_EXPECTED}", file=table)
    return rows


def _recognisers(columns: Mapping[str, tuple[str, str]]) -> dict[str, dict[str, str]]:
    """Sets of transcripts: name to column by dialect. Every set covers every dialect, except those that cannot."""
    by_locale: dict[str, dict[str, str]] = {}
    for column, (dialect, locale) in columns.items():
        by_locale.setdefault(locale, {})[dialect] = column
    dialects = {dialect for dialect, _ in columns.values()}
    shared = {locale: chosen for locale, chosen in by_locale.items() if set(chosen) == dialects}
    local: dict[str, str] = {}
    for chosen in [by_locale[locale] for locale in by_locale if locale not in shared] + list(shared.values()):
        for dialect, column in chosen.items():
            local.setdefault(dialect, column)
    return shared if local in shared.values() else {**shared, "local": local}


def _hypotheses(
    rows: Mapping[str, Mapping[str, str]], chosen: Mapping[str, str], dropped: Counter[str]
) -> dict[str, str]:
    """Transcripts by utterance. An empty cell counts as absent, since the file does not mark empty transcripts."""
    cells = {
        f"{identity}.{dialect}": row[column].strip()
        for identity, row in rows.items()
        for dialect, column in chosen.items()
    }
    hypotheses = {identity: text for identity, text in cells.items() if text}
    if len(hypotheses) < len(cells):
        dropped["empty cells of transcripts: those samples will count as failed"] += len(cells) - len(hypotheses)
    return hypotheses


def _read_triples(paths: Iterable[Path], rows: Mapping[str, object], dropped: Counter[str]) -> dict[str, _Answers]:
    """Spans by question. The files of all dialects say the same; a span is counted once."""
    spans: dict[str, dict[str, None]] = {}
    for path in paths:
        for _, triple in read_json_lines(path, _Triple, 'triples of SD-QA: {"example_id", "answers", ...}'):
            if str(triple.example_id) not in rows:
                dropped["triples whose question is not in the CSV"] += 1
                continue
            texts = spans.setdefault(str(triple.example_id), {})
            texts.update(dict.fromkeys(text for span in triple.answers if (text := " ".join(span.split()))))
    if spans and (unanswered := sum(not texts for texts in spans.values())):
        dropped["answers: the article does not answer the question (it stays, for its words)"] = unanswered
    return {identity: _sorted_spans(list(texts)) for identity, texts in spans.items() if texts}


def _sorted_spans(spans: list[str]) -> _Answers:
    answers = _Answers()
    for span in spans:
        holds = any(other != span and other in span for other in spans)
        alone = len(spans) == 1 and len(span.split()) > _MAX_ANSWER_WORDS
        (answers.passages if holds or alone else answers.short).append(span)
    return answers


def _passages(answers: Mapping[str, _Answers]) -> tuple[list[Snippet], dict[str, list[str]]]:
    """Return each passage once, and the ids of its passages by question."""
    snippets: dict[str, Snippet] = {}
    relevant: dict[str, list[str]] = {}
    for identity, given in answers.items():
        for text in given.passages:
            snippet = snippets.setdefault(text, Snippet(f"p{len(snippets) + 1:05d}", text))
            relevant.setdefault(identity, []).append(snippet.id)
    return list(snippets.values()), relevant


def _question(identity: str, text: str, answers: _Answers | None, relevant: Mapping[str, list[str]]) -> Question:
    short = tuple(answers.short) if answers and answers.short else None
    return Question(identity, text.strip(), short, None, tuple(relevant[identity]) if identity in relevant else None)


def _read_speakers(path: Path) -> dict[str, dict[str, str]]:
    """Rows of `metadata.csv` by question; none where there is no such file."""
    if not path.is_file():
        return {}
    rows = read_columns(path, ",", ("example_id", "user_id"), "metadata of SD-QA: example_id, user_id ...")
    return {row["example_id"]: row for _, row in rows}


def _recordings(
    folder: Path, dialects: Iterable[str], rows: Mapping[str, object], unusable: Dropped, mended: Dropped
) -> dict[str, Path]:
    """Return what lies in `DIALECT/wav_*/ID.wav` and can be used, by its place in the suite."""
    recordings = {}
    for dialect in dialects:
        for path in sorted(folder.glob(f"{dialect}/wav_*/*.wav")):
            if path.stem not in rows:
                continue
            relative = path.relative_to(folder).as_posix()
            problem, notes = recording_problem(path, relative)
            if problem:
                unusable.add("recordings that cannot be used", f"{relative} {problem}")
                continue
            for note in notes:
                mended.add(note, relative)
            recordings[f"audio/{dialect}/{path.name}"] = path
    return recordings


def _utterances(
    rows: Mapping[str, object],
    dialects: Sequence[str],
    speakers: Mapping[str, Mapping[str, Mapping[str, str]]],
    recordings: Mapping[str, object],
) -> Iterator[Utterance]:
    for identity in rows:
        for dialect in dialects:
            told = speakers[dialect].get(identity, {})
            tags = {
                key: told[key] for key in ("gender", "age", "mother_tongue") if told.get(key, "n/a") not in ("n/a", "")
            }
            audio = f"audio/{dialect}/{identity}.wav"
            yield Utterance(
                f"{identity}.{dialect}",
                identity,
                audio if audio in recordings else None,
                told.get("user_id", ""),
                dialect,
                tags,
            )
