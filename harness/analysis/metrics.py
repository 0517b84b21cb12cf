"""The one table of metrics: name, family, unit, which direction is better, test, heading and meaning of each.

Tables, page, Markdown, exports, gates and `--metric` read it here. A new metric is a row of `_TABLE` and the function that
counts it (`analysis.measures`, or `analysis.ranking_metrics` for a cut-off of its own in `RANKED`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal

from harness.analysis.rules import BY_TEXT, Rules, at_rank
from harness.errors import UnknownName
from harness.words.runaway import REPEATS, WORDS_A_SECOND

Family = Literal["recognition", "retrieval", "answer", "interpretation", "cause", "bias_list", "time"]
Unit = Literal["share", "rate", "score", "count", "mean", "ratio", "seconds"]
Test = Literal["mcnemar", "mapsswe", "sign-flip"]
Source = Literal["reference", "hypothesis"]

HAS_ANSWER: Final = ("has_answer@1", "has_answer@5", "has_answer@10")
RANKED: Final = ("hit@1", "hit@5", "hit@10", "rr@10", "ndcg@10", *HAS_ANSWER)  # what every ranking is judged by
FATES: Final = ("lost", "gained", "kept", "never", "retained")  # of the run's outcome
_USUAL: Final = Rules()


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric. `meaning` is one sentence for a newcomer.

    unit: `share` of yes/no outcomes, `rate` of one sum over another (per cent), `score` in [0, 1], `count`, `mean`, `ratio`
    or `seconds`. better: the direction that is better, `None` where neither is. test: how a paired difference is tested
    where each question has one recording. of: what the denominator counts. sources: of which texts there is a figure; `None`
    where it is of both together. main: whether it stands in the tables of terminal, page and notebook; the others stand in
    the details of page and report. compared: whether backends are compared in it unless other metrics are asked for.
    """

    name: str
    family: Family
    unit: Unit
    heading: str
    meaning: str
    of: str = "utterances"
    better: Literal["lower", "higher"] | None = None
    test: Test = "sign-flip"
    sources: tuple[Source | None, ...] = (None,)
    main: bool = False
    compared: bool = False


_ASR: Final = ("hypothesis",)
_BOTH: Final = ("reference", "hypothesis")

