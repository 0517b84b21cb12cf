"""What a run keeps of its suite for the report: what its samples speak of, in the suite's order, and nothing unbounded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import harness
from harness.errors import RunError
from harness.runs.storage.evidence import Evidence, gather
from harness.runs.storage.store import RunStore
from harness.suites.load import load_suite
from tests.conftest import SNIPPETS, WriteSuite
from tests.runs.early_runs import without_digests


def test_what_a_run_keeps(write_suite: WriteSuite, tmp_path: Path) -> None:
    long = [{**snippet, "text": snippet["text"] + " word" * 1000} for snippet in SNIPPETS]
    suite = write_suite(snippets=long)
    store = RunStore(harness.run(suite, backends=["replay:vendor"], limit=2, out=tmp_path / "run").folder)
    kept = store.read_evidence()
    assert kept is not None
    assert [question.id for question in kept.questions] == ["medawar", "ljubljana"]
    assert [u.id for u in kept.utterances] == ["medawar.a", "medawar.b", "ljubljana.a", "ljubljana.b"]
    shown = {
        identity
        for sample in store.read_samples(["replay:vendor"]).values()
        for ranking in (sample.retrieval["bm25"].reference, sample.retrieval["bm25"].hypothesis)
        for identity in ranking.snippet_ids[:3]
    }
    assert [snippet.id for snippet in kept.snippets] == [s["id"] for s in SNIPPETS if s["id"] in shown]
    assert all(len(snippet.text) == 1002 for snippet in kept.snippets)
    assert gather(load_suite(suite), ()) == Evidence()


def test_the_same_run_keeps_the_same_bytes(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite()
    for name in ("one", "two"):
        harness.run(suite, backends=["replay:vendor"], jobs=1 if name == "one" else 2, out=tmp_path / name)
    assert (tmp_path / "one" / "evidence.json").read_bytes() == (tmp_path / "two" / "evidence.json").read_bytes()


def test_damaged_evidence_says_so(write_suite: WriteSuite, tmp_path: Path) -> None:
    folder = harness.run(write_suite(), backends=["replay:vendor"], out=tmp_path / "run").folder
    (folder / "evidence.json").write_text(json.dumps({"questions": 3}))
    with pytest.raises(RunError, match=r"evidence\.json: is not what run\.json tells of .*Delete it"):
        RunStore(folder).read_evidence()
    with pytest.raises(RunError, match=r"evidence\.json: does not read: .*Delete it"):
        RunStore(without_digests(folder)).read_evidence()
    assert RunStore(tmp_path / "nowhere").read_evidence() is None
