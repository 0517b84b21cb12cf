"""Interpretation: what was asked, by cascades and from sound alone, and where it is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.analysis.interpretation.result import Figure, Interpretation, Setting
from harness.analysis.metrics import Metric
from harness.report.model import Report
from harness.report.numbers import FEWEST, difference, figure, p_text
from harness.report.sections.interpretation_figures import Interpreted, in_points, score
from harness.report.sections.interpretation_sentences import after, sentences, source, unseen
from harness.report.tables import Cell, Heading, Section, Table, texts

_SCORES = ("intent_accuracy", "slot_precision", "slot_recall", "slot_f1", "exact_interpretation", "semer")
_LEADING = ("intent_accuracy", "slot_f1", "exact_interpretation")
_TITLES = ("names not trained on, {}", "names trained on, {}")
_WHERE = {"question": "new questions", "entity": "new questions", "speaker": "known questions, new speakers"}
_SYSTEM = Heading("system", is_number=False)


def interpretation(report: Report) -> Section:
    """Return what the study of interpretation saw; empty where the run has none."""
    of = Interpreted.of(report)
    if of is None:
        return Section("interpretation", "Interpretation")
    tables = [table for table in _tables(of, report) if table.rows]
    return Section(
        "interpretation", "Interpretation", tuple(sentences(of)), tuple(tables), tuple(after(of, report.figures.rules))
    )


def _tables(of: Interpreted, report: Report) -> Iterator[Table]:
    yield _scores(of)
    yield _parts(of)
    if of.has_slots:
        yield _by_lexicon(of)
    for name in _names(of, _LEADING):
        yield _by_group(
            of, name, of.groups("band"), f"{score(name).heading} by the Zipf band of the rarest word in names"
        )
    yield _seen(of)
    yield _hits(of.study, report)
    yield _tests(of.study)


def _scores(of: Interpreted) -> Table:
    names = _names(of, _SCORES)
    rows = tuple(
        (Cell(system.label), *(_cell(of.figure(system, name)) for name in names)) for system in of.study.systems
    )
    return Table(f"Scores on {unseen(of.folds)}", (_SYSTEM, *map(_heading, names)), rows)


def _parts(of: Interpreted) -> Table:
    headings = (
        _SYSTEM, Heading("score", is_number=False), Heading("ref"), Heading("ASR"),
        Heading("lost to transcription", "Points from the reference text to the hypotheses."),
        Heading("test", is_number=False),
        Heading("lost to interpretation", "Points that the reference text lacks."),
    )  # fmt: skip
    rows = []
    for split in of.study.splits:
        if split.setting.folds != of.folds:
            continue
        kind = score(split.metric)
        ends = [in_points(end, split.metric).removesuffix(" points") for end in (split.ci_low, split.ci_high)]
        rows.append(
            (
                *texts(split.system, kind.heading, figure(split.reference, kind), figure(split.hypothesis, kind)),
                Cell(in_points(split.transcription, split.metric), f"[{ends[0]}, {ends[1]}]", sort=split.transcription),
                *texts(p_text(split.p_holm), in_points(split.interpretation, split.metric)),
            )
        )
    return Table(
        "Where it is lost", headings, tuple(rows), "p-values are Holm-adjusted over the systems, score by score."
    )


def _by_lexicon(of: Interpreted) -> Table:
    """Slot F1 of every way to look names up, by the size of the lexicon; the same whatever model takes the intent."""
    settings = {
        f.setting for f in of.study.figures if f.setting.folds == of.folds and f.setting.distractors is not None
    }
    sizes = sorted({setting.distractors for setting in settings if setting.distractors is not None})
    headings = (_SYSTEM, Heading("slots", is_number=False), *(Heading(f"{n:,} others") for n in sizes))
    rows = []
    for system in of.main:
        own = {f.setting.slots for f in of.study.figures if f.system == system.label and f.setting in settings}
        for filler in sorted(own, key=lambda name: (name != of.study.main_slots, name)):
            cells = [_cell(of.of_setting(system, Setting(of.folds, filler, n), "slot_f1")) for n in sizes]
            rows.append((*texts(source(system), filler), *cells))
    return Table("Slot F1 by how names are looked up, and among how many others", headings, tuple(rows))


def _by_group(of: Interpreted, name: str, groups: Sequence[str], title: str) -> Table:
    headings = (_SYSTEM, *(Heading(group.partition(":")[2]) for group in groups))
    rows = tuple(
        (Cell(system.label), *(_cell(of.figure(system, name, group=group)) for group in groups)) for system in of.main
    )
    return Table(title, headings, rows if groups else ())


def _seen(of: Interpreted) -> Table:
    """Scores of what no training recording names, and of what one does: in the same folds, and from other speakers."""
    columns = [
        (_TITLES[group == "entity:seen"].format(_WHERE[folds]), folds, group)
        for folds, _ in of.study.folds
        for group in ("entity:unseen", "entity:seen")
        if any((f.setting.folds, f.group) == (folds, group) for f in of.study.figures)
    ]
    names = _names(of, _LEADING)
    headings = (_SYSTEM, Heading("score", is_number=False), *(Heading(title) for title, _, _ in columns))
    rows = tuple(
        (
            *texts(system.label, score(name).heading),
            *(_cell(of.figure(system, name, folds=folds, group=group)) for _, folds, group in columns),
        )
        for system in of.main
        for name in names
    )
    return Table("Names that were trained on, and others", headings, rows if len(columns) > 1 else ())


def _hits(study: Interpretation, report: Report) -> Table:
    by_search = {(f.system, f.setting.slots, f.group): f for f in study.hits}
    groups = list(dict.fromkeys(f.group for f in study.hits))
    metric = report.figures.metric(study.hits[0].metric) if study.hits else None
    headings = (
        _SYSTEM, Heading("retriever", is_number=False), *(Heading(group.partition(":")[2] or "all") for group in groups),
    )  # fmt: skip
    rows = tuple(
        (*texts(*of), *(_cell(by_search.get((*of, group)), metric) for group in groups))
        for of in dict.fromkeys((f.system, f.setting.slots) for f in study.hits)
    )
    title = metric.heading if metric else ""
    return Table(f"{title} by what is searched with, and by the Zipf band of the rarest word in names", headings, rows)


def _tests(study: Interpretation) -> Table:
    headings = (
        Heading("b", is_number=False), Heading("minus a", is_number=False), Heading("judged on", is_number=False),
        Heading("score", is_number=False), Heading("difference"), Heading("p", "Holm-adjusted within its family."),
    )  # fmt: skip
    rows = tuple(
        texts(
            test.b, test.a, _WHERE.get(test.setting.folds, ""), score(test.metric).heading,
            difference(test, score(test.metric)), p_text(test.p_holm),
        )
        for test in (*study.tests, *study.hit_tests)
    )  # fmt: skip
    return Table("Paired tests", headings, rows)


def _names(of: Interpreted, names: Sequence[str]) -> list[str]:
    """Return the scores that there are: without slots, the intent's alone."""
    known = {f.metric for f in of.study.figures}
    return [name for name in names if name in known]


def _heading(name: str) -> Heading:
    kind = score(name)
    return Heading(kind.heading, kind.meaning)


def _cell(of: Figure | None, metric: Metric | None = None) -> Cell:
    if of is None or of.value is None:
        return Cell("-")
    kind = metric or score(of.metric)
    ends = [figure(end, kind, bare=True) for end in (of.ci_low, of.ci_high)]
    few = of.n_questions < FEWEST
    return Cell(
        figure(of.value, kind), f"[{ends[0]}, {ends[1]}]", f"{of.n_questions} questions" if few else "", few, of.value
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
