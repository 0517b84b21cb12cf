"""How numbers are written: units, signs, edges, and what a figure rests on."""

from __future__ import annotations

import pytest

from harness.analysis.comparisons import Comparison
from harness.analysis.metrics import metric
from harness.analysis.summary import Row
from harness.report.numbers import difference, figure, interval, is_few, of_n, p_text, size, with_interval


def row(
    name: str, value: float | None, low: float | None = None, high: float | None = None, n: float | None = 48
) -> Row:
    return Row(
        backend="b", condition="clean", retriever=None, source="hypothesis", group="all", metric=name, value=value, ci_low=low,
        ci_high=high, n_planned=48, n_scored=48, n_error=0, n_missing=0, n=n, n_questions=48,
    )  # fmt: skip


def compared(name: str, delta: float | None, low: float | None = None, high: float | None = None) -> Comparison:
    return Comparison("a", "b", "clean", None, name, delta, low, high, "sign-flip", 0.04, 0.05, 48)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("wer", 0.1875, "18.8 %"),
        ("hit@1", 1.0, "100.0 %"),
        ("rr@10", 0.5, "0.500"),
        ("false_rare_insertions", 18.0, "18"),
        ("leverage_rare", 2.0, "2.00"),
        ("latency_p50", 0.05, "0.050 s"),
        ("wer", None, "-"),
        ("wer", -0.0, "0.0 %"),
    ],
)
def test_figures_have_the_unit_of_their_metric(name: str, value: float | None, text: str) -> None:
    assert figure(value, metric(name)) == text


def test_intervals() -> None:
    assert with_interval(row("wer", 0.125, 0.08, 0.172), metric("wer")) == "12.5 % [8.0, 17.2]"
    assert interval(row("wer", 0.125), metric("wer")) == ""
    assert interval(row("latency_p50", 0.05, 0.04, 0.06), metric("latency_p50")) == "[0.040, 0.060]"
    assert interval(row("real_time_factor", 0.5, 0.4, 0.6), metric("real_time_factor")) == "", "sums over all samples"
    assert with_interval(None, metric("wer")) == "-"


@pytest.mark.parametrize(
    ("name", "figures", "text"),
    [
        ("wer", (0.013, -0.002, 0.029), "+1.3 points [-0.2, +2.9]"),
        ("wer", (-0.1, -0.15, -0.05), "-10.0 points [-15.0, -5.0]"),
        ("hit@1", (0.0, 0.0, 0.0), "0.0 points [0.0, 0.0]"),
        ("hit@1", (-0.0, -0.0001, 0.0001), "0.0 points [0.0, 0.0]"),
        ("false_rare_insertions", (4, 1, 8), "+4 [+1, +8]"),
        ("rr@10", (0.25, 0.125, 0.375), "+0.250 [+0.125, +0.375]"),
        ("wer", (0.5, None, None), "+50.0 points"),
        ("wer", (None, None, None), "-"),
    ],
)
def test_differences_have_a_sign_unless_they_round_to_nothing(
    name: str, figures: tuple[float | None, float | None, float | None], text: str
) -> None:
    assert difference(compared(name, *figures), metric(name)) == text


def test_sizes_of_differences() -> None:
    assert [size(amount, metric(name)) for name, amount in (("wer", 0.04), ("rr@10", 0.04))] == ["4.0 points", "0.040"]


@pytest.mark.parametrize(
    ("p_value", "text"),
    [(0.0123, "p = 0.012"), (0.001, "p = 0.001"), (0.0009, "p < 0.001"), (1.0, "p = 1.000"), (None, "no test")],
)
def test_p_values(p_value: float | None, text: str) -> None:
    assert p_text(p_value) == text


@pytest.mark.parametrize(("n", "few"), [(0.0, True), (9.0, True), (10.0, False), (48.0, False), (None, False)])
def test_what_rests_on_fewer_than_ten_is_few(n: float | None, few: bool) -> None:
    for name in ("entity_recall", "rare_wer"):
        assert is_few(row(name, 0.5, n=n), metric(name)) is few
    assert not is_few(row("rr@10", 0.5, n=n), metric("rr@10"))
    assert not is_few(row("false_rare_insertions", 5, n=n), metric("false_rare_insertions"))


def test_what_a_figure_rests_on() -> None:
    assert of_n(row("rare_wer", 0.5, n=132), metric("rare_wer")) == "132 rare words"
    assert of_n(row("retained", 0.5, n=46), metric("retained")) == "46 hits from the reference"
    assert of_n(row("false_rare_insertions", 4, n=None), metric("false_rare_insertions")) == ""
    assert of_n(row("real_time_factor", 0.5, n=12.5), metric("real_time_factor")) == ""
