"""`harness compare`: pairs, tests, refusals and gates, on runs of recorded transcripts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from scipy.stats import binomtest

import harness
from harness.analysis.comparisons import Comparison
from harness.cli import main
from harness.errors import RunError, UnknownName, UsageError
from tests.conftest import WriteSuite, write_lines
from tests.runs.conftest import NAMES, Run, call
from tests.runs.early_runs import without_digests


def of(comparisons: Sequence[Comparison], metric: str) -> Comparison:
    (found,) = [comparison for comparison in comparisons if comparison.metric == metric]
    return found


def test_one_run_is_compared_as_in_its_summary(suite: Path, run: Run) -> None:
    folder = run(suite, "run", "vendor", "half", "perfect")
    stored = json.loads((folder / "summary.json").read_text())
    status, out, _ = call(folder, "--json")
    found = json.loads(out)
    assert status == 0
    assert found["comparisons"] == stored["comparisons"]
    rows = {
        (r["backend"], r["metric"]): r for r in stored["rows"] if r["group"] == "all" and r["source"] != "reference"
    }
    for figure in found["figures"]:
        row = rows[figure["label"], figure["metric"]]
        assert [figure[key] for key in ("value", "ci_low", "ci_high")] == [
            row[k] for k in ("value", "ci_low", "ci_high")
        ]
    assert {(c["a"], c["b"]) for c in found["comparisons"]} == {
        ("replay:vendor", "replay:half"),
        ("replay:vendor", "replay:perfect"),
    }


def test_yes_or_no_outcomes_of_single_recordings_get_mcnemars_test(one_voice: Path, run: Run) -> None:
    found = harness.compare(run(one_voice, "run", "vendor", "half")).comparisons
    hit = of(found, "hit@1")
    assert hit.delta == pytest.approx(4 / 12)
    assert (hit.test, hit.n) == ("mcnemar", 12)
    assert hit.p_value == pytest.approx(binomtest(0, 4).pvalue)
    assert of(found, "lost").delta == pytest.approx(-4 / 12)
    recall = of(found, "entity_recall")
    assert (recall.test, recall.p_value) == ("sign-flip", pytest.approx(2 / 2**4))
    assert of(found, "wer").test == "sign-flip"  # eight segments are too few for the normal distribution


def test_several_recordings_of_a_question_make_no_evidence_stronger(suite: Path, one_voice: Path, run: Run) -> None:
    single = harness.compare(run(one_voice, "single", "vendor", "half")).comparisons
    both = [
        {"id": f"q{n}.{voice}", "question_id": f"q{n}", "speaker": voice} for n in range(len(NAMES)) for voice in "ab"
    ]
    write_lines(suite / "utterances.jsonl", both)
    double = harness.compare(run(suite, "double", "vendor", "half")).comparisons
    assert of(double, "hit@1").test == "sign-flip"
    for one, two in zip(single, double, strict=True):
        if one.metric != "false_rare_insertions":  # a count: twice as many
            assert (one.delta, one.ci_low, one.ci_high, one.n) == (two.delta, two.ci_low, two.ci_high, two.n)
        assert one.p_value == pytest.approx(two.p_value)


def test_enough_segments_bring_mapsswe(write_suite: WriteSuite, run: Run) -> None:
    questions = [{"id": f"q{n}", "text": f"one two three four five {n % 9}"} for n in range(120)]
    starts = ("one two", "two two", "nine nine")
    hypotheses = {f"q{n}": f"{starts[n % 3]} three four five {n % 9}" for n in range(120)}
    root = write_suite("many", questions, [], hypotheses)
    lines = [{"id": f"q{n}.a", "question_id": f"q{n}"} for n in range(120)]
    write_lines(root / "utterances.jsonl", lines)
    wer = of(harness.compare(run(root, "run", "vendor", "perfect"), metrics=["wer"]).comparisons, "wer")
    assert wer.test == "mapsswe"
    assert wer.p_value is not None
    assert wer.p_value == wer.p_holm < 1e-12


def test_holm_takes_in_a_family_of_comparisons(suite: Path, run: Run) -> None:
    found = harness.compare(run(suite, "run", "vendor", "half", "perfect")).comparisons
    assert {c.family for c in found} == {"primary", "recognition", "retrieval:bm25"}
    assert {c.metric for c in found if c.family == "primary"} == {"hit@1"}
    for family in {c.family for c in found}:
        members = [c for c in found if c.family == family and c.p_value is not None]
        least = min(members, key=lambda c: c.p_value or 0.0)
        assert least.p_holm == pytest.approx(min(1.0, len(members) * (least.p_value or 0.0)))
    assert all(c.p_holm >= c.p_value for c in found if c.p_value is not None and c.p_holm is not None)


def test_another_retriever_moves_no_p_value_of_recognition_or_of_the_outcome(suite: Path, tmp_path: Path) -> None:
    backends = ["replay:vendor", "replay:half", "replay:perfect"]
    one, three = (
        harness.run(suite, backends=backends, retrievers=retrievers, out=tmp_path / f"with-{len(retrievers)}").summary
        for retrievers in (["bm25"], ["bm25", "rank-bm25", "phonetic"])
    )
    assert len(three.comparisons) > len(one.comparisons)
    kept = {(c.b, c.metric, c.retriever): c.p_holm for c in three.comparisons}
    assert any(c.p_holm is not None for c in one.comparisons)
    for c in one.comparisons:
        assert kept[c.b, c.metric, c.retriever] == c.p_holm


def test_metrics_are_chosen(suite: Path, run: Run) -> None:
    one = harness.compare(run(suite, "run", "vendor", "half", "perfect"), metrics=["hit@1"]).comparisons
    assert len(one) == 2


def test_several_runs_pair_backends_of_one_label(suite: Path, run: Run) -> None:
    before, after = run(suite, "before", "vendor"), run(suite, "after", "half", "vendor")
    found = harness.compare(before, after, metrics=["hit@1"]).comparisons
    assert [(c.a, c.b, c.delta) for c in found] == [("before/replay:vendor", "after/replay:vendor", 0.0)]
    same = found[0]
    assert (same.p_value, same.detectable) == (1.0, None)
    chosen = harness.compare(before, after, metrics=["hit@1"], baseline="after/replay:half").comparisons
    assert [(c.a, c.b) for c in chosen] == [
        ("after/replay:half", "before/replay:vendor"),
        ("after/replay:half", "after/replay:vendor"),
    ]


def test_recordings_of_one_run_only_are_left_out(suite: Path, run: Run) -> None:
    few, all_ = run(suite, "few", "half", limit=5), run(suite, "all", "vendor")
    found = harness.compare(few, all_, metrics=["hit@1"], baseline="few/replay:half")
    assert found.left_out == 14
    assert of(found.comparisons, "hit@1").n == 5
    assert of(found.comparisons, "hit@1").delta == pytest.approx(-1 / 5)


def test_samples_that_failed_are_wrong_in_their_arm(suite: Path, run: Run) -> None:
    path = suite / "transcripts" / "perfect.jsonl"
    path.write_text("".join(line + "\n" for line in path.read_text().splitlines()[2:]))  # q0 by both voices
    hit = of(harness.compare(run(suite, "run", "half", "perfect")).comparisons, "hit@1")
    assert (hit.delta, hit.n) == (pytest.approx(3 / 12), 12)


def test_unequal_suites_are_refused(suite: Path, run: Run) -> None:
    first = run(suite, "first", "vendor")
    with (suite / "snippets.jsonl").open("a") as file:
        file.write(json.dumps({"id": "more", "text": "More."}) + "\n")
    second = run(suite, "second", "vendor")
    with pytest.raises(RunError, match="another suite") as raised:
        harness.compare(first, second)
    digests = [json.loads((folder / "run.json").read_text())["digests"]["suite"][:12] for folder in (first, second)]
    assert all(part in str(raised.value) for part in (str(first), str(second), *digests))
    status, out, err = call(first, second)
    assert (status, out) == (2, "")
    assert err.startswith("harness: ")


def test_what_cannot_be_compared_is_said(suite: Path, run: Run, tmp_path: Path) -> None:
    single = run(suite, "single", "vendor")
    with pytest.raises(UsageError, match="one backend only"):
        harness.compare(single)
    with pytest.raises(UsageError, match="twice"):
        harness.compare(single, single)
    with pytest.raises(RunError, match=r"no run\.json"):
        harness.compare(tmp_path / "absent")
    pair = run(suite, "pair", "vendor", "half")
    with pytest.raises(UnknownName, match="Did you mean 'rare_wer'"):
        harness.compare(pair, metrics=["rare_wre"])
    with pytest.raises(UnknownName, match="unknown baseline"):
        harness.compare(pair, baseline="replay:nobody")
    record = json.loads((without_digests(pair) / "run.json").read_text())
    (pair / "run.json").write_text(json.dumps({**record, "status": "cancelled"}))
    with pytest.raises(RunError, match="cut short"):
        harness.compare(pair)


def test_the_tables_say_what_a_person_needs(suite: Path, run: Run) -> None:
    status, out, _ = call(run(suite, "run", "vendor", "half"))
    assert status == 0
    text = " ".join(out.split())
    assert "replay:half against replay:vendor" in text
    assert "hit@1 ASR, bm25 33.3 % 66.7 % +33.3 sign-flip 0.125" in text
    assert "[+8.3, +58.3]" in text
    assert "12 questions would show differences above" in text
    assert "4 times in 5, before Holm's adjustment." in text
    assert all(len(line) <= 80 for line in out.splitlines() if "run" not in line)  # its path may be long
    assert "harness compare" in CliRunner().invoke(main, ["compare", "--help"]).stdout.split("Example:")[1]


def test_a_backend_without_a_single_transcript_is_not_compared(suite: Path, tmp_path: Path) -> None:
    (suite / "transcripts" / "dead.jsonl").write_text("", encoding="utf-8")
    folder = tmp_path / "dead"
    found = harness.run(suite, backends=["replay:vendor", "replay:dead"], out=folder)
    assert found.summary.comparisons == ()
    with pytest.raises(RunError, match="every sample of replay:dead failed"):
        harness.compare(folder)


def test_runs_that_judge_by_different_outcomes_are_refused(suite: Path, tmp_path: Path) -> None:
    for outcome in ("hit@1", "hit@5"):
        spec = tmp_path / f"{outcome}.toml"
        spec.write_text(f'suite = "{suite}"\noutcome = "{outcome}"\n[[backend]]\nname = "replay"\nmodel = "vendor"\n')
        harness.run(spec, out=tmp_path / outcome)
    with pytest.raises(RunError, match="another outcome"):
        harness.compare(tmp_path / "hit@1", tmp_path / "hit@5")
