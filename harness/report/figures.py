"""The tables of every report: which figures stand in them, what they are called, and what they mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.significance import SIGNIFICANCE
from harness.analysis.summary import Row, Summary
from harness.runs.storage.record import RunRecord
from harness.words.runaway import REPEATS, WORDS_A_SECOND


@dataclass(frozen=True, slots=True)
class Column:
    """A column: which metric it shows, its heading, and a sentence that a newcomer understands.

    `form` writes a figure that is neither a share nor a count, without an interval.
    """

    metric: str
    source: str | None
    heading: str
    meaning: str
    as_count: bool = False
    form: str = ""


REAL_TIME = Column(
    "real_time_factor", "hypothesis", "RTF", "Seconds of recognition per second of speech, by the clock."
)
PROCESSOR_TIME = Column(
    "processor_rtf",
    "hypothesis",
    "processor RTF",
    "The same in processor time, all threads added up: what a busy machine does not change. Servers and accelerators have none.",
)
TIME_FACTORS = tuple(column.metric for column in (REAL_TIME, PROCESSOR_TIME))
RUNAWAYS = (
    Column(
        "runaway_rate",
        "hypothesis",
        "runaway rate",
        f"Share of recordings whose transcript ran away: over {WORDS_A_SECOND:g} words a second, or a phrase {REPEATS} times or "
        f"more in a row.",
    ),
    Column(
        "runaway_insertions",
        "hypothesis",
        "runaway insertions",
        "Added words of those transcripts, per word that was said: the part of WER that they alone make up.",
    ),
)
HEARD = (
    Column("wer", "hypothesis", "WER", "Word error rate: wrong, missing and added words, per word that was said."),
    Column("common_wer", "hypothesis", "common WER", "The same over common words only."),
    Column("rare_wer", "hypothesis", "rare WER", "The same over rare words only (rarer than one in a million words)."),
    Column("entity_recall", "hypothesis", "entity recall", "Of the names said, the share heard with every word right."),
    Column(
        "false_rare_insertions",
        "hypothesis",
        "false rare words",
        "Rare words in the transcripts that nobody said (a count). Bias lists win names and can also plant them.",
        as_count=True,
    ),
    REAL_TIME,
    PROCESSOR_TIME,
)
COST = (
    Column(
        "hit@1", "reference", "hit@1 typed", "Share of questions whose top snippet is right when the question is typed."
    ),
    Column("hit@1", "hypothesis", "hit@1 spoken", "The same when the transcript is searched instead."),
    Column("lost", None, "lost", "Answered from the typed question but not from the transcript."),
    Column("gained", None, "gained", "The reverse: answered only from the transcript, by luck."),
    Column(
        "one_repair_share",
        None,
        "one repair",
        "Of the lost answers, the share that comes back when one single run of wrong words is put right.",
    ),
)
ANSWERED = (
    Column(
        "exact_match", "reference", "EM typed", "Share of typed questions answered with an accepted answer, exactly."
    ),
    Column("exact_match", "hypothesis", "EM spoken", "The same when the transcript is searched and read instead."),
    Column("f1", "reference", "F1 typed", "Words shared with the nearest accepted answer; a near miss counts in part."),
    Column("f1", "hypothesis", "F1 spoken", "The same from the transcript."),
    Column(
        "retrieval_error_rate",
        None,
        "lost to retrieval",
        "Of all questions, those answered when typed, not when spoken, and no snippet that bears the answer was found.",
    ),
    Column(
        "reader_error_rate",
        None,
        "lost to reading",
        "The same, although such a snippet was found: the answerer took something else.",
    ),
)
LISTS = (
    Column("bias_listed", "hypothesis", "listed", "Phrases in a recording's bias list, on average.", form="{:.1f}"),
    Column(
        "bias_distractors",
        "hypothesis",
        "distractors",
        "Of those, the ones that are not in the question.",
        form="{:.1f}",
    ),
    Column(
        "bias_sent",
        "hypothesis",
        "sent",
        "Of the phrases listed, those that fit into what the engine takes.",
        form="{:.1f}",
    ),
    Column(
        "bias_own_sent",
        "hypothesis",
        "own names sent",
        "Of the question's own names in the list, the share that fits in.",
    ),
    Column(
        "bias_preparation",
        "hypothesis",
        "preparation",
        "Seconds a recording, by the clock, to make the engine ready for another list. They are no recognition time.",
        form="{:.2f} s",
    ),
)
BY_BAND = (HEARD[0], HEARD[3], COST[0], COST[1], COST[2])

Key = tuple[str, str, str | None, str | None, str, str]


@dataclass(frozen=True)
class Figures:
    """Rows by what they are of. `cells` are text, ready to be shown."""

    rows: Mapping[Key, Row]
    cells: tuple[tuple[str, str], ...]  # (backend, condition) in the order of the run
    retrievers: tuple[str, ...]

    @classmethod
    def of(cls, summary: Summary) -> Figures:
        """The rows of a summary, by key."""
        rows = {(r.backend, r.condition, r.retriever, r.source, r.group, r.metric): r for r in summary.rows}
        cells = tuple(dict.fromkeys((r.backend, r.condition) for r in summary.rows))
        retrievers = tuple(dict.fromkeys(r.retriever for r in summary.rows if r.retriever))
        return cls(rows, cells, retrievers)

    def row(
        self, cell: tuple[str, str], column: Column, retriever: str | None = None, group: str = "all"
    ) -> Row | None:
        """The row behind one cell of a table, if the run has it."""
        of = retriever if column in (*COST, *ANSWERED) else None
        return self.rows.get((*cell, of, column.source, group, column.metric))

    @property
    def ran_away(self) -> bool:
        """Whether any transcript ran away; runs of earlier versions do not say."""
        return any(row.metric == "runaway_rate" and row.value for row in self.rows.values())

    @property
    def heard(self) -> tuple[Column, ...]:
        """The columns of what was heard: those of runaway transcripts only where there is one."""
        return (*HEARD, *RUNAWAYS) if self.ran_away else HEARD

    def groups(self, kind: str) -> tuple[str, ...]:
        """The groups of a kind (`band`, `speaker` ...), in the order of the summary."""
        return tuple(dict.fromkeys(r.group for r in self.rows.values() if r.group.startswith(f"{kind}:")))


def value(row: Row | None, column: Column) -> str:
    """A figure as people read it: per cent with one decimal, a count, or a ratio."""
    if row is None or row.value is None:
        return "-"
    return _number(row.value, column)


def interval(row: Row | None, column: Column, form: str = "[{}, {}]") -> str:
    """The 95 % interval, in brackets unless `form` says otherwise; empty where there is none, as for times."""
    if row is None or row.ci_low is None or row.ci_high is None or column.form or column.metric in TIME_FACTORS:
        return ""
    return form.format(_number(row.ci_low, column, bare=True), _number(row.ci_high, column, bare=True))


def with_interval(row: Row | None, column: Column) -> str:
    """A figure and its interval: `12.5 % [8.0, 17.2]`."""
    return f"{value(row, column)} {interval(row, column)}".strip()


def _number(figure: float, column: Column, *, bare: bool = False) -> str:
    if column.form:
        return column.form.format(figure)
    if column.as_count:
        return f"{figure:.0f}"
    if column.metric in TIME_FACTORS:
        return f"{figure:.2f}"
    if column.metric.startswith("latency_"):
        return f"{figure:.3f}" + ("" if bare else " s")
    return f"{100 * figure:.1f}" + ("" if bare else " %")


def name(cell: tuple[str, str], conditions: int) -> str:
    """How a row is headed: the backend, and the condition where there are several."""
    return cell[0] if conditions == 1 else f"{cell[0]}, {cell[1]}"


def speech_notice(record: RunRecord) -> str:
    """What kind of speech was measured; stands over every table."""
    return {
        "synthetic": "Synthetic speech (text-to-speech voices): these figures rank backends on this suite only; "
        "people sound different.",
        "human": "Human speech.",
    }.get(record.suite.get("speech", ""), "The suite does not say whether its speech is human or synthetic.")


def headlines(figures: Figures) -> Iterator[str]:
    """One sentence a backend: how many answers it loses, how surely, to which words, and what one repair brings back."""
    conditions = len({condition for _, condition in figures.cells})
    for cell in figures.cells:
        for retriever in figures.retrievers:
            lost, repaired = figures.row(cell, COST[2], retriever), figures.row(cell, COST[4], retriever)
            if lost is None or lost.value is None:
                continue
            n = lost.n_scored + lost.n_error
            sentence = (
                f"{name(cell, conditions)} loses {_whole(lost.value, n)} of {n} answers "
                f"[{_whole(lost.ci_low, n)}, {_whole(lost.ci_high, n)}] with {retriever}"
            )
            sentence += _share_of_rare(figures, cell, retriever)
            if repaired is not None and repaired.value is not None:
                sentence += (
                    f"; one repair would bring back {value(repaired, COST[4])} of them {interval(repaired, COST[4])}"
                )
            yield sentence + "."


def answered(record: RunRecord) -> tuple[Column, ...]:
    """The columns of what was answered: none where nobody answered."""
    return ANSWERED if record.answerer else ()


def answerer_title(record: RunRecord, retriever: str) -> str:
    """The heading of the table of answers. A judge is no reader, and the heading says so."""
    identity = record.answerer or {}
    model = f":{identity['model']}" if "model" in identity else ""
    who = f"{identity.get('answerer', '')}{model}"
    if "sees_accepted_answers" in identity:
        return f"Whether an accepted answer stands in what {retriever} found ({who}, a judge that is shown them)"
    return f"What was answered, {who} reading what {retriever} found"


def answer_sentences(record: RunRecord, figures: Figures) -> Iterator[str]:
    """One sentence a backend: how many answers are read right, and where those lost by mishearing went."""
    conditions = len({condition for _, condition in figures.cells})
    for cell in figures.cells if record.answerer else ():
        for retriever in figures.retrievers:
            of = (*cell, retriever)
            typed, spoken = (
                figures.rows.get((*of, source, "all", "exact_match")) for source in ("reference", "hypothesis")
            )
            lost, *to = (
                figures.rows.get((*of, None, "all", metric))
                for metric in ("answers_lost", "retrieval_error_rate", "reader_error_rate")
            )
            if typed is None or spoken is None or lost is None or lost.value is None:
                continue
            n = lost.n_scored + lost.n_error
            parts = [_whole(row.value, n) if row else "?" for row in (typed, spoken, lost, *to)]
            yield (
                f"{name(cell, conditions)} with {retriever}: {parts[0]} of {n} typed questions are answered exactly, "
                f"{parts[1]} spoken; of the {parts[2]} exact answers lost [{_whole(lost.ci_low, n)}, {_whole(lost.ci_high, n)}], "
                f"{parts[3]} are lost to retrieval and {parts[4]} to reading"
                f"{_failed_answers(figures, of)}."
            )


def _failed_answers(figures: Figures, of: tuple[str, str, str]) -> str:
    """What there is to say of an answerer that failed: those answers count as wrong."""
    rows = [figures.rows.get((*of, source, "all", "answer_error_rate")) for source in ("reference", "hypothesis")]
    typed, spoken = (row.value * (row.n_scored + row.n_error) if row and row.value else 0.0 for row in rows)
    if not typed and not spoken:
        return ""
    return f" (the answerer failed on {typed:.0f} typed and {spoken:.0f} spoken questions, which count as not answered)"


def _share_of_rare(figures: Figures, cell: tuple[str, str], retriever: str) -> str:
    """The clause on rare entity words: their share of the loss beside their share of the errors."""
    loss = figures.rows.get((*cell, retriever, None, "all", "loss_share_rare"))
    regions = figures.rows.get((*cell, None, "hypothesis", "all", "region_share_rare"))
    if loss is None or regions is None or loss.value is None or regions.value is None:
        return ""
    interval = (
        "" if loss.ci_low is None or loss.ci_high is None else f" [{100 * loss.ci_low:.0f}, {100 * loss.ci_high:.0f}]"
    )
    return (
        f"; {100 * loss.value:.0f} %{interval} of that falls to rare entity words, which are {100 * regions.value:.0f} % "
        f"of its errors"
    )


def differences(summary: Summary) -> Iterator[str]:
    """One sentence a compared backend and condition: how it differs from its baseline, and whether chance could explain it."""
    conditions = len({c.condition for c in summary.comparisons})
    wanted = {
        "wer": "WER",
        "rare_wer": "rare WER",
        "entity_recall": "entity recall",
        "hit@1": "hit@1",
        "lost": "answers lost",
        "exact_match": "exact match",
        "runaway_rate": "runaway rate",
    }
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for c in summary.comparisons:
        if c.metric == "runaway_rate" and not c.delta:
            continue  # neither ran away, where a third one did
        if c.metric in wanted and c.delta is not None and c.ci_low is not None and c.ci_high is not None:
            clear = c.p_holm is not None and c.p_holm < SIGNIFICANCE
            text = f"{wanted[c.metric]} {100 * c.delta:+.1f} points [{100 * c.ci_low:+.1f}, {100 * c.ci_high:+.1f}]"
            text += f" ({c.retriever})" if c.retriever else ""
            grouped.setdefault((c.a, c.b, c.condition), []).append(
                text if clear or c.p_holm is None else f"{text} (p = {c.p_holm:.2f}, within chance)"
            )
    for (a, b, condition), texts in grouped.items():
        yield f"{name((b, condition), conditions)} against {a}: {'; '.join(texts)}."


def legend(columns: Sequence[Column]) -> Iterator[tuple[str, str]]:
    """Heading and meaning of each column."""
    return ((column.heading, column.meaning) for column in columns)


def _whole(share: float | None, n: int) -> str:
    return "?" if share is None else f"{share * n:.0f}"
