"""A thousand samples through a server of which one answer in twenty goes wrong, each time in another way."""

from __future__ import annotations

import json
import shutil
import threading
from collections import Counter
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from random import Random

import numpy as np
import pytest
import soundfile

import harness
from harness.runs.storage.store import RunStore
from harness.suites.shipped import find_suite
from tests.asr.test_openai_api import drop, raw, serving
from tests.crash.test_kill import without_times
from tests.loopback import send

pytestmark = pytest.mark.slow
N = 1_000
FAULT_RATE = 0.05
LABEL = "openai-api:m"


@pytest.fixture(scope="module")
def texts() -> dict[str, tuple[str, str]]:
    """By digest of the samples sent: utterance id, and its transcript."""
    return {}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory, texts: dict[str, tuple[str, str]]) -> Path:
    """The shipped questions, four recordings of noise each; one word of a question is dropped in each of them."""
    shipped, root = find_suite("standard"), tmp_path_factory.mktemp("thousand") / "suite"
    root.mkdir()
    for name in ("suite.toml", "questions.jsonl", "snippets.jsonl"):
        shutil.copy(shipped / name, root)
    questions = [json.loads(line) for line in (root / "questions.jsonl").read_text().splitlines()][: N // 4]
    draw, utterances = np.random.default_rng(11), []
    for question in questions:
        for take in range(4):
            identity = f"{question['id']}.{take}"
            samples = draw.integers(-20_000, 20_000, 1_600, dtype=np.int16)
            soundfile.write(root / f"{identity}.wav", samples, 16_000, subtype="PCM_16")
            words = question["text"].split()
            dropped = int(draw.integers(len(words)))
            texts[sha256(samples.tobytes()).hexdigest()] = identity, " ".join(words[:dropped] + words[dropped + 1 :])
            utterances.append({"id": identity, "question_id": question["id"], "audio": f"{identity}.wav"})
    (root / "utterances.jsonl").write_text("".join(json.dumps(utterance) + "\n" for utterance in utterances))
    return root


class Service:
    """Answers from `texts`; with a fault rate, some requests at random go wrong. Counts whole answers by utterance."""

    def __init__(self, texts: dict[str, tuple[str, str]], fault_rate: float) -> None:
        self.texts, self.rate, self.draw, self.lock = texts, fault_rate, Random(3), threading.Lock()
        self.answered: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.requests: list[str] = []

    def act(self, handler: BaseHTTPRequestHandler, audio: bytes) -> None:
        identity, text = self.texts[sha256(audio[44:]).hexdigest()]
        with self.lock:
            wrong = self.draw.random() < self.rate
            fault = self.draw.choice(["500", "429", "closes", "half", "garbage", "late"]) if wrong else ""
            self.faults[fault] += 1
            self.requests.append(identity)
        if fault == "500":
            send(handler, b"boom", 500)
        elif fault == "429":
            send(handler, b"slow down", 429, Retry_After="0")
        elif fault == "closes":
            drop(handler)
        elif fault == "half":
            raw(handler, b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"text":"a"}')
        elif fault == "garbage":
            send(handler, b"\x00<html>")
        elif fault == "late":
            threading.Event().wait(25)
        else:
            send(handler, {"text": text})
            with self.lock:
                self.answered[identity] += 1


@pytest.mark.parametrize("retries", [0, 2])
def test_a_thousand_samples_through_a_server_with_faults(
    suite: Path, texts: dict[str, tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, retries: int
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    good, bad = Service(texts, 0.0), Service(texts, FAULT_RATE)
    service = bad

    def act(handler: BaseHTTPRequestHandler, number: int) -> None:
        service.act(handler, server.received[number].audio)

    with serving(act) as server:
        backend = f"{LABEL},url={server.url},timeout=20,retries=0"
        first = harness.run(suite, backends=[backend], out=tmp_path / "run", jobs=4, retries=retries)
        samples = RunStore(first.folder).read_samples([LABEL])
        assert len(samples) == first.planned == N
        failed = {sample.utterance_id for sample in samples.values() if sample.status == "error"}
        assert first.errors == len(failed)
        faults = sum(bad.faults[kind] for kind in bad.faults if kind)
        assert 25 <= faults <= 100
        if retries == 0:
            assert len(failed) == faults
        assert all(sample.error and sample.error.message for sample in samples.values() if sample.status == "error")
        assert set(bad.answered) == set(dict(texts.values())) - failed
        runs, result = 1, first
        while result.exit_status and runs < 5:
            before = len(bad.requests)
            result = harness.run(suite, backends=[backend], out=tmp_path / "run", jobs=4, retries=retries)
            assert set(bad.requests[before:]) == failed, "a later run asks for more than the holes"
            failed -= set(bad.answered)
            runs += 1
        assert (result.exit_status, result.errors) == (0, 0)
        assert bad.answered == Counter(dict.fromkeys(dict(texts.values()), 1)), (
            "something was lost or transcribed twice"
        )

        service = good
        monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "other-cache"))
        whole = harness.run(suite, backends=[backend], out=tmp_path / "whole", jobs=4, retries=retries)
        assert whole.exit_status == 0
        assert good.answered == bad.answered
    assert without_times(tmp_path / "run") == without_times(tmp_path / "whole")
    print(f"\n{N} samples, {faults} faults in {len(bad.requests)} requests {dict(bad.faults)}, {runs} runs")
