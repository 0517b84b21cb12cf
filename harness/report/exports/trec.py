"""What was found as TREC run files with their qrels, so that trec_eval and its kin can check the retrieval figures.

    BACKEND.CONDITION.RETRIEVER.SOURCE.run     topic Q0 document rank score tag; SOURCE is `reference` or `transcript`
    BACKEND.CONDITION.qrels                    topic 0 document relevance

A topic is an utterance, a document a snippet. `hit@k` is their success@k (`success_1`), `rr@10` their `recip_rank` (rankings are
kept to depth 10), `ndcg@10` their `ndcg_cut_10`.

- A topic whose recognition failed, or in whose transcript nothing was found, has no line in the run file but stands in the
  qrels. trec_eval leaves such topics out of its averages unless it is told `-c`; pytrec_eval leaves them out of its answer:
  count them as 0. ir_measures counts them so by itself.
- trec_eval sorts by score, which it reads in single precision, and equal scores by document id, last one first; ranks it
  ignores. The scores here are the retriever's own, where need be lowered to the next number of single precision, so that
  they fall strictly and every tool sees the run's order.
- Questions of which the suite does not say what is relevant stand in no qrels. One for which nothing is relevant has a line
  of relevance 0, for the document `-`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from harness.errors import RunError
from harness.records import Question, Ranking, Sample
from harness.report.exports.folder import write_folder
from harness.report.exports.names import file_stems, safe_id, safe_ids
from harness.runs.storage.stored_run import StoredRun

SOURCES = ("reference", "hypothesis")


def write_trec(run: Path, out: Path | None = None) -> Path:
    """Writes run files and qrels into `out` (`run/trec` unless given).

    Raises `RunError` when the folder holds no finished run, or what is relevant is no longer known; `UsageError` where
    `out` holds something else.
    """
    stored = StoredRun.read(run)
    cells = stored.counted_samples()
    questions = _questions(stored)
    retrievers = list(dict.fromkeys(label for samples in cells.values() for s in samples for label in s.retrieval))
    rankings = [(*cell, retriever, source) for cell in cells for retriever in retrievers for source in SOURCES]
    stems = file_stems([*cells, *rankings])
    topics: dict[tuple[str, str], dict[str, str]] = {
        cell: safe_ids(sample.utterance_id for sample in samples) for cell, samples in cells.items()
    }
    files = {
        f"{stems[cell]}.qrels": "".join(_judgements(samples, questions, topics[cell])).encode()
        for cell, samples in cells.items()
    }
    for backend, condition, retriever, source in rankings:
        cell, stem = (backend, condition), stems[backend, condition, retriever, source]
        lines = _lines(_rankings(cells[cell], retriever, source), topics[cell], safe_id(stem))
        files[f"{stem}.run"] = "".join(lines).encode()
    return write_folder(out or run / "trec", "trec", files)


def _questions(run: StoredRun) -> dict[str, Question]:
    known = {question.id: question for question in run.evidence.questions}
    if any(sample.question_id not in known for samples in run.counted_samples().values() for sample in samples):
        raise RunError(
            "keeps no questions, and its suite is not there as it was, so what is relevant is not known. Run the same command "
            "again.",
            file=run.folder,
        )
    return known


def _judgements(
    samples: Iterable[Sample], questions: Mapping[str, Question], topics: Mapping[str, str]
) -> Iterator[str]:
    for sample in samples:
        relevant = questions[sample.question_id].snippet_ids
        if relevant is None:
            continue
        topic = topics[sample.utterance_id]
        yield from (f"{topic} 0 {safe_id(identity)} 1\n" for identity in dict.fromkeys(relevant))
        if not relevant:
            yield f"{topic} 0 - 0\n"


def _rankings(samples: Iterable[Sample], retriever: str, source: str) -> Iterator[tuple[str, Ranking]]:
    for sample in samples:
        if outcome := sample.retrieval.get(retriever):
            yield sample.utterance_id, outcome.reference if source == "reference" else outcome.hypothesis


def _lines(rankings: Iterable[tuple[str, Ranking]], topics: Mapping[str, str], tag: str) -> Iterator[str]:
    for identity, ranking in rankings:
        scores = falling(ranking.scores)
        for rank, (document, score) in enumerate(zip(ranking.snippet_ids, scores, strict=True), start=1):
            yield f"{topics[identity]} Q0 {safe_id(document)} {rank} {score} {tag}\n"


def falling(scores: Iterable[float]) -> Iterator[str]:
    """Each score in single precision, at most the next number below the one before it: written in nine digits, which tell
    any two such numbers apart.
    """
    last = np.float32(np.inf)
    for score in scores:
        with np.errstate(over="ignore"):
            last = min(np.float32(score), np.nextafter(last, np.float32(-np.inf)))
        yield f"{float(last):.9g}"
