"""What the report says of a continuum: each course that there can be has its sentence, and no other is used for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from harness.analysis.complexity.continuum import REMOVED, Beside, Continuum, EqualSize, Fit, Level, Quantity, Series
from harness.analysis.complexity.fits import fit_line
from harness.analysis.complexity.study import ComplexityStudy
from harness.analysis.complexity.suite import Complexity
from harness.report.markdown import section_lines
from harness.report.model import Report
from harness.report.pictures.complexity import by_level
from harness.report.pictures.drawing import specification, svg
from harness.report.sections.complexity import complexity, r2_text
from harness.report.sections.complexity_course import Course, course_of, course_sentence, has_knee, headline, too_few
from tests.report.summaries import arm, figures

N = 10
LEVELS = tuple(Level(100 - 10 * k, k / 10, None if k == 9 else f"word{k}", None if k == 9 else k / 2) for k in range(N))
RISE = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.7, 0.7, 0.7)
FLAT = (0.5,) * N
QUESTIONS = Complexity(
    "small", "1", "d", 100, 900, 300, 100, {"1": 7.5, "2": 9.0, "3": None}, 0.05, {}, None, None, {}, None,
    ("no spanning tree and no clusters: no model was asked for",),
)  # fmt: skip


def series(
    values: Sequence[float | None],
    outside: Sequence[int],
    quantity: Quantity = "accuracy",
    backend: str | None = "tiny",
    random_share: float = 0.01,
    bend_share: float | None = 0.02,
) -> Series:
    """A course; the band ends a point beside each value, on the side where it lies."""
    numbers = [0.0 if value is None else value for value in values]
    low = [v - 0.01 if not o else v - 0.2 if o > 0 else v + 0.1 for v, o in zip(numbers, outside, strict=True)]
    high = [v + 0.01 if not o else v - 0.1 if o > 0 else v + 0.2 for v, o in zip(numbers, outside, strict=True)]
    removed, y = np.arange(N) / 10, np.array(numbers)
    fit = Fit(fit_line(removed, y), 0.4, random_share, None, bend_share)
    vocabulary = Fit(fit_line(300 - 25 * np.arange(N) + 3 * (np.arange(N) % 2), y), 0.45, random_share, 0.1)
    return Series(
        quantity, "bm25", backend, None if backend is None else "clean", Beside(tuple(values), tuple(low), tuple(high), tuple(outside)),
        {REMOVED: fit, "vocabulary": vocabulary},
    )  # fmt: skip


def made(*of: Series) -> Continuum:
    measures = {"vocabulary": Beside(tuple(range(300, 50, -25)), (0.0,) * N, (400.0,) * N, (0,) * N)}
    return Continuum(LEVELS, measures, {"vocabulary": EqualSize((40.0,) * N, 30.0, 50.0)}, of, 300)


def report(*backends: str) -> Report:
    return Report((), figures([one for backend in backends or ("tiny",) for one in arm(backend, 0.2, 0.1)]))


def sentence(of: Series, loss: Series | None = None) -> str:
    return course_sentence(report(), made(of), of, loss)


UP, DOWN = (0, *(1,) * 9), (0, *(-1,) * 9)


def test_a_rise_with_a_knee_that_stays() -> None:
    bent = (0.4, 0.455, 0.5, 0.55, 0.605, 0.65, 0.7, 0.696, 0.699, 0.7)
    assert sentence(series(bent, UP)) == (
        "tiny: hit@1 rises from 40.0 % to 70.0 % (40 questions left), above random removal (50.0 to 60.0 %), and stays there to "
        "the last level (70.0 % of 10 questions). The rise has a knee at 59 % of the questions removed, where words rarer than "
        "about Zipf 3.0 are gone: +5.0 points for each tenth removed before it, +0.0 after it, which fits better than a line "
        "(AICc lower by 39.3; 2 % of the random orders bend as much)."
    )


def test_a_knee_that_random_orders_have_too_is_no_knee() -> None:
    chance = series(RISE, UP, bend_share=0.05)
    assert re.search(
        r"A knee at 60 % of the questions removed fits better than a line \(AICc lower by [0-9.]+\), but 5 % of the random orders "
        r"bend as much: it may be chance\.$",
        sentence(chance),
    )
    assert next(headline(report("a", "b"), of(chance, "a", "b"))).endswith("for 2 of 2 backends.")
    unknown = series(RISE, UP, bend_share=None)
    assert sentence(unknown).endswith("no better than a line.")


def test_a_rise_along_a_line_has_no_knee() -> None:
    rising = (0.40, 0.46, 0.49, 0.56, 0.59, 0.66, 0.69, 0.76, 0.79, 0.86)
    assert sentence(series(rising, UP)) == (
        "tiny: hit@1 rises from 40.0 % to 86.0 % (10 questions left), above random removal (66.0 to 76.0 %), and stays there to "
        "the last level. The rise has no knee: a broken line fits no better than a line."
    )
    assert not has_knee(series(rising, UP))


def test_a_fall_of_the_loss_is_told_beside() -> None:
    falling = tuple(1 - value for value in RISE)
    told = sentence(series(RISE, UP), series(falling, DOWN, "loss"))
    assert told.endswith(
        " Its loss falls from 60.0 % to 30.0 % (40 questions left), below random removal (40.0 to 50.0 %), and stays there to the "
        "last level (30.0 % of 10 questions)."
    )
    assert "The fall has" not in told


def test_a_rise_that_does_not_stay() -> None:
    values = (0.78, 0.81, 0.82, 0.80, 0.79, 0.79, 0.79, 0.78, 0.77, 0.75)
    told = (
        "tiny: hit@1 rises from 78.0 % to 82.0 % (80 questions left), above random removal (62.0 to 72.0 %), but the rise does not "
        "stay: from 70 questions left on it is within random removal (80.0 % where random removal gives 79.0 to 81.0 %)."
    )
    assert sentence(series(values, (0, 1, 1, 0, 0, 0, 0, 0, 0, 0))) == told


def test_a_rise_with_a_gap_is_not_said_to_stay_all_along() -> None:
    assert sentence(series(RISE, (0, 1, 0, 1, 1, 1, 1, 1, 1, 1))).startswith(
        "tiny: hit@1 rises from 40.0 % to 70.0 % (40 questions left), above random removal (50.0 to 60.0 %); it lies above it at 8 "
        "of 9 levels, the last among them."
    )


@pytest.mark.parametrize(
    ("values", "outside", "told"),
    [
        (RISE, (0,) * N, "goes from 40.0 % to 70.0 %, at no level outside of what random removal gives."),
        (FLAT, (0,) * N, "is 50.0 % at every level."),
        (RISE, (0, -1, 0, 0, 0, 0, 1, 1, 0, 0), "goes from 40.0 % to 70.0 %, above random removal at 2 levels and below it at 1 level."),
        ((0.5, *RISE[1:9], 0.5), (0,) * N, "is 50.0 % at the first and at the last level, at no level outside of what random removal gives."),
        ((0.5, *(None,) * 9), (0,) * N, "goes from 50.0 % to -, at no level outside of what random removal gives."),
    ],
)  # fmt: skip
def test_other_courses_are_no_rise(values: tuple[float, ...], outside: tuple[int, ...], told: str) -> None:
    assert sentence(series(values, outside)) == f"tiny: hit@1 {told}"


def test_the_course_is_that_of_the_marks() -> None:
    values = (0.5, 0.4, 0.3, 0.3, 0.5)
    assert course_of(Beside(values, values, values, (0, -1, -1, -1, 0))) == Course("goes", -1, 2, 1, 3)
    assert course_of(Beside(values, values, values, (0, 0, 0, -1, -1))) == Course("stays", -1, 3, 3, 4)


def test_conditions_are_named_where_there_are_several() -> None:
    rows = [
        one for condition in ("clean", "quiet") for label in "ab" for one in arm(label, 0.2, 0.1, condition=condition)
    ]
    both = Report((), figures(rows))
    clean, quiet = (
        [replace(one, condition=condition) for one in of(RISES, "a", "b")] for condition in ("clean", "quiet")
    )
    assert next(headline(both, quiet)).startswith(
        "As the questions with the rarest words are removed under quiet, accuracy rises and stays above random removal to the last "
        "level for 2 of 2 backends"
    )
    assert "for 4 of 4 pairs of backend and condition" in next(headline(both, [*clean, *quiet]))
    assert course_sentence(both, made(*quiet), quiet[0], None).startswith("a, quiet: hit@1 rises")


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0.0, "The reference reaches the outcome for no question: too few for a course of it, or of what is lost."),
        (
            0.01,
            "The reference reaches the outcome for 1 question only: too few for a course of it, or of what is lost.",
        ),
        (
            0.09,
            "The reference reaches the outcome for 9 questions only: too few for a course of it, or of what is lost.",
        ),
        (0.10, ""),
    ],
)
def test_what_the_reference_hardly_reaches_has_no_course(
    share: float, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rare = series((share,) * N, (0,) * N, "reference", None)
    assert too_few(report(), made(rare, RISES)) == told
    text = shown(ComplexityStudy(QUESTIONS, made(rare, RISES)), monkeypatch)
    assert ("hit@1 rises" in text) == (not told)
    monkeypatch.setattr(Report, "backends", {})
    assert bool(list(by_level(report()))) == (not told)


def test_a_backend_without_a_transcript_has_no_course(monkeypatch: pytest.MonkeyPatch) -> None:
    dead = replace(series((0.0,) * N, (0,) * N), backend="dead")
    monkeypatch.setattr(Report, "study", lambda self, name, kind: ComplexityStudy(QUESTIONS, made(STILL, RISES, dead)))
    rows = [*arm("tiny", 0.2, 0.1), *arm("dead", 1.0, 1.0, n_scored=0)]
    of_both = Report((), figures([row for row in rows if row.backend == "tiny" or row.metric != "wer"]))
    assert "dead" not in "\n".join(section_lines(complexity(of_both)))


RISES, FALLS = series(RISE, UP), series(RISE[::-1], DOWN)
GONE, FLATTISH = series(RISE, (0, 1, *(0,) * 8)), series(RISE, (0,) * N)
STILL = series(FLAT, (0,) * N, "reference", None)
HELD = (
    "The reference stays within random removal: accuracy rises since recognition loses less, not since the questions are easier "
    "to retrieve."
)


def of(one: Series, *labels: str) -> list[Series]:
    return [replace(one, backend=label) for label in labels]


@pytest.mark.parametrize(
    ("courses", "told"),
    [
        ([*of(RISES, "a", "b")], "rises and stays above random removal to the last level for 2 of 2 backends; each of these courses has a knee."),
        ([*of(RISES, "a"), *of(GONE, "b", "c")], "rises above random removal but does not stay there for 2 of 3 backends and rises and stays above "
         "random removal to the last level for 1 of 3 backends; 1 of these courses has a knee."),
        ([*of(FLATTISH, "a", "b")], "is never outside of what random removal gives for 2 of 2 backends."),
        ([*of(FALLS, "a"), *of(FLATTISH, "b")], "falls and stays below random removal to the last level for 1 of 2 backends and is never outside of "
         "what random removal gives for 1 of 2 backends; 1 of these courses has a knee."),
    ],
)  # fmt: skip
def test_several_backends_are_counted(courses: list[Series], told: str) -> None:
    labels = [one.backend or "" for one in courses]
    assert list(headline(report(*labels), courses)) == [
        f"As the questions with the rarest words are removed, accuracy {told}"
    ]


@pytest.mark.parametrize(
    ("reference", "backend", "told"),
    [
        (STILL, RISES, [HELD]),
        (STILL, GONE, []),
        (STILL, FLATTISH, []),
        (series(RISE, UP, "reference", None), RISES, ["Questions without rare words are easier to retrieve, from the reference text too."]),
        (series(RISE[::-1], (0, 0, -1, *(0,) * 7), "reference", None), GONE, ["Questions without rare words are harder to retrieve, even from the reference text."]),
        (series(RISE, (0, 1, -1, *(0,) * 7), "reference", None), RISES, []),
    ],
)  # fmt: skip
def test_what_the_reference_does_is_told(reference: Series, backend: Series, told: list[str]) -> None:
    assert list(headline(report(), [reference, backend])) == told


def shown(study: ComplexityStudy | None, monkeypatch: pytest.MonkeyPatch, *backends: str) -> str:
    monkeypatch.setattr(Report, "study", lambda self, name, kind: study if name == "complexity" else None)
    return "\n".join(section_lines(complexity(report(*backends))))


def test_without_the_study_there_is_no_section(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Report, "study", lambda self, name, kind: None)
    assert complexity(report()).is_empty
    assert list(by_level(report())) == []


def test_too_few_questions_leave_their_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(ComplexityStudy(QUESTIONS, Continuum(not_computed="48 questions make 1 level")), monkeypatch)
    assert "- No continuum: 48 questions make 1 level.\n" in text
    assert "| word entropy | 7.500 |" in text
    assert "| share of rare words | 5.0 % |" in text
    assert "triple entropy" not in text.split("- **")[0]
    assert "No spanning tree and no clusters: no model was asked for." in text
    assert "Levels" not in text
    assert list(by_level(report())) == []


def test_the_tables_hold_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    loss = series(tuple(1 - value for value in RISE), DOWN, "loss")
    text = shown(ComplexityStudy(QUESTIONS, made(STILL, RISES, loss)), monkeypatch)
    assert "| 100 | word0 (0.00) | 50.0 % | 40.0 % | 60.0 % |" in text
    assert "| 40 | word6 (3.00) | 50.0 % [49.0, 51.0] | 70.0 %\\* [50.0, 60.0] | 30.0 %\\* [40.0, 50.0] |" in text
    assert "| 10 | numbers only |" in text
    assert "300 random orders" in text
    assert "| 90 | 275 [0, 400] |" in text
    assert "| 100 | 40 [30, 50] |" in text
    assert "### Lines: tiny: hit@1 ASR" in text
    line = RISES.fits[REMOVED].line
    assert line is not None
    assert (
        f"| share of questions removed | {100 * line.slope:.4g} [{100 * line.ci_low:.4g}, {100 * line.ci_high:.4g}] | "
        f"{line.r2:.2f} | 0.40 | 1.0 % | - |"
    ) in text
    assert "### Lines: hit@1 ref" not in text, "nothing varies"
    assert (
        "At equal size, no measure tells the versions without rare words from as many questions at random, so that every fit "
        "against them is one against the number of questions."
    ) in text
    assert "our reading" in text.lower()


@pytest.mark.parametrize(
    ("outside", "told"),
    [
        ({"vocabulary": 0, "rare_share": 1}, "At equal size, share of rare words tells the versions without rare words from as many "
         "questions at random; vocabulary does not, so that a fit against it is one against the number of questions."),
        ({"vocabulary": 0, "entropy_1": 0, "rare_share": -1, "entropy_2": 1}, "At equal size, share of rare words and pair entropy tell the "
         "versions without rare words from as many questions at random; vocabulary and word entropy do not, so that a fit against them is "
         "one against the number of questions."),
        ({"vocabulary": 1}, "At equal size, each measure tells the versions without rare words from as many questions at random: vocabulary."),
    ],
)  # fmt: skip
def test_which_measures_tell_the_versions(outside: dict[str, int], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = Beside((1.0,) * N, (0.0,) * N, (2.0,) * N, (0,) * N)
    measures = {name: replace(values, outside=(0,) * 9 + (side,)) for name, side in outside.items()}
    text = shown(ComplexityStudy(QUESTIONS, replace(made(RISES), measures=measures)), monkeypatch)
    assert f"- {told}\n" in text


def test_fits_stand_beside_those_of_random_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(ComplexityStudy(QUESTIONS, made(RISES)), monkeypatch)
    line = RISES.fits["vocabulary"].line
    assert line is not None
    assert (
        f"- tiny: lines of its accuracy against the one measure reach R2 up to {line.r2:.2f} (vocabulary), where along random orders, "
        f"nested likewise, the median is 0.45. Fewer than 5 % of the random orders reach as much against vocabulary {line.r2:.2f}."
    ) in text
    assert "lines of its accuracy" not in shown(ComplexityStudy(QUESTIONS, made(FLATTISH)), monkeypatch), (
        "within the band"
    )
    usual = series(RISE, UP, random_share=0.05)
    assert "Against none do fewer than 5 % of the random orders reach as much." in shown(
        ComplexityStudy(QUESTIONS, made(usual)), monkeypatch
    )
    assert "lines of its accuracy" not in shown(ComplexityStudy(QUESTIONS, made(series(FLAT, (0,) * N))), monkeypatch)


def test_an_r2_is_not_rounded_up_to_all() -> None:
    assert [r2_text(r2) for r2 in (0.0, 0.954, 0.996, 0.9999, 1.0)] == ["0.00", "0.95", "0.996", "0.999", "1.00"]


def test_the_picture_shows_what_lies_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    loss = series(tuple(1 - value for value in RISE), DOWN, "loss")
    study = ComplexityStudy(QUESTIONS, made(STILL, RISES, loss))
    monkeypatch.setattr(Report, "study", lambda self, name, kind: study)
    monkeypatch.setattr(Report, "backends", {})
    (listed,) = by_level(report())
    picture = listed.picture
    assert (listed.retriever, listed.condition) == (None, None)
    assert picture.takeaway.startswith(
        "tiny: hit@1 rises from 40.0 % to 70.0 % (40 questions left), above random removal"
    )
    assert picture.rows[10] == ("tiny", "100", "40.0 %", "[39.0, 41.0]")
    assert picture.rows[-1] == ("tiny, loss", "10", "30.0 %", "[40.0, 50.0]")
    upper, lower = specification(picture)["vconcat"]
    points = upper["layer"][0]["data"]["values"]
    assert [point["y"] for point in points] == list(RISE)
    assert [point["outside"] for point in points] == [False] + [True] * 9
    assert [point["y"] for point in upper["layer"][-1]["data"]["values"]] == list(FLAT)
    assert len(lower["layer"]) == 4, "the loss is of backends only"
    assert svg(picture).startswith("<svg")
