"""The samples as the page carries them: columns to filter by at hand, everything else in compressed packs.

A pack is JSON, compressed and written in base64; the browser opens one when a sample of it is looked at. So tens of
thousands of samples stay small to load and to hold, and nothing in a pack can be read as markup.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from gzip import compress
from typing import Any

from harness.analysis.summary import entity_band, tag_groups
from harness.records import Question, RareWord, RetrievalOutcome, Sample, Utterance, Word
from harness.report.html.untrusted import web_address
from harness.report.model import Report
from harness.runs.storage.evidence import SHOWN_SNIPPETS
from harness.words.text.nonspeech import speech
from harness.words.text.normalise import tokenise

PACK_SIZE = 200
_NBEST_SHOWN = 10
_FATES = {"lost": "l", "gained": "g", "kept": "k", "never": "n", None: "-"}
_FAILED = "f"
_OPERATIONS = {"hit": "h", "substitution": "s", "deletion": "d", "insertion": "i"}


class SampleData:
    """The samples of a page, numbered in the order of the runs."""

    def __init__(self, report: Report, audio: Mapping[str, str]) -> None:
        self.report = report
        self.audio = audio
        self.backends = list(dict.fromkeys(sample.backend for sample in report.samples))
        self.conditions = list(dict.fromkeys(sample.condition for sample in report.samples))
        self.retrievers = list(dict.fromkeys(label for sample in report.samples for label in sample.retrieval))
        self.utterances = {
            identity: n for n, identity in enumerate(dict.fromkeys(s.utterance_id for s in report.samples))
        }
        self.questions = {
            identity: n for n, identity in enumerate(dict.fromkeys(s.question_id for s in report.samples))
        }
        self._question_of = {sample.utterance_id: sample.question_id for sample in report.samples}
        self._references = {sample.question_id: sample.reference for sample in report.samples}
        self._snippets = {identity: n for n, identity in enumerate(report.snippets)}
        self._bands = self._entity_bands()

    def columns(self) -> dict[str, Any]:
        """Return what the list of samples shows and filters by: one entry a sample, in columns."""
        samples = self.report.samples
        backends = {label: n for n, label in enumerate(self.backends)}
        conditions = {label: n for n, label in enumerate(self.conditions)}
        return {
            "backends": self.backends,
            "conditions": self.conditions,
            "retrievers": self.retrievers,
            "questions": [[identity, self._asked(identity), self._references[identity]] for identity in self.questions],
            "utterances": [
                [identity, self.questions[self._question_of[identity]], self.audio.get(identity, "")]
                for identity in self.utterances
            ],
            "facets": self.facets(),
            "utterance": [self.utterances[s.utterance_id] for s in samples],
            "backend": [backends[s.backend] for s in samples],
            "condition": [conditions[s.condition] for s in samples],
            "fates": ["".join(_fate(s, retriever) for s in samples) for retriever in self.retrievers or [""]],
            "missed": [sum(_is_misrecognised(word, s) for word in s.rare_words) for s in samples],
            "runaway": {n: s.runaway for n, s in enumerate(samples) if s.runaway is not None},
            "hypothesis": [s.transcript.text if s.transcript else "" for s in samples],
            "packSize": PACK_SIZE,
        }

    def facets(self) -> list[dict[str, Any]]:
        """Return band, speaker, accent and every tag of more than one value: its name, and its value of each utterance."""
        members_of: dict[str, dict[str, list[int]]] = {}
        for identity, number in self.utterances.items():
            for group in self.groups(identity):
                name, _, value = group.partition(":")
                members_of.setdefault(name, {}).setdefault(value, []).append(number)
        facets = []
        for name, members in members_of.items():
            if len(members) < 2:
                continue
            values, of = sorted(members), [-1] * len(self.utterances)
            for place, value in enumerate(values):
                for number in members[value]:
                    of[number] = place
            facets.append({"name": name, "values": values, "of": of})
        return facets

    def groups(self, utterance_id: str) -> list[str]:
        """Return the groups of summary.json that an utterance is in, as far as the run kept its tags."""
        question_id = self._question_of[utterance_id]
        question = self.report.questions.get(question_id) or Question(question_id, "")
        utterance = self.report.utterances.get(utterance_id) or Utterance(utterance_id, question_id)
        return [f"band:{self._bands[question_id]}", *tag_groups(question, utterance)]

    def question_counts(self) -> dict[str, int]:
        """Return how many questions each group has: what its intervals rest on."""
        questions: dict[str, set[str]] = {}
        for identity in self.utterances:
            for group in self.groups(identity):
                questions.setdefault(group, set()).add(self._question_of[identity])
        return {group: len(members) for group, members in questions.items()} | {"all": len(self.questions)}

    def packs(self) -> Iterator[str]:
        """Yield the details of `PACK_SIZE` samples each."""
        samples = self.report.samples
        for start in range(0, len(samples), PACK_SIZE):
            yield json_pack([self._details(sample) for sample in samples[start : start + PACK_SIZE]])

    def snippets(self) -> str:
        """Return the snippets in a pack of their own: id, title, text, address where it is one, when it was collected."""
        return json_pack(
            [[s.id, s.title, s.text, web_address(s.url), s.collected_at] for s in self.report.snippets.values()]
        )

    def _entity_bands(self) -> dict[str, str]:
        """Return each question's band, by the rule that grouped the summary."""
        bands = {}
        for sample in self.report.samples:
            if sample.question_id not in bands:
                words = sample.reference.split()
                bands[sample.question_id] = entity_band(
                    (w for e in sample.entities for w in words[e.start : e.end]), self.report.language
                )
        return bands

    def _asked(self, question_id: str) -> str:
        question = self.report.questions.get(question_id)
        return question.text if question else self._references[question_id]

    def _details(self, sample: Sample) -> dict[str, Any]:
        question = self.report.questions.get(sample.question_id)
        times = token_times(sample, self.report.language)
        details: dict[str, Any] = {
            "ops": "".join(_OPERATIONS[step.operation] for step in sample.alignment),
            "hypothesis": [step.hypothesis for step in sample.alignment if step.hypothesis is not None],
            "regions": [
                [r.reference_start, r.reference_end, r.hypothesis_start, r.hypothesis_end, r.kind, word_class,
                 _begins(r.hypothesis_start, times), r.notation]
                for r, word_class in zip(sample.error_regions, sample.region_classes, strict=True)
            ],
            "rare": [[w.position, w.zipf, w.band, w.entity, w.hypothesis, w.in_nbest] for w in sample.rare_words],
            "retrieval": {label: self._retrieval(outcome, question) for label, outcome in sample.retrieval.items()},
            "answers": list(question.answers or ()) if question else [],
        }  # fmt: skip
        if sample.transcript and sample.transcript.nbest:
            details["nbest"] = [[entry.text, entry.score] for entry in sample.transcript.nbest[:_NBEST_SHOWN]]
        if sample.error:
            details["error"] = [sample.error.stage, sample.error.type, sample.error.message]
        return details

    def _retrieval(self, outcome: RetrievalOutcome, question: Question | None) -> dict[str, Any]:
        gold = set(question.snippet_ids or ()) if question else set()
        shown: dict[str, Any] = {}
        for side, ranking in (("reference", outcome.reference), ("hypothesis", outcome.hypothesis)):
            shown[side] = [
                [self._snippets.get(identity, identity), score, identity in gold]
                for identity, score in zip(ranking.snippet_ids[:SHOWN_SNIPPETS], ranking.scores, strict=False)
            ]
            shown[f"{side}Rank"] = next((n for n, i in enumerate(ranking.snippet_ids, start=1) if i in gold), None)
        if cf := outcome.counterfactual:
            shown["counterfactual"] = {
                "outcome": cf.outcome, "fromHypothesis": cf.from_hypothesis, "fromReference": cf.from_reference,
                "repair": cf.repair_one, "inject": cf.inject_one, "shapley": cf.shapley, "error": cf.shapley_error,
                "smallest": cf.smallest_repairs,
            }  # fmt: skip
        for side, answer, metrics in (
            ("reference", outcome.reference_answer, outcome.reference_metrics),
            ("hypothesis", outcome.hypothesis_answer, outcome.hypothesis_metrics),
        ):
            if answer is not None:
                shown[f"{side}Answer"] = [
                    answer.text, metrics.get("exact_match"), metrics.get("f1"), answer.reasons,
                ]  # fmt: skip
        return shown


