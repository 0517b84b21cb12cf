"""A secret is found in every disguise that a server may give it, and nothing else is."""

from __future__ import annotations

import base64
import json
import random
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.http.disguise import holds, masked
from tests.http.disguises import DISGUISES

KEYS = ("sk-planted/0123+45_6789-abcdef", "planted-0123456789abcdef", "0123456789ABCDEF0123456789abcdef")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("name", DISGUISES)
def test_a_key_is_found_and_taken_out_in_any_disguise(name: str, key: str) -> None:
    text = f"10% of \\x & co. say {DISGUISES[name](key)} is bad, é"
    assert holds(text, [key])
    shown = masked(text, key, "[KEY]")
    assert "[KEY]" in shown
    assert not holds(shown, [key])
    assert shown.startswith("10% of \\x & co. say ")
    assert shown.endswith(" is bad, é")


@pytest.mark.parametrize("name", DISGUISES)
def test_what_is_left_of_a_key_tells_nothing(name: str) -> None:
    """No run of four of its characters, and in base64 not more than the ends that are shared with what stands around it."""
    key = KEYS[0]
    left = masked(DISGUISES[name](key), key, "")
    assert len(left) <= 20
    assert not any(key[at : at + 4] in left for at in range(len(key) - 3))


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_of_another_text_is_left_alone(name: str) -> None:
    text = DISGUISES[name]("sk-another/9876+54-3210_fedcba")
    assert not holds(text, KEYS)
    assert masked(text, KEYS[0], "[KEY]") == text


@pytest.mark.parametrize("name", [name for name in DISGUISES if name not in ("lines", "escaped lines", "spaces")])
def test_a_short_key_is_found_but_not_with_spaces_inside(name: str) -> None:
    assert holds(DISGUISES[name]("p4ss-w0rd"), ["p4ss-w0rd"])
    assert not holds("we may 1234 5", ["may12345"])


def test_a_password_with_spaces_and_other_letters() -> None:
    password = "grüne Äpfel 17"
    for text in (
        password,
        "GRÜNE ÄPFEL 17",
        json.dumps(password),
        base64.b64encode(f"u:{password}".encode()).decode(),
    ):
        assert holds(f"<{text}>", [password])
    assert not holds("grüne Birnen 17", [password])


def test_fewer_than_eight_characters_are_not_looked_for() -> None:
    assert not holds("a short-7 key", ["short-7"])
    assert masked("a b a", "a", "[KEY]") == "a b a"


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(sorted(DISGUISES)))
def test_whatever_stands_around_it(before: str, behind: str, name: str) -> None:
    text = f"{before} {DISGUISES[name](KEYS[1])} {behind}"
    assert holds(text, [KEYS[1]])
    assert not holds(masked(text, KEYS[1], "[KEY]"), [KEYS[1]])


@given(st.text(), st.sampled_from([str, quote, json.dumps]))
def test_no_text_without_it_is_changed(text: str, write) -> None:
    assert masked(write(text), KEYS[0], "[KEY]") == write(text)


@given(st.lists(st.sampled_from(["json", "percent", "html"]), max_size=3), st.randoms(use_true_random=False))
def test_escapes_of_one_another_are_read(layers: list[str], draw: random.Random) -> None:
    write = {
        "json": lambda c: "".join(f"\\u{ord(x):04x}" if x != "\\" or draw.random() < 0.5 else "\\\\" for x in c),
        "percent": lambda c: "".join(f"%{ord(x):02X}" for x in c),
        "html": lambda c: "".join(f"&#{ord(x)};" for x in c),
    }
    text = KEYS[1]
    for layer in layers:
        text = write[layer](text)
    assert holds(text, [KEYS[1]])


@pytest.mark.parametrize(
    "text",
    ["%41" * 330_000, "\\" * 1_000_000, "%25" * 330_000, "&amp;" * 200_000, "&" + "amp;" * 250_000, "&#" + "0" * 10**6, "a\u200b" * 500_000],
    ids=["percent", "backslashes", "nested percent", "ampersands", "one ampersand", "zeros", "unseen"],
)  # fmt: skip
def test_a_megabyte_of_escapes_is_read_once(text: str) -> None:
    """A search that began anew at every backslash would take hours."""
    assert not holds(text, KEYS)
