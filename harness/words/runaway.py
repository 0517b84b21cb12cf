"""Transcripts that run away: a recogniser that goes on talking after the speech has ended, or repeats itself in a loop.

Decoders that write text freely do this (Whisper's "thank you for watching", again and again), above all with a prompt or a
bias list. One such transcript can hold more words than all of the others, so a corpus WER without this mark says little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from harness.records import Sample, Seconds

WORDS_A_SECOND = 6.0  # read English has 2 to 4
REPEATS = 4
FEWEST_FAST = 12  # words: under two seconds, a few inserted words already make such a rate
FEWEST_REPEATED = 8  # words in all repeats: people do say "one one one one", and ask for "Shout Out Out Out Out"
_LONGEST_PHRASE = 50  # words; bounds the work on a text of any length
_SHOWN = 60  # characters of a phrase in a reason


class _Loop(NamedTuple):
    """A phrase of tokens that follows itself `repeats` times; no phrase and 0 where none does so often enough."""

    phrase: tuple[str, ...] = ()
    repeats: int = 0

    @property
    def words(self) -> int:
        return len(self.phrase) * self.repeats


def runaway(reference: Sequence[str], hypothesis: Sequence[str], audio_seconds: Seconds | None) -> str | None:
    """Say why a transcript counts as runaway, or return `None`: `"9.3 words a second, 'thank you for watching' 14 times"`.

    Both texts are normalised tokens. The first rule is more than `WORDS_A_SECOND`, in a transcript that is longer than the
    reference and not short; it needs the length of the recording. The second is a phrase that is repeated `REPEATS` times
    or more and so makes up `FEWEST_REPEATED` words more than the reference itself repeats.
    """
    reasons = []
    n = len(hypothesis)
    if audio_seconds and n >= FEWEST_FAST and n > len(reference) and n > WORDS_A_SECOND * audio_seconds:
        reasons.append(f"{n / audio_seconds:.1f} words a second")
    loop = _longest_loop(hypothesis)
    if loop.words - _longest_loop(reference).words >= FEWEST_REPEATED:
        phrase = " ".join(loop.phrase)
        shown = phrase if len(phrase) <= _SHOWN else f"{phrase[:_SHOWN].rstrip()} ..."
        reasons.append(f"'{shown}' {loop.repeats} times")
    return ", ".join(reasons) or None


def with_runaway(sample: Sample) -> Sample:
    """Return the sample with its `runaway` filled in, for records that were written before there was such a mark."""
    if sample.transcript is None:
        return sample
    hypothesis = [step.hypothesis for step in sample.alignment if step.hypothesis is not None]
    return replace(sample, runaway=runaway(sample.reference.split(), hypothesis, sample.timings.get("audio")))


def _longest_loop(tokens: Sequence[str]) -> _Loop:
    """Return the loop of most words, of several the one with the shortest phrase."""
    longest = _Loop()
    for period in range(1, min(_LONGEST_PHRASE, len(tokens) // REPEATS) + 1):
        same = 0  # tokens in a row that equal the one a period before
        for place in range(period, len(tokens)):
            same = same + 1 if tokens[place] == tokens[place - period] else 0
            repeats = same // period + 1
            if repeats >= REPEATS and period * repeats > longest.words:
                begin = place + 1 - period * repeats
                longest = _Loop(tuple(tokens[begin : begin + period]), repeats)
    return longest
