"""Objects with a digest of themselves: any change of a byte is seen, and what is opened is what was sealed."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.seal import BrokenSeal, opened, sealed

TEXTS = st.text(max_size=12)
OBJECTS = st.dictionaries(
    TEXTS, st.one_of(TEXTS, st.integers(-(2**40), 2**40), st.lists(TEXTS, max_size=3)), min_size=1
)


def compact(value: object) -> bytes:
    return msgspec.json.encode(value)


def indented(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


@given(OBJECTS, st.sampled_from([compact, indented]), TEXTS)
def test_what_is_opened_is_what_was_sealed(value: dict[str, object], encode, owner: str) -> None:
    content = encode(value)
    made = sealed(content, owner)
    body = opened(made, owner)
    assert body is not None
    assert json.loads(body) == value
    assert {**json.loads(made), "digest": None} == {**value, "digest": None}
    assert opened(content, owner) is None or "digest" in value
    with pytest.raises(BrokenSeal):
        opened(made, owner + "x")


@given(OBJECTS, st.sampled_from([compact, indented]), st.data())
def test_no_changed_byte_is_overlooked(value: dict[str, object], encode, data: st.DataObject) -> None:
    made = sealed(encode(value), "run")
    place = data.draw(st.integers(0, len(made) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != made[place]))
    changed = made[:place] + bytes([byte]) + made[place + 1 :]
    try:
        body = opened(changed, "run", required=True)
    except BrokenSeal:
        return
    assert body is not None
    assert json.loads(body) == value  # white space at the end


@pytest.mark.parametrize("cut", [1, 2, 10, 34, 46, 60])
def test_an_object_that_was_cut_short_carries_no_digest(cut: int) -> None:
    made = sealed(b'{"key":"a|clean|b","transcript":{"text":"who was medawar"}}', "run")
    assert opened(made[:-cut], "run") is None
    with pytest.raises(BrokenSeal, match="the digest at its end is missing"):
        opened(made[:-cut], "run", required=True)
