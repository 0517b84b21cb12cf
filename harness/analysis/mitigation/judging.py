"""What repairs and bias lists did to the outcomes of one cell, each kind of effect adjusted over all that stand there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.analysis.mitigation.bench import Bench, Tried, is_same
from harness.analysis.mitigation.effects import Pairs, by_band, effects
from harness.analysis.mitigation.folds import Cell, Chosen
from harness.analysis.mitigation.records import Effect, Judged
from harness.analysis.significance import SIGNIFICANCE
from harness.records import Transcript


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recording as a backend transcribed it. `transcript` is what is searched, without what is not speech; `None` where it
    failed. `outcome` and `answer` (`None` where nothing is answered) are as stored, `perfect_names` the outcome with all rare
    entity words right.
    """

    utterance_id: str
    question_id: str
    transcript: Transcript | None
    outcome: float
    answer: float | None
    perfect_names: float


@dataclass(frozen=True, slots=True)
class Listed:
    """The same engine with a bias list, on the same recordings. `deployable`: a user could have the list."""

    label: str
    deployable: bool
    recordings: Sequence[Recorded]


@dataclass(frozen=True)
class Effects:
    """How effects are counted: place and band of each question; `weights` is float64[n_resamples, n_questions]."""

    bench: Bench
    rows: Mapping[str, int]
    bands: Mapping[str, str]
    weights: NDArray[np.float64]
    seed: int

    def of_repairs(self, cell: Cell, before: Chosen, after: Mapping[str, Chosen]) -> list[Judged]:
        """Return what each repair changes: outcomes only."""
        return self.of_all(cell, before, after, (), answers=False)

    def of_all(
        self,
        cell: Cell,
        before: Chosen,
        after: Mapping[str, Chosen],
        lists: Sequence[tuple[Listed, Sequence[tuple[Recorded, Recorded]]]],
        *,
        answers: bool = True,
    ) -> list[Judged]:
        """Return what each repair changes, then what each list does, which comes with pairs of recordings: without, with."""
        of_hypotheses = [self._pairs(cell.hypotheses, before.hypotheses, one.hypotheses) for one in after.values()]
        of_references = [self._pairs(cell.references, before.references, one.references) for one in after.values()]
        gaps = [
            self._gap(cell, hypotheses, references)
            for hypotheses, references in zip(of_hypotheses, of_references, strict=True)
        ]
        of_lists = [self._recorded(pairs) for _, pairs in lists]
        hypothesis = self._effects([*of_hypotheses, *of_lists])
        reference, gap = self._effects(of_references), self._effects(gaps)
        right, right_reference = self._answers(cell, before, after, lists) if answers else ([], [])
        judged = []
        for index, (label, chosen) in enumerate(after.items()):
            judged.append(
                Judged(
                    label, "repair", hypothesis[index], reference[index], gap[index],
                    right[index] if right else None,
                    right_reference[index] if right_reference else None,
                    by_band(of_hypotheses[index], self._bands(cell.hypotheses)),
                    chosen.settings,
                    _mean([one.queries for one in chosen.hypotheses]),
                    sum(not is_same(*both) for both in zip(before.hypotheses, chosen.hypotheses, strict=True)),
                )
            )  # fmt: skip
        for index, (listed, pairs) in enumerate(lists, start=len(after)):
            judged.append(
                Judged(
                    listed.label, "bias list", hypothesis[index],
                    answers=right[index] if right else None,
                    bands=by_band(of_lists[index - len(after)], [self.bands[one.question_id] for one, _ in pairs]),
                    deployable=listed.deployable,
                )
            )  # fmt: skip
        return judged

    def _effects(self, pairs: Sequence[Pairs]) -> list[Effect]:
        return effects(pairs, self.weights, self.seed)

    def _pairs(self, indices: Sequence[int], before: Sequence[Tried], after: Sequence[Tried]) -> Pairs:
        return Pairs.of(self._rows(indices), [one.outcome for one in before], [one.outcome for one in after])

    def _rows(self, indices: Sequence[int]) -> list[int]:
        return [self.rows[self.bench.items[index].question_id] for index in indices]

    def _bands(self, indices: Sequence[int]) -> list[str]:
        return [self.bands[self.bench.items[index].question_id] for index in indices]

    def _gap(self, cell: Cell, hypotheses: Pairs, references: Pairs) -> Pairs:
        """Return each hypothesis's outcome less that of its reference."""
        place = {row: index for index, row in enumerate(references.rows.tolist())}
        of = [place[row] for row in hypotheses.rows.tolist()]
        return Pairs(
            hypotheses.rows, hypotheses.before - references.before[of], hypotheses.after - references.after[of]
        )

    def _recorded(self, pairs: Sequence[tuple[Recorded, Recorded]]) -> Pairs:
        rows = [self.rows[one.question_id] for one, _ in pairs]
        return Pairs.of(rows, [one.outcome for one, _ in pairs], [other.outcome for _, other in pairs])

    def _answers(
        self,
        cell: Cell,
        before: Chosen,
        after: Mapping[str, Chosen],
        lists: Sequence[tuple[Listed, Sequence[tuple[Recorded, Recorded]]]],
    ) -> tuple[list[Effect], list[Effect]]:
        """Return what changes in answers from hypotheses, and from references; none where nothing is answered."""
        sides = []
        for indices, tried in ((cell.hypotheses, "hypotheses"), (cell.references, "references")):
            plain = [self.bench.items[index].answer for index in indices]
            judged = [place for place, value in enumerate(plain) if value is not None]
            if not judged:
                return [], []
            rows, pairs = self._rows([indices[place] for place in judged]), []
            for one in after.values():
                repaired = self.bench.answers(indices, getattr(before, tried), getattr(one, tried))
                pairs.append(Pairs.of(rows, *([of[place] or 0.0 for place in judged] for of in (plain, repaired))))
            sides.append(pairs)
        of_lists = [
            Pairs.of(
                [self.rows[one.question_id] for one, _ in pairs],
                [one.answer or 0.0 for one, _ in pairs],
                [other.answer or 0.0 for _, other in pairs],
            )
            for _, pairs in lists
        ]
        return self._effects([*sides[0], *of_lists]), self._effects(sides[1])


def what_to_do_first(judged: Sequence[Judged]) -> str | None:
    """Return the label of the largest significant gain that comes without harm; `None` where there is none.

    Harm need not pass Holm's correction: a test that shows it alone is enough to stay away.
    """
    fit = [one for one in judged if one.deployable and is_gain(one.hypothesis) and not is_harmful(one)]
    return max(fit, key=lambda one: one.hypothesis.delta).label if fit else None


def is_gain(effect: Effect) -> bool:
    """Whether an outcome rises significantly."""
    return effect.delta > 0 and effect.p_holm is not None and effect.p_holm < SIGNIFICANCE


def is_harmful(judged: Judged) -> bool:
    """Whether the outcome from the reference text falls by a test of its own."""
    effect = judged.reference
    return effect is not None and effect.delta < 0 and effect.p_value is not None and effect.p_value < SIGNIFICANCE


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 6) if values else None
