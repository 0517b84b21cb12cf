"""Where the lost outcomes come from: each error region's share of the loss, summed by what kind of error it was.

The Shapley values of a sample's error regions add up to what the sample lost, so their sums over any grouping of the
regions add up to the outcomes lost. Beside its share of the loss stands each group's share of the errors; the ratio of
the two, its leverage, is 1 for an error that costs what the average error costs. Regions are grouped in six ways, the
last of which, rarity in the searched snippets, is kin to the weight that BM25 gives a word: read it beside the same
table of a retriever that gives no such weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from harness.analysis.statistics import percentile_intervals, resampled_ratios, rounded, share_intervals
from harness.analysis.word_classes import WORD_CLASSES
from harness.records import ErrorRegion, RetrievalOutcome, Sample, WordClass
from harness.words.rarity import BANDS, NO_LIST, Rarity
from harness.words.sounds.phones import phone_distance

Grouping = Literal["class", "notation", "band", "kind", "phone_distance", "document_frequency"]
INSERTED = "insertion"  # an insertion has no reference word whose rarity could count
ONE_SIDED = "deletion or insertion"  # one of the two texts has no word here: no sounds to compare
NOTATION, MISRECOGNISED = "notation variant", "misrecognised"
_QUARTERS = ("[0,.25)", "[.25,.5)", "[.5,.75)", "[.75,1]")
_DOCUMENTS = {"0": 0, "1-3": 1, "4-15": 4, "16-63": 16, "64+": 64}  # each from this many snippets on
GROUPS: Mapping[Grouping, tuple[str, ...]] = {
    "class": WORD_CLASSES,
    "notation": (NOTATION, MISRECOGNISED),
    "band": (*BANDS, NO_LIST, INSERTED),
    "kind": ("substitution", "split", "merge", "deletion", "insertion"),
    "phone_distance": (*_QUARTERS, ONE_SIDED),
    "document_frequency": (*_DOCUMENTS, INSERTED),
}
_COLUMNS = tuple((by, group) for by, groups in GROUPS.items() for group in groups)
_COLUMN = {column: index for index, column in enumerate(_COLUMNS)}
# What is counted of each region; `injected` and `repaired` say in how many the two questions after them could be asked.
_REGIONS, _LOSS, _INJECTED, _BROKEN, _REPAIRED, _RESTORED = range(6)
_YES_OR_NO = (0, 2, 3)  # among region_share, loss_share, break_rate, repair_rate: those that count regions


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; `None` where nothing could be counted."""

    value: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True)
class Attribution:
    """What the error regions of one group cost. `by` names the grouping, a key of `GROUPS`.

    lost: the sum of the regions' Shapley values over samples whose outcome was lost.
    leverage: loss_share / region_share.
    break_rate: of the `injected` regions, those of questions whose reference text reaches the outcome, the share that
    loses it when it is the only error.
    repair_rate: of the `repaired` regions, those of samples whose outcome was lost, the share that returns it when it is
    the only one repaired.
    """

    backend: str
    condition: str
    retriever: str
    by: Grouping
    group: str
    regions: int
    injected: int
    repaired: int
    lost: float
    region_share: Estimate
    loss_share: Estimate
    leverage: Estimate
    break_rate: Estimate
    repair_rate: Estimate


def attribute(
    samples: Iterable[Sample],
    cell: tuple[str, str, str],
    order: Mapping[str, int],
    weights: NDArray[np.float64],
    document_frequencies: Mapping[str, int],
    rarity: Rarity,
) -> tuple[Attribution, ...]:
    """A row for every group that has a region, grouping by grouping; none where no counterfactual is known.

    `cell` is backend, condition and retriever; `order` maps question ids to the columns of `weights`,
    float64[n_resamples, n_questions]; `document_frequencies` maps words to how many snippets have them. Failed samples
    have no regions, so an outcome that was lost with the recording is not in the sums.
    """
    sums = np.zeros((weights.shape[1], len(_COLUMNS), _RESTORED + 1))
    for sample in samples:
        outcome = sample.retrieval.get(cell[2])
        if sample.status != "ok" or outcome is None or outcome.counterfactual is None:
            continue
        for region, word_class, counts in zip(
            sample.error_regions, sample.region_classes, _counted(outcome), strict=True
        ):
            groups = _groups(sample, region, word_class, document_frequencies, rarity)
            sums[order[sample.question_id], [_COLUMN[group] for group in groups]] += counts
    return tuple(_rows(cell, sums, weights)) if sums[:, :, _REGIONS].any() else ()


def lost_shares(outcome: RetrievalOutcome) -> tuple[float, ...]:
    """The Shapley value of each error region where the outcome was lost, and 0 for each where it was not."""
    if outcome.counterfactual is None:
        return ()
    values = outcome.counterfactual.shapley
    return values if outcome.fate == "lost" else (0.0,) * len(values)


