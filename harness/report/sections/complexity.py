"""Semantic complexity: what the questions are like, and what is reached as those with the rarest words are removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.analysis.complexity.continuum import REMOVED, Beside, Continuum, EqualSize, Fit, Level, Series
from harness.analysis.complexity.questions import RAND, heading, meaning
from harness.analysis.complexity.study import ComplexityStudy
from harness.analysis.complexity.suite import Complexity
from harness.report.model import Report
from harness.report.numbers import figure
from harness.report.phrasing import listing
from harness.report.sections.complexity_course import (
    course_of,
    course_sentence,
    headline,
    name_of,
    one_in_words,
    shown_series,
    too_few,
)
from harness.report.tables import Cell, Heading, Section, Table, texts

_TITLE = "Semantic complexity"
_SHARES = ("rare_share",)
_UNUSUAL = 0.05  # of the random orders reach as high an R2


def complexity(report: Report) -> Section:
    """Return what the study of complexity saw; empty where the run has none."""
    study = report.study("complexity", ComplexityStudy)
    if study is None:
        return Section("complexity", _TITLE)
    continuum = study.continuum
    return Section(
        "complexity", _TITLE, tuple(_sentences(report, study)), tuple(_tables(report, study)),
        tuple(_after(study.questions, continuum)),
    )  # fmt: skip


def _sentences(report: Report, study: ComplexityStudy) -> Iterator[str]:
    continuum = study.continuum
    if continuum.not_computed:
        yield f"No continuum: {continuum.not_computed}."
        return
    shown = shown_series(report, continuum)
    if few := too_few(report, continuum):
        yield few
        shown = []
    yield from headline(report, shown)
    for series in shown:
        if series.quantity != "loss":
            loss = next((s for s in continuum.series if s.quantity == "loss" and _same_arm(s, series)), None)
            yield course_sentence(report, continuum, series, loss)
    yield from _equal_size_sentences(continuum)
    for series in shown:
        if series.quantity == "accuracy" and course_of(series.course).kind != "within":
            yield from _fit_sentences(report, series)


def _same_arm(one: Series, other: Series) -> bool:
    return (one.retriever, one.backend, one.condition) == (other.retriever, other.backend, other.condition)


def _equal_size_sentences(continuum: Continuum) -> Iterator[str]:
    """Yield which measures tell the versions from random ones of the same size, and which do not."""
    measures = continuum.measures or {}
    told = [heading(name) for name, beside in measures.items() if any(beside.outside)]
    not_told = [heading(name) for name, beside in measures.items() if not any(beside.outside)]
    if told and not_told:
        yield (
            f"At equal size, {listing(told)} tell{'s' if len(told) == 1 else ''} the versions without rare words from as many "
            f"questions at random; {listing(not_told)} {'does' if len(not_told) == 1 else 'do'} not, so that a fit against "
            f"{'it' if len(not_told) == 1 else 'them'} is one against the number of questions."
        )
    elif told:
        yield (
            f"At equal size, each measure tells the versions without rare words from as many questions at random: "
            f"{listing(told)}."
        )
    elif not_told:
        yield (
            "At equal size, no measure tells the versions without rare words from as many questions at random, so that every "
            "fit against them is one against the number of questions."
        )


def _fit_sentences(report: Report, series: Series) -> Iterator[str]:
    """Yield how well lines fit one backend's accuracy, beside how well they fit along random orders."""
    known = [
        (name, fit, fit.line.r2, fit.random_share)
        for name, fit in series.fits.items()
        if name != REMOVED and fit.line is not None and fit.random_share is not None
    ]
    if not known:
        return
    unusual = [one for one in known if one[3] < _UNUSUAL]
    n = len(known)
    highest = max(known, key=lambda one: one[2])
    medians = sorted(fit.random_r2 for _, fit, _, _ in known if fit.random_r2 is not None)
    span = " to ".join(dict.fromkeys(f"{median:.2f}" for median in (medians[0], medians[-1])))
    named = ", ".join(f"{heading(name)} {r2_text(r2)}" for name, _, r2, _ in sorted(unusual, key=lambda one: -one[2]))
    of = f"{one_in_words(n, 'measure')}" if n > 1 else "the one measure"
    yield (
        f"{name_of(report, series)}: lines of its accuracy against {of} reach R2 up to {r2_text(highest[2])} "
        f"({heading(highest[0])}), where along random orders, nested likewise, the median is {span}. "
        + (
            f"Fewer than {100 * _UNUSUAL:.0f} % of the random orders reach as much against {named}."
            if unusual
            else f"Against none do fewer than {100 * _UNUSUAL:.0f} % of the random orders reach as much."
        )
    )


