"""Where the loss comes from: rare entity words and other words, beside their shares of the error regions."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.summary import Row
from harness.report.model import Arm
from harness.report.numbers import FEWEST, value, with_interval
from harness.report.verdict.case import Case, known, n_of
from harness.report.verdict.records import Finding
from harness.report.verdict.wording import quotable

_HEADING = "Where does the loss come from?"
_OTHERS = (
    ("rare_other", "other rare words"),
    ("content", "other content words"),
    ("function", "function words"),
)


def where_the_loss_comes_from(case: Case) -> Iterator[Finding]:
    """Of the best candidate that lost enough; else that too little was lost to say."""
    if not case.by_outcome:
        return
    arm = case.telling
    if arm is None:
        most = max(case.candidates, key=case.n_lost)
        n = case.n_lost(most)
        few = f"No candidate loses more than {n} {case.noun}: fewer than {FEWEST} are too few to attribute."
        yield case.finding(_HEADING, [few if n else f"No {case.noun} are lost."])
        return
    share, regions = case.row(arm, "loss_share_rare", None), case.row(arm, "region_share_rare")
    if not known(share):
        return
    n = n_of(share) or case.n_lost(arm)
    part = "All" if share is not None and share.value == 1 == share.ci_low else _part(case, share)
    sentence = f"{part} of the {n} {case.noun} that {arm[0]} loses fall to rare entity words"
    region_share = case.figures.metric("region_share_rare")
    if regions is not None and quotable(regions, region_share):
        n_regions = f"{n_of(regions)} " if n_of(regions) else ""
        sentence += f", which are {with_interval(regions, region_share)} of its {n_regions}error regions"
    rest = [(words, case.row(arm, f"loss_share_{name}", None)) for name, words in _OTHERS]
    told = [f"{words} {_part(case, row)}" for words, row in rest if row is not None and row.value]
    rested = f"{sentence}." + (f" The rest: {', '.join(told)}." if told else "")
    yield case.finding(_HEADING, [rested, *_notation(case, arm)])


def _notation(case: Case, arm: Arm) -> Iterator[str]:
    """What falls to words that were recognised and are written in another way, if there are any."""
    share, loss = case.row(arm, "notation_share"), case.row(arm, "loss_share_notation", None)
    if share is None or loss is None or not share.value or loss.value is None:
        return
    yield (
        f"Notation variants, right words in another spelling, are {with_interval(share, case.figures.metric('notation_share'))} "
        f"of its error regions and {_part(case, loss)} of the loss."
    )


def _part(case: Case, row: Row | None) -> str:
    """A part of the loss; without an interval where every resample gives the same, which is a limit of the method, no proof."""
    metric = case.figures.metric("loss_share_rare")
    if row is not None and row.ci_low == row.ci_high:
        return value(row, metric)
    return with_interval(row, metric)
