"""What to do first: bias phrases, another retriever, corrections, in the order of how many losses each recovers."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.agreement import Agreement, RetrieverComparison
from harness.analysis.attribution import Estimate, region_words
from harness.report.model import Arm
from harness.report.numbers import FEWEST, p_text, with_interval
from harness.report.phrasing import significance
from harness.report.sections import mitigations
from harness.report.verdict.case import Case, as_number, known, n_of
from harness.report.verdict.lists import won_by_lists
from harness.report.verdict.records import BiasPhrases, Finding

_INFORMS = 0.9  # where nearly every loss is recoverable by one correction, saying so informs nobody
_FIRST = 5  # phrases that stand in the sentence
_EXAMPLES = 2

Remedy = tuple[float, str]  # how many outcomes it recovers, and the sentences


def what_to_do_first(case: Case, bias: BiasPhrases | None) -> Iterator[Finding]:
    """Remedies for the losses of the best candidate that lost enough, the one that recovers most first.

    Where the run has judged repairs, the one that its scoreboard puts first comes first: that was measured, with what it breaks.
    Where none helps, that comes before anything else. A terminal has no room for later ones that recover a single loss, nor
    for any after a repair.
    """
    remedies = sorted(_remedies(case, bias), key=lambda remedy: -remedy[0])
    texts = [text for _, text in remedies]
    repaired, helps = _repairs(case)
    if helps:
        texts, remedies = [repaired, *texts], []
    elif repaired:
        texts = [" ".join([repaired, *texts[:1]]), *texts[1:]]
    if texts:
        yield case.finding("What to do first?", texts[:1])
    if texts[1:]:
        in_short = any(recovered > 1 for recovered, _ in remedies[1:])
        yield case.finding("What to do next?", texts[1:], in_short=in_short)


def _repairs(case: Case) -> tuple[str, bool]:
    """What the scoreboard of repairs says of the backend, and whether one helps; empty without one with this retriever."""
    result, arm = mitigations.scoreboards(case.report), _remedied(case)
    if result is None or arm is None or result.retriever != case.retriever or not case.by_outcome:
        return "", False
    return mitigations.what_to_do_first(case.report, arm, is_taken=arm == case.candidates[0])


def _remedied(case: Case) -> Arm | None:
    """The backend that remedies are for: the best candidate that lost enough, or else the best."""
    return case.telling or (case.candidates[0] if case.candidates else None)


def _remedies(case: Case, bias: BiasPhrases | None) -> Iterator[Remedy]:
    arm = _remedied(case)
    if arm is None:
        return
    n_lost = case.n_lost(arm) if case.by_outcome else 0
    sentences = list(_phrases(case, bias))
    if case.by_outcome and bias is not None and bias.backend == arm[0]:
        sentences += _of_classes(case, arm)
    if case.by_outcome:
        sentences += won_by_lists(case)
    if sentences:
        rare = case.row(arm, "class_repair_rare", None)
        value = rare.value if rare is not None and rare.value is not None else 1.0
        yield value * n_lost, " ".join(sentences)
    if case.by_outcome:
        yield from _notation(case, arm)
        yield from _retriever(case, arm)
        yield from _corrections(case, arm)


def _phrases(case: Case, bias: BiasPhrases | None) -> Iterator[str]:
    if bias is None or not bias.phrases:
        return
    first = [f"{phrase.text} ({phrase.cost})" for phrase in bias.phrases[:_FIRST]]
    more = f" and {len(bias.all) - len(first)} more" if len(bias.all) > len(first) else ""
    is_taken = case.candidates and case.candidates[0][0] == bias.backend
    give = f"Give {bias.backend}" if is_taken else f"Should you keep {bias.backend}, give it"
    yield f"{give} a bias list (with the {bias.counted}): {', '.join(first)}{more}."


def _of_classes(case: Case, arm: Arm) -> Iterator[str]:
    """What returns when rare entity words alone are right, the bound of what a list can do, and when all others are."""
    if case.n_lost(arm) < FEWEST:
        return
    rare, other = (case.row(arm, f"class_repair_{of}", None) for of in ("rare", "other"))
    if not known(rare) or not known(other):
        return
    metric = case.figures.metric("class_repair_rare")
    yield (
        f"Of the {n_of(rare) or case.n_lost(arm)} {case.noun} that it loses, correcting only rare entity words recovers "
        f"{with_interval(rare, metric)}, only all others {with_interval(other, metric)}."
    )


def _notation(case: Case, arm: Arm) -> Iterator[Remedy]:
    """The losses that the index's normaliser recovers: they return when notation variants alone are corrected."""
    row = case.row(arm, "class_repair_notation", None)
    if row is None or not row.value:
        return
    n = n_of(row) or case.n_lost(arm)
    recovered = round(row.value * n)
    between = "" if row.ci_low is None or row.ci_high is None else f" [{row.ci_low * n:.0f}, {row.ci_high * n:.0f}]"
    examples = [f"{hypothesis} for {reference}" for reference, hypothesis in _variants(case, arm)]
    such = f" ({', '.join(examples[:_EXAMPLES])})" if examples else ""
    yield (
        recovered,
        f"{recovered}{between} of the {n} {case.noun} that {arm[0]} loses return when notation variants alone are corrected"
        f"{such}: the right words in another spelling, which the index has to read alike; no recogniser is at fault.",
    )


