"""Bias lists: what is on each, how much of it reached the engine, and what it did to the hypotheses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness.asr.bias_list import ENTITIES, OWN, is_oracle, plain_counterparts, same_engine
from harness.asr.protocol import labelled
from harness.records import BackendSpec
from harness.report.model import Arm, Column, Figures, Report
from harness.report.numbers import value
from harness.report.tables import Cell, Heading, Section, Table, cell, texts

_RECOGNISED = ("entity_recall", "wer", "common_wer", "rare_wer", "false_rare_insertions", "runaway_rate")
_TIMES = ("bias_preparation", "real_time_factor", "processor_rtf")

Specs = Mapping[str, BackendSpec]


@dataclass(frozen=True)
class Engine:
    """One engine without a list and with several: `arms` under one condition, the shortest list first.

    `name` is the label of the backend without a list, whether the run has it or not.
    """

    name: str
    condition: str
    arms: tuple[Arm, ...]


def bias_lists(report: Report) -> Section:
    """Return every list beside the same engine without one."""
    figures, specs = report.figures, report.backends
    listed = engines(figures, specs)
    if not listed:
        return Section("bias-lists", "Bias lists")
    title = "Bias lists by size" if any(has_sizes(figures, engine) for engine in listed) else "Bias lists"
    return Section(
        "bias-lists", title, tuple(list_sentences(figures, specs)), (_table(figures, specs, listed),),
        tuple(protocols(specs)),
    )  # fmt: skip


def engines(figures: Figures, specs: Specs) -> list[Engine]:
    """Return every engine that has a bias list, condition by condition, in the order of the run."""
    plain = plain_counterparts(specs)
    arms: dict[tuple[str, str], list[Arm]] = {}
    listed = [label for label, spec in specs.items() if spec.bias]
    for label, condition in figures.arms:
        if label in specs and any(same_engine(specs[label], specs[other]) for other in listed):
            name = plain.get(label) or _without_list(label, specs[label])
            arms.setdefault((name, condition), []).append((label, condition))
    return [
        Engine(*of, tuple(sorted(same, key=lambda arm: list_size(figures, arm) or 0.0))) for of, same in arms.items()
    ]


def list_size(figures: Figures, arm: Arm) -> float | None:
    """Return how many phrases an utterance's list has, on average; `None` without a list, and in runs that did not count."""
    row = figures.row(arm, "bias_listed", "hypothesis")
    return row.value if row is not None else None


def has_sizes(figures: Figures, engine: Engine) -> bool:
    """Whether there are lists of two sizes or more."""
    return len({list_size(figures, arm) for arm in engine.arms} - {None}) > 1


def list_words(spec: BackendSpec, figures: Figures, arm: Arm) -> str:
    """Return what is on a backend's list, in a few words. An oracle is called one."""
    if spec.bias == ENTITIES:
        return "every name of the suite (oracle)"
    if spec.bias != OWN:
        return f"the phrases of {Path(spec.bias).name}" if spec.bias else "none"
    if is_oracle(spec.bias, spec.distractors):
        return "each question's own names alone (oracle)"
    n = distractors(spec, figures, arm)
    return f"each question's own names among {n} other{'' if n == 1 else 's'}"


def distractors(spec: BackendSpec, figures: Figures, arm: Arm) -> int:
    """Return how many other names stand on each list: as many as were asked for, or all that the suite gives."""
    row = figures.row(arm, "bias_distractors", "hypothesis")
    return (spec.distractors or 0) if row is None or row.value is None else round(row.value)


def oracle_sentence(figures: Figures, specs: Specs) -> str:
    """Return which backends have a bias list that no user could have; empty where none has."""
    labels = {label for label, _ in figures.arms}
    oracles = [label for label, s in specs.items() if label in labels and s.bias and is_oracle(s.bias, s.distractors)]
    if not oracles:
        return ""
    return f"Oracles, upper bounds whose bias lists no user could have: {', '.join(oracles)}."