def region_words(sample: Sample, region: ErrorRegion) -> tuple[list[str], list[str]]:
    """The reference words and the hypothesis words of an error region, as normalised tokens."""
    reference = [step.reference for step in sample.alignment if step.reference is not None]
    hypothesis = [step.hypothesis for step in sample.alignment if step.hypothesis is not None]
    return (
        reference[region.reference_start : region.reference_end],
        hypothesis[region.hypothesis_start : region.hypothesis_end],
    )


def document_frequency_group(frequency: int) -> str:
    """The member of `GROUPS["document_frequency"]` that a number of snippets lies in."""
    return [group for group, least in _DOCUMENTS.items() if frequency >= least][-1]


def phone_distance_group(distance: float) -> str:
    """The quarter of [0, 1] that a phone distance lies in."""
    return _QUARTERS[min(int(4 * distance), 3)]


def _counted(outcome: RetrievalOutcome) -> Iterator[tuple[float, ...]]:
    """The counts of each region, in the order of `_REGIONS` to `_RESTORED`."""
    counterfactual = outcome.counterfactual
    if counterfactual is None:
        return
    reached, lost = counterfactual.from_reference > 0, outcome.fate == "lost"
    for region, share in enumerate(lost_shares(outcome)):
        broken = reached and counterfactual.inject_one[region] == 0
        restored = lost and region in outcome.restored_by
        yield (1, share, reached, broken, lost, restored)


def _groups(
    sample: Sample,
    region: ErrorRegion,
    word_class: WordClass,
    document_frequencies: Mapping[str, int],
    rarity: Rarity,
) -> tuple[tuple[Grouping, str], ...]:
    """The groups that a region is in, one of each grouping."""
    reference, hypothesis = region_words(sample, region)
    fewest = min((document_frequencies.get(word, 0) for word in reference), default=None)
    return (
        ("class", word_class),
        ("notation", NOTATION if region.notation else MISRECOGNISED),
        ("band", rarity.rarest_band(reference) if reference else INSERTED),
        ("kind", region.kind),
        (
            "phone_distance",
            phone_distance_group(phone_distance(reference, hypothesis, rarity.language))
            if reference and hypothesis
            else ONE_SIDED,
        ),
        ("document_frequency", INSERTED if fewest is None else document_frequency_group(fewest)),
    )


def _rows(cell: tuple[str, str, str], sums: NDArray[np.float64], weights: NDArray[np.float64]) -> Iterator[Attribution]:
    """`sums` is float64[n_questions, n_groups, n_counts]."""
    all_regions = sums[:, : len(GROUPS["class"])].sum(axis=1, keepdims=True)  # every region has one class
    tops = sums[:, :, [_REGIONS, _LOSS, _BROKEN, _RESTORED]]
    bottoms = np.concatenate(
        [
            np.broadcast_to(all_regions[:, :, [_REGIONS, _LOSS]], (*sums.shape[:2], 2)),
            sums[:, :, [_INJECTED, _REPAIRED]],
        ],
        axis=2,
    )
    points = _with_leverage(_ratios(tops.sum(axis=0), bottoms.sum(axis=0))[None])[0]  # (n_groups, n_ratios)
    flat = resampled_ratios(tops.reshape(len(tops), -1), bottoms.reshape(len(tops), -1), weights)
    drawn = _with_leverage(flat.reshape(len(weights), *tops.shape[1:]))
    bounds = percentile_intervals(drawn.reshape(len(drawn), -1))
    low, high = bounds.low.reshape(points.shape), bounds.high.reshape(points.shape)
    for ratio in _YES_OR_NO:
        shares = share_intervals(tops[:, :, ratio], bottoms[:, :, ratio])
        low[:, ratio], high[:, ratio] = shares.low, shares.high
    totals = sums.sum(axis=0)
    for index, (by, group) in enumerate(_COLUMNS):
        if totals[index, _REGIONS] == 0:
            continue
        region_share, loss_share, break_rate, repair_rate, leverage = (
            Estimate(*(rounded(part[index, ratio]) for part in (points, low, high))) for ratio in range(points.shape[1])
        )
        yield Attribution(
            *cell, by, group,
            regions=int(totals[index, _REGIONS]),
            injected=int(totals[index, _INJECTED]),
            repaired=int(totals[index, _REPAIRED]),
            lost=round(float(totals[index, _LOSS]), 9),
            region_share=region_share,
            loss_share=loss_share,
            leverage=leverage,
            break_rate=break_rate,
            repair_rate=repair_rate,
        )  # fmt: skip


def _ratios(tops: NDArray[np.float64], bottoms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Element by element; NaN where the denominator is 0."""
    ratios: NDArray[np.float64] = np.divide(tops, bottoms, out=np.full(tops.shape, np.nan), where=bottoms > 0)
    return ratios


def _with_leverage(ratios: NDArray[np.float64]) -> NDArray[np.float64]:
    """With share of the loss / share of the regions as one more: float64[n_resamples, n_groups, n_ratios + 1]."""
    return np.concatenate([ratios, _ratios(ratios[:, :, 1:2], ratios[:, :, :1])], axis=2)
