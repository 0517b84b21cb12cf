"""What servers send in place of an answer, as it is shown."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.http.disguise import holds
from harness.http.quoting import description, excerpt, message_in
from tests.http.disguises import DISGUISES

KEY = "sk-planted/0123+45_6789-abcdef"
PAGE = b"<!DOCTYPE html><html><head><title>Sign &amp; go</title><style>b{}</style></head><script>x</script><h1>Sign  in</h1>"


@pytest.mark.parametrize(
    ("body", "shown", "described"),
    [
        (b'{"error": {"message": "no such model", "type": "x"}}', "no such model", 'an error: "no such model"'),
        (b'{"error": "no such model"}', "no such model", 'an error: "no such model"'),
        (b'{"error": true, "message": "busy"}', "busy", 'an error: "busy"'),
        (b'{"error": {"code": 429}}', "429", 'an error: "429"'),
        (b'{"errors": [{"message": "first"}, {"message": "second"}]}', "first", 'an error: "first"'),
        (b'{"detail": [{"loc": ["body"], "msg": "field required"}]}', "field required", 'an error: "field required"'),
        (PAGE, "Sign & go. Sign in", 'a web page: "Sign & go. Sign in"'),
        (b"<html></html>", "<html></html>", 'a web page: "<html></html>"'),
        (b"down for\r\nmaintenance", "down for maintenance", 'plain text: "down for maintenance"'),
        (b"a\x1b[31mb\x07 \xe2\x80\xaec", "a[U+001B][31mb[U+0007] [U+202E]c", 'plain text: "a[U+001B][31mb[U+0007] [U+202E]c"'),
        (b'{"foo": 1}', '{"foo": 1}', 'JSON: "{"foo": 1}"'),
        (b'{"text": "", "error": null}', '{"text": "", "error": null}', 'JSON: "{"text": "", "error": null}"'),
        (b" \n", "nothing", "nothing"),
        (b"\xff\xfe", "\ufffd\ufffd", 'plain text: "\ufffd\ufffd"'),
        (b"x" * 101, f"{'x' * 100} ...", f'plain text: "{"x" * 100} ..."'),
        (b"x" * 100, "x" * 100, f'plain text: "{"x" * 100}"'),
    ],
)  # fmt: skip
def test_a_refusal_is_told_in_its_own_words(body: bytes, shown: str, described: str) -> None:
    assert message_in(body) == shown
    assert description(body) == described


@given(st.binary() | st.recursive(st.text() | st.none() | st.integers(), lambda of: st.lists(of) | st.dictionaries(st.text(), of)).map(
    lambda value: json.dumps(value).encode()))  # fmt: skip
def test_anything_is_told_in_a_short_line(body: bytes) -> None:
    for text in (message_in(body), description(body)):
        assert text
        assert text.isprintable()
        assert len(text) < 1000  # a character that cannot be seen takes eight


@pytest.mark.parametrize("name", DISGUISES)
def test_no_key_is_quoted_not_even_a_half(name: str) -> None:
    for n in range(60, 101, 8):
        text = "x" * n + DISGUISES[name](KEY)
        for shown in (
            excerpt(text, KEY),
            message_in(text.encode(), KEY),
            message_in(json.dumps({"error": text}).encode(), KEY),
        ):
            assert not holds(shown, [KEY, KEY[: len(KEY) // 2]])


@pytest.mark.parametrize(
    "body",
    [b"<title>" * 140_000, b"<html><!--" * 100_000, b"<html>" + b"<script" * 140_000, b"<html>" + b"<" * 10**6, b"[" * 10**6],
    ids=["titles", "comments", "scripts", "brackets", "lists"],
)  # fmt: skip
def test_pages_without_end_are_read_once(body: bytes) -> None:
    assert len(description(body)) < 1000
