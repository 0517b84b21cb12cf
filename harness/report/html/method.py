"""How all of it was measured: rules, versions, digests, machine, command, and what became of every planned sample."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from harness.analysis.summary import Row
from harness.records import Sample
from harness.report.bias_lists import protocols
from harness.report.figures import Column
from harness.report.html.columns import Cell, cell_of, find, present
from harness.report.html.stored import Shown
from harness.report.runaways import RULE
from harness.report.work import TIMES, WORK, times_note, work_rows
from harness.runs.storage.stored_run import StoredRun

_FAILURES_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Accounted:
    """What became of the planned samples of one backend under one condition."""

    backend: str
    condition: str
    planned: int
    scored: int
    failed: int
    missing: int
    why: str


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run: its folder, its command and what it was made with, name and value."""

    folder: str
    command: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Timed:
    """How long one backend took under one condition: a figure for each column of `report.work.TIMES`."""

    backend: str
    condition: str
    figures: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """How long recognition took (`columns` and `timed`, empty where nothing was recognised), and what it took to get there.

    `notes` say what the times are of, a sentence a run; `rows` have what stands under the headings of `report.work.WORK`.
    """

    notes: tuple[str, ...]
    columns: tuple[Column, ...]
    timed: tuple[Timed, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Method:
    """The method part of the page."""

    rules: tuple[tuple[str, str], ...]
    accounted: tuple[Accounted, ...]
    work: Work
    failures: tuple[Sample, ...]
    failures_left_out: int
    runs: tuple[RunFacts, ...]


def method(shown: Shown) -> Method:
    """All of it, from the records of the runs."""
    failed = [sample for sample in shown.samples if sample.error is not None]
    return Method(
        _rules(shown),
        _accounted(shown),
        _work(shown),
        tuple(failed[:_FAILURES_SHOWN]),
        max(0, len(failed) - _FAILURES_SHOWN),
        tuple(map(_facts, shown.runs)),
    )


def _rules(shown: Shown) -> tuple[tuple[str, str], ...]:
    record, spec = shown.record, shown.runs[0].spec
    sources = ", ".join(f"{source} ({count} questions)" for source, count in record.entity_sources.items()) or "unknown"
    return (
        ("Words", f"are compared after normalising (version {record.digests.get('normaliser', '?')}): case, accents, "
                  f"punctuation and the writing of numbers do not count."),
        ("Alignment", "Fewest edits at word level, every edit costing 1; ties as jiwer breaks them. Corpus rates are sums "
                      "over sums."),
        ("An error", "is a maximal run of aligned words that do not match: substitutions, insertions and deletions together."),
        ("Rare", f"is a word with a Zipf frequency (log10 of uses in a billion words) under {spec.rare_threshold:g} in the "
                 f"wordfreq list, which knows nothing of the suite. Wrong and missing words count where the said word belongs, "
                 f"added words where the added word belongs."),
        ("Names", f"come from: {sources}."),
        ("Lost", f"An answer is lost when {spec.outcome} holds for the typed question and not for the transcript; gained in "
                 f"the reverse case; kept and never when both agree. Both texts are searched by the same retriever in the same "
                 f"index; equal scores go to the earlier snippet."),
        *(("Bias lists", sentence) for sentence in protocols(shown.backends)),
        ("Shapley value", "Every set of a transcript's errors is put right and searched again (a sample of the sets "
                          "beyond twelve errors). An error's value is what putting it right adds, averaged over every order in "
                          "which the errors could be put right; the values of a transcript add up to what it lost."),
        ("Intervals", f"95 %. Shares of yes/no outcomes: Clopper and Pearson's interval at the effective sample size, from the "
                      f"variance between questions (Korn & Graubard 1998), which holds at 0 and 100 % too. All other figures: "
                      f"percentile bootstrap over questions with all their recordings, 10,000 resamples, seed {record.seed}."),
        ("Tests", "Paired by question, a backend with a bias list with the same backend without it and every other one with the "
                  "first of these others: McNemar's exact test for yes or no, MAPSSWE for WER where each question has one "
                  "recording, sign-flip randomisation otherwise; adjusted for their number by Holm's method within a family "
                  "under one condition. The run's outcome with its first retriever is a family; recognition, retrieval with each "
                  "retriever and answers with each retriever are the others. "
                  "Within chance means an adjusted p of 0.05 or more."),
        ("Runaway transcripts", RULE),
        ("Failed samples", "count as wrong in every figure: all of their words unheard, nothing found."
                           if spec.missing == "count" else "are left out, as the spec asks."),
    )  # fmt: skip


def _accounted(shown: Shown) -> tuple[Accounted, ...]:
    rows: dict[tuple[str, str], Row] = {}
    for row in shown.summary.rows:
        if row.group == "all":
            rows.setdefault((row.backend, row.condition), row)
    reasons: dict[tuple[str, str], Counter[str]] = {}
    for sample in shown.samples:
        if sample.error is not None:
            why = f"{sample.error.type} while {_STAGES.get(sample.error.stage, sample.error.stage)}"
            reasons.setdefault((sample.backend, sample.condition), Counter())[why] += 1
    return tuple(
        Accounted(
            *cell, row.n_planned, row.n_scored, row.n_error, row.n_missing,
            ", ".join(f"{why} ({count})" for why, count in reasons.get(cell, Counter()).most_common()),
        )
        for cell, row in rows.items()
    )  # fmt: skip


_STAGES = {
    "load": "reading the recording", "condition": "making the condition", "recognise": "recognising", "score": "scoring",
}  # fmt: skip


def _work(shown: Shown) -> Work:
    columns = present(shown.figures, TIMES)
    timed = tuple(
        Timed(*cell, tuple(cell_of(find(shown.figures, cell, column, None), column) for column in columns))
        for cell in shown.figures.cells
    )
    return Work(
        tuple(dict.fromkeys(times_note(run.record) for run in shown.runs)) if columns else (),
        columns,
        timed if columns else (),
        WORK,
        tuple((f"{run.prefix}{label}", *cells) for run in shown.runs for label, *cells in work_rows(run.record)),
    )


def _facts(run: StoredRun) -> RunFacts:
    record = run.record
    facts = [
        ("status", record.status),
        ("started, finished", f"{record.started_at}, {record.finished_at}"),
        ("machine", ", ".join(f"{key} {value}" for key, value in record.host.items())),
        ("suite", f"{record.suite['name']} {record.suite['version']}, language {record.suite['language']}, licence "
                  f"{record.suite['licence']}"),
        ("outcome, seed", f"{run.spec.outcome}, {record.seed}"),
        *((f"digest of {what}", digest) for what, digest in record.digests.items()),
        *((f"backend {label}", _listed(identity)) for label, identity in record.backends.items()),
        *((f"retriever {label}", _listed(identity)) for label, identity in record.retrievers.items()),
        *((f"package {name}", version) for name, version in record.packages.items()),
        *(("note", note) for note in record.notes),
    ]  # fmt: skip
    return RunFacts(str(run.folder), record.command, tuple(facts))


def _listed(identity: object) -> str:
    from collections.abc import Mapping

    return (
        ", ".join(f"{key} {value}" for key, value in identity.items())
        if isinstance(identity, Mapping)
        else str(identity)
    )
