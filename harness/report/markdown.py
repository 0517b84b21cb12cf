"""The report as a Markdown page, from a stored run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from harness.files import write_atomically
from harness.records import Answer, BackendSpec, Failure, Sample
from harness.report.agreement import agreement_section
from harness.report.attribution import costly_words, where_the_loss_comes_from
from harness.report.bias_lists import list_sentences, list_table, protocols
from harness.report.figures import (
    BY_BAND,
    COST,
    Column,
    Figures,
    answer_sentences,
    answered,
    answerer_title,
    differences,
    headlines,
    legend,
    name,
    speech_notice,
    with_interval,
)
from harness.report.markup import code, code_cell, line, text
from harness.report.runaways import HEADINGS, RULE, TITLE, runaway_rows, runaway_sentences
from harness.report.work import TIMES, WORK, times_note, work_rows
from harness.runs.storage.record import RunRecord
from harness.runs.storage.stored_run import StoredRun

_LOST_SHOWN = 40
_RUNAWAYS_SHOWN = 40
_FAILURES_SHOWN = 1000


def write_markdown(run: Path, out: Path | None = None) -> Path:
    """Writes the report of the run in folder `run` and returns where it is (`run/report.md` unless `out` is given).

    Raises `RunError` when the folder holds no finished run.
    """
    page = "\n".join(_page(StoredRun.read(run)))
    path = out or run / "report.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, page.encode())
    return path


def _page(run: StoredRun) -> Iterator[str]:
    record, summary, samples = run.record, run.summary, list(run.samples.values())
    figures, specs = Figures.of(summary), run.backends
    yield f"# Which misheard words cost the answer: {text(record.suite['name'])}\n"
    yield from _measured(record, figures, samples)
    yield "## In short\n"
    yield from (
        f"- {text(sentence)}"
        for sentence in (
            *headlines(figures),
            *answer_sentences(record, figures),
            *differences(summary),
            *list_sentences(figures, specs),
        )
    )
    yield (
        "\nA difference is called *within chance* when a paired test, adjusted for the number of tests (Holm), gives it "
        "p of 0.05 or more, whatever the interval of the single difference.\n"
    )
    yield "## What was heard\n"
    yield from _table(figures, figures.heard, None)
    yield from _runaways(samples, figures)
    for retriever in figures.retrievers:
        yield f"## What it cost, searching with {text(retriever)}\n"
        yield from _table(figures, COST, retriever)
        if columns := answered(record):
            yield f"### {text(answerer_title(record, retriever))}\n"
            yield from _table(figures, columns, retriever)
    yield from _lists(figures, specs)
    yield from agreement_section(summary, figures)
    yield from _bands(figures)
    yield from where_the_loss_comes_from(summary, figures)
    yield from costly_words(summary.words, figures)
    yield from _lost(samples, figures)
    yield from _failures(samples)
    yield from _times(record, figures)
    yield from _method(record)


def _measured(record: RunRecord, figures: Figures, samples: Sequence[Sample]) -> Iterator[str]:
    questions = len({sample.question_id for sample in samples})
    recordings = len({sample.utterance_id for sample in samples})
    yield f"{text(record.suite['description'])}\n"
    yield f"**{text(speech_notice(record))}**\n"
    backends = ", ".join(f"`{code(label)}`" for label in record.backends)
    yield (
        f"{questions} questions in {recordings} recordings, transcribed by {backends}. Each question is searched twice "
        f"in the suite's snippets, as it was typed and as it was heard, and counts as answered when the snippet ranked "
        f"first is one that holds its answer.\n"
    )
    yield (
        "Figures stand with their 95 % intervals in brackets. All recordings of a question are resampled together, "
        "since they rise and fall together.\n"
    )


def _table(figures: Figures, columns: Sequence[Column], retriever: str | None) -> Iterator[str]:
    conditions = len({condition for _, condition in figures.cells})
    yield line(("backend", *(column.heading for column in columns)))
    yield line(("---", *("---:" for _ in columns)))
    for cell in figures.cells:
        found = ((figures.row(cell, column, retriever), column) for column in columns)
        yield line((text(name(cell, conditions)), *(with_interval(row, column) for row, column in found)))
    yield ""
    yield from (f"- **{heading}**: {meaning}" for heading, meaning in legend(columns))
    yield ""


def _lists(figures: Figures, specs: Mapping[str, BackendSpec]) -> Iterator[str]:
    table = list_table(figures, specs)
    if table is None:
        return
    yield f"## {table.title}\n"
    yield from (f"{text(sentence)}\n" for sentence in protocols(specs))
    yield line(map(text, table.headings))
    yield line("---:" if heading in table.numbers else "---" for heading in table.headings)
    yield from (line(map(text, row)) for row in table.rows)
    yield ""
    yield from (f"- **{text(heading)}**: {meaning}" for heading, meaning in table.legend)
    yield ""


def _runaways(samples: Sequence[Sample], figures: Figures) -> Iterator[str]:
    rows = runaway_rows(samples) if figures.ran_away else []
    if not rows:
        return
    yield f"## {TITLE}\n"
    yield from (f"- {text(sentence)}" for sentence in runaway_sentences(samples, figures))
    yield f"\n{RULE}\n"
    yield line(HEADINGS)
    yield line(("---",) * len(HEADINGS))
    yield from (line(text(cell) for cell in row) for row in rows[:_RUNAWAYS_SHOWN])
    yield (
        f"\n{len(rows) - _RUNAWAYS_SHOWN} more stand in the sample files of the run.\n"
        if len(rows) > _RUNAWAYS_SHOWN
        else ""
    )


def _bands(figures: Figures) -> Iterator[str]:
    bands = figures.groups("band")
    if not bands:
        return
    yield "## By how rare the name is\n"
    yield (
        "Bands are Zipf frequencies: the logarithm (base ten) of how often a word occurs in a billion words of everyday "
        "text; `unseen` words are in no list, words of 5 and more are everyday ones. WER is that of the words in the "
        "band; the other columns are of the questions whose rarest name lies in it.\n"
    )
    conditions = len({condition for _, condition in figures.cells})
    for retriever in figures.retrievers or (None,):
        yield line(("backend", "band", *(column.heading for column in BY_BAND), "recordings"))
        yield line(("---", "---", *("---:" for _ in BY_BAND), "---:"))
        for cell in figures.cells:
            for band in bands:
                rows = [(figures.row(cell, column, retriever, band), column) for column in BY_BAND]
                planned = max((row.n_planned for row, column in rows if row and column.metric != "wer"), default=0)
                cells = (with_interval(row, column) for row, column in rows)
                label = band.removeprefix("band:").replace("none", "no name")
                yield line((text(name(cell, conditions)), text(label), *cells, str(planned or "-")))
        yield ""


def _lost(samples: Sequence[Sample], figures: Figures) -> Iterator[str]:
    yield "## Lost answers, one by one\n"
    yield "Said over heard; words in **bold** are where they differ. The repair named brings the answer back.\n"
    shown = 0
    for sample in samples:
        for retriever, outcome in sample.retrieval.items():
            if outcome.fate != "lost" or sample.transcript is None:
                continue
            shown += 1
            if shown > _LOST_SHOWN:
                yield "\nMore stand in the sample files of the run.\n"
                return
            yield f"- `{code(sample.key)}` ({text(retriever)})"
            yield f"  - said: {_marked(sample, reference=True)}"
            yield f"  - heard: {_marked(sample, reference=False)}"
            yield f"  - {_repairs(sample, outcome.restored_by)}"
            if outcome.reference_answer is not None and outcome.hypothesis_answer is not None:
                typed, spoken = (_answer(a) for a in (outcome.reference_answer, outcome.hypothesis_answer))
                yield f"  - answered typed: {typed}; spoken: {spoken}"
    yield "" if shown else "None.\n"


def _marked(sample: Sample, *, reference: bool) -> str:
    """One side of the alignment, its error regions in bold."""
    shown = []
    for is_hit, steps in groupby(sample.alignment, key=lambda step: step.operation == "hit"):
        words = " ".join(text(w) for step in steps if (w := step.reference if reference else step.hypothesis))
        shown.append(words if is_hit or not words else f"**{words}**")
    return " ".join(filter(None, shown)) or "(nothing)"


def _repairs(sample: Sample, restored_by: Sequence[int]) -> str:
    reference = sample.reference.split()
    regions = [sample.error_regions[index] for index in restored_by]
    said = [" ".join(reference[r.reference_start : r.reference_end]) or "dropping an added word" for r in regions]
    return "repair: " + " or ".join(text(words) for words in said) if said else "no single repair brings it back"


def _answer(answer: Answer) -> str:
    return "(failed)" if answer.error is not None else text(answer.text) or "(no answer)"


def _failures(samples: Sequence[Sample]) -> Iterator[str]:
    failed = list(dict.fromkeys(failure for sample in samples for failure in _failed(sample)))
    if not failed:
        return
    yield "## What failed\n"
    yield (
        "Samples keep their place: all of their words count as wrong and their question as not answered. An answer that "
        "failed counts as a wrong one.\n"
    )
    yield line(("what", "stage", "error", "what happened"))
    yield line(("---",) * 4)
    for what, failure in failed[:_FAILURES_SHOWN]:
        yield line((what, failure.stage, failure.type, text(failure.message)))
    yield "\nMore stand in the sample files of the run.\n" if len(failed) > _FAILURES_SHOWN else ""


def _failed(sample: Sample) -> Iterator[tuple[str, Failure]]:
    """The sample itself, and answers to it; a typed question, asked once for all of its recordings, by its own name."""
    if sample.error is not None:
        yield code_cell(sample.key), sample.error
    for retriever, found in sample.retrieval.items():
        for name_, answer in ((sample.question_id, found.reference_answer), (sample.key, found.hypothesis_answer)):
            if answer is not None and answer.error is not None:
                yield f"{code_cell(name_)} ({text(retriever)})", answer.error


def _times(record: RunRecord, figures: Figures) -> Iterator[str]:
    yield "## How long it took\n"
    if any(figures.row(cell, column) for cell in figures.cells for column in TIMES):
        yield f"{text(times_note(record))}\n"
        yield from _table(figures, TIMES, None)
    yield line(WORK)
    yield line(("---", *("---:" for _ in WORK[1:])))
    yield from (line(text(cell) for cell in row) for row in work_rows(record))
    yield ""


def _method(record: RunRecord) -> Iterator[str]:
    sources = ", ".join(f"{source} ({count} questions)" for source, count in record.entity_sources.items())
    threshold = record.spec.get("rare_threshold")
    yield "## Method\n"
    yield (
        f"- Words are compared after normalising (version {record.digests['normaliser']}): case, accents, punctuation and "
        f"the writing of numbers do not count.\n"
        f"- Alignment: fewest edits at word level; ties as jiwer breaks them. Corpus rates are sums over sums.\n"
        f"- Rare: a Zipf frequency under {threshold} in the wordfreq list, which knows nothing of the suite. "
        f"Names come from: {text(sources)}.\n"
        f"- Wrong and missing words are charged to the class of the word said, added words to the class of the word "
        f"added.\n"
        f"- Search: the same retriever and index for both texts; ties go to the earlier snippet.\n"
        f"- Intervals: percentile bootstrap over questions, 10,000 resamples, seed {record.seed}. Where every resample "
        f"gives the same figure (none lost, say) the interval has no width; that is a limit of the method, not a proof.\n"
        f"- Failed samples: {'counted as wrong' if record.spec.get('missing') == 'count' else 'left out, as the spec asks'}.\n"
        f"- Started {record.started_at}, finished {record.finished_at}, on {record.host}. Status: {record.status}.\n"
        f"- Run again: `{code(record.command)}`\n"
    )
    yield from (f"- Note: {text(note)}" for note in record.notes)
    yield ""
    yield line(("what", "version or digest"))
    yield line(("---", "---"))
    for package, version in record.packages.items():
        yield line((text(package), text(version)))
    answerer = {str(record.answerer["answerer"]): record.answerer} if record.answerer else {}
    for kind, identities in (
        ("backend", record.backends),
        ("retriever", record.retrievers),
        ("answerer", answerer),
    ):
        for label, identity in identities.items():
            yield line((f"{kind} {text(label)}", text(", ".join(f"{k} {v}" for k, v in identity.items()))))
    for what, digest in record.digests.items():
        yield line((f"digest of {what}", code_cell(digest)))
    yield ""
