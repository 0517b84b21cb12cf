"""Transcripts that ran away, for every report: how many, what they do to the WER, and which they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from harness.records import Sample
from harness.report.figures import HEARD, RUNAWAYS, Figures, name, value
from harness.words.runaway import FEWEST_FAST, FEWEST_REPEATED, REPEATS, WORDS_A_SECOND

TITLE = "Transcripts that ran away"
HEADINGS = ("utterance", "condition", "backend", "why", "beginning of the text")
RULE = (
    f"A transcript runs away when it has more than {WORDS_A_SECOND:g} words a second of audio (and at least {FEWEST_FAST}, and "
    f"more than were said), or a phrase {REPEATS} times or more in a row (at least {FEWEST_REPEATED} words more than the "
    f"reference itself repeats). It is scored like any other, and its added words are also counted apart."
)
_WER, _INSERTIONS = HEARD[0], RUNAWAYS[1]
_TEXT_SHOWN = 100  # characters


def runaway_sentences(samples: Sequence[Sample], figures: Figures, condition: str | None = None) -> Iterator[str]:
    """One sentence for each backend with such transcripts, under each condition or the given one: number, and WER without."""
    transcripts, runaways = (
        Counter(
            (s.backend, s.condition) for s in samples if s.transcript is not None and (every or s.runaway is not None)
        )
        for every in (True, False)
    )
    conditions = len({condition for _, condition in figures.cells})
    for cell in figures.cells:
        if not runaways[cell] or condition not in (None, cell[1]):
            continue
        sentence = f"{runaways[cell]} of {transcripts[cell]} transcripts of {name(cell, conditions)} ran away"
        wer, inserted = (figures.row(cell, column) for column in (_WER, _INSERTIONS))
        if wer is not None and inserted is not None and wer.value is not None and inserted.value is not None:
            without = 100 * (wer.value - inserted.value)
            sentence += f"; its WER is {value(wer, _WER)}, and {without:.1f} % without their insertions"
        yield f"{sentence}."


def runaway_rows(samples: Sequence[Sample]) -> list[tuple[str, ...]]:
    """What stands under `HEADINGS`, for each such transcript in the order of the samples."""
    return [
        (s.utterance_id, s.condition, s.backend, s.runaway, _beginning(s.transcript.text))
        for s in samples
        if s.runaway is not None and s.transcript is not None
    ]


def _beginning(transcript: str) -> str:
    text = " ".join(transcript.split())
    return text if len(text) <= _TEXT_SHOWN else f"{text[:_TEXT_SHOWN].rstrip()} ..."
