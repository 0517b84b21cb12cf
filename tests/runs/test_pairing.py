"""Which backends of several runs are compared, which are named as not compared, and what is refused."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

import harness
from harness.errors import RunError, UnknownName, UsageError
from harness.runs.compare import ComparedRuns
from tests.runs.conftest import Run, call
from tests.runs.early_runs import without_digests


def pairs(compared: ComparedRuns) -> list[tuple[str, str]]:
    return list(dict.fromkeys((c.a, c.b) for c in compared.comparisons))


def write_spec(path: Path, suite: Path, *lines: str) -> Path:
    backends = '[[backend]]\nname = "replay"\nmodel = "vendor"\n[[backend]]\nname = "replay"\nmodel = "half"\n'
    path.write_text(f'suite = "{suite}"\n' + "".join(line + "\n" for line in lines) + backends)
    return path


# ---- labels


def test_backends_of_one_label_are_compared_across_runs(suite: Path, run: Run) -> None:
    before, after = run(suite, "before", "half", "vendor"), run(suite, "after", "vendor", "half")
    compared = harness.compare(before, after)
    assert pairs(compared) == [(f"before/replay:{name}", f"after/replay:{name}") for name in ("vendor", "half")]
    assert compared.not_compared == ()


def test_runs_without_a_common_label_are_refused_with_the_baseline_that_would_do(suite: Path, run: Run) -> None:
    before, after = run(suite, "before", "half"), run(suite, "after", "vendor", "perfect")
    status, out, err = call(before, after, "--fail-if", "hit@1 < 0.1")
    assert (status, out) == (2, "")
    assert err == (
        "harness: no backend of after has the label of one in before, so it is not clear what to compare: before has "
        "replay:half; after: replay:vendor, replay:perfect. Name the backend that all others are compared with, for "
        "instance --baseline before/replay:half.\n"
    )
    named = re.findall(r"--baseline (\S+)\.", err)
    assert pairs(harness.compare(before, after, baseline=named[0])) == [
        ("before/replay:half", "after/replay:vendor"),
        ("before/replay:half", "after/replay:perfect"),
    ]


def test_backends_without_a_counterpart_are_named(suite: Path, run: Run) -> None:
    before, after = run(suite, "before", "vendor", "half"), run(suite, "after", "vendor", "perfect")
    compared = harness.compare(before, after)
    assert pairs(compared) == [("before/replay:vendor", "after/replay:vendor")]
    assert compared.not_compared == (
        "after/replay:perfect: before has no backend of this label. --baseline before/replay:vendor compares all with that "
        "one.",
        "before/replay:half: no later run has a backend of this label.",
    )
    status, out, _ = call(before, after)
    assert status == 0
    assert all(f"Not compared: {sentence}" in " ".join(out.split()) for sentence in compared.not_compared)


def test_every_later_run_is_compared_with_the_first(suite: Path, run: Run) -> None:
    runs = [run(suite, name, transcript) for name, transcript in (("a", "vendor"), ("b", "vendor"), ("c", "half"))]
    compared = harness.compare(*runs)
    assert pairs(compared) == [("a/replay:vendor", "b/replay:vendor")]
    assert [sentence.partition(":")[0] for sentence in compared.not_compared] == ["c/replay"]


def test_a_baseline_is_a_label_or_a_backend_of_the_first_run(suite: Path, run: Run) -> None:
    before, after = run(suite, "before", "vendor", "half"), run(suite, "after", "perfect")
    wanted = [("before/replay:half", "before/replay:vendor"), ("before/replay:half", "after/replay:perfect")]
    for baseline in ("replay:half", "before/replay:half"):
        assert pairs(harness.compare(before, after, baseline=baseline)) == wanted
    with pytest.raises(UnknownName, match=r"unknown baseline 'replay:perfect'. Did you mean 'after/replay:perfect'"):
        harness.compare(before, after, baseline="replay:perfect")


# ---- conditions


def test_conditions_without_a_counterpart_are_named(suite: Path, run: Run) -> None:
    before = run(suite, "before", "vendor", conditions=["clean", "telephone"])
    after = run(suite, "after", "vendor", conditions=["telephone", "white,snr_db=5"])
    compared = harness.compare(before, after)
    assert {c.condition for c in compared.comparisons} == {"telephone"}
    assert compared.not_compared == (
        "after/replay:vendor, white 5 dB: before/replay:vendor was run under clean, telephone only.",
        "before/replay:vendor, clean: no later run has this backend under this condition.",
    )


def test_runs_without_a_common_condition_are_refused(suite: Path, run: Run) -> None:
    before = run(suite, "before", "vendor")
    after = run(suite, "after", "vendor", conditions=["telephone"])
    for options in ((), ("--baseline", "before/replay:vendor")):
        status, out, err = call(before, after, *options)
        assert (status, out) == (2, "")
        assert err.startswith(
            "harness: there is nothing to compare. after/replay:vendor, telephone: before/replay:vendor was run under clean "
            "only."
        )


def test_a_label_that_means_two_conditions_is_not_compared(suite: Path, tmp_path: Path) -> None:
    for name, snr_db in (("before", 10), ("after", 5), ("again", 5)):
        lines = (
            "[[condition]]",
            'name = "white"',
            f"snr_db = {snr_db}",
            'label = "noisy"',
            "[[condition]]",
            'name = "clean"',
        )
        harness.run(write_spec(tmp_path / f"{name}.toml", suite, *lines), out=tmp_path / name, jobs=1)
    compared = harness.compare(tmp_path / "before", tmp_path / "after")
    assert {c.condition for c in compared.comparisons} == {"clean"}
    assert compared.not_compared[0] == (
        "after/replay:vendor, noisy: this condition is white 5 dB in after and white 10 dB in before."
    )
    assert not harness.compare(tmp_path / "after", tmp_path / "again").not_compared


def test_an_option_that_is_written_out_is_the_same_as_its_default(suite: Path, run: Run) -> None:
    before = run(suite, "before", "vendor", conditions=["white"])
    snr_db = json.loads((before / "plan.jsonl").read_text().splitlines()[0])["condition"].split()[1]
    after = run(suite, "after", "vendor", conditions=[f"white,snr_db={snr_db}"])
    assert pairs(harness.compare(before, after)) == [("before/replay:vendor", "after/replay:vendor")]


def test_conditions_of_one_backend_are_compared_under_their_labels(suite: Path, run: Run) -> None:
    folder = run(suite, "run", "vendor", conditions=["clean", "telephone"])
    assert pairs(harness.compare(folder, conditions=True)) == [("replay:vendor, clean", "replay:vendor, telephone")]
    with pytest.raises(UsageError, match="a baseline is a backend"):
        harness.compare(folder, conditions=True, baseline="replay:vendor")
    with pytest.raises(UsageError, match="holds one condition only"):
        harness.compare(run(suite, "clean", "vendor", "half"), conditions=True)


# ---- retrievers and answerers


def test_figures_of_a_retriever_that_one_run_lacks_are_named(suite: Path, run: Run) -> None:
    before = run(suite, "before", "vendor", retrievers=["bm25"])
    after = run(suite, "after", "vendor", retrievers=["phonetic"])
    compared = harness.compare(before, after)
    assert {c.retriever for c in compared.comparisons} == {None}
    assert compared.not_compared == (
        "hit@1, lost with bm25: only before/replay:vendor (clean) has them.",
        "hit@1, lost with phonetic: only after/replay:vendor (clean) has them.",
    )
    with pytest.raises(UsageError, match="no difference of hit@1 to judge"):
        harness.compare(before, after, fail_if=["hit@1 < -0.1"])


def test_a_metric_that_one_run_lacks_is_named(suite: Path, run: Run) -> None:
    lines = [json.loads(line) for line in (suite / "questions.jsonl").read_text().splitlines()]
    (suite / "questions.jsonl").write_text("".join(json.dumps({**line, "answers": ["page"]}) + "\n" for line in lines))
    before = run(suite, "before", "vendor", "half")
    after = run(suite, "after", "vendor", "half", answerer="none")
    compared = harness.compare(before, after, metrics=["exact_match", "wer"])
    assert {c.metric for c in compared.comparisons} == {"wer"}
    assert compared.not_compared == (
        "exact_match with bm25: only before/replay:vendor (clean), before/replay:half (clean) has them.",
    )


# ---- runs that cannot stand beside each other


def test_the_same_run_under_two_paths_is_refused(suite: Path, run: Run, tmp_path: Path) -> None:
    folder = run(suite, "run", "vendor", "half")
    (tmp_path / "link").symlink_to(folder)
    for other in (folder, tmp_path / "link", tmp_path / "other" / ".." / "run"):
        (tmp_path / "other").mkdir(exist_ok=True)
        with pytest.raises(UsageError, match="was given twice"):
            harness.compare(folder, other)
    (samples,) = without_digests(folder).glob("samples/replay_vendor*.jsonl")
    samples.write_text(samples.read_text().replace('"timings":{}', '"timings":{"audio":2.0,"recognise":0.31}'))
    shutil.copytree(folder, tmp_path / "copy")
    status, out, err = call(folder, tmp_path / "copy", "--fail-if", "wer > +0.1")
    assert (status, out) == (2, "")
    assert err == f"harness: {tmp_path / 'copy'} is a copy of {folder}, to the times. Expected runs that differ.\n"
    samples.write_text(samples.read_text().replace("0.31", "0.32", 1))
    assert not harness.compare(folder, tmp_path / "copy").gates_failed


@pytest.mark.parametrize(
    ("rule", "here", "there", "shown"),
    [
        ("rare_threshold", "3.0", "4.5", "another rare_threshold (4.5) than {before} (3.0)"),
        ("outcome", '"hit@1"', '"hit@5"', "another outcome (hit@5) than {before} (hit@1)"),
        ("keep_sound_tags", "false", "true", "another keep_sound_tags (True) than {before} (False)"),
        ("missing", '"count"', '"exclude"', "another missing (exclude) than {before} (count)"),
    ],
)
def test_runs_that_count_by_other_rules_are_refused(
    suite: Path, tmp_path: Path, rule: str, here: str, there: str, shown: str
) -> None:
    for name, value in (("before", here), ("after", there)):
        harness.run(write_spec(tmp_path / f"{name}.toml", suite, f"{rule} = {value}"), out=tmp_path / name, jobs=1)
    status, out, err = call(tmp_path / "before", tmp_path / "after")
    assert (status, out) == (2, "")
    assert shown.format(before=tmp_path / "before") in err
    assert f"Run both with the same {rule}." in err


def test_unfinished_and_unreadable_runs_are_refused(suite: Path, run: Run, tmp_path: Path) -> None:
    first, second = run(suite, "first", "vendor"), run(suite, "second", "vendor")
    record = json.loads((without_digests(second) / "run.json").read_text())
    for changes, wanted in (
        ({"status": "cancelled"}, "was cut short. Run the same command again to finish it."),
        ({"status": "started"}, "was cut short. Run the same command again to finish it."),
        ({"schema_version": 99}, "schema_version: is 99, this version reads"),
        ({"digests": 5}, "does not read as a run of this version"),
    ):
        (second / "run.json").write_text(json.dumps({**record, **changes}))
        status, out, err = call(first, second)
        assert (status, out) == (2, "")
        assert str(second) in err
        assert wanted in err
    (tmp_path / "empty").mkdir()
    for path, wanted in (
        (tmp_path / "absent", "no run.json here"),
        (tmp_path / "empty", "no run.json here"),
        (first / "run.json", "is a file. Give the run's folder"),
    ):
        with pytest.raises(RunError, match=wanted):
            harness.compare(first, path)
        assert call(path)[0] == 2


def test_samples_that_failed_are_told_of(suite: Path, run: Run, tmp_path: Path) -> None:
    path = suite / "transcripts" / "half.jsonl"
    path.write_text("".join(line + "\n" for line in path.read_text().splitlines()[2:]))  # q0 by both voices
    compared = harness.compare(run(suite, "run", "vendor", "half"))
    assert compared.notes == ("replay:half, clean: 2 of 24 samples failed and count as wrong.",)
    harness.run(write_spec(tmp_path / "spec.toml", suite, 'missing = "exclude"'), out=tmp_path / "left-out", jobs=1)
    assert harness.compare(tmp_path / "left-out").notes == (
        "replay:half, clean: 2 of 24 samples failed and are left out.",
    )