def _tables(report: Report, study: ComplexityStudy) -> Iterator[Table]:
    continuum = study.continuum
    if continuum.levels:
        yield _levels(report, continuum)
    yield _questions(study.questions)
    if not continuum.levels or continuum.measures is None or continuum.equal_size is None:
        return
    yield _measures(continuum)
    yield _equal_size(continuum)
    for series in shown_series(report, continuum):
        if any(fit.line for fit in series.fits.values()):
            yield _fits(report, series)


def _levels(report: Report, continuum: Continuum) -> Table:
    shown = shown_series(report, continuum)
    headings = [Heading("questions left"), Heading("rarest word left (Zipf)", is_number=False)]
    headings += [Heading(_heading(report, series), _meaning(report, series)) for series in shown]
    rows = tuple(
        (
            Cell(str(level.questions), sort=level.questions),
            Cell(_rarest(level)),
            *(_course_cell(report, series, k) for series in shown),
        )
        for k, level in enumerate(continuum.levels)
    )
    return Table(
        "Levels", tuple(headings), rows,
        f"In brackets: what 95 % of {continuum.orders} random orders of removal stay inside at every level. * lies outside.",
    )  # fmt: skip


def _heading(report: Report, series: Series) -> str:
    metric = report.figures.metric(report.rules.metric).heading
    if series.quantity == "reference":
        return f"{metric} ref"
    return f"{name_of(report, series)}: {f'{metric} ASR' if series.quantity == 'accuracy' else 'loss'}"


def _meaning(report: Report, series: Series) -> str:
    outcome = report.figures.metric(report.rules.metric).heading
    if series.quantity == "loss":
        return f"{outcome} of the reference minus that of the hypothesis"
    return f"{outcome} of the {'reference' if series.quantity == 'reference' else 'hypothesis'}"


def _rarest(level: Level) -> str:
    return "numbers only" if level.rarest_word is None else f"{level.rarest_word} ({level.rarest_zipf:.2f})"


def _course_cell(report: Report, series: Series, k: int) -> Cell:
    metric = report.figures.metric(report.rules.metric)
    course = series.course
    star = "*" if course.outside[k] else ""
    low, high = (figure(end[k], metric, bare=True) for end in (course.low, course.high))
    return Cell(
        figure(course.values[k], metric) + star, f"[{low}, {high}]" if k and low != "-" else "", sort=course.values[k]
    )


def _questions(questions: Complexity) -> Table:
    rows = [
        ("questions", str(questions.questions)),
        ("words", str(questions.words)),
        ("vocabulary", str(questions.vocabulary)),
        ("distinct texts", str(questions.distinct_texts)),
        *((heading(f"entropy_{n}"), _plain(f"entropy_{n}", value)) for n, value in questions.entropy.items()),
        (heading("rare_share"), _plain("rare_share", questions.rare_share)),
        *((f"words of Zipf {name}", f"{100 * band.share:.1f} %") for name, band in questions.zipf_bands.items()),
        (heading("tree_weight"), _plain("tree_weight", questions.tree_weight)),
        (heading("tree_weight_per_edge"), _plain("tree_weight_per_edge", questions.tree_weight_per_edge)),
        *(
            (f"{heading(RAND + tag)} ({of.labels} labels)", f"{of.adjusted_rand:.3f}")
            for tag, of in questions.adjusted_rand.items()
        ),
    ]  # fmt: skip
    kept = tuple(texts(name, value) for name, value in rows if value != "-")
    return Table("The questions", (Heading("measure", is_number=False), Heading("value")), kept)


def _measures(continuum: Continuum) -> Table:
    measures = continuum.measures or {}
    rows = tuple(
        (
            Cell(str(level.questions), sort=level.questions),
            *(_measure_cell(name, beside, k) for name, beside in measures.items()),
        )
        for k, level in enumerate(continuum.levels)
    )
    return Table(
        "Measures of each level, beside as many questions at random", _measure_headings(measures), rows,
        "In brackets: what 95 % of the random orders stay inside at every level. * lies outside.",
    )  # fmt: skip


def _measure_headings(measures: Iterable[str]) -> tuple[Heading, ...]:
    return (Heading("questions left"), *(Heading(heading(name), meaning(name)) for name in measures))


def _measure_cell(name: str, beside: Beside, k: int) -> Cell:
    value, low, high = (_plain(name, each[k]) for each in (beside.values, beside.low, beside.high))
    return Cell(
        value + ("*" if beside.outside[k] else ""),
        f"[{low}, {high}]" if k and low != "-" else "",
        sort=beside.values[k],
    )


def _equal_size(continuum: Continuum) -> Table:
    equal = continuum.equal_size or {}
    size = continuum.levels[-1].questions
    rows = [
        (
            Cell(str(level.questions), sort=level.questions),
            *(_equal_cell(name, of, k) for name, of in equal.items()),
        )
        for k, level in enumerate(continuum.levels)
    ]
    return Table(
        f"Measures at equal size: {size} questions drawn from each level", _measure_headings(equal), tuple(rows),
        "Means of the draws; in brackets the middle 95 % of the draws from all questions.",
    )  # fmt: skip


