"""Index folders: whole or absent, and damage is found wherever it lies."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.errors import IndexError_
from harness.records import Snippet
from harness.retrieval.impact_index import ImpactIndex
from harness.retrieval.source import source_digest, word_analyser

SNIPPETS = [
    Snippet(
        id=f"s{number}", title=f"About {'abcde'[number % 5]}", text=f"Čapek wrote {number} plays; the {number % 7}th"
    )
    for number in range(60)
]
FILES = (
    "manifest.json", "indptr.npy", "ordinals.npy", "impacts.npy", "max_impacts.npy", "document_frequencies.npy",
    "vocabulary.json", "snippet_ids.json",
)  # fmt: skip
ARRAYS = ("indptr", "ordinals", "impacts", "max_impacts", "document_frequencies")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ImpactIndex.build(SNIPPETS, word_analyser("en")).save(tmp_path / "index")
    return tmp_path / "index"


def test_a_saved_index_is_the_same_index(folder: Path) -> None:
    built, opened = ImpactIndex.build(SNIPPETS, word_analyser("en")), ImpactIndex.open(folder, word_analyser("en"))
    for name in ARRAYS:
        before, after = getattr(built, name), getattr(opened, name)
        assert (before.dtype, before.tolist()) == (after.dtype, after.tolist())
        assert not after.flags.writeable
    for name in ("vocabulary", "snippet_ids", "average_length", "weighting", "source_digest"):
        assert getattr(built, name) == getattr(opened, name)
    assert [a.tolist() for a in built.search(["capek", "plays"], 9)] == [
        a.tolist() for a in opened.search(["capek", "plays"], 9)
    ]
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert ImpactIndex.verify(folder, word_analyser("en")) == []


def test_an_index_of_nothing_survives_too(tmp_path: Path) -> None:
    ImpactIndex.build([], word_analyser("en")).save(tmp_path / "index")
    assert ImpactIndex.open(tmp_path / "index", word_analyser("en")).n_snippets == 0
    assert ImpactIndex.verify(tmp_path / "index", word_analyser("en")) == []


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte_is_detected_in_every_file(folder: Path, name: str) -> None:
    path = folder / name
    original = path.read_bytes()
    for place in np.linspace(0, len(original) - 1, 9, dtype=int).tolist():
        damaged = bytearray(original)
        damaged[place] ^= 0x10
        path.write_bytes(damaged)
        problems = ImpactIndex.verify(folder, word_analyser("en"))
        assert problems, f"byte {place} of {name}"
        assert name in problems[0]
    path.write_bytes(original)
    assert ImpactIndex.verify(folder, word_analyser("en")) == []


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-1])])
def test_an_index_that_is_not_whole_is_not_opened(folder: Path, name: str, damage: Callable[[Path], object]) -> None:
    damage(folder / name)
    with pytest.raises(IndexError_, match=f"{name}.*harness index build"):
        ImpactIndex.open(folder, word_analyser("en"))
    assert ImpactIndex.verify(folder, word_analyser("en"))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda index: {"ordinals": index.ordinals[::-1].copy()}, "do not rise"),
        (lambda index: {"ordinals": index.ordinals + np.int32(1)}, "outside the snippets"),
        (lambda index: {"impacts": index.impacts - index.impacts.min()}, "not positive"),
        (lambda index: {"impacts": index.impacts * np.int32(2)}, "max_impacts"),
        (
            lambda index: {"impacts": index.impacts * np.int32(9), "max_impacts": index.max_impacts * np.int32(9)},
            "document frequency allows",
        ),
        (lambda index: {"indptr": index.indptr + 1}, "indptr does not rise"),
        (lambda index: {"document_frequencies": index.document_frequencies - np.int32(1)}, "below the number of post"),
        (lambda index: {"document_frequencies": index.document_frequencies + np.int32(99)}, "above the number of snip"),
        (lambda index: {"vocabulary": index.vocabulary[::-1]}, "sorted"),
        (lambda index: {"snippet_ids": ("s0",) * index.n_snippets}, "occur twice"),
    ],
)
def test_inconsistent_contents_are_detected_under_a_right_digest(
    tmp_path: Path, change: Callable[[ImpactIndex], dict[str, object]], problem: str
) -> None:
    index = ImpactIndex.build(SNIPPETS, word_analyser("en"))
    replace(index, **change(index)).save(tmp_path / "index")
    assert any(problem in line for line in ImpactIndex.verify(tmp_path / "index", word_analyser("en")))


def test_info_says_what_was_built(folder: Path) -> None:
    info = ImpactIndex.info(folder)
    assert (info["n_snippets"], info["k1"], info["b"], info["idf"]) == (60, 1.2, 0.75, "lucene")
    assert info["size_bytes"] == sum((folder / name).stat().st_size for name in FILES if name != "manifest.json")
    assert info["source_digest"] == source_digest(SNIPPETS)
    assert info["n_postings"] == len(ImpactIndex.build(SNIPPETS, word_analyser("en")).ordinals)


def test_an_index_of_other_snippets_is_refused(folder: Path) -> None:
    index = ImpactIndex.open(folder, word_analyser("en"))
    index.require(source_digest(SNIPPETS))
    other = source_digest([replace(SNIPPETS[0], title="Abou", text="t a " + SNIPPETS[0].text), *SNIPPETS[1:]])
    with pytest.raises(IndexError_) as caught:
        index.require(other)
    for part in (str(folder), index.source_digest[:12], other[:12], "harness index build"):
        assert part in str(caught.value)


def test_an_index_by_another_tokeniser_is_refused(folder: Path) -> None:
    with pytest.raises(IndexError_, match=r"this is tokeniser of tomorrow.*harness index build"):
        ImpactIndex.open(folder, replace(word_analyser("en"), name="of tomorrow"))


def test_an_index_of_another_format_is_refused(folder: Path) -> None:
    (folder / "manifest.json").write_text(json.dumps({"format_version": 99}))
    with pytest.raises(IndexError_, match=r"manifest.json: format_version: found 99, expected 1"):
        ImpactIndex.open(folder, word_analyser("en"))


def test_no_index_is_a_plain_message(tmp_path: Path) -> None:
    with pytest.raises(IndexError_, match="there is no index here"):
        ImpactIndex.open(tmp_path / "nowhere", word_analyser("en"))


def test_saving_replaces_an_index_and_nothing_else(tmp_path: Path, folder: Path) -> None:
    ImpactIndex.build(SNIPPETS[:5], word_analyser("en")).save(folder)
    assert ImpactIndex.open(folder, word_analyser("en")).n_snippets == 5
    assert [path.name for path in tmp_path.iterdir()] == ["index"]
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    (photographs / "holiday.jpg").write_bytes(b"...")
    with pytest.raises(IndexError_, match="holds something that is not an index"):
        ImpactIndex.build(SNIPPETS, word_analyser("en")).save(photographs)
    assert (photographs / "holiday.jpg").exists()
    with pytest.raises(IndexError_, match="holds something that is not an index"):
        ImpactIndex.build(SNIPPETS, word_analyser("en")).save(photographs / "holiday.jpg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index", "photographs"]


def test_many_may_save_at_once(tmp_path: Path) -> None:
    index = ImpactIndex.build(SNIPPETS, word_analyser("en"))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: index.save(tmp_path / "index"), range(24)))
    assert ImpactIndex.verify(tmp_path / "index", word_analyser("en")) == []
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_killing_a_save_leaves_no_half_index(tmp_path: Path) -> None:
    """A process that does nothing but save is killed again and again; what it leaves is whole or absent."""
    code = (
        "import sys, pathlib\n"
        "from harness.records import Snippet\n"
        "from harness.retrieval.impact_index import ImpactIndex\n"
        "from harness.retrieval.source import word_analyser\n"
        "snippets = (Snippet(id=str(n), text=f'snippet {n} of many') for n in range(3000))\n"
        "index = ImpactIndex.build(snippets, word_analyser('en'))\n"
        "print('saving', flush=True)\n"
        "while True:\n"
        "    index.save(pathlib.Path(sys.argv[1]))\n"
    )
    left_behind = 0
    for attempt in range(12):
        folder = tmp_path / str(attempt) / "index"
        process = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.004 * attempt)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        left_behind += any(path.name.startswith(".index.") for path in folder.parent.glob("*"))
        if folder.exists():
            assert ImpactIndex.verify(folder, word_analyser("en")) == []
        ImpactIndex.build(SNIPPETS, word_analyser("en")).save(folder)  # what was left behind is in nobody's way
        assert ImpactIndex.open(folder, word_analyser("en")).n_snippets == len(SNIPPETS)
        assert [path.name for path in folder.parent.iterdir()] == ["index"]
        shutil.rmtree(folder.parent)
    assert left_behind  # at least one was killed in the middle of a save
