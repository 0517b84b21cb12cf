"""Every picture of a report, in its order, with what it is of. A new picture is a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, Literal

from harness.records import BackendSpec
from harness.report.model import Figures, Report
from harness.report.pictures import (
    bias,
    causes,
    complexity,
    confusions,
    early,
    interpretation,
    loss,
    mitigations,
    rarity,
    recognition,
)
from harness.report.pictures.drawing import Listed, Picture, unchecked
from harness.report.pictures.view import View

_Draw = Callable[[View], Picture | None]
_Each = Literal["run", "condition", "backend"]

_SEARCHED: Final[tuple[tuple[_Draw, _Each], ...]] = (  # for each retriever
    (rarity.by_rarity, "condition"),
    (loss.wer_against_loss, "run"),
    (loss.ladder, "run"),
    (causes.by_class, "condition"),
    (causes.corrections, "condition"),
    (confusions.recognised_as, "backend"),
)
_NOT_SEARCHED: Final[tuple[tuple[_Draw, _Each], ...]] = (  # where there is no retriever
    (recognition.error_rate, "run"),
    (recognition.rare_and_common, "run"),
    (confusions.recognised_as, "backend"),
)
_ALWAYS: Final[tuple[tuple[_Draw, _Each], ...]] = ((bias.by_size, "condition"),)


# What studies made of a finished run.
_STUDIES: Final[tuple[Callable[[Report], Iterator[Listed]], ...]] = (
    complexity.by_level,
    early.early,
    interpretation.by_band,
    mitigations.gains,
)


def all_pictures(report: Report) -> list[Listed]:
    """Return the pictures that there are figures for, those of studies last."""
    drawn = pictures(report.figures, report.backends)
    with unchecked():
        return [*drawn, *(listed for draw in _STUDIES for listed in draw(report))]


def pictures(figures: Figures, specs: Mapping[str, BackendSpec]) -> list[Listed]:
    """Return the pictures that there are figures for. `specs` are the backends as they were asked for, by label."""
    whole = View(figures, specs)
    with unchecked():
        return [
            Listed(picture, view.retriever, view.condition, view.backend)
            for draw, view in _views(whole)
            if (picture := draw(view)) is not None
        ]


def _views(whole: View) -> Iterator[tuple[_Draw, View]]:
    listed = [(replace(whole, retriever=label), _SEARCHED) for label in whole.figures.retrievers]
    for view, drawn in (*(listed or [(whole, _NOT_SEARCHED)]), (whole, _ALWAYS)):
        for draw, each in drawn:
            yield from ((draw, part) for part in _parts(view, each))


def _parts(view: View, each: _Each) -> Iterator[View]:
    """What each picture of a kind shows: all of the run, one condition, or one backend under one condition."""
    if each == "run":
        yield view
        return
    for condition in view.figures.conditions:
        under = replace(view, condition=condition)
        if each == "condition":
            yield under
        else:
            yield from (replace(under, backend=backend) for backend in _first_and_best(under))


def _first_and_best(view: View) -> list[str]:
    """The first backend, and the one that loses fewest, by the error rate where nothing is searched."""
    name, source = ("lost", None) if view.retriever else (view.figures.error_rate.name, "hypothesis")
    values = {arm[0]: row.value for arm in view.arms if (row := view.row(arm, name, source)) and row.value is not None}
    best = [min(values, key=lambda label: values[label])] if values else []
    return list(dict.fromkeys([*(arm[0] for arm in view.arms[:1]), *best]))
