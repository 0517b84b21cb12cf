"""Every system interprets every recording, by models that have not seen it, and is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from harness.analysis.interpretation.result import LEARNT, SOUND, Kind, Setting, System
from harness.interpretation.folds import Item
from harness.interpretation.held_out import HeldOut, ThresholdCounts, classify
from harness.interpretation.protocol import Interpreter, Prediction
from harness.interpretation.scores import Counts, judge
from harness.interpretation.slots.lexicon import Lexicon
from harness.interpretation.slots.protocol import SlotFiller, Slots

if TYPE_CHECKING:
    from harness.interpretation.classifier import Rows

TrainedOn = Literal["reference", "hypothesis"]
SlotsOfItems = (
    Sequence[frozenset[int] | None] | None
)  # of each item; `None` where there is nothing to look in, or no slots at all
Progress = Callable[[], None]  # one step is done


@dataclass(frozen=True)
class TextArm:
    """The texts of one source, one for each item: `None` where there is none. `counted` tells which items count."""

    speech: str
    kind: Kind
    condition: str
    texts: Sequence[str | None]
    counted: Sequence[bool]


@dataclass(frozen=True)
class SpeechArm:
    """The features of the recordings by one speech part; `slots`, by size and item, where it writes down sounds."""

    speech: str
    condition: str
    rows: Rows
    slots: Sequence[Sequence[Slots]] | None


@dataclass(frozen=True)
class Outcome:
    """What one system makes of each item: `None` for an item that does not count."""

    system: System
    setting: Setting
    counts: Sequence[Counts | None]


@dataclass(frozen=True)
class Experiment:
    """What every system is tried on. `folds` maps what is left out to the fold of each item; `sizes` are true numbers of
    distractors, `fillers` and `interpreters` are by label. `tick` is called after each step of `n_steps`. `failed` counts the
    predictions that an interpreter failed on, by its label and the type of the failure.
    """

    items: Sequence[Item]
    folds: Mapping[str, Sequence[int]]
    interpreters: Mapping[str, Interpreter]
    fillers: Mapping[str, SlotFiller]
    lexicon: Lexicon
    sizes: Sequence[int]
    trained_on: TrainedOn
    tick: Progress = lambda: None
    failed: Counter[tuple[str, str]] = field(default_factory=Counter)

    def n_steps(self, n_texts: int, n_speech: int) -> int:
        """Return how many steps there are for so many arms."""
        return n_texts * (len(self.fillers) + len(self.interpreters) * len(self.folds)) + n_speech * len(self.folds)

    @property
    def has_slots(self) -> bool:
        """Whether any item has a slot."""
        return any(item.slots for item in self.items)

    def of_texts(self, arms: Sequence[TextArm]) -> Iterator[Outcome]:
        """Yield the outcomes of every arm with every interpreter and slot filler; the reference's arm comes first."""
        slots = [self._slots(arm) for arm in arms]
        for label, interpreter in self.interpreters.items():
            for by, folds in self.folds.items():
                model: HeldOut | None = None
                for arm, by_setting in zip(arms, slots, strict=True):
                    if model is None or self.trained_on == "hypothesis":
                        lessons = arm.texts if self.trained_on == "hypothesis" else [item.text for item in self.items]
                        model = HeldOut.fit(interpreter, self.items, folds, lessons)
                    system = System(_label(arm, label), arm.kind, arm.speech, label, arm.condition)
                    intents = model.predict(arm.texts)
                    self.failed.update((label, p.error.type) for p in intents if p is not None and p.error is not None)
                    yield from self._outcomes(system, by, intents, by_setting[by], arm.counted)
                    self.tick()

    def of_speech(self, arms: Sequence[SpeechArm]) -> Iterator[Outcome]:
        """Yield the outcomes of every speech part. Without sounds written down, its slots are learnt as intents are."""
        for arm in arms:
            for by, folds in self.folds.items():
                system = System(_speech_label(arm), "end-to-end", arm.speech, "", arm.condition)
                intents = classify(arm.rows, [item.intent for item in self.items], folds)
                if not self.has_slots:
                    slots: dict[tuple[str, int | None], SlotsOfItems] = {("", None): None}
                elif arm.slots is None:
                    slots = {(LEARNT, None): self._learnt(arm.rows, folds)}
                else:
                    slots = {
                        (SOUND, size): ThresholdCounts(self.items, of_size).chosen(folds)
                        for size, of_size in zip(self.sizes, arm.slots, strict=True)
                    }
                yield from self._outcomes(system, by, intents, slots, [True] * len(self.items))
                self.tick()

    def _outcomes(
        self, system: System, by: str, intents: Sequence[Prediction | None],
        slots: Mapping[tuple[str, int | None], SlotsOfItems], counted: Sequence[bool],
    ) -> Iterator[Outcome]:  # fmt: skip
        for (filler, size), of_items in slots.items():
            counts = [
                judge(item.intent, item.slots, intent, of_items[place] if of_items is not None else None)
                if counted[place]
                else None
                for place, (item, intent) in enumerate(zip(self.items, intents, strict=True))
            ]
            yield Outcome(system, Setting(by, filler, size), counts)

    def _slots(self, arm: TextArm) -> Mapping[str, Mapping[tuple[str, int | None], SlotsOfItems]]:
        """Return the slots of each item, by folds, filler and size; a text that comes twice is looked through once."""
        if not self.has_slots:
            return {by: {("", None): None} for by in self.folds}
        texts = list(dict.fromkeys(text for text in arm.texts if text is not None))
        place = {text: at for at, text in enumerate(texts)}
        by_folds: dict[str, dict[tuple[str, int | None], SlotsOfItems]] = {by: {} for by in self.folds}
        for label, filler in self.fillers.items():
            for size, of_texts in zip(self.sizes, filler.slots(texts, self.lexicon, self.sizes), strict=True):
                of_items = [None if text is None else of_texts[place[text]] for text in arm.texts]
                counts = ThresholdCounts(self.items, of_items)
                for by, folds in self.folds.items():
                    by_folds[by][label, size] = counts.chosen(folds)
            self.tick()
        return by_folds

    def _learnt(self, rows: Rows, folds: Sequence[int]) -> SlotsOfItems:
        labels = [" ".join(map(str, sorted(item.slots))) for item in self.items]
        return [frozenset(map(int, p.intent.split())) for p in classify(rows, labels, folds)]


def _label(arm: TextArm, interpreter: str) -> str:
    under = f" ({arm.condition})" if arm.condition else ""
    return f"{arm.speech or 'reference text'}{under}, {interpreter}"


def _speech_label(arm: SpeechArm) -> str:
    return f"{arm.speech} ({arm.condition})" if arm.condition else arm.speech
