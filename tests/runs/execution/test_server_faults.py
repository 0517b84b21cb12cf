"""A run against a speech server on loopback that misbehaves on one recording, in every way that servers do."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

import harness
from harness.records import Sample
from harness.runs import runner
from harness.runs.execution.circuit import Patience
from harness.runs.storage.store import RunStore
from tests.asr.speech import voiced_suite
from tests.asr.test_openai_api import drop, raw, serving
from tests.conftest import WriteSuite
from tests.loopback import send

KEY = "planted-key-0123456789abcdef"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(runner, "Patience", partial(Patience, first_pause=0.05))


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    return voiced_suite(write_suite)


def samples(folder: Path) -> dict[str, Sample]:
    return {s.utterance_id: s for s in RunStore(folder).read_samples(["openai-api:m"]).values()}


FAULTS: dict[str, tuple[Callable[[BaseHTTPRequestHandler], object], str, str, int]] = {
    "429": (lambda h: send(h, b"slow down", 429, Retry_After="0"), "RateLimited", "status 429.*slow down", 4),
    "500": (lambda h: send(h, b"boom", 500), "Unavailable", "status 500.*boom", 4),
    "closes": (drop, "Unavailable", "no connection", 4),
    "garbage": (lambda h: send(h, b"\x00<html>"), "BadResponse", "status 200", 2),
    "half a body": (
        lambda h: raw(h, b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"text":"a"}'), "BadResponse", "broke off", 2),
    "nothing for ever": (lambda h: threading.Event().wait(9), "Timeout", "no answer in 2 s", 2),
    "401 that repeats the key": (
        lambda h: send(h, f"no {h.headers['Authorization']}".encode(), 401), "Rejected", "status 401", 1),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_on_one_recording_is_named_and_a_later_run_fills_the_hole(
    suite: Path, tmp_path: Path, own_cache: Path, fault: str
) -> None:
    act, type_, message, requests = FAULTS[fault]
    patience = 2 if fault == "nothing for ever" else 30  # a busy machine is no slow server
    bad = (suite / "3.wav").read_bytes()[44:]
    healthy = threading.Event()

    def serve(handler: BaseHTTPRequestHandler, number: int) -> None:
        if server.received[number].audio[44:] == bad and not healthy.is_set():
            act(handler)
        else:
            send(handler, {"text": "where does the okapi live"})

    with serving(serve) as server:
        backend = f"openai-api:m,url={server.url},timeout={patience},retries=1"
        result = harness.run(suite, backends=[backend], out=tmp_path / "run", jobs=2)
        assert (result.exit_status, result.record.status, result.errors) == (3, "partial", 1)
        found = samples(result.folder)
        (failed,) = [sample for sample in found.values() if sample.status == "error"]
        assert failed.utterance_id == "ljubljana.b"
        assert failed.error is not None
        assert failed.error.type == type_
        assert message.split(".*")[0] in failed.error.message
        assert len(server.received) == 7 + requests
        hit = next(r for r in result.summary.rows if (r.metric, r.source, r.group) == ("hit@1", "hypothesis", "all"))
        assert (hit.n_planned, hit.n_scored, hit.n_error) == (8, 7, 1)

        healthy.set()
        again = harness.run(suite, backends=[backend], out=tmp_path / "run", jobs=2)
        assert (again.exit_status, len(server.received)) == (0, 8 + requests)
    written = [path for root in (tmp_path / "run", own_cache) for path in root.rglob("*") if path.is_file()]
    assert not [path for path in written if KEY.encode() in path.read_bytes()]


def test_a_server_that_is_down_costs_its_own_samples_only(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "Patience", partial(Patience, threshold=2, first_pause=0.05))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        result = harness.run(
            suite, backends=[f"openai-api:m,url={url},retries=0", "replay:vendor"], out=tmp_path / "run", jobs=1
        )
    assert (result.exit_status, result.errors) == (3, 8)
    types = Counter(sample.error.type for sample in samples(result.folder).values() if sample.error)
    assert set(types) == {"Unavailable", "CircuitOpen"}
    assert all("Connection refused" in s.error.message for s in samples(result.folder).values() if s.error)
    n_scored = {r.backend: r.n_scored for r in result.summary.rows if (r.metric, r.group) == ("wer", "all")}
    assert n_scored == {"openai-api:m": 0, "replay:vendor": 8}


def test_waits_and_repetitions_are_no_recognition_time(suite: Path, tmp_path: Path) -> None:
    """Every recording is refused once with a wait of a second, and then answered within 0.1 s."""
    seen: Counter[str] = Counter()

    def serve(handler: BaseHTTPRequestHandler, number: int) -> None:
        digest = sha256(server.received[number].audio).hexdigest()
        seen[digest] += 1
        if seen[digest] == 1:
            send(handler, b"busy", 503, Retry_After="1")
        else:
            time.sleep(0.1)
            send(handler, {"text": "x", "usage": {"type": "duration", "seconds": 3, "input_tokens": 40}})

    with serving(serve) as server:
        backend = f"openai-api:m,url={server.url},retries=1"
        result = harness.run(suite, backends=[backend], out=tmp_path / "run", jobs=2, limit=2)
    times = [sample.timings["recognise"] for sample in samples(result.folder).values()]
    assert len(times) == 4
    assert all(0.1 <= took < 0.9 for took in times)
    assert result.record.work["openai-api:m"].usage == {"seconds": 12, "input_tokens": 160}


def test_nothing_that_a_run_leaves_holds_a_key(
    suite: Path, tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A server and a program that give keys back in every way they can, and keys in the command line itself."""
    monkeypatch.setenv("VENDOR_TOKEN", "vendor-9876543210-token")
    secrets = [KEY, "vendor-9876543210-token", "hunter2-password", "signed-by-nobody"]
    program = tmp_path / "asr.py"
    program.write_text(
        "import os, sys, zlib\n"
        "kind = zlib.crc32(open(sys.argv[-1], 'rb').read()) % 3\n"
        "token = os.environ['VENDOR_TOKEN']\n"
        "if kind == 0: print('the okapi', token)\n"
        "elif kind == 1: sys.exit(f'cannot log in with {token}')\n"
        "else: print('where does the okapi live')\n"
    )

    def serve(handler: BaseHTTPRequestHandler, number: int) -> None:
        given = server.received[number].authorization or ""
        status, body = [(400, given.encode()), (200, json.dumps({"text": given}).encode()), (200, b'{"text": "x"}'),
                        (500, f"see http://me:hunter2-password@here/?sig=signed-by-nobody {given}".encode())][number % 4]  # fmt: skip
        send(handler, body, status)

    with serving(serve) as server:
        backends = [
            f"openai-api:m,url={server.url},retries=0",
            f"command,run=python3 {program} --url=http://me:hunter2-password@here/?sig=signed-by-nobody {{audio}},label=program",
        ]
        result = harness.run(suite, backends=backends, out=tmp_path / "run", jobs=2)
        again = harness.run(suite, backends=backends, out=tmp_path / "run", jobs=2)
    assert 0 < again.errors < 16
    assert result.exit_status == 3
    harness.report(result.folder)
    written = [path for root in (tmp_path / "run", own_cache) for path in root.rglob("*") if path.is_file()]
    assert len(written) > 8
    for path in written:
        content = path.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in content], path
        assert not re.search(rb"Bearer (?!\\?\[(?:secret|key))", content), path
    printed = capfd.readouterr()
    assert not [secret for secret in secrets if secret in printed.out + printed.err]
    record = (tmp_path / "run" / "run.json").read_text()
    assert "http://[secret]@here/?sig=[secret]" in record