def list_sentences(figures: Figures, specs: Specs) -> Iterator[str]:
    """Yield which backends have a list that no user could have, what did not fit into others, and the time that they took."""
    arms = dict(arm for arm in reversed(figures.arms) if arm[0] in specs and specs[arm[0]].bias)
    drawn, cut_off, prepared = [], [], []
    for label in (label for label in specs if label in arms):
        spec, arm = specs[label], (label, arms[label])
        listed, sent, own, preparation = (
            figures.row(arm, name, "hypothesis")
            for name in ("bias_listed", "bias_sent", "bias_own_sent", "bias_preparation")
        )
        if spec.bias == OWN and not is_oracle(spec.bias, spec.distractors):
            drawn.append(f"{label} (among {distractors(spec, figures, arm)})")
        if listed and sent and listed.value != sent.value:
            share = value(own, figures.metric("bias_own_sent")) if own and own.value is not None else ""
            names = f", and {share} of the questions' own names" if share else ""
            phrases = [value(row, figures.metric(row.metric)) for row in (sent, listed)]
            cut_off.append(f"{label} {phrases[0]} of {phrases[1]} phrases an utterance{names}")
        if preparation and preparation.value:
            prepared.append(f"{label} {value(preparation, figures.metric('bias_preparation'))}")
    if oracles := oracle_sentence(figures, specs):
        yield oracles
    if drawn:
        yield f"Lists of own names among others, which assume that a user's list holds the name: {', '.join(drawn)}."
    if cut_off:
        yield f"Of these lists only a part fitted in: {'; '.join(cut_off)}."
    if prepared:
        yield (
            f"Making the engine ready for another list took, an utterance: {', '.join(prepared)}. It is no recognition time."
        )


def protocols(specs: Specs) -> list[str]:
    """Return how the lists of these backends are made, a sentence for each kind."""
    kinds = dict.fromkeys(
        spec.bias if spec.bias in (ENTITIES, OWN) else "file" for spec in specs.values() if spec.bias is not None
    )
    return [_PROTOCOLS[kind] for kind in kinds]


_PROTOCOLS: Mapping[str, str] = {
    ENTITIES: "Every name of the suite, the same list for all utterances, is an oracle: nobody knows beforehand what will be "
    "asked. It bounds what a list can win.",
    OWN: "Own names among N others is the protocol of Le et al. (Interspeech 2021): the names in the question and N "
    "distractors, drawn by the seed from the suite's other names and then from the titles of its snippets, in random order and "
    "the same for all utterances of a question. It assumes that the list holds what is asked for; without distractors it is an "
    "oracle.",
    "file": "The phrases of a file are the same for all utterances.",
}


def _table(figures: Figures, specs: Specs, listed: list[Engine]) -> Table:
    columns = _columns(figures)
    headings = (
        Heading("backend", is_number=False),
        Heading("bias list", is_number=False),
        *(Heading(heading, column.metric.meaning) for heading, column, _ in columns),
    )
    rows = tuple(
        (
            *texts(figures.name(arm), list_words(specs[arm[0]], figures, arm)),
            *(_cell(figures, arm, column, retriever) for _, column, retriever in columns),
        )
        for engine in listed
        for arm in engine.arms
    )
    return Table("", headings, rows)


def _cell(figures: Figures, arm: Arm, column: Column, retriever: str | None) -> Cell:
    return cell(figures.row_of(arm, column, retriever), column.metric)


def _columns(figures: Figures) -> list[tuple[str, Column, str | None]]:
    """Return heading, column and retriever of the figures that the run has."""

    def column(name: str) -> Column:
        return Column(figures.metric(name), "hypothesis")

    of_lists = [column(name) for name in ("bias_listed", "bias_sent", "bias_own_sent", *_RECOGNISED)]
    columns: list[tuple[str, Column, str | None]] = [(c.heading, c, None) for c in of_lists]
    outcome = column(figures.rules.metric)
    columns += [(f"{outcome.heading}{figures.where(None, of)}", outcome, of) for of in figures.retrievers]
    columns += [(c.heading, c, None) for c in map(column, _TIMES)]
    return [
        (heading, c, of)
        for heading, c, of in columns
        if (figures.ran_away or c.metric.name != "runaway_rate")
        and any(figures.row_of(arm, c, of) for arm in figures.arms)
    ]


def _without_list(label: str, spec: BackendSpec) -> str:
    """Return the label that the backend would have without its list."""
    if not spec.bias:
        return label
    return label.removesuffix(spec.label) + labelled(replace(spec, label="", bias=None, distractors=None)).label
