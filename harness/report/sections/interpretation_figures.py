"""What the study of interpretation holds, looked up: figures of a system as it is mainly judged, and its tests in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from harness.analysis.interpretation.result import LEARNT, Figure, Interpretation, PairedTest, Setting, Split, System
from harness.analysis.metrics import Metric, metric
from harness.analysis.significance import SIGNIFICANCE
from harness.report.model import Report
from harness.report.numbers import difference, figure, p_text, size
from harness.report.phrasing import significance

NAME = "interpretation"
UNSEEN = ("question", "entity")  # folds of which no question is trained on


@dataclass(frozen=True)
class Interpreted:
    """One run's study of interpretation. The first folds are the main ones."""

    study: Interpretation

    @classmethod
    def of(cls, report: Report) -> Interpreted | None:
        """Read the study of a run; `None` where it has none."""
        study = report.study(NAME, Interpretation)
        return None if study is None else cls(study)

    @property
    def folds(self) -> str:
        """The main folds."""
        return self.study.folds[0][0]

    @property
    def seen_folds(self) -> str:
        """The folds whose questions are all trained on, from other speakers; empty without them, or where they are the main."""
        return "speaker" if self.folds in UNSEEN and "speaker" in dict(self.study.folds) else ""

    @property
    def has_slots(self) -> bool:
        """Whether any question has a slot."""
        return bool(self.study.main_slots)

    @cached_property
    def by_kind(self) -> Mapping[str, Sequence[System]]:
        """The systems of each kind; those of text by the main interpreter only."""
        main = self.study.main_interpreter
        kinds: dict[str, list[System]] = {"reference": [], "cascade": [], "end-to-end": []}
        for system in self.study.systems:
            if system.interpreter in ("", main):
                kinds[system.kind].append(system)
        return kinds

    @property
    def main(self) -> Sequence[System]:
        """The reference text, cascades and end-to-end systems, by the main interpreter."""
        return [system for kind in ("reference", "cascade", "end-to-end") for system in self.by_kind[kind]]

    def setting(self, system: System, folds: str) -> Setting | None:
        """Return how a system is mainly judged by these folds; `None` where it is not."""
        return self._main.get((system.label, folds))

    def figure(self, system: System, name: str, *, folds: str = "", group: str = "all") -> Figure | None:
        """Return a figure of a system as it is mainly judged, by the main folds unless others are named."""
        setting = self.setting(system, folds or self.folds)
        return None if setting is None else self.of_setting(system, setting, name, group)

    def of_setting(self, system: System, setting: Setting, name: str, group: str = "all") -> Figure | None:
        """Return the figure of a setting."""
        return self._figures.get((system.label, setting, group, name))

    def groups(self, kind: str) -> list[str]:
        """Return the groups of a kind, such as `band`, by the main folds."""
        groups = (f.group for f in self.study.figures if f.setting.folds == self.folds)
        return [group for group in dict.fromkeys(groups) if group.startswith(f"{kind}:")]

    def splits(self, name: str) -> Iterator[tuple[System, Split]]:
        """Yield the cascades by the main interpreter with the two parts of their loss, by the main folds."""
        for system in self.by_kind["cascade"]:
            for split in self.study.splits:
                if (split.system, split.metric, split.setting.folds) == (system.label, name, self.folds):
                    yield system, split

    def tests(self, family: str, name: str, folds: str = "") -> list[PairedTest]:
        """Return the tests of a family by one score and the main folds, unless others are named; only those with a figure."""
        wanted = family, name, folds or self.folds
        return [
            test
            for test in self.study.tests
            if (test.family, test.metric, test.setting.folds) == wanted and test.delta is not None
        ]

    def finds_learnt_names_only(self, system: System) -> bool:
        """Whether a system has only names that it was trained on."""
        setting = self.setting(system, self.folds)
        return setting is not None and setting.slots == LEARNT

    @cached_property
    def _figures(self) -> Mapping[tuple[str, Setting, str, str], Figure]:
        return {(f.system, f.setting, f.group, f.metric): f for f in self.study.figures}

    @cached_property
    def _main(self) -> Mapping[tuple[str, str], Setting]:
        main = (self.study.main_slots, self.study.main_distractors)
        kinds = {system.label: system.kind for system in self.study.systems}
        return {
            (f.system, f.setting.folds): f.setting
            for f in self.study.figures
            if (f.setting.slots, f.setting.distractors) == main
            or (kinds.get(f.system) == "end-to-end" and f.setting.distractors in (main[1], None))
        }


def score(name: str) -> Metric:
    """Return a score with its words."""
    return metric(name)


def is_significant(p_holm: float | None) -> bool:
    """Whether an adjusted p-value is significant."""
    return p_holm is not None and p_holm < SIGNIFICANCE


def change(test: PairedTest) -> str:
    """Return a difference with its p-value in short: `-4.0 points [-6.1, -1.9], p = 0.002`."""
    return f"{difference(test, score(test.metric))}, {p_text(test.p_holm)}"


def cost(split: Split) -> str:
    """Return what transcription costs or gains, with its test: `4.0 points [1.9, 6.1], sign-flip test, Holm-adjusted p = 0.002,
    significant`.
    """
    if (split.transcription or 0.0) < 0:
        low, high = (None if end is None else -end for end in (split.ci_high, split.ci_low))
        split = replace(split, transcription=-(split.transcription or 0.0), ci_low=low, ci_high=high)
    points = difference(split, score(split.metric)).replace("+", "")
    if split.p_holm is None:
        return f"{points}, no test"
    return f"{points}, sign-flip test, Holm-adjusted {p_text(split.p_holm)}, {significance(split.p_holm)}"


def in_points(amount: float | None, name: str) -> str:
    """Return the size of a difference: `4.0 points`."""
    return "-" if amount is None else size(amount, score(name))


def shown(of: Figure | None) -> str:
    """Return a figure: `76.8 %`; `-` where there is none."""
    return "-" if of is None else figure(of.value, score(of.metric))
