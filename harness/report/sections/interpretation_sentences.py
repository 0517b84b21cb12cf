"""What the report says of interpretation: each sentence is decided by a test, or states figures and no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.analysis.interpretation.result import PairedTest, Setting, Split, System
from harness.analysis.rules import Rules
from harness.report.numbers import figure
from harness.report.phrasing import listing
from harness.report.sections.interpretation_figures import (
    UNSEEN,
    Interpreted,
    change,
    cost,
    in_points,
    is_significant,
    score,
    shown,
)

_EXACT, _INTENT, _SLOTS = "exact_interpretation", "intent_accuracy", "slot_f1"


def sentences(of: Interpreted) -> Iterator[str]:
    """Yield where each cascade loses, what another model of text changes, and how systems without words compare."""
    whole = {system.label: split for system, split in of.splits(_EXACT if of.has_slots else _INTENT)}
    intents = {system.label: split for system, split in of.splits(_INTENT)}
    slots = {system.label: split for system, split in of.splits(_SLOTS)}
    for label, split in whole.items():
        if split.transcription is not None:
            yield _loss(label, split, intents.get(label), slots.get(label))
    yield from _interpreters(of)
    for system in of.by_kind["end-to-end"]:
        yield from _end_to_end(of, system)
    yield from _lexicons(of)
    yield from (f"{note}." if not note.endswith(".") else note for note in of.study.notes)


def _loss(label: str, whole: Split, intent: Split | None, slots: Split | None) -> str:
    kind = score(whole.metric)
    text = (
        f"{label}: {kind.heading} is {figure(whole.hypothesis, kind)} from the hypotheses and {figure(whole.reference, kind)} "
        f"from the reference text. {_transcription(whole)}; the reference text itself lacks "
        f"{in_points(whole.interpretation, whole.metric)}."
    )
    if slots is None or intent is None or slots.transcription is None or intent.transcription is None:
        return text
    parts = " and ".join(
        f"{score(split.metric).heading} {_change(split)} ({'' if is_significant(split.p_holm) else 'not '}significant)"
        for split in (intent, slots)
    )
    return f"{text} By transcription, {parts}."


def _transcription(split: Split) -> str:
    lost = split.transcription or 0.0
    if lost == 0:
        return f"Transcription costs nothing on balance ({cost(split)})"
    return f"Transcription {'costs' if lost > 0 else 'gains'} {cost(split)}"


def _change(split: Split) -> str:
    lost = split.transcription or 0.0
    verb = "falls by" if lost > 0 else "rises by" if lost < 0 else "changes by"
    return f"{verb} {in_points(abs(lost), split.metric)}"


def _interpreters(of: Interpreted) -> Iterator[str]:
    """Yield what each other interpreter changes, text by text."""
    main = of.study.main_interpreter
    interpreter_of = {system.label: system.interpreter for system in of.study.systems}
    source_of = {system.label: source(system) for system in of.study.systems}
    for other in dict.fromkeys(s.interpreter for s in of.study.systems if s.interpreter not in ("", main)):
        tests = [test for test in of.tests("interpreters", _INTENT) if interpreter_of[test.b] == other]
        if not tests:
            continue
        told = _ordered(tests, [source_of[test.b] for test in tests])
        yield f"With {other} in place of {main}, {score(_INTENT).heading} is {told}."


def _end_to_end(of: Interpreted, system: System) -> Iterator[str]:
    """Yield how a system without words compares with the cascades, on new questions and on those that it was trained on."""
    learns_names = of.finds_learnt_names_only(system)
    for name in (_INTENT, _EXACT):
        if not (name == _EXACT and learns_names) and (told := _against_cascades(of, system, name)):
            yield f"{system.label}, without words: {told}."
    if of.has_slots and learns_names:
        recall = of.figure(system, "slot_recall", group="entity:unseen")
        told = "" if recall is None else f": of others its slot recall is {shown(recall)}"
        yield f"{system.label} writes down no sounds, and so predicts only names that it was trained on{told}."
    whole = _EXACT if of.has_slots else _INTENT
    if of.seen_folds and (told := _against_cascades(of, system, whole, of.seen_folds)):
        yield f"{system.label} on questions that every model was trained on, from other speakers: {told}."


def _against_cascades(of: Interpreted, system: System, name: str, folds: str = "") -> str:
    """Return a score, and which cascades it is significantly higher or lower than; empty without a test."""
    tests = [test for test in of.tests("end-to-end", name, folds) if test.b == system.label]
    own = of.figure(system, name, folds=folds)
    if not tests or own is None:
        return ""
    return f"{score(name).heading} is {shown(own)}, {_ordered(tests, [test.a for test in tests], than=True)}"


def _ordered(tests: Sequence[PairedTest], names: Sequence[str], *, than: bool = False) -> str:
    """Return which differences are significantly up, down, or not significant, with the sizes of those that are."""
    kinds: dict[str, list[str]] = {"higher": [], "lower": [], "": []}
    for test, name in zip(tests, names, strict=True):
        up = (test.delta or 0.0) > 0
        kind = ("higher" if up else "lower") if is_significant(test.p_holm) else ""
        kinds[kind].append(f"{name} ({change(test)})" if kind else name)
    preposition = "than" if than else "on"
    parts = [
        f"significantly {kind} {preposition} {listing(kinds[kind])}" for kind in ("higher", "lower") if kinds[kind]
    ]
    if kinds[""]:
        every = "any text" if not than else "any cascade"
        which = every if len(kinds[""]) == len(tests) > 1 else listing(kinds[""])
        negated = "neither significantly higher nor lower"
        parts.append(f"{negated} {preposition} {which}")
    return "; ".join(parts)


def _lexicons(of: Interpreted) -> Iterator[str]:
    """Yield what more names in the lexicon do to the slots of each cascade, and where there are fewer than asked for."""
    sizes = sorted({n for _, n in of.study.distractors})
    if of.has_slots and len(sizes) > 1:
        told = []
        for system in of.by_kind["cascade"]:
            ends = [
                of.of_setting(system, Setting(of.folds, of.study.main_slots, n), _SLOTS) for n in (sizes[0], sizes[-1])
            ]
            if all(end is not None and end.value is not None for end in ends):
                told.append(f"{source(system)} {shown(ends[0])} and {shown(ends[1])}")
        if told:
            yield (
                f"Slot F1 by {of.study.main_slots} look-up, with {sizes[0]:,} and with {sizes[-1]:,} other names in the lexicon: "
                f"{'; '.join(told)}."
            )
    for wanted, had in of.study.distractors:
        if of.has_slots and had < wanted:
            yield f"{wanted:,} distractors were asked for; titles and texts of the suite's snippets give {had:,}."


def after(of: Interpreted, rules: Rules) -> Iterator[str]:
    """Yield how it was measured. `rules` tell whether names are guessed."""
    study = of.study
    yield (
        f"The intent of a question is its tag {study.intent}: {study.n_intents} intents of {study.n_questions} questions "
        f"({study.n_utterances} utterances); always predicting the most frequent one would be right for "
        f"{100 * study.most_frequent:.1f} %."
        + (f" {study.n_without_intent} questions without the tag are left out." if study.n_without_intent else "")
    )
    folds = [f"{n} folds of {_what(by)}" for by, n in study.folds]
    learnt = "the reference texts" if study.trained_on == "reference" else "each backend's own hypotheses"
    yield (
        f"Every model is judged on what it was not trained on, in {listing(folds)}; figures are of the first unless a column "
        f"says otherwise. Interpreters of text learn from {learnt} of the training folds, end-to-end systems from recordings. "
        "All that learn share one classifier, a logistic regression."
    )
    if of.has_slots:
        yield (
            f"Slots are the {rules.names} of the question, looked up in a lexicon of the suite's {study.n_names} names and "
            f"{study.main_distractors:,} others unless a column says otherwise; the threshold of a look-up is set on the "
            f"training folds. The main look-up is {study.main_slots}, the main interpreter {study.main_interpreter}."
        )
    yield (
        "What is lost to transcription is the score of the reference text minus that of the hypotheses; what is lost to "
        "interpretation is what the reference text lacks. Tests flip the signs of whole questions. IRER and SemER are our "
        "reading of the papers that use them."
    )


def source(system: System) -> str:
    """Return what is interpreted: `reference text`, or a backend under its condition."""
    return system.label.rpartition(", ")[0] if system.interpreter else system.label


def unseen(folds: str) -> str:
    """Return what a model has not seen that is judged by these folds."""
    if folds in UNSEEN:
        return (
            "questions that no model has seen" if folds == "question" else "questions and names that no model has seen"
        )
    return "speakers that no model was trained on"


def _what(by: str) -> str:
    return {"question": "questions", "entity": "questions that share no name", "speaker": "speakers"}.get(by, by)
