"""Damage in the cache: it is made again with a note, it changes no figure, and `harness cache verify` names it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

import harness
from harness.cli import main
from harness.records import Transcript
from harness.runs.storage.cache import CachedTranscript, TranscriptCache
from harness.runs.storage.cache_care import cache_prune, cache_verify
from tests.asr.speech import voiced_suite
from tests.conftest import small_suite
from tests.crash.test_kill import without_times
from tests.faulty import install

Damage = Callable[[Path], list[Path]]  # what it was done to


def transcripts(cache: Path) -> list[Path]:
    return sorted((cache / "transcripts").glob("*/*.json"))


def of_one(change: Callable[[bytes], bytes]) -> Damage:
    """Damage to the content of one transcript."""

    def damage(cache: Path) -> list[Path]:
        path = transcripts(cache)[0]
        content = change(path.read_bytes())
        assert content != path.read_bytes()
        path.write_bytes(content)
        return [path]

    return damage


def swapped(cache: Path) -> list[Path]:
    first = transcripts(cache)[0]
    text = json.loads(first.read_bytes())["transcript"]["text"]
    second = next(p for p in transcripts(cache) if json.loads(p.read_bytes())["transcript"]["text"] != text)
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)
    return [first, second]


def folder_in_place(cache: Path) -> list[Path]:
    path = transcripts(cache)[0]
    path.unlink()
    path.mkdir()
    return []  # which no verification looks into, as files that are none of the cache's


def flipped(place: int) -> Callable[[bytes], bytes]:
    return lambda content: content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def of_index(name: str, change: Callable[[bytes], bytes]) -> Damage:
    def damage(cache: Path) -> list[Path]:
        path = sorted((cache / "indexes").glob(f"*/{name}"))[0]
        content = change(path.read_bytes())
        assert content != path.read_bytes()
        path.write_bytes(content)
        return [path.parent if name == "made_of.json" else path]

    return damage


def indexes_swapped(cache: Path) -> list[Path]:
    one, other = sorted((cache / "indexes").iterdir())
    one.rename(cache / "aside")
    other.rename(one)
    (cache / "aside").rename(other)
    return [one, other]


def arrays_swapped(cache: Path) -> list[Path]:
    one, other = (folder / "impacts.npy" for folder in sorted((cache / "indexes").iterdir()))
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    return [one, other]


def no_manifest(cache: Path) -> list[Path]:
    folder = sorted((cache / "indexes").iterdir())[0]
    (folder / "manifest.json").unlink()
    return [folder]


DAMAGE: dict[str, Damage] = {
    "a letter": of_one(lambda content: content.replace(b'"text":"', b'"text":"x', 1)),
    "a time": of_one(lambda content: content.replace(b'"audio_seconds":', b'"audio_seconds":1', 1)),
    "the digest": of_one(flipped(-5)),
    "the digest's name": of_one(lambda content: content.replace(b'"digest"', b'"digesu"')),
    "cut short": of_one(lambda content: content[:-40]),
    "empty": of_one(lambda content: b""),
    "zeros": of_one(lambda content: b"\0" * len(content)),
    "no UTF-8": of_one(lambda content: content.replace(b'"text":"', b'"text":"\xff', 1)),
    "nested deep": of_one(lambda content: b'{"transcript":' + b"[" * 200_000),
    "text after it": of_one(lambda content: content + b"{}"),
    "swapped": swapped,
    "a folder": folder_in_place,
    "an impact": of_index("impacts.npy", flipped(-9)),
    "an ordinal": of_index("ordinals.npy", flipped(-9)),
    "the header of an array": of_index("indptr.npy", flipped(20)),
    "an array cut short": of_index("document_frequencies.npy", lambda content: content[:-8]),
    "a word": of_index("vocabulary.json", lambda content: content.replace(b'"congo"', b'"bongo"')),
    "snippet ids": of_index("snippet_ids.json", lambda content: content.replace(b'"s1", "s2"', b'"s2", "s1"')),
    "a number of the manifest": of_index("manifest.json", lambda content: content.replace(b'"k1": 1.2', b'"k1": 1.3')),
    "a manifest nested deep": of_index("manifest.json", lambda content: b"[" * 200_000),
    "no manifest": no_manifest,
    "indexes swapped": indexes_swapped,
    "arrays swapped": arrays_swapped,
    "what an index is made of": of_index("made_of.json", flipped(5)),
}
IN_SHORT = ("a letter", "swapped", "an impact")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a suite, its run, and the cache that the run filled."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(install(folder / "site")))
        patch.setenv("HARNESS_CACHE", str(folder / "cache"))
        run(voiced_suite(lambda: small_suite(folder)), folder, folder / "run")
    return folder


def run(suite: Path, folder: Path, out: Path) -> harness.RunResult:
    backend = f"faulty:none,label=f,log={folder / 'calls.log'}"
    return harness.run(suite, backends=[backend], retrievers=["bm25", "phonetic"], out=out, jobs=1)


@pytest.fixture
def cache(made: Path, own_cache: Path) -> Path:
    shutil.copytree(made / "cache", own_cache, dirs_exist_ok=True)
    return own_cache


@pytest.mark.parametrize("kind", DAMAGE)
def test_verify_names_it(cache: Path, kind: str) -> None:
    assert cache_verify() == []
    places = DAMAGE[kind](cache)
    problems = cache_verify()
    assert len(problems) == len(places), problems
    for place in places:
        assert any(problem.startswith(f"{place}:") for problem in problems), problems
    done = CliRunner().invoke(main, ["cache", "verify"])
    assert (done.exit_code, done.exception is None or isinstance(done.exception, SystemExit)) == (
        2 if places else 0,
        True,
    )


@pytest.mark.parametrize(
    "kind", [kind if kind in IN_SHORT else pytest.param(kind, marks=pytest.mark.slow) for kind in DAMAGE]
)
def test_it_is_made_again_and_changes_no_figure(
    made: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.syspath_prepend(str(made / "site"))
    places = DAMAGE[kind](cache)
    result = run(made / "small", made, tmp_path / "run")
    assert without_times(tmp_path / "run") == without_times(made / "run")
    work = result.record.work["f"]
    in_transcripts = [place for place in places if "transcripts" in place.parts]
    assert work.recognised == (1 if kind == "a folder" else len(in_transcripts))
    assert work.cached == 8 - work.recognised
    if in_transcripts:
        assert f"{len(places)} transcripts in the cache were damaged, and were made again" in result.record.notes
    elif places and kind != "what an index is made of":
        noted = [note for note in result.record.notes if "in the cache was damaged, and was built again" in note]
        assert len(noted) == len(places)
    if kind not in ("a folder", "what an index is made of"):
        assert cache_verify() == []
    again = run(made / "small", made, tmp_path / "again")
    assert again.record.work["f"].cached == (7 if kind == "a folder" else 8)
    assert not any("damaged" in note for note in again.record.notes)


def test_entries_of_versions_without_digests_are_used(made: Path, own_cache: Path) -> None:
    cache, key = TranscriptCache(own_cache), TranscriptCache.key("audio", {}, {})
    kept = CachedTranscript(Transcript("who was medawar"), 2.5, 0.6)
    cache.put(key, kept)
    (path,) = transcripts(own_cache)
    early = path.read_bytes().partition(b',"engine"')[0] + b"}"
    path.write_bytes(early)
    assert (cache.get(key), cache_verify()) == (kept, [])
    path.write_bytes(early.replace(b'"audio_seconds"', b'"audio_secondt"'))
    assert cache.get(key) is None
    assert cache.damaged == {key}


def test_prune_removes_what_was_changed(cache: Path) -> None:
    (changed,) = DAMAGE["a letter"](cache)
    assert cache_prune(older_than="100d").removed == 1
    assert not changed.exists()
    assert cache_verify() == []
