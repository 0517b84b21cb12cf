"""What the report says of interpretation: each outcome of a test has its sentence, and no other is used for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.analysis.interpretation.result import (
    LEARNT,
    SOUND,
    Figure,
    Interpretation,
    Kind,
    PairedTest,
    Setting,
    Split,
    System,
)
from harness.report.markdown import section_lines
from harness.report.model import Report
from harness.report.pictures.drawing import specification, svg
from harness.report.pictures.interpretation import by_band
from harness.report.sections.interpretation import interpretation
from harness.report.sections.interpretation_figures import Interpreted
from harness.report.sections.interpretation_sentences import sentences
from tests.report.summaries import arm, figures

MAIN = Setting("question", "fuzzy", 100)
BANDS = ("unseen", "[2,3)")


def system(label: str, kind: Kind = "cascade", interpreter: str = "ngrams") -> System:
    return System(f"{label}, {interpreter}" if interpreter else label, kind, label, interpreter, "")


REFERENCE, TINY, BASE = system("reference text", "reference"), system("tiny"), system("base")
PHONES, ENCODER = system("phones", "end-to-end", ""), system("encoder", "end-to-end", "")


def scores(of: System, *values: float, setting: Setting = MAIN, group: str = "all", n: int = 50) -> list[Figure]:
    """Intent accuracy, slot F1 and exact interpretation, and slot recall as slot F1."""
    names = ("intent_accuracy", "slot_f1", "exact_interpretation", "slot_recall")
    shown = (*values, values[1]) if len(values) == 3 else values
    return [
        Figure(of.label, setting, group, name, value, max(0, value - 0.1), min(1, value + 0.1), 4 * n, n)
        for name, value in zip(names, shown, strict=False)
    ]


def split(of: System, metric: str, reference: float, hypothesis: float, p: float | None) -> Split:
    lost = reference - hypothesis
    return Split(of.label, MAIN, metric, reference, hypothesis, lost, lost - 0.02, lost + 0.02, p, p, 50)


def paired(a: System, b: System, metric: str, delta: float, p: float | None, family: str = "end-to-end") -> PairedTest:
    return PairedTest(a.label, b.label, MAIN, metric, family, delta, delta - 0.02, delta + 0.02, p, p, 50)


def study(**of: Any) -> Interpretation:
    systems = of.pop("systems", (REFERENCE, TINY))
    usual: dict[str, Any] = {
        "figures": tuple(
            figure for one in systems for group in ("all", *(f"band:{band}" for band in BANDS))
            for figure in scores(one, 0.8, 0.7, 0.6, group=group)
        ),
        "splits": (), "tests": (), "distractors": ((100, 100),), "folds": (("question", 5),),
    }  # fmt: skip
    return Interpretation(
        **{
            "intent": "relation", "n_intents": 24, "n_questions": 50, "n_utterances": 200, "n_without_intent": 0,
            "most_frequent": 0.044, "trained_on": "reference", "main_interpreter": "ngrams", "main_slots": "fuzzy",
            "main_distractors": 100, "n_names": 48, "systems": tuple(systems), **usual, **of,
        }
    )  # fmt: skip


def told(of: Interpretation) -> list[str]:
    return list(sentences(Interpreted(of)))


def report(of: Interpretation | None) -> Report:
    stand_in = SimpleNamespace(
        study=lambda name, kind: of, figures=figures([one for name in ("tiny", "base") for one in arm(name, 0.2, 0.1)])
    )
    return cast(Report, stand_in)


def three(of: System, exact: float, intent: float, slots: float, p: float = 0.001) -> tuple[Split, ...]:
    return (
        split(of, "exact_interpretation", 0.75, 0.75 - exact, p), split(of, "intent_accuracy", 0.8, 0.8 - intent, 0.2),
        split(of, "slot_f1", 0.99, 0.99 - slots, p),
    )  # fmt: skip


# ---- where it is lost


def test_what_transcription_costs() -> None:
    assert told(study(splits=three(TINY, 0.25, 0.02, 0.2))) == [
        "tiny, ngrams: exact interpretation is 50.0 % from the hypotheses and 75.0 % from the reference text. Transcription costs "
        "25.0 points [23.0, 27.0], sign-flip test, Holm-adjusted p = 0.001, significant; the reference text itself lacks 25.0 "
        "points. By transcription, intent accuracy falls by 2.0 points (not significant) and slot F1 falls by 20.0 points "
        "(significant)."
    ]


@pytest.mark.parametrize(
    ("exact", "part"),
    [
        (-0.05, "Transcription gains 5.0 points [3.0, 7.0], sign-flip"),
        (0.0, "Transcription costs nothing on balance (0.0 points [-2.0, 2.0], sign-flip"),
        (0.01, "Transcription costs 1.0 points [-1.0, 3.0], sign-flip"),
    ],
)
def test_what_transcription_gains_or_leaves(exact: float, part: str) -> None:
    (sentence,) = told(study(splits=three(TINY, exact, -0.01, 0.0, p=0.6)))
    assert part in sentence
    assert "not significant" in sentence
    assert "; the reference text itself lacks 25.0 points." in sentence
    assert sentence.endswith(
        "By transcription, intent accuracy rises by 1.0 points (not significant) and slot F1 changes by 0.0 points (not significant)."
    )


def test_without_slots_the_intent_alone_is_told() -> None:
    plain = Setting("question", "", None)
    of = study(
        main_slots="", main_distractors=None, figures=tuple(scores(REFERENCE, 0.8, setting=plain) + scores(TINY, 0.7, setting=plain)),
        splits=(replace(split(TINY, "intent_accuracy", 0.8, 0.7, 0.01), setting=plain),),
    )  # fmt: skip
    assert told(of) == [
        "tiny, ngrams: intent accuracy is 70.0 % from the hypotheses and 80.0 % from the reference text. Transcription costs 10.0 "
        "points [8.0, 12.0], sign-flip test, Holm-adjusted p = 0.010, significant; the reference text itself lacks 20.0 points."
    ]
    text = "\n".join(section_lines(interpretation(report(of))))
    assert "slot" not in text.lower()


# ---- another model of text


def embeddings(label: str, kind: Kind = "cascade") -> System:
    return system(label, kind, "embeddings")


def test_no_text_is_better_off_with_another_interpreter() -> None:
    others = embeddings("reference text", "reference"), embeddings("tiny")
    tests = [
        paired(a, b, "intent_accuracy", 0.02, 0.6, "interpreters")
        for a, b in zip((REFERENCE, TINY), others, strict=True)
    ]
    of = study(systems=(REFERENCE, TINY, *others), tests=tuple(tests))
    assert told(of) == [
        "With embeddings in place of ngrams, intent accuracy is neither significantly higher nor lower on any text."
    ]


def test_some_texts_are_better_off_and_some_worse() -> None:
    others = [embeddings("reference text", "reference"), embeddings("tiny"), embeddings("base")]
    deltas = ((0.05, 0.001), (-0.04, 0.03), (0.06, 0.05))
    tests = [
        paired(a, b, "intent_accuracy", *delta, "interpreters")
        for a, b, delta in zip((REFERENCE, TINY, BASE), others, deltas, strict=True)
    ]
    of = study(systems=(REFERENCE, TINY, BASE, *others), tests=tuple(tests))
    assert told(of) == [
        "With embeddings in place of ngrams, intent accuracy is significantly higher on reference text (+5.0 points [+3.0, +7.0], "
        "p = 0.001); significantly lower on tiny (-4.0 points [-6.0, -2.0], p = 0.030); neither significantly higher nor lower on base."
    ]


# ---- without words


@pytest.mark.parametrize(
    ("deltas", "expected"),
    [
        (
            ((-0.3, 0.001), (-0.2, 0.001)),
            "significantly lower than tiny, ngrams (-30.0 points [-32.0, -28.0], p = 0.001) and base, ngrams (-20.0 points [-22.0, "
            "-18.0], p = 0.001).",
        ),
        (
            ((0.3, 0.001), (-0.2, 0.05)),
            "significantly higher than tiny, ngrams (+30.0 points [+28.0, +32.0], p = 0.001); neither significantly higher nor lower "
            "than base, ngrams.",
        ),
        (((0.0, 1.0), (-0.2, 0.05)), "neither significantly higher nor lower than any cascade."),
    ],
)
def test_sound_alone_against_cascades(deltas: Sequence[tuple[float, float]], expected: str) -> None:
    own = scores(PHONES, 0.4, 0.3, 0.1, setting=Setting("question", SOUND, 100))
    tests = [paired(a, PHONES, "intent_accuracy", *delta) for a, delta in zip((TINY, BASE), deltas, strict=True)]
    of = study(systems=(REFERENCE, TINY, BASE, PHONES), figures=tuple(own), tests=tuple(tests))
    assert told(of) == [f"phones, without words: intent accuracy is 40.0 %, {expected}"]


def test_names_that_are_learnt_are_told_apart() -> None:
    learnt = Setting("question", LEARNT, None)
    own = scores(ENCODER, 0.4, 0.0, 0.0, setting=learnt) + scores(
        ENCODER, 0.4, 0.0, 0.0, setting=learnt, group="entity:unseen"
    )
    tests = (
        paired(TINY, ENCODER, "exact_interpretation", -0.5, 0.001),
        paired(TINY, ENCODER, "intent_accuracy", -0.4, 0.001),
    )
    of = study(systems=(REFERENCE, TINY, ENCODER), figures=tuple(own), tests=tests)
    assert told(of) == [
        "encoder, without words: intent accuracy is 40.0 %, significantly lower than tiny, ngrams (-40.0 points [-42.0, -38.0], "
        "p = 0.001).",
        "encoder writes down no sounds, and so predicts only names that it was trained on: of others its slot recall is 0.0 %.",
    ]


def test_questions_that_were_trained_on_are_told_apart() -> None:
    known = Setting("speaker", LEARNT, None)
    own = scores(ENCODER, 0.9, 0.95, 0.9, setting=known)
    tests = (replace(paired(TINY, ENCODER, "exact_interpretation", 0.3, 0.001), setting=known),)
    of = study(
        systems=(REFERENCE, TINY, ENCODER), figures=tuple(own), tests=tests, folds=(("question", 5), ("speaker", 4))
    )
    assert told(of) == [
        "encoder on questions that every model was trained on, from other speakers: exact interpretation is 90.0 %, significantly "
        "higher than tiny, ngrams (+30.0 points [+28.0, +32.0], p = 0.001)."
    ]
    assert told(replace(of, folds=(("question", 5),))) == []


def test_a_test_by_other_folds_or_without_a_figure_is_not_told() -> None:
    by_speaker = replace(paired(TINY, PHONES, "intent_accuracy", 0.4, 0.001), setting=replace(MAIN, folds="speaker"))
    nothing = replace(paired(TINY, PHONES, "intent_accuracy", 0.4, 0.001), delta=None)
    own = scores(PHONES, 0.4, 0.3, 0.1, setting=Setting("question", SOUND, 100))
    assert told(study(systems=(REFERENCE, TINY, PHONES), figures=tuple(own), tests=(by_speaker, nothing))) == []


# ---- lexicons, notes, tables


def test_larger_lexicons_and_fewer_names_than_asked_for() -> None:
    small, large = (replace(MAIN, distractors=n) for n in (0, 3739))
    own = scores(TINY, 0.8, 0.81, 0.6, setting=small) + scores(TINY, 0.8, 0.57, 0.4, setting=large)
    of = study(figures=tuple(own), distractors=((100, 100), (0, 0), (10_000, 3739)), notes=("one was left out",))
    assert told(of) == [
        "Slot F1 by fuzzy look-up, with 0 and with 3,739 other names in the lexicon: tiny 81.0 % and 57.0 %.",
        "10,000 distractors were asked for; titles and texts of the suite's snippets give 3,739.",
        "one was left out.",
    ]


def test_a_run_without_the_study_has_neither_section_nor_picture() -> None:
    assert interpretation(report(None)).is_empty
    assert list(by_band(report(None))) == []


def lines(of: Interpretation) -> Iterator[str]:
    return (line for line in section_lines(interpretation(report(of))) if line.startswith("|"))


def test_tables() -> None:
    by_speaker = replace(MAIN, folds="speaker")
    own = [
        *study().figures,
        *scores(TINY, 0.8, 0.7, 0.6, group="entity:unseen", n=48), *scores(TINY, 1.0, 0.9, 0.9, group="entity:seen", n=2),
        *scores(TINY, 0.95, 0.7, 0.65, setting=by_speaker, group="entity:seen"),
    ]  # fmt: skip
    of = study(figures=tuple(own), splits=three(TINY, 0.25, 0.02, 0.2), folds=(("question", 5), ("speaker", 4)))
    shown = list(lines(of))
    assert (
        "| tiny, ngrams | 80.0 % [70.0, 90.0] | 70.0 % [60.0, 80.0] | 70.0 % [60.0, 80.0] | 60.0 % [50.0, 70.0] |"
        in shown
    )
    assert (
        "| tiny, ngrams | exact interpretation | 75.0 % | 50.0 % | 25.0 points [23.0, 27.0] | p = 0.001 | 25.0 points |"
        in shown
    )
    assert (
        "| system | score | names not trained on, new questions | names trained on, new questions | "
        "names trained on, known questions, new speakers |"
    ) in shown
    assert (
        "| tiny, ngrams | intent accuracy | 80.0 % [70.0, 90.0] | 100.0 % [90.0, 100.0] (n = 2, few) | 95.0 % [85.0, 100.0] |"
    ) in shown


def test_hits_stand_by_what_was_searched_with() -> None:
    searched = Setting("", "phonetic")
    hits = [
        Figure("phones", searched, group, "hit@1", value, value, value, 200, 50)
        for group, value in (("all", 0.25), ("band:unseen", 0.125))
    ]
    tests = (replace(paired(TINY, PHONES, "hit@1", -0.5, 0.001), a="tiny", setting=searched),)
    shown = list(lines(study(hits=tuple(hits), hit_tests=tests)))
    assert "| system | retriever | all | unseen |" in shown
    assert "| phones | phonetic | 25.0 % [25.0, 25.0] | 12.5 % [12.5, 12.5] |" in shown
    assert any(line.startswith("| phones | tiny | ") and "hit@1 | -50.0 points" in line for line in shown)


def test_the_picture_shows_every_system_by_band() -> None:
    (listed,) = by_band(report(study(systems=(TINY, REFERENCE, BASE))))
    assert listed.picture.takeaway.startswith(
        "reference text: intent accuracy 80.0 % [70.0, 90.0] in unseen and 80.0 % [70.0, 90.0] in [2,3); slot F1 70.0 %"
    )
    assert len(listed.picture.rows) == 3 * 2 * 2
    drawn = svg(listed.picture)
    assert all(name in drawn for name in ("tiny", "base", "reference text", "intent accuracy", "slot F1"))
    assert specification(listed.picture)["vconcat"]


def test_one_band_is_no_picture() -> None:
    few = tuple(f for f in study().figures if f.group != "band:unseen")
    assert list(by_band(report(study(figures=few)))) == []
    small = tuple(replace(f, n_questions=9) if f.group == "band:unseen" else f for f in study().figures)
    assert list(by_band(report(study(figures=small)))) == []


def test_guessed_names_are_called_guessed() -> None:
    stand_in = report(study())
    guessed = replace(stand_in.figures, rules=replace(stand_in.figures.rules, guessed_names=True))
    for of, names in ((stand_in.figures, "entity mentions"), (guessed, "guessed entity mentions")):
        section = interpretation(cast(Report, SimpleNamespace(study=stand_in.study, figures=of)))
        assert any(line.startswith(f"Slots are the {names} of the question") for line in section.after)
