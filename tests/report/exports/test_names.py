"""Ids and labels come through unharmed, apart, and readable."""

from __future__ import annotations

import re
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from harness.report.exports.names import file_stems, safe_id, safe_ids

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def test_plain_ids_stay_as_they_are() -> None:
    assert safe_id("spk1/utt-03_b.2") == "spk1/utt-03_b.2"
    assert safe_ids(["Q1", "q2"]) == {"Q1": "Q1", "q2": "q2"}
    assert safe_ids(["Q1", "q1"]) == {"Q1": "%511", "q1": "q1"}


@given(st.lists(TEXT | st.sampled_from(["Q1", "q1", "%511", "é", "É", "a (b)", "A (B)"]), max_size=8, unique=True))
def test_safe_ids_turn_back_and_differ_whatever_the_case(ids: list[str]) -> None:
    found = safe_ids(ids)
    assert [unquote(safe) for safe in found.values()] == ids
    assert len({safe.casefold() for safe in found.values()}) == len(ids)
    assert all(re.fullmatch(r"[\x21-\x27\x2a-\x7e]+", safe) for safe in found.values())


@given(st.lists(st.tuples(TEXT, TEXT), max_size=6, unique=True))
def test_stems_are_file_names_and_differ_whatever_the_case(keys: list[tuple[str, str]]) -> None:
    stems = file_stems(keys)
    assert len({stem.casefold() for stem in stems.values()}) == len(keys)
    assert all(re.fullmatch(r"[A-Za-z0-9+_-][A-Za-z0-9.+_-]*|-[0-9a-f]{8}", stem) for stem in stems.values())


def test_labels_that_look_alike_in_a_file_name_are_told_apart() -> None:
    keys = [("a.b", "c"), ("a", "b.c"), ("x:y", "clean"), ("X_y", "clean"), ("plain", "clean")]
    stems = file_stems(keys)
    assert stems["plain", "clean"] == "plain.clean"
    assert len(set(stems.values())) == 5
    assert re.fullmatch(r"x_y\.clean-[0-9a-f]{8}", stems["x:y", "clean"])
