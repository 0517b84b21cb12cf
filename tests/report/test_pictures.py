"""The pictures: their figures are the summary's, their sentences are true, their marks do not rest on colour, and nothing
foreign comes through.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.analysis.dose_response import DoseResponse, FittedRisk
from harness.analysis.rules import Rules
from harness.report.html.svg import themed
from harness.report.model import Figures, Report
from harness.report.pictures import causes, confusions, listing, loss, rarity, recognition
from harness.report.pictures.drawing import SERIES, Picture, specification, svg
from harness.report.pictures.view import View
from harness.report.sections.words import forms
from tests.conftest import GoldenRun
from tests.report.summaries import arm, by_class, comparison, figures, row, word

REFERENCES = Path(__file__).resolve().parents[2] / "results" / "reference"
BACKENDS = ["faster-whisper:tiny.en", "faster-whisper:tiny.en+own100", "faster-whisper:base", "pocketsphinx"]
CLASSES = ("rare_entity", "rare_other", "content", "function")


@pytest.fixture(scope="module")
def standard() -> Report:
    return Report.read(REFERENCES / "standard")


def view(of: Figures, retriever: str | None = "bm25", condition: str | None = None, backend: str | None = None) -> View:
    return View(of, {}, retriever, condition, backend)


def drawn(picture: Picture | None) -> Picture:
    assert picture is not None
    return picture


def marks_of(picture: Picture, field: str) -> dict[str, Any]:
    """What stands for each series in the scale of a field."""
    found: dict[str, Any] = {}

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            scale = (part.get(field) or {}).get("scale") if isinstance(part.get(field), dict) else None
            if scale and part[field].get("field") == "series":
                found.update(zip(scale["domain"], map(str, scale["range"]), strict=True))
            for child in part.values():
                walk(child)
        elif isinstance(part, list):
            for child in part:
                walk(child)

    walk(specification(picture))
    return found


# ---- WER beside the loss


def order(*rows: Any, retriever: str = "bm25", **parts: Any) -> str:
    return loss.order_sentence(view(figures([one for each in rows for one in each], **parts), retriever))


def test_a_tie_in_hits_is_said_to_be_one() -> None:
    assert order(arm("tiny", 0.129, 0.1), arm("base", 0.038, 0.1)) == (
        "base and tiny have equally many hits lost (10.0 %), at a WER of 3.8 % and 12.9 %."
    )


def test_figures_that_are_written_alike_are_equal() -> None:
    assert order(arm("tiny", 0.129, 0.1004), arm("base", 0.038, 0.1001)).startswith("base and tiny have equally many")
    assert order(arm("tiny", 0.1004, 0.1), arm("base", 0.1001, 0.2)) == (
        "tiny: WER 10.0 % [8.0, 12.0], hits lost 10.0 % [8.0, 12.0]. base: WER 10.0 % [8.0, 12.0], hits lost 20.0 % [18.0, 22.0]."
    )


def test_other_pairs_than_those_that_tie_are_counted_apart() -> None:
    three = (arm("a", 0.1, 0.1), arm("b", 0.2, 0.1), arm("c", 0.3, 0.2))
    assert order(*three) == (
        "a and b have equally many hits lost (10.0 %), at a WER of 10.0 % and 20.0 %. In the other pairs the lower WER goes with "
        "fewer hits lost."
    )
    assert order(arm("a", 0.1, 0.1), arm("b", 0.2, 0.1), arm("c", 0.3, 0.1)) == (
        "a and b have equally many hits lost (10.0 %), at a WER of 10.0 % and 20.0 %. 2 more pairs of backends have equally many."
    )


@pytest.mark.parametrize(
    ("p_wer", "p_lost", "expected"),
    [
        (0.012, 0.031, "WER orders the backends otherwise: base has the lower WER (3.8 % against 12.9 %; significant, p = 0.012), "
         "tiny has fewer hits lost (10.0 % against 20.0 %; significant, p = 0.031)."),
        (0.012, 0.31, "base has the lower WER (3.8 % against 12.9 %; significant, p = 0.012), tiny has fewer hits lost (10.0 % "
         "against 20.0 %; not significant, p = 0.310)."),
        (0.05, 0.031, "base has the lower WER (3.8 % against 12.9 %; not significant, p = 0.050), tiny has fewer hits lost (10.0 "
         "% against 20.0 %; significant, p = 0.031)."),
        (None, None, "base has the lower WER (3.8 % against 12.9 %; not tested), tiny has fewer hits lost (10.0 % against 20.0 "
         "%; not tested)."),
    ],
)  # fmt: skip
def test_wer_orders_otherwise_only_where_both_differences_are_significant(
    p_wer: float | None, p_lost: float | None, expected: str
) -> None:
    tests = [comparison("tiny", "base", "wer", p_wer), comparison("tiny", "base", "lost", p_lost)]
    assert order(arm("tiny", 0.129, 0.1), arm("base", 0.038, 0.2), comparisons=tests) == expected


def test_of_pairs_in_another_order_the_one_with_most_significant_differences_is_told() -> None:
    arms = (arm("a", 0.1, 0.4), arm("b", 0.2, 0.3), arm("c", 0.3, 0.2))
    tests = [comparison("a", "c", name, 0.01) for name in ("wer", "lost")]
    assert order(*arms, comparisons=tests).startswith(
        "WER orders the backends otherwise: a has the lower WER (10.0 % against 30"
    )


def test_a_pair_in_the_same_order_has_both_tests() -> None:
    tests = [comparison("tiny", "base", "wer", 0.01), comparison("tiny", "base", "lost", 0.2)]
    assert order(arm("tiny", 0.129, 0.2), arm("base", 0.038, 0.1), comparisons=tests) == (
        "base has the lower WER (3.8 % against 12.9 %; significant, p = 0.010) and fewer hits lost (10.0 % against 20.0 %; not "
        "significant, p = 0.200) than tiny."
    )


def test_backends_are_ordered_under_one_condition_only() -> None:
    """WER under one condition and hits under another are no pair."""
    clean = [*arm("tiny", 0.2, 0.2), *arm("base", 0.1, 0.1)]
    noise = [*arm("tiny", 0.4, 0.15, condition="noise"), *arm("base", 0.3, 0.05, condition="noise")]
    assert order(clean, noise) == (
        "In every pair of backends under the same condition, the lower WER goes with fewer hits lost."
    )
    one = order(arm("tiny", 0.2, 0.2), arm("tiny", 0.4, 0.15, condition="noise"))
    assert one == (
        "tiny, clean: WER 20.0 % [18.0, 22.0], hits lost 20.0 % [18.0, 22.0]. tiny, noise: WER 40.0 % [38.0, 42.0], hits lost 15.0 "
        "% [13.0, 17.0]."
    )


def test_the_retriever_is_named_where_there_are_several() -> None:
    rows = [*arm("tiny", 0.1, 0.2), *arm("tiny", 0.1, 0.1, retriever="DPR")]
    assert order(rows, retriever="DPR") == ("With DPR: tiny: WER 10.0 % [8.0, 12.0], hits lost 10.0 % [8.0, 12.0].")


def test_answers_are_lost_where_answers_are_the_outcome() -> None:
    of = figures([*arm("tiny", 0.1, 0.2), *arm("base", 0.05, 0.1)], Rules("answer"))
    picture = drawn(loss.wer_against_loss(view(of)))
    assert picture.title == "WER and answers lost"
    assert picture.headings[4] == "answers lost"
    assert "fewer answers lost" in picture.takeaway
    axes = str(specification(picture))
    assert "'title': 'answers lost'" in axes
    assert "hits" not in axes + picture.takeaway


TOO_FEW = "The reference reaches the outcome for fewer than 10 utterances: too few hits to lose."


def test_where_the_reference_finds_almost_nothing_no_loss_is_told(golden_run: GoldenRun) -> None:
    assert order(arm("tiny", 0.1, 0.0, reached=9), arm("base", 0.2, 0.1, reached=9)) == TOO_FEW
    assert order(arm("tiny", 0.1, 0.0, reached=10), arm("base", 0.2, 0.1, reached=10)).startswith(
        "tiny has the lower WER"
    )
    assert order([]) == ""
    report = Report.read(golden_run("reference_finds_nothing"))
    (listed,) = listing.pictures(report.figures, report.backends)
    assert (listed.picture.name, listed.picture.takeaway) == ("wer-against-loss", TOO_FEW)
    few = [*arm("a", 0.1, 0.1, reached=9), *arm("a", 0.1, 0.2, reached=9, condition="noise")]
    assert drawn(loss.ladder(view(figures(few)))).takeaway == TOO_FEW


def test_a_backend_without_a_transcript_is_in_no_picture(golden_run: GoldenRun) -> None:
    report = Report.read(golden_run("dead_backend"))
    listed = listing.pictures(report.figures, report.backends)
    assert {one.picture.name for one in listed} > {"wer-against-loss", "retained-by-rarity", "recognised-as"}
    for one in listed:
        assert "dead" not in str(one.picture.rows) + one.picture.takeaway + str(specification(one.picture))


# ---- by condition


def test_a_ladder_tells_where_least_and_most_is_lost_and_that_nothing_changes() -> None:
    values = {("a", "clean"): 0.1, ("a", "babble 10 dB"): 0.3, ("a", "babble 0 dB"): 0.2, ("b", "clean"): 0.2,
              ("b", "babble 10 dB"): 0.2, ("b", "babble 0 dB"): 0.2}  # fmt: skip
    of = figures([one for (label, c), lost in values.items() for one in arm(label, 0.1, lost, condition=c)])
    picture = drawn(loss.ladder(view(of)))
    assert picture.title == "Hits lost by condition"
    assert picture.takeaway == (
        "a: hits lost 10.0 % [8.0, 12.0] under clean and 30.0 % [28.0, 32.0] under babble 10 dB. "
        "b: hits lost 20.0 % under each condition."
    )
    assert [line[:2] for line in picture.rows][::2] == [("a", "clean"), ("a", "babble 10 dB"), ("a", "babble 0 dB")]


def test_a_ladder_names_its_retriever() -> None:
    conditions = ("clean", "noise")
    rows = [one for c in conditions for r in ("bm25", "dense") for one in arm("a", 0.1, 0.1, condition=c, retriever=r)]
    picture = drawn(loss.ladder(view(figures(rows), "dense")))
    assert picture.takeaway == "a with dense: hits lost 10.0 % under clean and noise."


def test_a_condition_ladder_stands_in_the_order_of_the_noise() -> None:
    assert loss.rungs(["clean", "babble 0 dB", "babble 20 dB", "telephone", "babble 5 dB", "white 10 dB"]) == [
        "clean", "babble 20 dB", "babble 5 dB", "babble 0 dB", "telephone", "white 10 dB",
    ]  # fmt: skip


def test_one_condition_is_no_ladder() -> None:
    assert loss.ladder(view(figures(arm("a", 0.1, 0.1)))) is None


# ---- by rarity


def banded(**of: Any) -> list[Any]:
    values = {"unseen": (0.25, 20), "[2,3)": (0.5, 9), "[4,5)": (0.9, 30)}
    bands = [row("tiny", "retained", share, n, group=f"band:{band}", **of) for band, (share, n) in values.items()]
    return [*arm("tiny", 0.1, 0.3, **of), *bands]


def test_bands_of_fewer_than_ten_are_left_out() -> None:
    picture = drawn(rarity.by_rarity(view(figures(banded()), condition="clean")))
    assert picture.headings == ("backend", "band (Zipf)", "retained", "95 % interval", "hits from the reference")
    assert picture.rows == (
        ("tiny", "unseen", "25.0 %", "[23.0, 27.0]", "20"), ("tiny", "[4,5)", "90.0 %", "[88.0, 92.0]", "30"),
    )  # fmt: skip
    assert picture.takeaway == (
        "tiny retains 25.0 % [23.0, 27.0] of 20 hits where the rarest word in the question's entity mentions is in no word list, "
        "and 90.0 % [88.0, 92.0] of 30 hits where it is at Zipf [4,5)."
    )
    few = row("tiny", "retained", 0.5, 9, group="band:unseen")
    assert rarity.by_rarity(view(figures([*arm("tiny", 0.1, 0.3), few]))) is None


def test_guessed_names_are_called_guessed() -> None:
    of = figures([*banded(), *banded(retriever="dense")], Rules("answer", guessed_names=True))
    picture = drawn(rarity.by_rarity(view(of, "dense", "clean")))
    assert picture.title == "Answers retained, by the rarest word in guessed entity mentions"
    assert picture.takeaway.startswith(
        "tiny with dense retains 25.0 % [23.0, 27.0] of 20 answers where the rarest word in the question's guessed entity mentions"
    )


def test_the_fitted_curve_is_of_what_is_retained_and_ends_where_names_end() -> None:
    curve = tuple(FittedRisk(step / 2, 0.8 - step / 20, 0.7 - step / 20, 0.9 - step / 20) for step in range(13))
    dose = DoseResponse("tiny", "clean", "bm25", 59, 59, 0.5, 0.25, 0.75, 0.0004, curve)
    picture = drawn(rarity.by_rarity(view(figures(banded(), dose_response=[dose]), condition="clean")))
    assert picture.takeaway.endswith(
        " Where it is ten times as frequent, the odds of a loss are 0.50 times as high [0.25, 0.75], p < 0.001."
    )
    fitted = specification(picture)["layer"][0]["data"]["values"]
    assert [point["x"] for point in fitted] == [step / 2 for step in range(11)]
    assert (fitted[0]["y"], fitted[0]["low"], fitted[0]["high"]) == pytest.approx((0.2, 0.1, 0.3))
    rows = [*banded(), *arm("base", 0.1, 0.3), *arm("tiny", 0.1, 0.3, condition="noise")]
    for other in (replace(dose, condition="noise"), replace(dose, backend="base"), replace(dose, retriever="dense")):
        picture = drawn(rarity.by_rarity(view(figures(rows, dose_response=[other]), condition="clean")))
        assert "odds" not in picture.takeaway


def test_retained_by_rarity_is_that_of_the_summary(golden_run: GoldenRun) -> None:
    report = Report.read(golden_run("two_by_two"))
    picture = drawn(rarity.by_rarity(View(report.figures, report.backends, "phonetic", "quiet")))
    assert picture.takeaway.startswith("tiny with phonetic, under quiet retains ")
    for backend, band, shown, _, n in picture.rows:
        stored = report.figures.row((backend, "quiet"), "retained", None, "phonetic", f"band:{band}")
        assert stored is not None
        assert (shown, n) == (f"{100 * (stored.value or 0):.1f} %", f"{stored.n:g}")
    assert {line[0] for line in picture.rows} == {"tiny", "tiny+own10", "tiny+oracle", "base"}


# ---- causes


def test_the_class_that_most_of_the_loss_falls_to_is_told_beside_its_errors() -> None:
    lost = dict(zip(CLASSES, (2.0, 1.0, 12.0, 5.0), strict=True))
    of = figures(arm("tiny", 0.1, 0.4), attribution=by_class("tiny", lost))
    picture = drawn(causes.by_class(view(of, condition="clean")))
    assert picture.takeaway == (
        "tiny: other content words are 25.0 % [10.0, 60.0] of the error regions and 60.0 % [20.0, 90.0] of the hits lost."
    )
    assert [line[1] for line in picture.rows] == [
        "rare entity words", "other rare words", "other content words", "function words",
    ]  # fmt: skip


def test_causes_are_those_of_the_retriever_and_condition() -> None:
    places = [(c, r) for c in ("clean", "noise") for r in ("bm25", "dense")]
    rows = [one for c, r in places for one in arm("tiny", 0.1, 0.4, condition=c, retriever=r)]
    lost = [
        one
        for n, (c, r) in enumerate(places)
        for one in by_class("tiny", {"rare_entity": 20.0 + n, "content": 10.0}, condition=c, retriever=r)
    ]
    picture = drawn(causes.by_class(view(figures(rows, attribution=lost), "dense", "clean")))
    assert picture.takeaway == (
        "tiny with dense, under clean: rare entity words are 50.0 % [10.0, 60.0] of the error regions and 67.7 % [20.0, 90.0] of the "
        "hits lost."
    )
    assert len(picture.rows) == 2


def test_a_loss_of_fewer_than_ten_is_not_attributed() -> None:
    few, enough = ({"rare_entity": amount - 3.0, "content": 3.0} for amount in (9, 10))
    rows = [*arm("a", 0.1, 0.1), *arm("b", 0.1, 0.1)]
    of = figures(rows, attribution=[*by_class("a", few), *by_class("b", enough)])
    assert {line[0] for line in drawn(causes.by_class(view(of, condition="clean"))).rows} == {"b"}
    assert causes.by_class(view(figures(rows, attribution=by_class("a", few)), condition="clean")) is None


def test_an_interval_without_width_is_not_shown() -> None:
    lost = by_class("tiny", {"rare_entity": 12.0}, interval=(1.0, 1.0))
    picture = drawn(causes.by_class(view(figures(arm("tiny", 0.1, 0.4), attribution=lost), condition="clean")))
    assert picture.takeaway.endswith("of the error regions and 100.0 % of the hits lost.")


def corrected(one: float, rare: float, other: float, n: float = 24, **of: Any) -> list[Any]:
    shares = {"one_repair_share": one, "repair_2_share": 1.0, "class_repair_rare": rare, "class_repair_other": other}
    return [*arm("tiny", 0.1, 0.4, **of), *(row("tiny", name, share, n, **of) for name, share in shares.items())]


def test_one_correction_is_told_only_where_it_does_not_recover_everything() -> None:
    of = figures(corrected(0.75, 0.5, 0.25))
    picture = drawn(causes.corrections(view(of, condition="clean")))
    of_classes = (
        "tiny: correcting rare entity words alone recovers 50.0 % [48.0, 52.0] of 24 hits lost, correcting all other words alone "
        "25.0 % [23.0, 27.0]"
    )
    assert picture.takeaway == f"{of_classes}; 75.0 % [73.0, 77.0] are recoverable by one correction."
    everything = drawn(causes.corrections(view(figures(corrected(1.0, 0.5, 0.25)), condition="clean")))
    assert everything.takeaway == f"{of_classes}."
    assert [line[1] for line in picture.rows] == [
        "by 1 correction", "by 2 corrections", "by rare entity words alone", "by all other words alone",
    ]  # fmt: skip
    assert picture.rows[2] == ("tiny", "by rare entity words alone", "50.0 %", "[48.0, 52.0]", "24")


def test_corrections_of_fewer_than_ten_are_not_quoted() -> None:
    assert causes.corrections(view(figures(corrected(0.75, 0.5, 0.25, n=9)), condition="clean")) is None


def test_corrections_are_those_of_the_retriever_and_condition() -> None:
    rows = [
        *corrected(0.9, 0.9, 0.9), *corrected(0.9, 0.9, 0.9, condition="noise"),
        *corrected(0.9, 0.9, 0.9, retriever="dense"), *corrected(0.5, 0.4, 0.3, condition="noise", retriever="dense"),
    ]  # fmt: skip
    picture = drawn(causes.corrections(view(figures(rows), "dense", "noise")))
    assert picture.takeaway.startswith(
        "tiny with dense, under noise: correcting rare entity words alone recovers 40.0 %"
    )
    assert [line[2] for line in picture.rows] == ["50.0 %", "100.0 %", "40.0 %", "30.0 %"]


# ---- words


def test_words_and_what_stood_in_their_place() -> None:
    words = [
        word("medawar", 4, 1, ("mad dog or", 2), ("", 1)),
        word("okapi", 1, 0, ("a copy", 1)),
        word("paris", 3, 1, ("parrots", 2), cost=0),
        word("okapi", 9, 8, ("a copy", 1), retriever="dense"),
    ]
    of = figures([*arm("tiny", 0.1, 0.4), *arm("tiny", 0.1, 0.4, retriever="dense")], words=words)
    picture = drawn(confusions.recognised_as(view(of, condition="clean", backend="tiny")))
    assert picture.title == "Words that cost hits: tiny"
    assert picture.headings == ("word", "in references", "correct", "recognised as", "hits recoverable")
    assert picture.rows == (
        ("medawar", "4", "1", "mad dog or (2), (nothing) (1)", "1"), ("okapi", "1", "0", "a copy (1)", "1"),
    )  # fmt: skip
    assert picture.takeaway == (
        "tiny with bm25: 1 of the 2 words shown never recognised. medawar stands in 4 references and was recognised correctly "
        "once; in its place: mad dog or (2), (nothing) (1)."
    )


def test_words_of_a_suite_that_is_not_searched_cost_nothing() -> None:
    words = [word("medawar", 4, 1, ("mad dog or", 3), retriever=None, cost=0)]
    of = figures([row("tiny", "wer", 0.1)], words=words)
    picture = drawn(confusions.recognised_as(view(of, None, "clean", "tiny")))
    assert picture.title == "Words misrecognised: tiny"
    assert picture.rows == (("medawar", "4", "1", "mad dog or (3)"),)
    assert picture.takeaway.startswith("tiny: 0 of the 1 word shown never recognised.")


def test_possible_typos_of_the_reference_are_no_words_that_cost() -> None:
    words = [word("mamel", 6, 0, ("mammal", 6)), word("okapi", 1, 0, ("a copy", 1))]
    typos = {"mamel": "mammal", "caracter": "character"}
    of = figures(arm("tiny", 0.1, 0.4), words=words)
    flagged = Figures(replace(of.summary, possible_typos=typos), of.rules)
    picture = drawn(confusions.recognised_as(view(flagged, condition="clean", backend="tiny")))
    assert [line[0] for line in picture.rows] == ["okapi"]
    assert picture.takeaway == (
        "tiny: 1 of the 1 word shown never recognised. okapi stands in 1 reference and was recognised correctly 0 times; in its "
        "place: a copy (1). Left out as possible typos of the reference: mamel (mammal?)."
    )


def test_words_are_of_the_first_backend_and_of_the_one_that_loses_least() -> None:
    losses = {"a": 0.3, "b": 0.1, "c": 0.2}
    words = [word("medawar", 1, 0, ("mad", 1), backend=label) for label in losses]
    of = figures([one for label, lost in losses.items() for one in arm(label, 0.1, lost)], words=words)
    listed = listing.pictures(of, {})
    assert [one.backend for one in listed if one.picture.name == "recognised-as"] == ["a", "b"]


# ---- without a search


def test_a_suite_without_snippets_has_pictures_of_recognition(golden_run: GoldenRun) -> None:
    report = Report.read(golden_run("no_snippets"))
    listed = listing.pictures(report.figures, report.backends)
    assert [(one.picture.name, one.retriever, one.condition, one.backend) for one in listed] == [
        ("wer", None, None, None), ("rare-and-common-wer", None, None, None), ("recognised-as", None, "clean", "tiny"),
        ("recognised-as", None, "clean", "base"),
    ]  # fmt: skip
    wer, rare, words, _ = (one.picture for one in listed)
    assert wer.takeaway == (
        "base has the lowest WER, tiny the next (5.0 % [2.6, 7.7] against 14.3 % [11.0, 17.8]; significant, p < 0.001)."
    )
    assert wer.rows[0] == ("tiny", "clean", "14.3 %", "[11.0, 17.8]", "460")
    assert rare.takeaway.startswith("tiny: rare WER 36.0 % [22.9, 49.0] of 50 rare words, common WER 11.7 %")
    assert rare.rows[1][0::3] == ("base", "50")
    assert "hits" not in str([words.headings, words.takeaway, words.title])


def test_the_lowest_wer_is_told_under_each_condition_and_equal_ones_are_equal() -> None:
    rows = [row("a", "wer", 0.2), row("b", "wer", 0.1), row("c", "wer", 0.3)]
    rows += [row("a", "wer", 0.4, condition="noise"), row("b", "wer", 0.4, condition="noise")]
    tests = [comparison("a", "b", "wer", 0.2)]
    picture = drawn(recognition.error_rate(view(figures(rows, comparisons=tests), None)))
    assert picture.title == "WER by backend and condition"
    assert picture.takeaway == (
        "b under clean has the lowest WER, a the next (10.0 % [8.0, 12.0] against 20.0 % [18.0, 22.0]; not significant, p = "
        "0.200). a under noise and b have the same WER (40.0 % [38.0, 42.0] against 40.0 % [38.0, 42.0])."
    )
    alone = drawn(recognition.error_rate(view(figures([row("a", "wer", 0.2)]), None)))
    assert (alone.title, alone.takeaway) == ("WER by backend", "a: WER 20.0 % [18.0, 22.0].")


# ---- all of them


def test_every_picture_says_of_what_it_is(golden_run: GoldenRun) -> None:
    """With two conditions and two retrievers, no two sentences begin alike and differ in figures."""
    report = Report.read(golden_run("two_by_two"))
    listed = listing.pictures(report.figures, report.backends)
    assert len({one.picture.takeaway for one in listed}) == len(listed) == 22
    for one in listed:
        if one.retriever is not None:
            assert re.search(rf"\b[wW]ith {one.retriever}\b", one.picture.takeaway), one.picture.takeaway
        if one.condition is not None:
            assert f"under {one.condition}" in one.picture.takeaway, one.picture.takeaway


def test_figures_under_a_picture_are_those_of_the_summary(standard: Report) -> None:
    rows = {(r.backend, r.group, r.metric, r.source): r for r in standard.summary.rows}
    wer = drawn(loss.wer_against_loss(View(standard.figures, {}, "bm25")))
    assert [line[0] for line in wer.rows] == BACKENDS
    for backend, condition, shown, _, lost, _ in wer.rows:
        assert condition == "clean"
        assert shown == f"{100 * (rows[backend, 'all', 'wer', 'hypothesis'].value or 0):.1f} %"
        assert lost == f"{100 * (rows[backend, 'all', 'lost', None].value or 0):.1f} %"
    assert wer.takeaway == "In every pair of backends, the lower WER goes with fewer hits lost."
    bands = drawn(rarity.by_rarity(View(standard.figures, {}, "bm25", "clean")))
    assert bands.takeaway == (
        "faster-whisper:tiny.en retains 21.1 % [12.5, 32.1] of 180 hits where the rarest word in the question's entity mentions is "
        "in no word list, and 83.3 % [32.3, 99.7] of 12 hits where it is at Zipf 5 or more. Where it is ten times as frequent, the "
        "odds of a loss are 0.40 times as high [0.33, 0.49], p < 0.001."
    )
    classes = drawn(causes.by_class(View(standard.figures, {}, "bm25", "clean")))
    assert classes.rows[0] == (BACKENDS[0], "rare entity words", "61.4 % [55.8, 66.8]", "88.1 % [82.7, 92.6]")
    assert classes.takeaway.startswith(
        "faster-whisper:tiny.en: rare entity words are 61.4 % [55.8, 66.8] of the error regions and 88.1 % [82.7, 92.6] of the "
        "hits lost."
    )
    repaired = drawn(causes.corrections(View(standard.figures, {}, "bm25", "clean")))
    assert repaired.rows[0][:4] == (BACKENDS[0], "by 1 correction", "98.9 %", "[96.8, 99.8]")
    words = drawn(confusions.recognised_as(View(standard.figures, {}, "bm25", "clean", BACKENDS[0])))
    first = next(w for w in standard.summary.words if w.backend == BACKENDS[0])
    assert words.rows[0] == (
        first.word, str(first.n_reference), str(first.n_correct), forms(first.recognised_as), str(first.recoverable),
    )  # fmt: skip


def test_a_tie_of_the_demo_is_told() -> None:
    report = Report.read(REFERENCES / "demo")
    assert loss.order_sentence(view(report.figures)) == (
        "faster-whisper:tiny.en and pocketsphinx+oracle have equally many hits lost (39.6 %), at a WER of 14.9 % and 41.8 %. In "
        "the other pairs the lower WER goes with fewer hits lost."
    )


def test_every_series_has_a_mark_beside_its_colour(standard: Report) -> None:
    of = View(standard.figures, {}, "bm25", "clean")
    for draw in (loss.wer_against_loss, causes.by_class, causes.corrections):
        picture = drawn(draw(of))
        image = svg(picture)
        for colour in SERIES[: len(BACKENDS)]:
            assert colour in image.lower()
        legend = re.findall(r'role-legend-symbol.*?d="([^"]+)"', image)
        assert len(set(legend)) == len(BACKENDS), picture.name
        assert picture.takeaway.endswith(".")


def test_a_backend_has_one_colour_and_one_mark_in_all_pictures(golden_run: GoldenRun) -> None:
    report = Report.read(golden_run("two_by_two"))
    for field, n_marks in (("color", 4), ("shape", 4), ("strokeDash", 4)):
        marks = {
            mark
            for one in listing.pictures(report.figures, report.backends)
            for mark in marks_of(one.picture, field).items()
        }
        assert len(marks) == len({series for series, _ in marks}) == len({mark for _, mark in marks}) == n_marks


HOSTILE = "a\u2028\"');alert(1)//</text><script>x</script>\\"


def test_a_label_cannot_speak_to_the_drawing_program(standard: Report) -> None:
    """Vega-Lite writes labels into expressions, where a line separator would end a string."""
    summary = standard.summary
    relabelled = replace(
        summary,
        rows=tuple(replace(row, backend=HOSTILE + row.backend) for row in summary.rows),
        attribution=tuple(replace(row, backend=HOSTILE + row.backend) for row in summary.attribution),
        words=tuple(replace(word, backend=HOSTILE + word.backend, word=HOSTILE) for word in summary.words),
    )
    listed = listing.pictures(Figures(relabelled, standard.rules), {})
    assert {"wer-against-loss", "loss-by-word-class", "corrections", "recognised-as"} <= {
        one.picture.name for one in listed
    }
    for one in listed:
        assert "\u2028" not in str(specification(one.picture))
        shown = str(themed(svg(one.picture), HOSTILE))
        assert "<script" not in shown
        assert set(re.findall(r"<([a-z]+)", shown)) <= {
            "svg", "g", "path", "line", "rect", "circle", "text", "tspan", "title",
        }  # fmt: skip


def test_only_what_draws_is_kept_of_a_picture() -> None:
    image = (
        '<svg xmlns="http://www.w3.org/2000/svg" onload="x()" viewBox="0 0 1 1" width="9"><script>x()</script>'
        '<a href="javascript:x()"><rect/></a><rect fill="url(http://host/x)" style="fill:red" width="1" onclick="x()"/>'
        '<path role="graphics-symbol" aria-label="b: &lt;1&gt;" d="M0,0" fill="#0072B2"/><text fill="#1c1f24">&lt;b&gt;</text></svg>'
    )
    shown = str(themed(image, 'a "picture"'))
    for gone in ("onload", "script", "href", "javascript", "url(", "style", "onclick", 'width="9"'):
        assert gone not in shown
    assert 'aria-label="a &quot;picture&quot;"' in shown
    assert "<title>b: &lt;1&gt;</title>" in shown
    assert 'fill="var(--series-1)"' in shown
    assert '<text fill="var(--ink)">&lt;b&gt;</text>' in shown
