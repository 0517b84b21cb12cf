"""Sample files are named by labels that are data: safe on any system, apart, and known again in runs of before."""

from __future__ import annotations

from pathlib import Path

from harness.runs.storage.store import RunStore


def test_labels_that_differ_by_case_or_are_reserved_have_files_of_their_own(tmp_path: Path) -> None:
    labels = ["tiny", "Tiny", "TINY", "con", "CON", "nul.txt", "a:b", "a_b"]
    names = [RunStore(tmp_path).samples_path(label).name.lower() for label in labels]
    assert len(set(names)) == len(labels)
    assert not any(name.startswith(("con.", "nul.")) for name in names)


def test_a_file_that_is_named_by_a_label_with_capitals_goes_on_being_used(tmp_path: Path) -> None:
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "Tiny.jsonl.gz").touch()
    store = RunStore(tmp_path)
    assert store.samples_path("Tiny").name == "Tiny.jsonl"
    assert store.samples_path("TINY").name not in ("Tiny.jsonl", "TINY.jsonl")
    assert store.samples_path("tiny").name == "tiny.jsonl"
