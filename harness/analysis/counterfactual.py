"""What would have been found from a hypothesis with some of its errors repaired, and which error is to blame.

For error regions E of one sample, h(S) is the hypothesis with the regions in S repaired, and f(S) the outcome from it.
A Shapley value (Shapley 1953) shares f(E) - f({}) out among the regions: what repairing a region changes, on average
over all orders in which all of them could be repaired.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from harness.analysis.word_classes import WORD_CLASSES
from harness.records import Counterfactual, ErrorRegion, WordClass
from harness.words.align import repair

Judge = Callable[[Sequence[str]], Sequence[float]]  # texts of variants -> their outcomes, the same for the same text
MAX_EXACT = 12  # regions: 4,096 subsets
_ORDERS = (
    200  # drawn beyond that, each with its reverse; a value's standard error is then at most 0.04 (0.5 / sqrt(200))
)
_MAX_REPAIR = 3  # regions in a repair set looked for where not all subsets are known


def counterfactual(
    reference: Sequence[str],
    hypothesis: Sequence[str],
    regions: Sequence[ErrorRegion],
    classes: Sequence[WordClass],
    judge: Judge,
    outcome: str,
    seed: Sequence[int],
) -> Counterfactual:
    """Everything that is asked of one sample with error regions.

    `reference` and `hypothesis` are normalised tokens; `regions` and their `classes` stand in order. `judge` is called
    once for up to 12 regions and with every distinct text once; beyond that Shapley values are those of sampled orders,
    drawn with `seed`, and repair sets are looked for up to 3 regions. `outcome` names what `judge` judges.
    """
    n = len(regions)
    everything = (1 << n) - 1
    of_class: dict[str, int] = {
        name: sum(1 << i for i, own in enumerate(classes) if own == name) for name in WORD_CLASSES
    }
    of_class |= {"notation": sum(1 << i for i, region in enumerate(regions) if region.notation)}
    singles = [1 << i for i in range(n)]
    worlds = _Worlds(reference, hypothesis, regions, judge)
    orders: NDArray[np.int64] | None = None
    if n <= MAX_EXACT:
        worlds.judge_all(range(everything + 1))
    else:
        orders = _drawn_orders(n, seed)
        worlds.judge_all(
            [0, everything, *singles, *(everything ^ s for s in singles)]
            + [mask for own in of_class.values() for mask in (own, everything ^ own)]
            + _prefixes(orders).ravel().tolist()
        )
    shapley, errors = _exact(worlds, n) if orders is None else _sampled(worlds, orders)
    f = worlds.values
    return Counterfactual(
        outcome=outcome,
        from_hypothesis=f[0],
        from_reference=f[everything],
        repair_one=tuple(f[s] for s in singles),
        inject_one=tuple(f[everything ^ s] for s in singles),
        shapley=shapley,
        shapley_error=errors,
        smallest_repairs=_smallest_repairs(worlds, n),
        class_repair={name: f[own] for name, own in of_class.items()}
        | {f"not_{name}": f[everything ^ own] for name, own in of_class.items()},
    )


@dataclass
class _Worlds:
    """Outcomes of sets of repaired regions, each set a bit mask: bit i is set where region i is repaired."""

    reference: Sequence[str]
    hypothesis: Sequence[str]
    regions: Sequence[ErrorRegion]
    judge: Judge
    values: dict[int, float] = field(default_factory=dict)
    _by_text: dict[str, float] = field(default_factory=dict)

    def judge_all(self, masks: Iterable[int]) -> None:
        """Judges what is not yet known, in one call; different sets may make the same text."""
        wanted = {mask: self._text(mask) for mask in masks if mask not in self.values}
        texts = [text for text in dict.fromkeys(wanted.values()) if text not in self._by_text]
        if texts:
            self._by_text |= zip(texts, map(float, self.judge(texts)), strict=True)
        self.values |= {mask: self._by_text[text] for mask, text in wanted.items()}

    def _text(self, mask: int) -> str:
        repaired = {i for i in range(len(self.regions)) if mask >> i & 1}
        return " ".join(repair(self.reference, self.hypothesis, self.regions, repaired))


def _exact(worlds: _Worlds, n: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """sum over S without i of |S|! (n - |S| - 1)! / n! * (f(S + i) - f(S)), from all 2**n outcomes."""
    masks = np.arange(1 << n)
    values = np.array([worlds.values[mask] for mask in range(1 << n)])
    sizes = sum((masks >> i & 1 for i in range(n)), np.zeros_like(masks))
    weights = np.array([1 / (n * comb(n - 1, size)) for size in range(n)])
    shapley = []
    for i in range(n):
        without = masks[masks >> i & 1 == 0]
        shapley.append(float(weights[sizes[without]] @ (values[without | 1 << i] - values[without])))
    return tuple(shapley), ()


def _sampled(worlds: _Worlds, orders: NDArray[np.int64]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Means over orders (Castro, Gomez & Tejada 2009), and their standard errors, an order and its reverse as one draw."""
    prefixes = _prefixes(orders)  # (n_orders, n + 1)
    values = np.array([[worlds.values[mask] for mask in row] for row in prefixes.tolist()])
    gains = np.empty(orders.shape)
    np.put_along_axis(gains, orders, np.diff(values, axis=1), axis=1)  # by region
    draws = gains.reshape(len(orders) // 2, 2, -1).mean(axis=1)
    errors = draws.std(axis=0, ddof=1) / np.sqrt(len(draws))
    return tuple(draws.mean(axis=0).tolist()), tuple(errors.tolist())


def _drawn_orders(n: int, seed: Sequence[int]) -> NDArray[np.int64]:
    """Orders of n regions, int64[2 * _ORDERS, n], each followed by its reverse: the two err in opposite directions."""
    orders = np.random.default_rng(seed).permuted(np.tile(np.arange(n), (_ORDERS, 1)), axis=1)
    return np.stack([orders, orders[:, ::-1]], axis=1).reshape(-1, n)


def _prefixes(orders: NDArray[np.int64]) -> NDArray[np.object_]:
    """The sets that are repaired after each step of each order, from none to all: Python integers, (n_orders, n + 1)."""
    bits = np.array([1 << i for i in range(orders.shape[1])], dtype=object)  # more than 63 regions are no limit
    return np.concatenate([np.zeros((len(orders), 1), object), bits[orders].cumsum(axis=1)], axis=1)


def _smallest_repairs(worlds: _Worlds, n: int) -> tuple[tuple[int, ...], ...]:
    """The sets of fewest regions whose repair reaches the outcome of the reference; none where nothing was lost."""
    from_reference = worlds.values[(1 << n) - 1]
    if worlds.values[0] >= from_reference:
        return ()
    for size in range(1, (n if n <= MAX_EXACT else _MAX_REPAIR) + 1):
        chosen: Mapping[tuple[int, ...], int] = {c: sum(1 << i for i in c) for c in combinations(range(n), size)}
        worlds.judge_all(chosen.values())
        if reaching := tuple(regions for regions, mask in chosen.items() if worlds.values[mask] >= from_reference):
            return reaching
    return ()
