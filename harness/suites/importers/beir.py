"""BEIR: a folder with `corpus.jsonl`, `queries.jsonl` and `qrels/SPLIT.tsv`, each plain or gzipped.

    corpus    {"_id": "d1", "title": "Okapi", "text": "..."}
    queries   {"_id": "q1", "text": "where does the okapi live"}
    qrels     a header, then query-id, corpus-id, score with tabs between; a score above 0 is relevant

Documents become snippets. There is no speech in the format: parallel files of queries, with the same ids, are taken as what a
recogniser made of the queries read aloud.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import msgspec

from harness.errors import SuiteError, UsageError
from harness.records import Question, Snippet, Utterance
from harness.suites.importers.lines import read_columns, read_json_lines
from harness.suites.importers.writing import Imported, check_labels, write_suite

LICENCE = "see the source: every data set of BEIR has its own"
CITATION = "Thakur et al., BEIR: A Heterogeneous Benchmark for Zero-shot Evaluation of IR Models, NeurIPS 2021"


class _Document(msgspec.Struct):
    id: str = msgspec.field(name="_id")
    text: str
    title: str | None = None


class _Query(msgspec.Struct):
    id: str = msgspec.field(name="_id")
    text: str


def import_beir(
    folder: Path,
    out: Path,
    *,
    split: str | None = None,
    transcripts: Mapping[str, Path] = {},
    name: str | None = None,
    licence: str = LICENCE,
    language: str = "en",
) -> Imported:
    """Read the judged queries of one split (`test`, or the only one, unless set), and write the suite folder `out`.

    Raises `SuiteError` for a file that is not of the format, `UsageError` for a split that is not there.
    """
    check_labels(transcripts)
    dropped: Counter[str] = Counter()
    qrels = _find_qrels(folder, split)
    snippets = _read_corpus(_find(folder, "corpus.jsonl"), dropped)
    relevant = _read_qrels(qrels, {snippet.id for snippet in snippets}, dropped)
    questions = _read_queries(_find(folder, "queries.jsonl"), relevant, qrels.name, dropped)
    known = {question.id for question in questions}
    hypotheses = {label: _read_hypotheses(path, known, dropped) for label, path in transcripts.items()}
    imported = Imported(
        name=name or folder.resolve().name,
        description=f"Imported from BEIR ({folder.resolve().name}, {qrels.name}); each document is a snippet.",
        licence=licence,
        citation=CITATION,
        speech="unknown",
        language=language,
        questions=questions,
        snippets=snippets,
        utterances=[Utterance(question.id, question.id) for question in questions] if transcripts else [],
        transcripts=hypotheses,
        dropped=dropped,
    )
    write_suite(imported, out)
    return imported


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise SuiteError(
        f"has no {name} and no {name}.gz; expected a folder of BEIR with corpus, queries and qrels", file=folder
    )


def _find_qrels(folder: Path, split: str | None) -> Path:
    splits = {path.name.removesuffix(".gz").removesuffix(".tsv"): path for path in sorted(folder.glob("qrels/*.tsv*"))}
    if not splits:
        raise SuiteError("has no qrels/*.tsv; expected a folder of BEIR with corpus, queries and qrels", file=folder)
    wanted = split or ("test" if "test" in splits else next(iter(splits)) if len(splits) == 1 else None)
    if wanted not in splits:
        raise UsageError(f"--split {split or 'is missing'}: {folder} has {', '.join(splits)}")
    return splits[wanted]


def _read_corpus(path: Path, dropped: Counter[str]) -> list[Snippet]:
    snippets: dict[str, Snippet] = {}
    for _, document in read_json_lines(path, _Document, 'lines of {"_id", "title", "text"}'):
        title, text = (document.title or "").strip(), document.text.strip()
        if not document.id.strip() or not (text or title):
            dropped["documents without id or text"] += 1
        elif document.id in snippets:
            dropped["documents whose id came before"] += 1
        else:
            snippets[document.id] = Snippet(document.id, text or title, title if text else "")
    return list(snippets.values())


def _read_qrels(path: Path, known: set[str], dropped: Counter[str]) -> dict[str, list[str]]:
    """Relevant documents by query id; a query with none of them in the corpus has an empty list."""
    relevant: dict[str, list[str]] = {}
    columns = ("query-id", "corpus-id", "score")
    for number, row in read_columns(path, "\t", columns, "a header and columns query-id, corpus-id, score"):
        query, document, score = (row[column].strip() for column in columns)
        try:
            if float(score) <= 0:
                dropped["judgements that say: not relevant"] += 1
                continue
        except ValueError as error:
            raise SuiteError(f"{score[:40]!r} is no number", file=path, line=number, field="score") from error
        documents = relevant.setdefault(query, [])
        if document not in known:
            dropped["judgements whose document is not in the corpus"] += 1
        elif document not in documents:
            documents.append(document)
    if not any(relevant.values()):
        raise SuiteError("judges no document of the corpus as relevant", file=path)
    return relevant


def _read_queries(path: Path, relevant: Mapping[str, list[str]], qrels: str, dropped: Counter[str]) -> list[Question]:
    questions: dict[str, Question] = {}
    for _, query in read_json_lines(path, _Query, 'lines of {"_id", "text"}'):
        if query.id not in relevant:
            dropped[f"queries without a relevant document in {qrels}"] += 1
        elif not relevant[query.id]:
            dropped["queries none of whose relevant documents is in the corpus"] += 1
        elif not query.text.strip():
            dropped["queries without text"] += 1
        elif query.id in questions:
            dropped["queries whose id came before"] += 1
        else:
            questions[query.id] = Question(query.id, query.text.strip(), snippet_ids=tuple(relevant[query.id]))
    if not questions:
        raise SuiteError(f"holds no query that {qrels} judges", file=path)
    if missing := len(set(relevant) - set(questions)):
        dropped[f"queries that {qrels} judges and that could not be kept"] += missing
    return list(questions.values())


def _read_hypotheses(path: Path, known: set[str], dropped: Counter[str]) -> dict[str, str]:
    hypotheses: dict[str, str] = {}
    for _, query in read_json_lines(path, _Query, 'lines of {"_id", "text"}'):
        if query.id in known and query.id not in hypotheses:
            hypotheses[query.id] = query.text
        else:
            dropped[f"transcripts of {path.name} whose query was not kept, or came before"] += 1
    if missing := len(known) - len(hypotheses):
        dropped[f"no transcript in {path.name}: those samples will count as failed"] += missing
    return hypotheses
