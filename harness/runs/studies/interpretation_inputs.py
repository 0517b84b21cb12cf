"""What the study of interpretation works on: the run's recordings as items, its texts as arms, and the lexicon of names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.analysis.interpretation.outcomes import TextArm
from harness.errors import UsageError
from harness.interpretation.folds import Item, is_seen
from harness.interpretation.slots.lexicon import Lexicon, draw_lexicon, slots_of
from harness.records import Question, Sample, Utterance
from harness.runs.studies.protocol import Finished
from harness.words.rarity import BANDS, NO_LIST


@dataclass(frozen=True)
class Inputs:
    """A finished run as interpretation sees it. `intent` is the tag that is the intent, `most` the largest number of distractors.

    Raises `UsageError` where no question has the tag.
    """

    finished: Finished
    intent: str
    most: int

    def __post_init__(self) -> None:
        if not self.items:
            tags = sorted({tag for question in self.finished.suite.questions for tag in question.tags})
            known = f"its questions have the tags {', '.join(tags)}" if tags else "its questions have no tags"
            raise UsageError(f"intent is {self.intent!r}, a tag that no question of the suite has: {known}")

    @cached_property
    def lexicon(self) -> Lexicon:
        """The entities of the suite's questions, and distractors from its snippets."""
        suite, spec = self.finished.suite, self.finished.spec
        return draw_lexicon(suite.questions, suite.snippets, suite.language, self.most, spec.seed, spec.entity_pipeline)

    @cached_property
    def utterances(self) -> Sequence[Utterance]:
        """The recordings whose questions have the intent, in the order of the plan: one for each item."""
        return [u for u in self._planned if self.intent in self._questions[u.question_id].tags]

    @cached_property
    def items(self) -> Sequence[Item]:
        """The recordings as they are to be interpreted."""
        return [
            Item(
                u.id,
                u.question_id,
                u.speaker,
                " ".join(self.finished.evaluator.reference(u.question_id).tokens),
                self._questions[u.question_id].tags[self.intent],
                self._slots[u.question_id],
            )
            for u in self.utterances
        ]

    @property
    def n_without_intent(self) -> int:
        """How many of the run's questions lack the tag."""
        return len({u.question_id for u in self._planned}) - len({item.question_id for item in self.items})

    @property
    def most_frequent(self) -> float:
        """The share of the items with the most frequent intent."""
        return max(Counter(item.intent for item in self.items).values()) / len(self.items)

    def text_arms(self) -> list[TextArm]:
        """Return the reference texts, then the hypotheses of every backend under every condition, in the run's order."""
        arms = [TextArm("", "reference", "", [item.text for item in self.items], [True] * len(self.items))]
        for backend in self.finished.spec.backends:
            for condition in self.conditions:
                samples = self.samples(backend.label, condition)
                if not any(samples):
                    continue
                shown = condition if len(self.conditions) > 1 else ""
                arms.append(
                    TextArm(backend.label, "cascade", shown, list(map(_hypothesis, samples)), self._counted(samples))
                )
        return arms

    @property
    def conditions(self) -> list[str]:
        """The labels of the run's conditions."""
        return [condition.label for condition in self.finished.spec.conditions]

    def samples(self, backend: str, condition: str) -> list[Sample | None]:
        """Return the sample of each item; `None` where it is missing."""
        return [self._samples.get((u.id, backend, condition)) for u in self.utterances]

    def groups(self, folds: Sequence[int]) -> dict[str, list[bool]]:
        """Return which items are of which band, by the rarest word of the question's names, and whose names were seen."""
        seen = is_seen(self.items, folds)
        bands = [self._bands[item.question_id] for item in self.items]
        groups = {f"band:{band}": [own == band for own in bands] for band in (*BANDS, NO_LIST) if band in bands}
        return groups | {
            f"entity:{name}": [one is wanted for one in seen] for name, wanted in (("seen", True), ("unseen", False))
        }

    # ---- looked up once

    @cached_property
    def _questions(self) -> Mapping[str, Question]:
        return {question.id: question for question in self.finished.suite.questions}

    @cached_property
    def _planned(self) -> Sequence[Utterance]:
        by_id = {utterance.id: utterance for utterance in self.finished.suite.utterances}
        return [by_id[identity] for identity in dict.fromkeys(planned.utterance_id for planned in self.finished.plan)]

    @cached_property
    def _slots(self) -> Mapping[str, frozenset[int]]:
        language, pipeline = self.finished.suite.language, self.finished.spec.entity_pipeline
        asked = dict.fromkeys(u.question_id for u in self.utterances)
        return {name: slots_of(self._questions[name], self.lexicon, language, pipeline) for name in asked}

    @cached_property
    def _samples(self) -> Mapping[tuple[str, str, str], Sample]:
        return {(s.utterance_id, s.backend, s.condition): s for s in self.finished.samples.values()}

    @cached_property
    def _bands(self) -> Mapping[str, str]:
        evaluator = self.finished.evaluator
        bands = {}
        for item in self.items:
            side = evaluator.reference(item.question_id)
            named = [word for start, end in side.mentions.spans for word in side.tokens[start:end]]
            bands[item.question_id] = evaluator.rarity.rarest_band(named or side.tokens or [""])
        return bands

    def _counted(self, samples: Sequence[Sample | None]) -> list[bool]:
        keeps_failed = self.finished.spec.missing == "count"
        return [sample is not None and (sample.status == "ok" or keeps_failed) for sample in samples]


def _hypothesis(sample: Sample | None) -> str | None:
    """Return the hypothesis in normalised words, empty where nothing was recognised; `None` where there is none."""
    if sample is None or sample.status != "ok":
        return None
    return " ".join(step.hypothesis for step in sample.alignment if step.hypothesis is not None)
