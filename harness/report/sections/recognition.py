"""What was recognised: word errors, entity recall, and transcripts that ran away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.records import Sample
from harness.report.model import Arm, Figures, Report
from harness.report.numbers import figure, value
from harness.report.tables import Heading, Section, Table, family_tables, texts
from harness.words.runaway import FEWEST_FAST, FEWEST_REPEATED, REPEATS, WORDS_A_SECOND

RUNAWAY_RULE = (
    f"A transcript runs away when it has more than {WORDS_A_SECOND:g} words a second of audio (and at least {FEWEST_FAST}, and "
    f"more than the reference), or a phrase {REPEATS} times or more in a row (at least {FEWEST_REPEATED} words more than the "
    f"reference itself repeats). It is scored like any other, and its inserted words are also counted apart."
)
_TEXT_SHOWN = 100  # characters


def recognition(report: Report) -> Section:
    """Return word errors by backend and condition, and which backends have no transcript."""
    below = f"Words are compared by the normaliser {report.record.normaliser}."
    tables = (replace(table, below=below) for table in family_tables(report.figures, "recognition"))
    sentences = *why_cer_leads(report), *no_transcripts(report)
    return Section("recognition", "Recognition", sentences, tuple(tables))


def why_cer_leads(report: Report) -> Iterator[str]:
    """Yield why errors are counted in characters first, where they are."""
    if report.rules.error_rate == "cer":
        yield (
            f"CER leads: the language {report.language!r} is written without spaces between words, so WER depends on where a "
            f"tokeniser ends them."
        )


def no_transcripts(report: Report) -> Iterator[str]:
    """Yield a sentence for each backend and condition without a single transcript: it has no figures."""
    for arm in report.figures.arms:
        if not report.figures.has_transcripts(arm):
            failed = [sample for sample in report.samples if (sample.backend, sample.condition) == arm]
            n = "its only sample" if len(failed) == 1 else f"all {len(failed)} samples"
            yield f"{report.figures.name(arm)} has no transcript, so no figures: {n} failed{_most_common_error(failed)}."


def runaways(report: Report) -> Section:
    """Return which transcripts ran away; empty where none did."""
    title = "Transcripts that ran away"
    rows = runaway_rows(report.samples) if report.figures.ran_away else []
    if not rows:
        return Section("runaways", title)
    headings = ("utterance", "condition", "backend", "why", "beginning of the text")
    table = Table("", tuple(Heading(text, is_number=False) for text in headings), tuple(texts(*row) for row in rows))
    return Section(
        "runaways", title, tuple(runaway_sentences(report.samples, report.figures)), (table,), (RUNAWAY_RULE,)
    )


def runaway_sentences(samples: Sequence[Sample], figures: Figures, condition: str | None = None) -> Iterator[str]:
    """Yield a sentence for each backend with such transcripts, under each condition or the given one: number, and WER without."""
    transcripts: Counter[Arm] = Counter((s.backend, s.condition) for s in samples if s.transcript is not None)
    ran_away: Counter[Arm] = Counter(
        (s.backend, s.condition) for s in samples if s.transcript is not None and s.runaway is not None
    )
    for arm in figures.arms:
        if not ran_away[arm] or condition not in (None, arm[1]):
            continue
        sentence = f"{ran_away[arm]} of {transcripts[arm]} transcripts of {figures.name(arm)} ran away"
        wer, inserted = (figures.row(arm, name, "hypothesis") for name in ("wer", "runaway_insertions"))
        if wer is not None and inserted is not None and wer.value is not None and inserted.value is not None:
            metric = figures.metric("wer")
            without = figure(wer.value - inserted.value, metric)
            sentence += f"; its WER is {value(wer, metric)}, and {without} without their insertions"
        yield f"{sentence}."


def runaway_rows(samples: Sequence[Sample]) -> list[tuple[str, ...]]:
    """Return utterance, condition, backend, reason and beginning of the text of each such transcript, in the samples' order."""
    return [
        (s.utterance_id, s.condition, s.backend, s.runaway, _beginning(s.transcript.text))
        for s in samples
        if s.runaway is not None and s.transcript is not None
    ]


def _most_common_error(failed: Sequence[Sample]) -> str:
    errors = Counter((s.error.type, s.error.message) for s in failed if s.error is not None)
    if not errors:
        return ""
    (kind, message), _ = errors.most_common(1)[0]
    return f" ({kind}: {_beginning(message)})"


def _beginning(transcript: str) -> str:
    text = " ".join(transcript.split())
    return text if len(text) <= _TEXT_SHOWN else f"{text[:_TEXT_SHOWN].rstrip()} ..."
