"""Gates: which expressions are read, which figures and differences they fail on, and the sentences that say so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import harness
from harness.analysis.comparisons import Comparison
from harness.errors import GateFailed, RunError, UnknownName, UsageError
from harness.runs.gates import Figure, Gate
from tests.runs.conftest import Run, call


def difference(delta: float, p_holm: float | None, test: str | None = "mcnemar", retriever: str = "bm25") -> Comparison:
    return Comparison(
        "base", "tiny", "babble 10 dB", retriever, "hit@1", delta, delta - 0.1, delta + 0.1, test, 0.001, p_holm, 48
    )


def figure(value: float, ci_low: float | None, ci_high: float | None) -> Figure:
    return Figure("tiny", "clean", "bm25", "hit@1", value, ci_low, ci_high, 48)


# ---- sentences


def test_a_gate_on_a_difference_says_that_it_looks_at_the_point_estimate() -> None:
    (result,) = Gate.parse("hit@1 < -0.02").check([], [difference(-0.05, 0.31)])
    assert (result.beyond, result.failed) == (True, True)
    assert result.sentence == (
        "tiny against base, babble 10 dB, bm25: hit@1 -0.0500 [-0.1500, +0.0500] (point estimate; p = 0.31, McNemar, "
        "Holm-adjusted: not significant); the gate 'hit@1 < -0.02' fails."
    )


def test_a_significant_gate_holds_where_the_difference_is_not() -> None:
    (result,) = Gate.parse("hit@1 < -0.02", significant=True).check([], [difference(-0.05, 0.31)])
    assert (result.beyond, result.failed) == (True, False)
    assert result.sentence == (
        "tiny against base, babble 10 dB, bm25: hit@1 -0.0500 [-0.1500, +0.0500] (p = 0.31, McNemar, Holm-adjusted: not "
        "significant); the gate 'hit@1 < -0.02' holds."
    )


def test_a_significant_gate_fails_where_the_difference_is_significant_and_beyond_the_bound() -> None:
    (result,) = Gate.parse("hit@1 < -0.02", significant=True).check([], [difference(-0.15, 0.0004)])
    assert result.failed
    assert result.sentence == (
        "tiny against base, babble 10 dB, bm25: hit@1 -0.1500 [-0.2500, -0.0500] (p < 0.001, McNemar, Holm-adjusted: "
        "significant); the gate 'hit@1 < -0.02' fails."
    )


@pytest.mark.parametrize(
    ("delta", "p_holm", "failed"),
    [
        (-0.15, 0.049, True),
        (-0.15, 0.05, False),  # the level itself is not significant
        (-0.15, None, False),
        (-0.01, 0.001, False),  # significant, and within the bound
        (+0.15, 0.001, False),
    ],
)
def test_significance_and_bound_must_both_hold(delta: float, p_holm: float | None, failed: bool) -> None:
    (result,) = Gate.parse("hit@1 < -0.02", significant=True).check([], [difference(delta, p_holm)])
    assert result.failed is failed


def test_a_difference_without_a_test_is_called_so() -> None:
    (result,) = Gate.parse("hit@1 < -0.02").check([], [difference(-0.15, None, None)])
    assert "(point estimate; not tested)" in result.sentence


@pytest.mark.parametrize(
    ("expression", "interval", "failed"),
    [
        ("hit@1 < 0.7", (0.4, 0.69), True),
        ("hit@1 < 0.7", (0.4, 0.7), False),
        ("hit@1 <= 0.7", (0.4, 0.7), True),
        ("hit@1 > 0.4", (0.41, 0.7), True),
        ("hit@1 > 0.4", (0.4, 0.7), False),
        ("hit@1 >= 0.4", (0.4, 0.7), True),
        ("hit@1 < 0.7", (None, None), False),
    ],
)
def test_a_significant_gate_on_a_figure_asks_for_the_whole_interval(
    expression: str, interval: tuple[float | None, float | None], failed: bool
) -> None:
    (result,) = Gate.parse(expression, significant=True).check([figure(0.5, *interval)], [])
    assert result.failed is failed
    assert result.beyond
    (without,) = Gate.parse(expression).check([figure(0.5, *interval)], [])
    assert without.failed
    assert "(point estimate);" in without.sentence


def test_a_gate_on_a_figure_says_what_of_its_interval_lies_beyond() -> None:
    gate = Gate.parse("hit@1 < 0.7", significant=True)
    sentences = [
        one.sentence for one in gate.check([figure(0.5, 0.4, 0.6), figure(0.5, 0.2, 0.8), figure(0.5, None, None)], [])
    ]
    assert sentences == [
        "tiny, clean, bm25: hit@1 0.5000 [0.4000, 0.6000] (the whole interval is beyond the bound); the gate 'hit@1 < 0.7' "
        "fails.",
        "tiny, clean, bm25: hit@1 0.5000 [0.2000, 0.8000] (not the whole interval is beyond the bound); the gate "
        "'hit@1 < 0.7' holds.",
        "tiny, clean, bm25: hit@1 0.5000 (no interval); the gate 'hit@1 < 0.7' holds.",
    ]


# ---- expressions


@pytest.mark.parametrize(
    "gate",
    [
        "hit@1",
        "hit@1 = 0.5",
        "rare_wer >> 2",
        "< 0.5",
        "hit@1 < 0.5 or wer > 1",
        "wer > 1e3",
        "wer > nan",
        "",
        "WER > 0.5",
    ],
)
def test_a_malformed_gate_is_answered_with_an_example(suite: Path, run: Run, gate: str) -> None:
    folder = run(suite, "run", "vendor", "half")
    with pytest.raises(UsageError, match=r"'rare_wer > \+0\.02'"):
        harness.compare(folder, fail_if=[gate])
    status, out, err = call(folder, "--fail-if", gate)
    assert (status, out) == (2, "")
    assert err.startswith(
        f"harness: --fail-if {gate!r} cannot be read. Expected METRIC, one of > >= < <=, and a fraction"
    )


@pytest.mark.parametrize(
    ("gate", "meant"),
    [
        ("rare_wer > 2%", "rare_wer > 0.02"),
        ("rare_wer > +2.5 %", "rare_wer > +0.025"),
        ("hit@1 <= 70%", "hit@1 <= 0.7"),
    ],
)
def test_per_cent_is_answered_with_the_fraction(gate: str, meant: str) -> None:
    with pytest.raises(UsageError, match="cannot be read") as raised:
        Gate.parse(gate)
    assert f" Write {meant}. " in str(raised.value)
    Gate.parse(meant)


@pytest.mark.parametrize("gate", ["hit@1 < 70", "lost > +2", "f1 < 82.5", "ndcg@10 < 2", "runaway_rate > 1.5"])
def test_a_share_is_not_bounded_by_what_no_share_can_be(gate: str) -> None:
    with pytest.raises(UsageError, match="is a share, from 0 to 1"):
        Gate.parse(gate)


@pytest.mark.parametrize("gate", ["wer > 2", "false_rare_insertions > 20", "hit@1 < 1", "false_rare_insertions > +5"])
def test_error_rates_and_counts_may_exceed_one(gate: str) -> None:
    assert Gate.parse(gate).expression == gate


def test_significance_without_a_gate_is_refused(suite: Path, run: Run) -> None:
    status, _, err = call(run(suite, "run", "vendor", "half"), "--significant")
    assert status == 2
    assert "there is no gate. Give one with --fail-if." in err


# ---- on runs


@pytest.mark.parametrize(
    ("gate", "failures"),
    [
        ("hit@1 < 0.7", 2),  # 4 and 8 of 12: in a single run the baseline counts too
        ("hit@1 < 0.6", 1),
        ("hit@1 < 0.3", 0),
        ("hit@1 <= 0.3333333334", 1),
        ("hit@1 > +0.3", 1),
        ("hit@1 > +0.4", 0),
        ("hit@1 < -0.1", 0),
        ("rare_wer > +0.02", 0),
        ("rare_wer <= -0.25", 1),
        ("false_rare_insertions>=0", 2),
    ],
)
def test_gates_look_at_figures_or_at_differences(suite: Path, run: Run, gate: str, failures: int) -> None:
    folder = run(suite, "run", "vendor", "half")
    compared = harness.compare(folder, fail_if=[gate])
    assert len(compared.gates_failed) == failures
    if failures:
        with pytest.raises(GateFailed):
            compared.check_gates()
    status, out, err = call(folder, "--fail-if", gate)
    assert status == (1 if failures else 0)
    assert all(sentence in err for sentence in compared.gates_failed)
    n = len(compared.gates)
    assert f"Gate {gate!r}: {f'fails for {failures}' if failures else f'holds for {n}'} of {n}." in " ".join(
        out.split()
    )


def test_a_gate_that_asks_for_significance_fails_later(suite: Path, run: Run) -> None:
    """Four questions of twelve differ: hit@1 by 33 points, at p = 0.125. All of twelve against four: p = 0.008."""
    before, after = run(suite, "before", "perfect", "half"), run(suite, "after", "vendor")
    gate = ("--baseline", "before/replay:half", "--fail-if", "hit@1 < -0.1", "--metric", "hit@1")
    status, out, err = call(before, after, *gate)
    assert status == 1
    assert "after/replay:vendor against before/replay:half, clean, bm25: hit@1 -0.3333 [-0." in err
    assert (
        "(point estimate; p = 0.25, sign-flip, Holm-adjusted: not significant); the gate 'hit@1 < -0.1' fails." in err
    )
    status, out, err = call(before, after, *gate, "--significant")
    assert (status, err) == (0, "")
    text = " ".join(out.split())
    assert "Gate 'hit@1 < -0.1': holds for 2 of 2." in text
    assert "p = 0.25, sign-flip, Holm-adjusted: not significant); the gate 'hit@1 < -0.1' holds." in text
    status, _, err = call(
        before, after, "--baseline", "before/replay:perfect", "--fail-if", "hit@1 < -0.1", "--significant"
    )
    assert status == 1
    assert "after/replay:vendor against before/replay:perfect, clean, bm25: hit@1 -0.6667" in err
    assert "sign-flip, Holm-adjusted: significant); the gate 'hit@1 < -0.1' fails." in err
    assert "before/replay:half" not in err  # a third less than perfect, p = 0.125


def test_a_gate_names_every_retriever_that_it_judges(suite: Path, run: Run) -> None:
    folder = run(suite, "run", "half", "vendor", retrievers=["bm25", "phonetic"])
    compared = harness.compare(folder, fail_if=["hit@1 < -0.1"])
    places = [sentence.partition(":  ")[0].partition(": hit@1")[0] for sentence in compared.gates_failed]
    assert places == [f"replay:vendor against replay:half, clean, {retriever}" for retriever in ("bm25", "phonetic")]


def test_a_gate_names_every_condition_that_it_judges(suite: Path, tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(
        f'suite = "{suite}"\n[[backend]]\nname = "replay"\nmodel = "half"\n[[backend]]\nname = "replay"\nmodel = "vendor"\n'
        '[[condition]]\nname = "clean"\n[[condition]]\nname = "telephone"\n'
    )
    harness.run(spec, out=tmp_path / "run", jobs=1)
    compared = harness.compare(tmp_path / "run", fail_if=["hit@1 < -0.1"])
    assert [result.sentence.split(", ")[1] for result in compared.gates] == ["clean", "telephone"]


def test_gates_on_figures_look_at_the_later_runs(suite: Path, run: Run) -> None:
    before, after = run(suite, "before", "half", "perfect"), run(suite, "after", "half", "vendor")
    labels = [
        {result.sentence.partition(",")[0] for result in harness.compare(*runs, fail_if=["hit@1 < 0.9"]).gates}
        for runs in ((before, after), (after, before), (after,))
    ]
    assert labels == [
        {"after/replay:half", "after/replay:vendor"},
        {"before/replay:half", "before/replay:perfect"},
        {"replay:half", "replay:vendor"},
    ]


def test_one_backend_is_enough_for_a_gate_on_a_figure(suite: Path, run: Run) -> None:
    folder = run(suite, "run", "vendor")
    assert harness.compare(folder, fail_if=["hit@1 < 0.5"]).gates_failed
    status, out, _ = call(folder, "--fail-if", "hit@1 < 0.2")
    assert status == 0
    assert "against" not in out
    with pytest.raises(UsageError, match="no difference of hit@1 to judge"):
        harness.compare(folder, fail_if=["hit@1 < 0.5", "hit@1 < -0.1"])


def test_a_gate_without_anything_to_judge_is_refused(suite: Path, run: Run) -> None:
    with pytest.raises(UnknownName, match="unknown metric 'hit@2'"):
        harness.compare(run(suite, "run", "vendor", "half"), fail_if=["hit@2 < 0.5"])
    with pytest.raises(UsageError, match="one backend only"):
        harness.compare(run(suite, "single", "vendor"), fail_if=["hit@1 < -0.5"])


def test_a_gate_on_a_figure_that_only_the_first_run_has_is_refused(suite: Path, run: Run) -> None:
    lines = [json.loads(line) for line in (suite / "questions.jsonl").read_text().splitlines()]
    (suite / "questions.jsonl").write_text("".join(json.dumps({**line, "answers": ["page"]}) + "\n" for line in lines))
    before, after = run(suite, "before", "vendor"), run(suite, "after", "vendor", answerer="none")
    with pytest.raises(UsageError, match="these runs have no figure of exact_match to judge"):
        harness.compare(before, after, fail_if=["exact_match < 0.5"])


def test_json_holds_what_every_gate_says(suite: Path, run: Run) -> None:
    folder = run(suite, "run", "half", "vendor")
    status, out, err = call(folder, "--json", "--fail-if", "hit@1 < -0.1", "--fail-if", "hit@1 < 0.2")
    written = json.loads(out)
    assert status == 1
    assert [(gate["expression"], gate["beyond"], gate["failed"]) for gate in written["gates"]] == [
        ("hit@1 < -0.1", True, True),
        ("hit@1 < 0.2", False, False),
        ("hit@1 < 0.2", False, False),
    ]
    assert written["gates_failed"] == [written["gates"][0]["sentence"]]
    assert written["gates_failed"][0] in err


# ---- backends without a transcript


def test_a_gate_on_differences_does_not_hold_for_a_backend_that_is_dead(suite: Path, run: Run) -> None:
    (suite / "transcripts" / "dead.jsonl").write_text("", encoding="utf-8")
    folder = run(suite, "dead", "vendor", "half", "dead")
    for significant in (False, True):
        compared = harness.compare(folder, fail_if=["wer > +5"], significant=significant)
        assert compared.gates_failed == (
            "replay:dead against replay:vendor, clean: every sample of replay:dead failed, so there is no transcript to "
            "compare. Mend what failed (`error` in its samples) and run again.",
        )
        assert {c.b for c in compared.comparisons} == {"replay:half"}
    assert not harness.compare(folder).gates_failed  # without a gate, nothing fails


def test_a_gate_on_figures_does_not_hold_for_a_backend_that_is_dead(suite: Path, run: Run) -> None:
    (suite / "transcripts" / "dead.jsonl").write_text("", encoding="utf-8")
    folder = run(suite, "dead", "dead")
    status, out, err = call(folder, "--fail-if", "false_rare_insertions > 5")
    assert status == 1
    assert (
        "replay:dead, clean: every sample failed, so nothing shows that the gate 'false_rare_insertions > 5' holds."
        in err
    )
    assert "replay:dead, clean: every sample failed, so it has no figures." in " ".join(out.split())
    with pytest.raises(RunError, match="every sample of replay:dead failed"):
        harness.compare(run(suite, "two", "vendor", "dead"), fail_if=["wer > +5"])