_TABLE: Final = (
    # ---- recognition
    Metric(
        "wer", "recognition", "rate", "WER", "Word error rate: substituted, deleted and inserted words, per reference word.",
        of="reference words", better="lower", test="mapsswe", sources=_ASR, main=True, compared=True,
    ),
    Metric(
        "common_wer", "recognition", "rate", "common WER", "The same over common words only.",
        of="common words", better="lower", sources=_ASR, main=True, compared=True,
    ),
    Metric(
        "rare_wer", "recognition", "rate", "rare WER", "The same over rare words only ({rare}).",
        of="rare words", better="lower", sources=_ASR, main=True, compared=True,
    ),
    Metric(
        "entity_recall", "recognition", "share", "entity recall{guessed}",
        "Of the {names}, the share whose every word is right, in whatever notation.",
        of="{names}", better="higher", sources=_ASR, main=True, compared=True,
    ),
    Metric(
        "notation_share", "recognition", "share", "notation variants",
        "Of all error regions, those whose words are right and differ in notation only: spacing, abbreviation, number, "
        "spelling of the same sound.",
        of="error regions", sources=_ASR,
    ),
    Metric(
        "false_rare_insertions", "recognition", "count", "rare-word false alarms",
        "Rare words in the hypotheses that are not in the reference. Bias lists win names and can also insert them.",
        better="lower", sources=_ASR, main=True, compared=True,
    ),
    Metric(
        "cer", "recognition", "rate", "CER", "Character error rate, per reference character.",
        of="reference characters", better="lower", sources=_ASR,
    ),
    Metric(
        "runaway_rate", "recognition", "share", "runaway rate",
        f"Share of utterances whose transcript ran away: over {WORDS_A_SECOND:g} words a second, or a phrase {REPEATS} times or "
        "more in a row.",
        better="lower", test="mcnemar", sources=_ASR,
    ),
    Metric(
        "runaway_insertions", "recognition", "rate", "runaway insertions",
        "Inserted words of those transcripts, per reference word: the part of WER that they alone make up.",
        of="reference words", better="lower", sources=_ASR,
    ),
    # ---- retrieval
    Metric(
        "hit@{k}", "retrieval", "share", "hit@{k}",
        "Share of utterances with a relevant snippet {at_k}, searching with the text.",
        better="higher", test="mcnemar", sources=_BOTH,
    ),
    Metric(
        "rr@{k}", "retrieval", "score", "RR@{k}", "Reciprocal rank of the first relevant snippet, 0 beyond rank {k}, averaged.",
        better="higher", sources=_BOTH,
    ),
    Metric(
        "ndcg@{k}", "retrieval", "score", "nDCG@{k}",
        "How far up all relevant snippets stand in the first {k}: 1 is the best order.",
        better="higher", sources=_BOTH,
    ),
    Metric(
        "has_answer@{k}", "retrieval", "share", "answer in top {k}",
        "Share of utterances with a snippet {at_k} that has an accepted answer in it, word for word (the rule of DPR).",
        better="higher", test="mcnemar", sources=_BOTH,
    ),
    Metric(
        "has_answer_any_notation@{k}", "retrieval", "share", "answer in top {k}, any notation",
        "The same with numbers, dates, units and names in whatever notation.",
        better="higher", test="mcnemar", sources=_BOTH,
    ),
    Metric(
        "has_answer_lost@{k}", "retrieval", "share", "answer in top {k} lost",
        "Such a snippet stands {at_k} from the reference, and from the hypothesis none does.",
        better="lower", test="mcnemar",
    ),
    Metric(
        "has_answer_retained@{k}", "retrieval", "share", "answer in top {k} retained",
        "Of the utterances with such a snippet {at_k} from the reference, the share with one from the hypothesis too.",
        of="utterances with an answer in the top {k} from the reference", better="higher",
    ),
    # ---- what became of the run's outcome; of answers where the run judges by answers
    Metric(
        "lost", "retrieval", "share", "{noun} lost", "The reference reaches the outcome ({reached}), the hypothesis does not.",
        better="lower", test="mcnemar", main=True, compared=True,
    ),
    Metric(
        "gained", "retrieval", "share", "{noun} gained", "The reverse: reached from the hypothesis only.",
        better="higher", test="mcnemar",
    ),
    Metric(
        "retained", "retrieval", "share", "retained",
        "Of the {noun} that the reference reaches, the share that the hypothesis reaches too.",
        of="{noun} from the reference", better="higher", main=True,
    ),
    Metric("kept", "retrieval", "share", "{noun} kept", "Reached from both texts.", test="mcnemar"),
    Metric("never", "retrieval", "share", "never", "Reached from neither text.", test="mcnemar"),
    # ---- answers
    Metric(
        "exact_match", "answer", "share", "EM",
        "Share of utterances answered with an accepted answer, exactly (the rule of SQuAD).",
        better="higher", test="mcnemar", sources=_BOTH, main=True, compared=True,
    ),
    Metric(
        "match_any_notation", "answer", "share", "EM, any notation",
        "Exact match with numbers, dates, units and names in whatever notation: $75 million is 75 million dollars.",
        better="higher", test="mcnemar", sources=_BOTH,
    ),
    Metric(
        "f1", "answer", "rate", "F1", "Words shared with the nearest accepted answer: a near miss counts in part.",
        better="higher", sources=_BOTH, compared=True,
    ),
    Metric(
        "reach", "answer", "share", "reach",
        "Of the utterances for which the reader was shown an accepted answer, searching with the reference text, the share that "
        "it answers exactly from that: under half, its answers cannot judge recognition.",
        of="utterances with an answer to read", better="higher", test="mcnemar", sources=("reference",),
    ),
    Metric(
        "reach_any_notation", "answer", "share", "reach, any notation",
        "The same with numbers, dates, units and names in whatever notation.",
        of="utterances with an answer to read", better="higher", test="mcnemar", sources=("reference",),
    ),
    Metric(
        "answers_lost", "answer", "share", "answers lost", "Answered exactly from the reference, not from the hypothesis.",
        better="lower", test="mcnemar", main=True,
    ),
    Metric(
        "answers_gained", "answer", "share", "answers gained", "The reverse: answered exactly from the hypothesis only.",
        better="higher", test="mcnemar",
    ),
    Metric(
        "retrieval_error_rate", "answer", "share", "retrieval errors",
        "Answers lost where the hypothesis found no snippet that bears the answer, of all utterances.",
        better="lower", test="mcnemar", main=True,
    ),
    Metric(
        "reader_error_rate", "answer", "share", "reader errors",
        "Answers lost although the hypothesis found such a snippet, of all utterances.",
        better="lower", test="mcnemar", main=True,
    ),
    Metric(
        "answer_in_reach", "answer", "share", "bearing snippet read",
        "Share of utterances for which a snippet that was read bears the answer: a relevant one, or where the suite does not say "
        "which are relevant, one with an accepted answer in it.",
        better="higher", test="mcnemar", sources=_BOTH,
    ),
    Metric(
        "answer_read", "answer", "share", "answer read",
        "Share of utterances for which a snippet that was read has an accepted answer in it, word for word.",
        better="higher", test="mcnemar", sources=_BOTH,
    ),
    Metric(
        "answer_read_any_notation", "answer", "share", "answer read, any notation",
        "The same in whatever notation.", better="higher", test="mcnemar", sources=_BOTH,
    ),
    Metric(
        "answer_support", "answer", "share", "supported", "Share of utterances whose answer rests on a snippet that bears it.",
        better="higher", test="mcnemar", sources=_BOTH,
    ),
    Metric(
        "refusal_rate", "answer", "share", "refused", "Share of utterances for which the answerer gave no answer.",
        test="mcnemar", sources=_BOTH,
    ),
    Metric(
        "answer_error_rate", "answer", "share", "answerer failed",
        "Share of utterances on which the answerer failed; they count as not answered.",
        better="lower", test="mcnemar", sources=_BOTH,
    ),
    # ---- interpretation
    Metric(
        "intent_accuracy", "interpretation", "share", "intent accuracy", "Share of utterances whose intent is predicted right.",
        better="higher", sources=_BOTH,
    ),
    Metric(
        "slot_precision", "interpretation", "rate", "slot precision", "Of the predicted names, those that the question asks for.",
        of="predicted slots", better="higher", sources=_BOTH,
    ),
    Metric(
        "slot_recall", "interpretation", "rate", "slot recall", "Of the names that are asked for, those that are predicted.",
        of="reference slots", better="higher", sources=_BOTH,
    ),
    Metric(
        "slot_f1", "interpretation", "rate", "slot F1",
        "Harmonic mean of slot precision and recall: 2 x right / (predicted + reference).",
        of="slots", better="higher", sources=_BOTH,
    ),
    Metric(
        "exact_interpretation", "interpretation", "share", "exact interpretation",
        "Share of utterances with the right intent and just the right slots; the interpretation error rate (IRER) is the rest.",
        better="higher", sources=_BOTH,
    ),
    Metric(
        "semer", "interpretation", "rate", "SemER",
        "Semantic error rate: substituted, deleted and inserted slots and wrong intents, per reference slot and intent.",
        of="slots and intents", better="lower", sources=_BOTH,
    ),
    # ---- causes and corrections
    Metric(
        "region_share_{class}", "cause", "share", "errors on {class}", "Of all error regions, those on {class}.",
        of="error regions", sources=_ASR,
    ),
    Metric(
        "loss_share_{class}", "cause", "rate", "loss by {class}",
        "Of the {noun} lost, the part that falls to errors on {class} (Shapley value).",
        of="{noun} lost",
    ),
    Metric(
        "leverage_rare", "cause", "ratio", "leverage",
        "Their share of the loss over their share of the error regions: 2 is an error that costs twice the average.",
    ),
    Metric(
        "inject_break_rate_{class}", "cause", "share", "break rate, {class}",
        "Of errors on {class}, each put alone into the reference text that reaches the outcome, the share that loses it.",
        of="error regions",
    ),
    Metric(
        "one_repair_share", "cause", "share", "by 1 correction",
        "Of the {noun} lost, those that return when one error region alone is corrected.", of="{noun} lost",
    ),
    Metric(
        "repair_{n}_share", "cause", "share", "by {corrections}",
        "Of the {noun} lost, those that return by at most {corrections}, each of one error region.", of="{noun} lost",
    ),
    Metric(
        "class_repair_{class}", "cause", "share", "by {class} alone",
        "Of the {noun} lost, those that return when all errors on {class} are corrected and nothing else.", of="{noun} lost",
    ),
    # ---- bias lists
    Metric("bias_listed", "bias_list", "mean", "listed", "Phrases in an utterance's bias list, on average.", sources=_ASR),
    Metric(
        "bias_distractors", "bias_list", "mean", "distractors",
        "Of those, the ones that are not in the question.", sources=_ASR,
    ),
    Metric(
        "bias_sent", "bias_list", "mean", "sent",
        "Of the phrases listed, those that fit into what the engine takes.", sources=_ASR,
    ),
    Metric(
        "bias_own_sent", "bias_list", "share", "own names sent",
        "Of the question's own names in the list, the share that fits in.",
        of="own names", sources=_ASR,
    ),
    Metric(
        "bias_preparation", "bias_list", "seconds", "preparation",
        "Seconds an utterance, by the clock, to make the engine ready for another list. They are no recognition time.",
        sources=_ASR,
    ),
    # ---- time
    Metric(
        "real_time_factor", "time", "ratio", "RTF", "Recognition time over audio duration, by the clock.",
        of="seconds of audio", better="lower", sources=_ASR, main=True,
    ),
    Metric(
        "processor_rtf", "time", "ratio", "processor RTF",
        "The same in processor time, all threads added up: what a busy machine does not change. Servers and accelerators "
        "have none.",
        of="seconds of audio", better="lower", sources=_ASR, main=True,
    ),
    Metric(
        "latency_p{n}", "time", "seconds", "p{n}",
        "{n} of 100 recordings were recognised within this time.", better="lower", sources=_ASR,
    ),
)  # fmt: skip