def _variants(case: Case, arm: Arm) -> list[tuple[str, str]]:
    """The notation variants that lose an outcome alone: reference words and hypothesis words, each pair once."""
    pairs: dict[tuple[str, str], None] = {}
    for sample in case.report.samples:
        outcome = sample.retrieval.get(case.retriever or "")
        if (sample.backend, sample.condition) != arm or outcome is None or outcome.fate != "lost":
            continue
        for index in outcome.restored_by:
            region = sample.error_regions[index]
            reference, hypothesis = map(" ".join, region_words(sample, region))
            if region.notation and reference and hypothesis:
                pairs[reference, hypothesis] = None
    return list(pairs)


def _retriever(case: Case, arm: Arm) -> Iterator[Remedy]:
    """The other retriever that recovers most of what this one lost on the same transcripts, and what it costs."""
    pairs = [a for a in case.report.summary.agreement if (a.backend, a.condition, a.a) == (*arm, case.retriever)]
    pairs = [pair for pair in pairs if pair.lost_a >= FEWEST and pair.rescued.value is not None]
    if not pairs:
        return
    best = max(pairs, key=lambda pair: pair.rescued.value or 0.0)
    recovered = round((best.rescued.value or 0.0) * best.lost_a)
    text = (
        f"{best.b} recovers {recovered}{_between(best.rescued, best.lost_a)} of the {best.lost_a} {case.noun} that {best.a} "
        f"loses with {arm[0]}."
    )
    yield recovered, " ".join([text, *_given_up(case, arm, best), *_in_all(case, arm, best)])


def _given_up(case: Case, arm: Arm, pair: Agreement) -> Iterator[str]:
    """What the other retriever does not reach of what this one reaches, from the hypothesis and from the reference text."""
    of_hypothesis = sum(as_number(case.row(arm, fate, None)) for fate in ("kept", "gained"))
    of_reference = sum(as_number(case.row(arm, fate, None)) for fate in ("kept", "lost"))
    parts = [
        f"{_of(harm, n)} that {pair.a} reaches from the {source}"
        for harm, n, source in (
            (pair.harmed, of_hypothesis, "hypothesis"),
            (pair.harmed_reference, of_reference, "reference text"),
        )
        if n >= FEWEST
    ]
    if parts:
        yield f"It gives up {' and '.join(parts)}."


def _in_all(case: Case, arm: Arm, pair: Agreement) -> Iterator[str]:
    """The stored test of the two retrievers in the outcome from the hypothesis, where it is of the run's first one."""
    wanted = (*arm, pair.a, pair.b, case.outcome.name, "hypothesis")
    for c in case.report.summary.retriever_comparisons:
        if (c.backend, c.condition, c.a, c.b, c.metric, c.source) == wanted and c.delta is not None:
            yield f"{pair.b} against {pair.a}, {case.outcome.heading} from the hypothesis: {_tested(c)}."


def _tested(c: RetrieverComparison) -> str:
    delta, low, high = (100 * (end or 0.0) for end in (c.delta, c.ci_low, c.ci_high))
    text = f"{delta:+.1f} points [{low:+.1f}, {high:+.1f}]"
    if c.p_holm is None:
        return f"{text}, no test"
    return f"{text}, Holm-adjusted {p_text(c.p_holm)}, {significance(c.p_holm)}"


def _of(estimate: Estimate, n: int) -> str:
    return f"{round((estimate.value or 0.0) * n)}{_between(estimate, n)} of {n}"


def _between(estimate: Estimate, n: int) -> str:
    """The interval as numbers of outcomes."""
    if estimate.ci_low is None or estimate.ci_high is None:
        return ""
    return f" [{estimate.ci_low * n:.0f}, {estimate.ci_high * n:.0f}]"


def _corrections(case: Case, arm: Arm) -> Iterator[Remedy]:
    """How many losses one correction recovers, where that is not nearly all of them."""
    row, metric = case.row(arm, "one_repair_share", None), case.figures.metric("one_repair_share")
    if row is None or row.value is None or case.n_lost(arm) < FEWEST or row.value >= _INFORMS:
        return
    yield (
        -1.0,
        f"One correction recovers {with_interval(row, metric)} of the {n_of(row) or case.n_lost(arm)} {case.noun} that {arm[0]} "
        "loses.",
    )