def _is_misrecognised(word: RareWord, sample: Sample) -> bool:
    """Whether something else stands in the place of the word, and not the same in another notation."""
    variants = (r for r in sample.error_regions if r.notation)
    return word.hypothesis is not None and not any(
        r.reference_start <= word.position < r.reference_end for r in variants
    )


def json_pack(value: object) -> str:
    """Return JSON, compressed, in base64. The same value gives the same text."""
    encoded = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()
    return b64encode(compress(encoded, compresslevel=6, mtime=0)).decode()


def token_times(sample: Sample, language: str) -> list[tuple[float, float]]:
    """Return start and end in seconds of every token of the hypothesis, none where the recogniser did not time them all."""
    words = sample.transcript.words if sample.transcript else ()
    times = [time for word in words for time in _of_word(word, language)]
    n_tokens = sum(step.hypothesis is not None for step in sample.alignment)
    return times if len(times) == n_tokens else []


def _of_word(word: Word, language: str) -> Sequence[tuple[float, float]]:
    if word.start is None or word.end is None:
        return ()
    return ((word.start, word.end),) * _token_count(word.text, language)


@lru_cache(maxsize=65536)
def _token_count(word: str, language: str) -> int:
    return len(tokenise(speech(word).text, language))


def _begins(token: int, times: Sequence[tuple[float, float]]) -> float | None:
    """Return where to listen for an error that begins before this token: at its start, or at the end of what came before."""
    if not times:
        return None
    return round(times[token][0] if token < len(times) else times[-1][1], 2)


def _fate(sample: Sample, retriever: str) -> str:
    if sample.status == "error":
        return _FAILED
    outcome = sample.retrieval.get(retriever)
    return _FATES[outcome.fate if outcome else None]
