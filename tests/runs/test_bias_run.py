"""Bias lists in a run: cache keys, what the samples and the notes say, and going on where a run stopped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import harness
from harness.asr.bias_list import bias_lists
from harness.asr.conditions import build as build_condition
from harness.asr.conditions import parse_condition
from harness.asr.protocol import BACKENDS, BackendContext, parse_backend
from harness.errors import RunError
from harness.records import BiasCount, Suite
from harness.runs.execution.audio_source import AudioSource
from harness.runs.execution.recogniser import Recogniser, Task
from harness.runs.storage.cache import TranscriptCache
from harness.runs.storage.store import RunStore
from harness.suites.load import load_suite
from tests.asr.speech import voiced_suite
from tests.conftest import WriteSuite


@pytest.fixture
def root(write_suite: WriteSuite) -> Path:
    return voiced_suite(write_suite)


def keys(suite: Suite, text: str, tmp_path: Path, seed: int = 7) -> dict[str, str]:
    """The cache key of each recording, for a backend as it is written on the command line."""
    spec = parse_backend(text)
    (bias,) = bias_lists([spec], suite, seed)
    backend = BACKENDS.get(spec.name)(spec, BackendContext(suite.root, suite.language, bias, suite.utterances))
    source = AudioSource(suite.root, suite.utterances, {"clean": build_condition(parse_condition("clean"))}, seed)
    recogniser = Recogniser(source, {"b": backend}, TranscriptCache(tmp_path / "none"), lists={"b": bias})
    found = {u.id: recogniser.lookup(Task(u, "clean", "b")) for u in suite.utterances}
    assert all(isinstance(key, str) for key in found.values())
    return {utterance: str(key) for utterance, key in found.items()}


@pytest.mark.parametrize("engine", ["pocketsphinx", "openai-api:m,url=http://127.0.0.1:9"])
def test_a_key_covers_the_recordings_own_list_and_no_other(root: Path, tmp_path: Path, engine: str) -> None:
    suite = load_suite(root)
    plain, own, all_names = (
        keys(suite, engine + bias, tmp_path) for bias in ("", ",bias=own,distractors=0", ",bias=entities")
    )
    assert not set(plain.values()) & set(own.values()) | set(own.values()) & set(all_names.values())
    drawn = keys(suite, f"{engine},bias=own,distractors=1", tmp_path)
    assert drawn == keys(suite, f"{engine},bias=own,distractors=1,label=other", tmp_path)
    assert drawn != keys(suite, f"{engine},bias=own,distractors=1", tmp_path, seed=8)
    # A list with the same phrases is the same list, whatever it is made from.
    names = tmp_path / "names.txt"
    names.write_text("Peter Medawar\nLjubljana\nParis\nokapi\n")
    assert keys(suite, f"{engine},bias={names}", tmp_path) == all_names

    question = {
        "id": "kigali",
        "text": "Where is Kigali?",
        "entities": [{"text": "Kigali", "start": 9, "end": 15, "label": ""}],
    }
    with (root / "questions.jsonl").open("a") as file:
        file.write(json.dumps(question) + "\n")
    larger = load_suite(root)
    assert keys(larger, f"{engine},bias=own,distractors=0", tmp_path) == own
    assert not set(keys(larger, f"{engine},bias=entities", tmp_path).values()) & set(all_names.values())


def test_samples_tell_the_size_of_their_lists_and_the_time_they_took(root: Path, tmp_path: Path) -> None:
    spec = "pocketsphinx,preset=fast,bias=own,distractors=1000"
    result = harness.run(root, backends=[spec, "pocketsphinx,preset=fast"], out=tmp_path / "run", jobs=1)
    biased, plain = "pocketsphinx-fast+own1000 (4 distractors)", "pocketsphinx-fast"
    assert {p.backend for p in RunStore(result.folder).read_plan()} == {biased, plain}
    note = "1000 distractors were asked for, and the suite's names and the titles of its snippets give 4"
    assert f"{biased}: {note}" in result.record.notes
    assert result.record.backends[biased]["bias"] == "own1000"
    samples = RunStore(result.folder).read_samples([biased]).values()
    assert {sample.bias for sample in samples} == {BiasCount(listed=5, sent=5, own_listed=1, own_sent=1)}
    assert all(sample.timings["bias"] > 0 for sample in samples if "bias" in sample.timings)
    assert sum("bias" in sample.timings for sample in samples) >= 4  # one decoder for each question at least
    other = RunStore(result.folder).read_samples([plain]).values()
    assert {(sample.bias, "bias" in sample.timings) for sample in other} == {(None, False)}
    # From the cache, in another folder: the same samples, times included.
    again = harness.run(root, backends=[spec], out=tmp_path / "again", jobs=1)
    assert again.record.work[biased].cached == 8
    assert {s.key: s for s in RunStore(again.folder).read_samples([biased]).values()} == {s.key: s for s in samples}


def test_a_part_of_the_questions_has_the_same_lists(root: Path, tmp_path: Path) -> None:
    backend = "pocketsphinx,preset=fast,bias=own,distractors=2"
    harness.run(root, backends=[backend], out=tmp_path / "all", jobs=1)
    part = harness.run(root, backends=[backend], out=tmp_path / "part", jobs=1, limit=2)
    assert part.record.work["pocketsphinx-fast+own2"].cached == part.planned == 4


def test_a_run_does_not_go_on_with_another_list(root: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("Medawar\n")
    backend = f"pocketsphinx,preset=fast,bias={names}"
    harness.run(root, backends=[backend], out=tmp_path / "run", jobs=1, limit=1)
    names.write_text("Medawar\nLjubljana\n")
    with pytest.raises(RunError, match="a backend or another bias list"):
        harness.run(root, backends=[backend], out=tmp_path / "run", jobs=1, limit=1)


class Truncating:
    """A backend to which one phrase gets through."""

    def __init__(self, *phrases: str) -> None:
        self._phrases = phrases

    def phrases_sent(self, _: str) -> tuple[str, ...]:
        return self._phrases


def test_what_does_not_fit_is_counted(root: Path) -> None:
    from harness.asr.protocol import bias_count

    suite = load_suite(root)
    (bias,) = bias_lists([parse_backend("pocketsphinx,bias=own,distractors=3")], suite, 7)
    utterance = next(u.id for u in suite.utterances if u.question_id == "paris")
    assert bias_count(Truncating("Paris"), bias, utterance) == BiasCount(4, 1, 1, 1)  # type: ignore[arg-type]
    assert bias_count(Truncating("Ljubljana"), bias, utterance) == BiasCount(4, 1, 1, 0)  # type: ignore[arg-type]
    assert bias_count(object(), bias, utterance) == BiasCount(4, 4, 1, 1)  # type: ignore[arg-type]