CLASS_NAMES: Final = {  # what metrics call the classes of words, and what people do
    "rare": "rare entity words", "rare_other": "other rare words", "content": "other content words", "function": "function words",
    "other": "all other words", "notation": "words in another notation",
}  # fmt: skip
_FIELDS: Final = {"k": r"(?P<k>[1-9]|10)", "n": r"(?P<n>\d+)", "class": f"(?P<class>{'|'.join(CLASS_NAMES)})"}


def metric(name: str, rules: Rules = _USUAL) -> Metric:
    """Return the metric of that name, its words filled in for these rules. Raises `UnknownName`."""
    return _filled(name, rules)


@cache
def _filled(name: str, rules: Rules) -> Metric:
    for pattern, row in _patterns():
        if match := pattern.fullmatch(name):
            return _with_words(replace(row, name=name), match.groupdict(), rules)
    raise UnknownName("metric", name, (row.name for row in _TABLE))


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Metric], ...]:
    """A pattern for each row: `hit@{k}` matches hit@1 to hit@10."""
    return tuple(
        (re.compile(re.sub(r"\\{(\w+)\\}", lambda field: _FIELDS[field[1]], re.escape(row.name))), row)
        for row in _TABLE
    )


def _with_words(row: Metric, fields: dict[str, str], rules: Rules) -> Metric:
    rank, n = fields.get("k", ""), fields.get("n", "")
    words = {
        **fields,
        "class": CLASS_NAMES.get(fields.get("class", ""), ""),
        "corrections": f"{n} correction{'' if n == '1' else 's'}",
        "at_k": at_rank(rank),
        "rare": rules.rarity,
        "names": rules.names,
        "guessed": " (guessed names)" if rules.guessed_names else "",
        "noun": rules.noun,
        "reached": rules.reached,
    }
    is_fate, is_outcome = row.name in FATES, row.name == rules.metric
    is_main = row.main or is_outcome or (rules.reads and row.name == "hit@1")
    leads = row.name == rules.error_rate
    same_as_lost = rules.metric == "exact_match" and row.name == "answers_lost"
    return replace(
        row,
        heading=row.heading.format(**words),
        meaning=row.meaning.format(**words),
        of=row.of.format(**words),
        family="answer" if is_fate and rules.reads else row.family,
        main=(is_main and not same_as_lost) or leads,
        compared=row.compared or is_outcome or leads or row.name in ("hit@1", BY_TEXT),
    )


def compared(rules: Rules) -> tuple[str, ...]:
    """Return the names of the metrics that backends are compared in unless others are asked for."""
    names = dict.fromkeys([*(row.name for row in _TABLE if "{" not in row.name), "hit@1", BY_TEXT, rules.metric])
    return tuple(kind.name for kind in ordered(names, rules) if kind.compared)


def is_known(name: str) -> bool:
    """Whether there is such a metric."""
    return any(pattern.fullmatch(name) for pattern, _ in _patterns())


def position(name: str) -> tuple[int, int, str]:
    """Where a metric stands among others: in the order of the table, cut-offs of one metric from the smallest up."""
    for index, (pattern, _) in enumerate(_patterns()):
        if match := pattern.fullmatch(name):
            return index, int(match.groupdict().get("k") or 0), name
    raise UnknownName("metric", name, (row.name for row in _TABLE))


def ordered(names: Iterable[str], rules: Rules) -> Iterator[Metric]:
    """The metrics of these names in the order of the table; the error rate that leads stands first."""
    return (
        metric(name, rules) for name in sorted(set(names), key=lambda name: (name != rules.error_rate, position(name)))
    )
