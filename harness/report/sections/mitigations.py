"""Repairs beside one another: what each brings and breaks, what to do first, and what oracles reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.analysis.metrics import Metric
from harness.analysis.mitigation.judging import is_gain, is_harmful
from harness.analysis.mitigation.records import Ceiling, Effect, Judged, MitigationResult, Scoreboard
from harness.analysis.significance import SIGNIFICANCE
from harness.report.model import Arm, Report
from harness.report.numbers import difference, figure, p_text
from harness.report.phrasing import listing, tested
from harness.report.tables import Cell, Heading, Section, Table, texts

_AS_IT_IS = "as it is"


def scoreboards(report: Report) -> MitigationResult | None:
    """Return what repairs did; `None` where the run asked for none."""
    return report.study("mitigation", MitigationResult)


def mitigations(report: Report) -> Section:
    """Return the scoreboards; empty where the run asked for no repair."""
    result = scoreboards(report)
    if result is None:
        return Section("mitigations", "Repairs")
    metric = report.figures.metric(report.rules.metric)
    tables = tuple(
        table for board in result.scoreboards for table in _tables(report, result, board, metric) if table.rows
    )
    return Section(
        "mitigations", "Repairs", tuple(_sentences(report, result, metric)), tables, tuple(_after(result, metric))
    )


def what_to_do_first(report: Report, arm: Arm, *, is_taken: bool = True) -> tuple[str, bool]:
    """Return which repair to take for a backend under a condition and what it does, or that none helps, and whether one does.

    Empty where none was judged. `is_taken`: the backend is the one to take.
    """
    result = scoreboards(report)
    board = next((one for one in result.scoreboards if (one.backend, one.condition) == arm), None) if result else None
    if result is None or board is None or not (board.judged or result.failed):
        return "", False
    return _first(report, board, report.figures.metric(report.rules.metric), is_taken=is_taken), board.first is not None


def in_short(report: Report) -> str:
    """Return the repair to take first for each backend with what it brings and breaks; empty where none was judged."""
    result = scoreboards(report)
    boards = [one for one in result.scoreboards if working(one) or one.first is not None] if result else []
    if not boards:
        return ""
    metric = report.figures.metric(report.rules.metric)
    told = "; ".join(f"{report.figures.name((one.backend, one.condition))} {_brief(one, metric)}" for one in boards)
    return f"Repairs by {metric.heading}: {told}."


def working(board: Scoreboard) -> list[Judged]:
    """Return the repairs that changed anything at all: one by N-best lists has nothing to work on where there are none."""
    return [one for one in board.judged if one.kind == "repair" and one.changed != 0]


def _brief(board: Scoreboard, metric: Metric) -> str:
    first = next((one for one in board.judged if one.label == board.first), None)
    if first is None:
        return f"none of {len(working(board))}"
    effect, harm = first.hypothesis, first.reference
    of_reference = "" if harm is None else f", ref +{harm.fixed}/-{harm.broken}"
    change = difference(effect, metric).partition(" [")[0]
    return f"{first.label} {change} (+{effect.fixed}/-{effect.broken}{of_reference})"


# ---- sentences -------------------------------------------------------------------------------------------------------


def _sentences(report: Report, result: MitigationResult, metric: Metric) -> Iterator[str]:
    for board in result.scoreboards:
        if not board.judged:
            continue
        name = report.figures.name((board.backend, board.condition))
        yield f"{name}: {_first(report, board, metric)}"
        if working(board) and (idle := [one.label for one in board.judged if one.changed == 0]):
            yield f"{name}: {_idle(idle)}."
        if worse := [one.label for one in board.judged if one.kind == "repair" and _is_loss(one.hypothesis)]:
            yield f"{name}: {listing(worse)} lower{'s' * (len(worse) == 1)} {metric.heading} from the hypothesis significantly."
        if harmful := [one for one in board.judged if is_harmful(one)]:
            yield f"{name}: {listing([_harm(one) for one in harmful])}."
        if board.best is not None and any(one.changed != 0 for one in board.on_top):
            yield f"{name}: {_on_top(board, metric)}"
        if board.ceilings:
            told = [f"{ceiling.name} {_ceiling(ceiling, metric)}" for ceiling in board.ceilings]
            yield f"{name}: what oracles reach in {metric.heading}: {listing(told)}."
    yield from (f"{label} could not be judged: {reason}" for label, reason in result.failed.items())
    yield from (f"{note}." if not note.endswith(".") else note for note in result.notes)


def _first(report: Report, board: Scoreboard, metric: Metric, *, is_taken: bool = True) -> str:
    first = next((one for one in board.judged if one.label == board.first), None)
    if first is None:
        return _nothing(board, metric)
    effect = first.hypothesis
    take = "Repair" if is_taken else f"Should you keep {board.backend}, repair"
    whose = f"the transcripts of {board.backend}" if is_taken else "its transcripts"
    take = f"{take} {whose} with {first.label}" if first.kind == "repair" else f"Keep the bias list of {first.label}"
    parts = [
        f"{take}: {metric.heading} from the hypothesis rises from {figure(effect.before, metric)} to "
        f"{figure(effect.after, metric)} ({tested(effect, metric)}), {effect.fixed} fixed and {effect.broken} broken of "
        f"{_texts(effect)}."
    ]
    if (harm := first.reference) is not None:
        parts.append(
            f"From the reference text it fixes {harm.fixed} and breaks {harm.broken} of {harm.n} questions"
            f"{_gap(first, metric)}."
        )
    if first.queries is not None:
        parts.append(f"It takes {first.queries:.1f} searches a question instead of 1.")
    if first.answers is not None:
        exact = report.figures.metric("exact_match")
        parts.append(f"{exact.heading[:1].upper()}{exact.heading[1:]}: {tested(first.answers, exact)}.")
    return " ".join(parts)


def _gap(judged: Judged, metric: Metric) -> str:
    """What becomes of the gap between reference and hypothesis: a better retriever raises both."""
    gap = judged.gap
    if gap is None or gap.p_holm is None:
        return ""
    closes = "closes" if gap.delta > 0 else "stays" if gap.delta == 0 else "widens"
    by = f" by {difference(gap, metric).lstrip('+-')}" if gap.delta and gap.delta > 0 else ""
    by = by or (f" ({difference(gap, metric)})" if gap.delta else "")
    certain = "" if gap.p_holm < SIGNIFICANCE else ", not significantly"
    return f"; the gap between the two {closes}{by}{certain}"


def _nothing(board: Scoreboard, metric: Metric) -> str:
    repairs = working(board)
    if not repairs:
        idle = [one.label for one in board.judged if one.changed == 0]
        return f"{_idle(idle)} of {board.backend}." if idle else f"No repair of {board.backend} could be judged."
    harmful = [one for one in repairs if is_gain(one.hypothesis) and is_harmful(one)]
    tried = (
        f"None of the {len(repairs)} repairs that were tried" if len(repairs) > 1 else f"The repair {repairs[0].label}"
    )
    verb = "raises" if len(repairs) > 1 else "does not raise"
    text = f"{tried} on {board.backend} {verb} {metric.heading} significantly"
    if not harmful:
        return f"{text}."
    told = [f"{one.label} raises it by {difference(one.hypothesis, metric)} and {_breaks(one)}" for one in harmful]
    return f"{text} without harm: {listing(told)}."


def _idle(labels: Sequence[str]) -> str:
    return f"{listing(labels)} change{'s' * (len(labels) == 1)} no query and no ranking"


def _breaks(judged: Judged) -> str:
    effect = judged.reference
    if effect is None:
        return "breaks nothing"
    return f"breaks {effect.broken} of {effect.n} questions from the reference text ({p_text(effect.p_value)})"


def _harm(judged: Judged) -> str:
    effect = judged.reference
    counts = f"+{effect.fixed}/-{effect.broken}, {p_text(effect.p_value)}" if effect else ""
    return f"{judged.label} does harm to the reference text ({counts})"


def _on_top(board: Scoreboard, metric: Metric) -> str:
    tried = [one for one in board.on_top if one.changed != 0]
    gains = [one for one in tried if is_gain(one.hypothesis) and not is_harmful(one)]
    if not gains:
        others = f"none of the other {len(tried)}" if len(tried) > 1 else tried[0].label
        negated = "raises" if len(tried) > 1 else "does not raise"
        return f"on top of {board.best}, {others} {negated} {metric.heading} significantly without harm."
    told = [f"{one.label} by {difference(one.hypothesis, metric)}" for one in gains]
    return f"on top of {board.best}, {metric.heading} rises significantly with {listing(told)}."


def _is_loss(effect: Effect) -> bool:
    return effect.delta < 0 and effect.p_holm is not None and effect.p_holm < SIGNIFICANCE


def _texts(effect: Effect) -> str:
    if effect.n == effect.n_questions:
        return f"{effect.n} questions"
    return f"{effect.n} recordings of {effect.n_questions} questions"


def _ceiling(ceiling: Ceiling, metric: Metric) -> str:
    return f"{figure(ceiling.value, metric)} {_interval(ceiling, metric)}".strip()


def _interval(of: Effect | Ceiling, metric: Metric) -> str:
    if of.ci_low is None or of.ci_high is None:
        return ""
    return f"[{figure(of.ci_low, metric, bare=True)}, {figure(of.ci_high, metric, bare=True)}]"


# ---- tables ----------------------------------------------------------------------------------------------------------


def _tables(report: Report, result: MitigationResult, board: Scoreboard, metric: Metric) -> Iterator[Table]:
    name = report.figures.name((board.backend, board.condition))
    if not board.judged:
        return
    yield _main(result, board, metric, report, name)
    if board.best is not None:
        rows = tuple(_effect_cells(one, metric) for one in board.on_top)
        yield Table(f"{name}: on top of {board.best}", _effect_headings(metric), rows)
    bands = [band.band for band in board.judged[0].bands]
    headings = (Heading("repair", is_number=False), *(Heading(band) for band in bands))
    by_band = tuple(
        texts(one.label, *(f"+{band.fixed}/-{band.broken} of {band.n}" for band in one.bands)) for one in board.judged
    )
    yield Table(f"{name}: fixed and broken, by the Zipf band of the rarest word in names", headings, by_band)
    yield _settings(board, result.n_folds, name)


def _main(result: MitigationResult, board: Scoreboard, metric: Metric, report: Report, name: str) -> Table:
    exact = report.figures.metric("exact_match")
    has_answers = any(one.answers for one in board.judged)
    headings = [
        *_effect_headings(metric),
        Heading("gap closed", "What the outcome from the hypothesis gains more than that from the reference text."),
        *([Heading(f"{exact.heading} ASR", "Change of answers that match exactly.")] if has_answers else []),
        Heading("searches", "Searches that one hypothesis takes."),
        Heading("ms", "Milliseconds of processor time of one hypothesis, in this process."),
    ]
    base = result.seconds.get(f"{board.backend}|{board.condition}|")
    before = board.judged[0].hypothesis.before
    first = (Cell(_AS_IT_IS), Cell(figure(before, metric)), *[Cell("-")] * 6)
    rows = [(*first, *[Cell("-")] * has_answers, Cell("1.0"), Cell(_milliseconds(base)))]
    for one in board.judged:
        seconds = result.seconds.get(f"{board.backend}|{board.condition}|{one.label}")
        rows.append(
            (
                *_effect_cells(one, metric),
                Cell("-" if one.gap is None else difference(one.gap, metric)),
                *([Cell("-" if one.answers is None else difference(one.answers, exact))] if has_answers else []),
                Cell("-" if one.queries is None else f"{one.queries:.1f}"),
                Cell(_milliseconds(seconds)),
            )
        )
    for ceiling in board.ceilings:
        cells = (Cell(ceiling.name), Cell(figure(ceiling.value, metric), _interval(ceiling, metric)))
        rows.append((*cells, *[Cell("-")] * (len(headings) - 2)))
    return Table(name, tuple(headings), tuple(rows))


def _effect_headings(metric: Metric) -> tuple[Heading, ...]:
    return (
        Heading("repair", is_number=False),
        Heading(f"{metric.heading} ASR"),
        Heading("change", "Of the outcome from the hypothesis."),
        Heading("fixed/broken", "Recordings whose outcome rises, and falls."),
        Heading("p", "Holm-adjusted over this table."),
        Heading("change ref", "Of the outcome from the reference text: a fall is harm."),
        Heading("fixed/broken ref", "Questions whose outcome from the reference text rises, and falls."),
    )


def _effect_cells(one: Judged, metric: Metric) -> tuple[Cell, ...]:
    effect, harm = one.hypothesis, one.reference
    return (
        Cell(one.label if one.deployable else f"{one.label} (no user could have it)"),
        Cell(figure(effect.after, metric)),
        Cell(difference(effect, metric), sort=effect.delta),
        Cell(f"+{effect.fixed}/-{effect.broken}"),
        Cell(_p(effect.p_holm)),
        Cell("-" if harm is None else difference(harm, metric)),
        Cell("-" if harm is None else f"+{harm.fixed}/-{harm.broken}"),
    )


def _p(p_value: float | None) -> str:
    return "-" if p_value is None else p_text(p_value).removeprefix("p ").removeprefix("= ")


def _milliseconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{1000 * seconds:.1f}"


def _settings(board: Scoreboard, n_folds: int, name: str) -> Table:
    """Return what the other folds chose for each fold: `distance 0.25`; without rows where nothing was to choose."""
    headings = (Heading("repair", is_number=False), *(Heading(f"fold {fold + 1}") for fold in range(n_folds)))
    rows = tuple(
        texts(one.label, *(", ".join(f"{key} {value:g}" for key, value in setting.items()) for setting in one.chosen))
        for one in board.judged
        if any(one.chosen)
    )
    return Table(f"{name}: the settings that were chosen for each fold", headings, rows)


def _after(result: MitigationResult, metric: Metric) -> Iterator[str]:
    yield (
        f"Each repair gets the transcripts and nothing else, then the reference texts as if they were transcripts. "
        f"{metric.heading} is with {result.retriever}. Its settings are chosen by nested cross-validation in {result.n_folds} "
        f"folds of questions: those of a fold by the questions of the others, as the gain from hypotheses less what the "
        f"reference text loses. Tests are paired, with all recordings of a question as one cluster; p is Holm-adjusted over "
        f"the repairs and bias lists of a backend, for hypotheses and reference texts apart. First comes the largest "
        f"significant gain; a repair that a test shows to harm the reference text (p < {SIGNIFICANCE:g}, unadjusted) never does. "
        f"What stands on top of the best repair is compared with that one alone."
    )
