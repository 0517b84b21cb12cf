"""What is taken out of texts before they are written, and what is left alone."""

from __future__ import annotations

import pytest

from harness.http import secrets
from harness.http.disguise import holds
from harness.http.secrets import SHOWN, known_secrets, presentable, redact, redacted, remember
from harness.records import Alternative, Failure, Transcript, Word
from tests.http.disguises import DISGUISES

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
        ("asr: cannot log in with --token hunter2 there", f"asr: cannot log in with --token {SHOWN} there"),
        ("curl --password='hunter2'", f"curl --password='{SHOWN}'"),
        ("X-Subscription-Token: abc", f"X-Subscription-Token: {SHOWN}"),
        ("asr: the option --token is unknown, --tokens too", "asr: the option --token is unknown, --tokens too"),
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
        "SSH_AUTH_SOCK": "/run/agent.123", "SECRET_FILE": "/run/secrets/x1", "SMTP_PASS": "0pen-sesame", "MYTOKEN": "t0ken-of-mine",
        "HTTPS_PROXY": "http://me:pr0xy%2Fword@proxy:3128", "HOMEPAGE": "https://example.org/@me",
        "SERVICE_AUTH": "Bearer b3arer-of-mine",
    }  # fmt: skip
    assert {name for name, _ in known_secrets(environment)} == {
        "OPENAI_API_KEY", "HF_TOKEN", "DB_PASSWORD", "OPENAI_API_KEY_OLD", "SMTP_PASS", "MYTOKEN", "HTTPS_PROXY", "SERVICE_AUTH"
    }  # fmt: skip
    values = {value for _, value in known_secrets(environment)}
    assert {"pr0xy/word", "b3arer-of-mine"} <= values


def test_what_a_plug_in_was_given_is_a_secret_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_remembered", {})
    remember("MY_LOGIN", "of-no-telling-name-7")
    remember("SHORT", "EMPTY")
    remember("WORD", "whatever")
    assert redact("you are of-no-telling-name-7; whatever is EMPTY") == f"you are {SHOWN}; whatever is EMPTY"
    assert presentable(Transcript("of no telling", words=(Word("of-no-telling"), Word("-name-7")))) == Failure(
        "recognise", "BadOutput", "the transcript repeats the value of MY_LOGIN, and was thrown away"
    )


def test_a_short_key_is_masked_as_a_word_in_messages_of_its_own_server() -> None:
    assert redact("bad key 'dummy' (dummyish)", "dummy") == f"bad key '{SHOWN}' (dummyish)"
    assert redact("a bad key", "a") == "a bad key"


@pytest.mark.parametrize("name", DISGUISES)
def test_messages_and_transcripts_hold_a_key_in_no_disguise(name: str) -> None:
    text = f"the server says: {DISGUISES[name](KEY)}"
    shown = redact(text)
    assert SHOWN in shown
    assert not holds(shown, [KEY])
    result = presentable(Transcript(text))
    assert isinstance(result, Failure)
    assert result.type == "BadOutput"


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