def _equal_cell(name: str, of: EqualSize, k: int) -> Cell:
    low, high = _plain(name, of.low), _plain(name, of.high)
    return Cell(_plain(name, of.values[k]), "" if k or low == "-" else f"[{low}, {high}]", sort=of.values[k])


def _fits(report: Report, series: Series) -> Table:
    unit = report.figures.metric(report.rules.metric)
    headings = (
        Heading("against", is_number=False),
        Heading("slope", "change for one more of the measure (of a share: from 0 to 100 %); Student's 95 % interval"),
        Heading("R2", "share of the variance over the levels that a line explains"),
        Heading("R2, random orders", "median of the same over random orders of removal"),
        Heading("as high at random", "share of the random orders whose R2 is as high"),
        Heading("R2, equal size", "of the line against the measure on draws of equal size"),
        Heading("largest residual", "how far a level lies from the line at most"),
        Heading("knee", "where two straight parts meet that fit best"),
        Heading("AICc", "how much lower it is with a knee; above 0 the broken line fits better for all its freedom"),
        Heading("bent at random", "share of the random orders that a knee fits by as much better"),
    )
    rows = tuple(
        _fit_row(name, fit, unit.unit in ("share", "rate")) for name, fit in series.fits.items() if fit.line is not None
    )
    return Table(f"Lines: {_heading(report, series)}", headings, rows)


def _fit_row(name: str, fit: Fit, is_share: bool) -> tuple[Cell, ...]:
    line = fit.line
    assert line is not None
    factor = 100 if is_share else 1
    broken = line.broken
    return (
        Cell("share of questions removed" if name == REMOVED else heading(name)),
        Cell(f"{factor * line.slope:.4g}", f"[{factor * line.ci_low:.4g}, {factor * line.ci_high:.4g}]", sort=line.slope),
        Cell(r2_text(line.r2), sort=line.r2), _decimal(fit.random_r2), _percent(fit.random_share), _decimal(fit.equal_size_r2),
        _decimal(factor * max(map(abs, line.residuals)), 1 if is_share else 3),
        Cell("-") if broken is None else Cell(_knee(name, broken.knee), sort=broken.knee),
        Cell("-") if broken is None else _decimal(broken.aicc_gain, 1),
        _percent(fit.random_bend_share),
    )  # fmt: skip


def r2_text(r2: float) -> str:
    """Return R2 with two digits; with three where it would be written as a whole without being one."""
    text = f"{r2:.2f}"
    return f"{min(r2, 0.999):.3f}" if text == "1.00" and r2 < 1 else text


def _knee(name: str, knee: float) -> str:
    return f"{100 * knee:.1f} %" if name in (REMOVED, *_SHARES) else f"{knee:.4g}"


def _decimal(value: float | None, digits: int = 2) -> Cell:
    return Cell("-" if value is None else f"{value:.{digits}f}", sort=value)


def _percent(share: float | None) -> Cell:
    return Cell("-" if share is None else f"{100 * share:.1f} %", sort=share)


def _plain(name: str, value: float | None) -> str:
    """Write a measure: counts whole, shares in per cent, the rest with three digits or four."""
    if value is None:
        return "-"
    if name in _SHARES:
        return f"{100 * value:.1f} %"
    if name in ("vocabulary", "distinct_texts"):
        return f"{value:.0f}" if value == round(value) else f"{value:.1f}"
    return f"{value:.3f}" if name.startswith(RAND) or name != "tree_weight" else f"{value:.1f}"


def _after(questions: Complexity, continuum: Continuum) -> Iterator[str]:
    yield (
        "Our reading of McKenna et al. (Interspeech 2020), whose abstract says that performance rises as semantic complexity "
        "falls. Each level lacks a further batch of the rarest words by Zipf frequency, with the questions whose rarest word it "
        "is. The band is that of random removal: mean and as many standard deviations on either side that 95 % of the orders "
        "stay inside at every level together."
    )
    if continuum.levels:
        yield (
            "Levels are nested, so that even along random orders a line explains much: an R2 says something only beside theirs, "
            "and intervals of slopes, which take levels for independent, are too narrow. A knee is told where the broken line "
            "has the lower AICc, which charges it for two more parameters, and fewer than 5 % of the random orders, whose "
            "courses are straight but for chance, bend as much."
        )
    if questions.tree_weight is not None:
        model = (questions.encoder or {}).get("model", "")
        yield (
            f"Embeddings are those of {model}, of the normalised references. Clusters are made of all questions by k-means, as "
            f"many as the tag has labels; at a level the questions that are left are counted."
        )
    yield from (f"{reason[0].upper()}{reason[1:].rstrip('.')}." for reason in questions.not_computed)
