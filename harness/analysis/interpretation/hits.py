"""Whether the right snippet comes up: from words by the run's retriever, from words by sound, and from sounds without words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.interpretation.figures import Ratios, Statistics, adjusted
from harness.analysis.interpretation.result import Figure, Kind, PairedTest, Setting

FAMILY = "end-to-end"


@dataclass(frozen=True)
class Searched:
    """The run's outcome of one system with one retriever: `values` by item, `None` for an item that does not count."""

    system: str
    kind: Kind
    condition: str
    retriever: str
    values: Sequence[float | None]

    @property
    def setting(self) -> Setting:
        """Nothing was learnt, and so nothing left out: the retriever alone."""
        return Setting("", self.retriever)

    @property
    def ratios(self) -> Ratios:
        """The outcome of each item out of one."""
        return [None if value is None else (value, 1.0) for value in self.values]


def hit_figures(
    searched: Sequence[Searched], groups: Mapping[str, Sequence[bool]], metric: str, statistics: Statistics
) -> tuple[Figure, ...]:
    """Return the share of items with the outcome, all together and by group, of every system and retriever."""
    wanted = []
    for one in searched:
        for group, mask in {"all": None, **groups}.items():
            sums = statistics.sums(one.ratios, mask)
            if group == "all" or sums.bottoms.any():
                wanted.append(((one.system, one.setting, group, metric), sums))
    return tuple(statistics.figures(wanted))


def hit_tests(searched: Sequence[Searched], first: str, metric: str, statistics: Statistics) -> tuple[PairedTest, ...]:
    """Return the paired tests of each end-to-end system against each cascade with the retriever `first`, per condition."""
    made = []
    for a in (one for one in searched if one.kind == "cascade" and one.retriever == first):
        for b in (one for one in searched if one.kind == "end-to-end" and one.condition == a.condition):
            delta, low, high, p_value, n = statistics.difference(a.ratios, b.ratios)
            made.append(PairedTest(a.system, b.system, b.setting, metric, FAMILY, delta, low, high, p_value, None, n))
    return tuple(adjusted(made, lambda test: test.metric))
