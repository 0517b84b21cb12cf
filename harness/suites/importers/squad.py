"""SQuAD JSON (v1.1, or the answerable part of v2.0), alone or with parallel files of transcripts (NoiseQA and the like).

Every paragraph becomes a snippet, relevant to its own questions. A parallel file has the same question ids; its question
texts are taken as what a recogniser made of the questions read aloud.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from harness.errors import SuiteError
from harness.records import Question, Snippet, Utterance
from harness.suites.importers.writing import Imported, check_labels, write_suite

LICENCE = "SQuAD's text: CC BY-SA 4.0; for other data see the source"
CITATION = "Rajpurkar et al., SQuAD: 100,000+ Questions for Machine Comprehension of Text, EMNLP 2016, and the data's own paper"
_MAX_BYTES = 2_000_000_000


class _Answer(msgspec.Struct):
    text: str


class _Qas(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1)]
    question: str
    answers: list[_Answer] = []
    is_impossible: bool = False  # SQuAD 2.0: the paragraph does not answer it


class _Paragraph(msgspec.Struct):
    context: str
    qas: list[_Qas]


class _Article(msgspec.Struct):
    paragraphs: list[_Paragraph]
    title: str = ""


class _Squad(msgspec.Struct):
    data: list[_Article]


def import_squad(
    gold: Path,
    out: Path,
    *,
    transcripts: Mapping[str, Path],
    name: str | None = None,
    licence: str = LICENCE,
    language: str = "en",
) -> Imported:
    """Read `gold` and the parallel files of `transcripts` (name to file), and write the suite folder `out`.

    The recordings themselves are not part of the format, so backends can only replay. Raises `SuiteError` for a file
    that is not SQuAD JSON, `UsageError` for a name that cannot be a file's or an `out` that exists.
    """
    check_labels(transcripts)
    dropped: Counter[str] = Counter()
    snippets, questions = _read_gold(gold, dropped)
    known = {question.id for question in questions}
    hypotheses = {label: _read_transcripts(path, known, dropped) for label, path in transcripts.items()}
    imported = Imported(
        name=name or gold.stem,
        description=f"Imported from SQuAD JSON ({gold.name}); each paragraph is a snippet, relevant to its own questions.",
        licence=licence,
        citation=CITATION,
        speech="human" if transcripts else "unknown",
        language=language,
        questions=questions,
        snippets=snippets,
        utterances=[Utterance(question.id, question.id) for question in questions],
        transcripts=hypotheses,
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
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SuiteError(
            f'is not SQuAD JSON: {error}. Expected {{"data": [{{"paragraphs": [{{"context", "qas"}}]}}]}}; what other '
            f"formats are read, `harness suite import --help` lists",
            file=path,
        ) from error


def _read_gold(path: Path, dropped: Counter[str]) -> tuple[list[Snippet], list[Question]]:
    snippets: list[Snippet] = []
    questions: dict[str, Question] = {}
    for article in _decode(path).data:
        for paragraph in article.paragraphs:
            if not paragraph.context.strip():
                dropped["questions of paragraphs without text"] += len(paragraph.qas)
                continue
            snippet = Snippet(f"p{len(snippets) + 1:05d}", paragraph.context, article.title.replace("_", " "))
            snippets.append(snippet)
            for question in _questions(paragraph, snippet.id, article.title, dropped):
                if not question.text or not question.id.strip():
                    dropped["questions without text or id"] += 1
                elif question.id in questions:
                    dropped["questions whose id came before"] += 1
                else:
                    questions[question.id] = question
    if not questions:
        raise SuiteError("holds no question", file=path)
    return snippets, list(questions.values())


def _questions(paragraph: _Paragraph, snippet_id: str, title: str, dropped: Counter[str]) -> Iterator[Question]:
    for qas in paragraph.qas:
        if qas.is_impossible:
            dropped["questions that their paragraph does not answer (SQuAD 2.0)"] += 1
            continue
        answers = tuple(dict.fromkeys(answer.text.strip() for answer in qas.answers if answer.text.strip()))
        tags = {"article": title} if title else {}
        yield Question(qas.id, qas.question.strip(), answers or None, None, (snippet_id,), tags)


def _read_transcripts(path: Path, known: set[str], dropped: Counter[str]) -> dict[str, str]:
    hypotheses: dict[str, str] = {}
    for article in _decode(path).data:
        for paragraph in article.paragraphs:
            for qas in paragraph.qas:
                if qas.id not in known:
                    dropped[f"transcripts of {path.name} whose question is not in the gold file"] += 1
                elif qas.id in hypotheses:
                    dropped[f"transcripts of {path.name} whose id came before"] += 1
                else:
                    hypotheses[qas.id] = qas.question
    missing = len(known) - len(hypotheses)
    if missing:
        dropped[f"no transcript in {path.name}: those samples will count as failed"] += missing
    return hypotheses
