"""A hostile server costs a run the sample, the answer or the question that was sent to it, and leaves no key behind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

import harness
from harness.runs import runner
from harness.runs.collect import WebOptions, collect_snippets
from harness.runs.execution.circuit import Patience
from harness.runs.storage.store import RunStore
from tests.asr.speech import voiced_suite
from tests.conftest import WriteSuite
from tests.hostile import BEHAVIOURS, Wire, as_json, serving
from tests.retrieval.web.servers import brave, pages_of

KEY = "planted-key-0123456789abcdef"
_DAILY = ("drips headers", "a length of 5,000 digits", "200 that repeats the key")
# The others act before a request is read, so that they meet every sample.
NAMES = [
    pytest.param(name, marks=[] if name in _DAILY else [pytest.mark.slow])
    for name, behaviour in BEHAVIOURS.items()
    if not behaviour.unread
]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("BRAVE_SEARCH_API_KEY", KEY)
    monkeypatch.setattr(runner, "Patience", partial(Patience, retries=0, first_pause=0.05))


@pytest.fixture
def nothing_left(tmp_path: Path, own_cache: Path) -> Iterator[None]:
    """Check that no file holds a key when the test is over."""
    yield
    for path in (path for root in (tmp_path, own_cache) for path in root.rglob("*") if path.is_file()):
        assert KEY.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("name", NAMES)
def test_speech(name: str, write_suite: WriteSuite, tmp_path: Path, nothing_left: None) -> None:
    suite = voiced_suite(write_suite)
    bad, good = (suite / "3.wav").read_bytes()[44:], as_json({"text": "where does the okapi live"})
    with serving(BEHAVIOURS[name], good, innocent=lambda wire: None if bad in wire.body else good) as server:
        backend = f"openai-api:m,url={server.url},timeout=5,retries=0"
        result = harness.run(suite, backends=[backend], out=tmp_path / "run", jobs=1)
    samples = RunStore(result.folder).read_samples(["openai-api:m"]).values()
    failed = [sample.utterance_id for sample in samples if sample.status == "error"]
    assert len(samples) == 8
    assert failed == ["ljubljana.b"] or (BEHAVIOURS[name].answers and not failed)
    assert result.exit_status == (3 if failed else 0)


@pytest.mark.parametrize("name", NAMES)
def test_answers(name: str, write_suite: WriteSuite, tmp_path: Path, nothing_left: None) -> None:
    good = as_json({"choices": [{"message": {"content": '{"answer": "Seine", "snippets": [1]}'}}]})

    def innocent(wire: Wire) -> bytes | None:
        asked = re.search(rb'question\\": \\"([^"]*)', wire.body)
        assert asked is not None
        return None if b"paris" in asked[1].lower() else good

    with serving(BEHAVIOURS[name], good, innocent=innocent) as server:
        answerer = f"openai-api:m,url={server.url},timeout=5,retries=0,workers=1"
        result = harness.run(write_suite(), backends=["replay:vendor"], answerer=answerer, out=tmp_path / "run", jobs=1)
    samples = RunStore(result.folder).read_samples(["replay:vendor"]).values()
    answers = {
        sample.question_id: answer
        for sample in samples
        for outcome in sample.retrieval.values()
        if (answer := outcome.reference_answer) is not None
    }
    failed = [question for question, answer in answers.items() if answer.error is not None]
    assert (len(samples), len(answers)) == (8, 4)
    assert all(sample.status == "ok" for sample in samples)
    assert failed == ["paris"] or (BEHAVIOURS[name].answers and not failed)


@pytest.mark.parametrize("name", NAMES)
def test_searches(name: str, write_suite: WriteSuite, tmp_path: Path, nothing_left: None) -> None:
    def innocent(wire: Wire) -> bytes | None:
        return None if b"Paris" in wire.request else as_json(brave(*pages_of(str(len(server.requests)))))

    with serving(BEHAVIOURS[name], as_json(brave(*pages_of("paris"))), innocent=innocent) as server:
        settings = WebOptions("brave", server.url, timeout=5, retries=0, requests_per_second=1000)
        collected = collect_snippets(write_suite(), tmp_path / "web", settings)
    failed = list(collected.collection.failed)
    if collected.out is None:
        assert "It asks to wait 86400 s" in str(collected.collection.stopped)
        assert failed == ["paris", "okapi"]  # the rest is not asked now
        return
    assert failed == ["paris"] or (BEHAVIOURS[name].answers and not failed)
    questions = [json.loads(line) for line in (tmp_path / "web" / "questions.jsonl").read_text().splitlines()]
    assert len(questions) == 4
