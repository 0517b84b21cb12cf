"""TREC files: scores keep the order of the ranking for whoever sorts by them; what is not known is not made up."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.errors import RunError
from harness.report.exports.trec import falling
from tests.conftest import WriteSuite

SCORE = st.floats(-1e30, 1e30)


@given(st.lists(SCORE | st.sampled_from([0.0, 1.0, 1.0 + 1e-12]), max_size=12).map(lambda s: sorted(s, reverse=True)))
def test_scores_fall_in_single_and_in_double_precision(scores: list[float]) -> None:
    written = list(falling(scores))
    for number in (float, np.float32):
        assert all(number(a) > number(b) for a, b in pairwise(written))
    single = [np.float32(score) for score in scores]
    if all(a > b for a, b in pairwise(single)):
        assert [np.float32(score) for score in written] == single, "what falls by itself stays the retriever's own"


def test_a_sample_left_out_of_the_figures_is_left_out_of_the_files(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite()
    path = suite / "transcripts" / "perfect.jsonl"
    path.write_text("".join(line + "\n" for line in path.read_text().splitlines()[1:]))
    for missing, kept in (("count", 8), ("exclude", 7)):
        spec = tmp_path / f"{missing}.toml"
        spec.write_text(f'suite = "{suite}"\nmissing = "{missing}"\n[[backend]]\nname = "replay"\nmodel = "perfect"\n')
        run = harness.run(spec, jobs=1, out=tmp_path / missing).folder
        trec, trn = (harness.report(run, format=format) for format in ("trec", "trn"))
        assert len((trec / "replay_perfect.clean.qrels").read_text().splitlines()) == kept
        assert len((trn / "replay_perfect.clean.hyp.trn").read_text().splitlines()) == kept


def test_where_the_questions_are_gone_nothing_is_written(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite()
    run = harness.run(suite, backends=["replay:vendor"], jobs=1, out=tmp_path / "run").folder
    shutil.rmtree(suite)
    assert harness.report(run, format="trec").is_dir(), "the run keeps its questions"
    (run / "evidence.json").unlink()
    with pytest.raises(RunError, match="Run the same command again"):
        harness.report(run, format="trec", out=tmp_path / "again")
    assert not (tmp_path / "again").exists()
