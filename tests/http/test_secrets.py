"""What is taken out of texts before they are written, and what is left alone."""

from __future__ import annotations

import pytest

from harness.http.secrets import SHOWN, known_secrets, presentable, redact, redacted
from harness.records import Alternative, Failure, Transcript, Word

KEY = "planted-0123456789abcdef"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_SERVICE_API_KEY", KEY)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"the server says: {KEY}!", f"the server says: {SHOWN}!"),
        ("Authorization: Bearer abc.def-123", f"Authorization: {SHOWN}"),
        ("{'authorization': 'Basic dXNlcjpwYXNz'}", f"{{'authorization': '{SHOWN}'}}"),
        ("sent with Bearer eyJhbGciOi.J9", f"sent with Bearer {SHOWN}"),
        ("curl http://me:hunter2@host/x", f"curl http://{SHOWN}@host/x"),
        ("https://host/v1?model=m&api_key=abc&n=1", f"https://host/v1?model=m&api_key={SHOWN}&n=1"),
        ("https://host/f?X-Amz-Signature=0a1b", f"https://host/f?X-Amz-Signature={SHOWN}"),
        ("bad key sk-proj-0123456789abcdefABCD", f"bad key {SHOWN}"),
        ("who holds the key to the basic training token", "who holds the key to the basic training token"),
        ("POST http://127.0.0.1:8000/v1/audio: no connection", "POST http://127.0.0.1:8000/v1/audio: no connection"),
        ("write to me@example.org", "write to me@example.org"),
    ],
)
def test_secrets_go_and_everything_else_stays(text: str, shown: str) -> None:
    assert redact(text) == shown
    assert redact(shown) == shown


def test_a_structure_is_redacted_throughout() -> None:
    found = redacted({"run": ["asr", f"--key={KEY}"], "n": 3, "deep": {KEY: [None, True, 0.5]}})
    assert found == {"run": ["asr", f"--key={SHOWN}"], "n": 3, "deep": {SHOWN: [None, True, 0.5]}}


def test_which_variables_hold_keys() -> None:
    environment = {
        "OPENAI_API_KEY": "abcdefgh1", "HF_TOKEN": "hf_12345678", "DB_PASSWORD": "p@ssw0rd!", "OPENAI_API_KEY_OLD": "x" * 30,
        "LLM_KEY": "EMPTY", "AUTHOR": "alexander1", "KEYBOARD": "us-intl-1", "MONKEY_NAME": "george-12", "A_KEY": "ljubljana",
        "SSH_AUTH_SOCK": "/run/agent.123", "SECRET_FILE": "/run/secrets/x1",
    }  # fmt: skip
    assert {name for name, _ in known_secrets(environment)} == {
        "OPENAI_API_KEY", "HF_TOKEN", "DB_PASSWORD", "OPENAI_API_KEY_OLD"
    }  # fmt: skip


@pytest.mark.parametrize(
    "transcript",
    [
        Transcript(f"my key is {KEY}"),
        Transcript("x", nbest=(Alternative("x"), Alternative(KEY))),
        Transcript("x", words=(Word(KEY),)),
    ],
)
def test_a_transcript_that_repeats_a_key_is_a_failure(transcript: Transcript) -> None:
    found = presentable(transcript)
    assert found == Failure(
        "recognise", "BadOutput", "the transcript repeats the value of MY_SERVICE_API_KEY, and was thrown away"
    )
    assert presentable(Transcript("peter medawar")) == Transcript("peter medawar")
