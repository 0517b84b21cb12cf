"""SQuAD v1.1 JSON, alone or with parallel files whose questions are transcripts (NoiseQA, HeySQuAD and the like).

Every paragraph becomes a snippet, relevant to its own questions. A parallel file has the same question ids; its question
texts are taken as what a recogniser made of the questions read aloud.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from harness.errors import SuiteError, UsageError
from harness.records import Question, Snippet, Utterance
from harness.suites.importers.writing import Imported, write_suite

_NAME = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9._+-]*")
_MAX_BYTES = 2_000_000_000


class _Answer(msgspec.Struct):
    text: str


class _Qas(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1)]
    question: str
    answers: list[_Answer] = []


class _Paragraph(msgspec.Struct):
    context: str
    qas: list[_Qas]


class _Article(msgspec.Struct):
    paragraphs: list[_Paragraph]
    title: str = ""


class _Squad(msgspec.Struct):
    data: list[_Article]


def import_squad(
    gold: Path, out: Path, *, transcripts: Mapping[str, Path], name: str | None = None, licence: str = "see the source"
) -> Imported:
    """Reads `gold` and the parallel files of `transcripts` (name to file), and writes the suite folder `out`.

    The recordings themselves are not part of the format, so backends can only replay. Raises `SuiteError` for a file
    that is not SQuAD JSON, `UsageError` for a name that cannot be a file's or an `out` that exists.
    """
    for label in transcripts:
        if not _NAME.fullmatch(label):
            raise UsageError(f"--transcripts {label!r}: a name has letters, digits and . _ + - only")
    dropped: Counter[str] = Counter()
    snippets, questions = _read_gold(gold, dropped)
    known = {question.id for question in questions}
    heard = {label: _read_transcripts(path, known, dropped) for label, path in transcripts.items()}
    imported = Imported(
        name=name or gold.stem,
        description=f"Imported from SQuAD JSON ({gold.name}); each paragraph is a snippet, relevant to its own questions.",
        licence=licence,
        speech="human" if transcripts else "unknown",
        questions=questions,
        snippets=snippets,
        utterances=[Utterance(question.id, question.id) for question in questions],
        transcripts=heard,
        dropped=dropped,
    )
    write_suite(imported, out)
    return imported


def _decode(path: Path) -> _Squad:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise SuiteError(f"is larger than {_MAX_BYTES // 10**9} GB; split it", file=path)
        return msgspec.json.decode(path.read_bytes(), type=_Squad)
    except OSError as error:
        raise SuiteError(f"cannot be read: {error.strerror}", file=path) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SuiteError(f"is not SQuAD v1.1 JSON: {error}", file=path) from error


def _read_gold(path: Path, dropped: Counter[str]) -> tuple[list[Snippet], list[Question]]:
    snippets: list[Snippet] = []
    questions: dict[str, Question] = {}
    for article in _decode(path).data:
        for paragraph in article.paragraphs:
            snippet = Snippet(f"p{len(snippets) + 1:05d}", paragraph.context, article.title.replace("_", " "))
            snippets.append(snippet)
            for question in _questions(paragraph, snippet.id, article.title):
                if not question.text:
                    dropped["questions without text"] += 1
                elif question.id in questions:
                    dropped["questions whose id came before"] += 1
                else:
                    questions[question.id] = question
    if not questions:
        raise SuiteError("holds no question", file=path)
    return snippets, list(questions.values())


def _questions(paragraph: _Paragraph, snippet_id: str, title: str) -> Iterator[Question]:
    for qas in paragraph.qas:
        answers = tuple(dict.fromkeys(answer.text.strip() for answer in qas.answers if answer.text.strip()))
        tags = {"article": title} if title else {}
        yield Question(qas.id, qas.question.strip(), answers, None, (snippet_id,), tags)


def _read_transcripts(path: Path, known: set[str], dropped: Counter[str]) -> dict[str, str]:
    heard: dict[str, str] = {}
    for article in _decode(path).data:
        for paragraph in article.paragraphs:
            for qas in paragraph.qas:
                if qas.id not in known:
                    dropped[f"transcripts of {path.name} whose question is not in the gold file"] += 1
                elif qas.id in heard:
                    dropped[f"transcripts of {path.name} whose id came before"] += 1
                else:
                    heard[qas.id] = qas.question
    missing = len(known) - len(heard)
    if missing:
        dropped[f"no transcript in {path.name}: those samples will count as failed"] += missing
    return heard
