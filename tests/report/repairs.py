"""Scoreboards made by hand, for what a report says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from harness.analysis.mitigation.judging import what_to_do_first
from harness.analysis.mitigation.records import BandEffect, Ceiling, Effect, Judged, MitigationResult, Scoreboard
from harness.runs.storage.stored_run import StoredRun


def effect(
    fixed: int, broken: int, p: float | None, *, n: int = 48, before: float = 0.5, questions: int = 48
) -> Effect:
    """An effect with an interval of two points to either side, or none where nothing changed."""
    delta = round((fixed - broken) / n, 9)
    width = 0.02 if fixed or broken else 0.0
    return Effect(
        n, questions, before, round(before + delta, 9), delta, delta - width, delta + width, fixed, broken,
        None if p is None else "mcnemar" if n == questions else "sign-flip", p, p,
    )  # fmt: skip


def judged(label: str, hypothesis: Effect, reference: Effect | None = None, **of: Any) -> Judged:
    """A repair that changes no reference text, unless told otherwise."""
    harm = reference or effect(0, 0, 1.0, before=0.9)
    gap = of.pop("gap", effect(hypothesis.fixed - harm.fixed, hypothesis.broken - harm.broken, 0.2, before=-0.4))
    bands = (BandEffect("unseen", 24, hypothesis.fixed, 0), BandEffect("[2,3)", 24, 0, hypothesis.broken))
    return Judged(label, "repair", hypothesis, harm, gap, bands=bands, chosen=({}, {}), queries=2.0, **of)


def bias_list(label: str, hypothesis: Effect, *, deployable: bool = True) -> Judged:
    bands = (BandEffect("unseen", 24, hypothesis.fixed, 0), BandEffect("[2,3)", 24, 0, hypothesis.broken))
    return Judged(label, "bias list", hypothesis, bands=bands, deployable=deployable)


GAIN = judged("hybrid", effect(10, 2, 0.01), effect(3, 1, 0.625, before=0.9), answers=effect(5, 1, 0.3, before=0.25))
LOSS = judged("nbest", effect(1, 12, 0.003), effect(0, 0, 1.0, before=0.9))
NOTHING = judged("spelling", effect(0, 0, 1.0))
HARMFUL = judged("phones", effect(14, 2, 0.004), effect(0, 8, 0.008, before=0.9))


def scoreboard(*of: Judged, backend: str = "base", condition: str = "clean", **parts: Any) -> Scoreboard:
    gains = [one for one in of if one.kind == "repair" and one.hypothesis.delta > 0]
    best = max(gains, key=lambda one: one.hypothesis.delta).label if gains else None
    ceilings = (Ceiling("best of N-best", 0.75, 0.6, 0.85, 48), Ceiling("perfect transcript", 0.9, 0.8, 0.97, 48))
    on_top = parts.pop("on_top", ())
    return Scoreboard(backend, condition, of, best, on_top, ceilings, what_to_do_first(of))


def result(*boards: Scoreboard, **parts: Any) -> MitigationResult:
    seconds = {
        f"{b.backend}|{b.condition}|{label}": 0.0015 for b in boards for label in ("", *(j.label for j in b.judged))
    }
    return MitigationResult("hit@1", "bm25", 5, {"q": 0}, boards, seconds=seconds, **parts)


def with_study(monkeypatch: pytest.MonkeyPatch, study: MitigationResult | None) -> None:
    """Give every stored run this study."""
    monkeypatch.setattr(StoredRun, "study", lambda self, name, kind: study if name == "mitigation" else None)


def labels(of: Sequence[Judged]) -> list[str]:
    return [one.label for one in of]
