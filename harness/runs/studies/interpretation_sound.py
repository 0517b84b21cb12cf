"""A run's recordings as end-to-end systems take them, under the run's conditions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from hashlib import sha256

import msgspec

from harness.analysis.interpretation.outcomes import SpeechArm
from harness.asr.conditions import build as build_condition
from harness.errors import AudioError
from harness.interpretation.slots.protocol import Slots
from harness.interpretation.speech.names import names_in_phones
from harness.interpretation.speech.protocol import Recording, SpeechFeatures, SpeechPhones
from harness.records import Utterance
from harness.runs.execution.audio_source import AudioSource
from harness.runs.studies.interpretation_inputs import Inputs


def recordings(inputs: Inputs, condition: str) -> list[Recording]:
    """Return the recording of each item, as it sounds under a condition; none is read yet, but for its digest."""
    finished = inputs.finished
    conditions = {spec.label: build_condition(spec) for spec in finished.spec.conditions}
    source = AudioSource(finished.suite.root, finished.suite.utterances, conditions, finished.spec.seed)
    return [
        Recording(utterance.id, _digest(source, utterance, condition), partial(source.clip, utterance, condition))
        for utterance in inputs.utterances
    ]


def has_recordings(inputs: Inputs) -> bool:
    """Return whether every item has a recording."""
    return all(utterance.audio is not None for utterance in inputs.utterances)


def speech_arms(inputs: Inputs, parts: Sequence[SpeechFeatures], sizes: Sequence[int]) -> list[SpeechArm]:
    """Return the features of every recording by every part, under every condition."""
    arms = []
    for part in parts:
        for condition in inputs.conditions:
            of = recordings(inputs, condition)
            shown = condition if len(inputs.conditions) > 1 else ""
            arms.append(SpeechArm(part.name, shown, part.rows(of), _slots(inputs, part, of, sizes)))
    return arms


def _slots(
    inputs: Inputs, part: SpeechFeatures, of: Sequence[Recording], sizes: Sequence[int]
) -> list[list[Slots]] | None:
    """Return the names in the sounds that a part writes down, by size and recording; `None` from one that writes none."""
    if not isinstance(part, SpeechPhones):
        return None
    return names_in_phones(part.phones(of), inputs.lexicon, sizes, inputs.finished.suite.language)


def _digest(source: AudioSource, utterance: Utterance, condition: str) -> str:
    """Return what tells the sound of a recording from any other; a recording that cannot be read is known by its name."""
    try:
        decisive = [source.digest(utterance), source.identity(utterance, condition)]
    except (AudioError, OSError):
        decisive = ["unreadable", {"utterance": utterance.id}]
    return sha256(msgspec.json.encode(decisive, order="deterministic")).hexdigest()
