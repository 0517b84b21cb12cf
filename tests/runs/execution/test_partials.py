"""Partial hypotheses on their way from a backend that reads a recording as it goes, through a worker, into the cache and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from harness.asr.conditions import build, parse_condition
from harness.asr.protocol import Capabilities, Measured
from harness.records import Clip, Failure, Partial, Seconds, Transcript
from harness.runs.execution.audio_source import AudioSource
from harness.runs.execution.dispatch import Execution
from harness.runs.execution.local import LocalExecutor
from harness.runs.execution.recogniser import Recognised, Recogniser, Task
from harness.runs.storage.cache import TranscriptCache
from harness.suites.load import load_suite
from tests.asr.speech import voiced_suite
from tests.conftest import WriteSuite

WORDS = ("one", "two", "three")


@dataclass
class Counter:
    """Recognises one more number in each piece; a recording whose id begins with `paris` fails."""

    every: Seconds | None = None
    measured: Sequence[Measured] = ()
    package: ClassVar[str | None] = None
    capabilities: ClassVar[Capabilities] = Capabilities(
        nbest=False, word_times=False, confidence=False, bias=False, batch=True, needs_audio=True
    )
    batch_size: ClassVar[int] = 3

    def streaming(self, every: Seconds) -> Counter:
        return Counter(every)

    def identity(self) -> Mapping[str, str]:
        return {"engine": "counter", **({} if self.every is None else {"streaming": str(self.every)})}

    def warm_up(self) -> None: ...

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        self.measured = [Measured(partials=tuple(self._partials(clip))) for clip in clips]
        return [
            Failure("recognise", "Deaf", "no") if clip.utterance_id.startswith("paris") else Transcript(" ".join(WORDS))
            for clip in clips
        ]

    def _partials(self, clip: Clip) -> list[Partial]:
        if self.every is None:
            return []
        n = round(clip.duration / self.every) - 1
        return [Partial(round((i + 1) * self.every, 3), " ".join(WORDS[: i + 1])) for i in range(n)]


def recognised(root: Path, cache: Path, backend: Counter) -> dict[str, Recognised]:
    suite = load_suite(root)
    source = AudioSource(suite.root, suite.utterances, {"clean": build(parse_condition("clean"))}, 7)
    execution = Execution(Recogniser(source, {"x": backend}, TranscriptCache(cache)), LocalExecutor(1))
    tasks = [Task(utterance, "clean", "x") for utterance in suite.utterances]
    return {tasks[position].utterance.id: done for position, done in execution.run(tasks)}


def test_they_come_back_from_a_worker_and_from_the_cache(write_suite: WriteSuite, tmp_path: Path) -> None:
    root, cache = voiced_suite(write_suite), tmp_path / "cache"
    streaming = Counter().streaming(0.025)  # of recordings of 0.1 s
    first, second = (recognised(root, cache, streaming) for _ in range(2))
    expected = (Partial(0.025, "one"), Partial(0.05, "one two"), Partial(0.075, "one two three"))
    for results, cached in ((first, False), (second, True)):
        assert len(results) == 8
        for utterance, done in results.items():
            fails = utterance.startswith("paris")
            assert isinstance(done.result, Failure) == fails
            assert fails or (done.partials, done.cached) == (expected, cached)


def test_the_same_backend_reading_whole_recordings_has_entries_of_its_own(
    write_suite: WriteSuite, tmp_path: Path
) -> None:
    root, cache = voiced_suite(write_suite), tmp_path / "cache"
    recognised(root, cache, Counter().streaming(0.025))
    whole = recognised(root, cache, Counter())
    assert not any(done.cached or done.partials for done in whole.values())
    entries = [json.loads(path.read_bytes()) for path in cache.rglob("*.json")]
    assert sorted(len(entry["partials"]) for entry in entries) == [0] * 6 + [3] * 6
