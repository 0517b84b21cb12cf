"""Words keep what can be: times and confidences of any kind, in memory and in every file that has them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.records import Transcript, Word
from harness.words.transcripts.entries import Entry
from harness.words.transcripts.own import read_own
from harness.words.transcripts.reading import cut_recordings, read_transcripts
from harness.words.transcripts.timed_words import decode_json, timed_word
from tests.odd_times import ODD_TIMES

values = (
    st.none() | st.floats() | st.integers() | st.text(max_size=3) | st.booleans() | st.lists(st.floats(), max_size=1)
)


def possible(*times: object) -> bool:
    numbers = [time for time in times if time is not None]
    return all(type(time) in (int, float) and 0 <= time < 1e308 for time in numbers) and numbers == sorted(numbers)  # type: ignore[operator,type-var]


@given(values, values, values)
def test_what_can_be_is_kept_and_nothing_else(start: object, end: object, confidence: object) -> None:
    word = timed_word("a", start, end, confidence)
    assert (word.start, word.end) == ((start, end) if possible(start, end) else (None, None))
    if type(confidence) in (int, float) and 0 <= confidence <= 1:  # type: ignore[operator]
        assert word.confidence == confidence
    else:
        assert word.confidence is None or (confidence != word.confidence and abs(confidence - word.confidence) < 0.002)  # type: ignore[operator]


def test_a_number_without_end_is_none() -> None:
    assert timed_word("a", 0, 10**400, math.nan) == Word("a")


@pytest.mark.parametrize("times", ODD_TIMES)
@pytest.mark.parametrize("kind", ["own", "jsonl", "json", "csv", "whisper"])
def test_every_reader_keeps_the_word(tmp_path: Path, kind: str, times: str) -> None:
    words = f'[{{"KEY": "a", "start": 0, "end": 1}}, {{"KEY": "b"{times}}}]'.replace(
        "KEY", "text" if kind == "own" else "word"
    )
    path = tmp_path / f"u1.{'jsonl' if kind == 'own' else 'json' if kind == 'whisper' else kind}"
    entry: Entry
    if kind == "own":
        path.write_text(f'{{"utterance_id": "u1", "text": "a b", "words": {words}}}\n')
        (entry,) = read_own(path, "x")
    else:
        line = f'{{"id": "u1", "text": "a b", "words": {words}}}'
        quoted = words.replace('"', '""')
        path.write_text(
            {
                "jsonl": line + "\n",
                "json": f"[{line}]",
                "csv": f'id,text,words\nu1,a b,"{quoted}"\n',
                "whisper": f'{{"text": "a b", "segments": [{{"words": {words}}}]}}',
            }[kind]
        )
        entry = read_transcripts(path)["u1"]
    assert entry.transcript == Transcript("a b", words=(Word("a", 0.0, 1.0), Word("b")))


def test_words_of_a_ctm_without_times_follow_the_word_before(tmp_path: Path) -> None:
    ctm, stm = tmp_path / "h.ctm", tmp_path / "r.stm"
    ctm.write_text("f 1 5 1 d 7\nf 1 -1 1 e\nf 1 0 1 a\nf 1 nan 1 b 0.5\nf 1 3 -2 c\n")
    words = read_transcripts(ctm)["f"].transcript.words
    assert words == (Word("a", 0, 1), Word("b", confidence=0.5), Word("c"), Word("d", 5, 6), Word("e"))
    stm.write_text("f 1 s 0 4 a b c\nf 1 s 4 8 d e\n")
    assert [entry.text for entry in cut_recordings(ctm, stm).values()] == ["a b c", "d e"]


def test_json_with_python_s_nan() -> None:
    assert decode_json(b'{"a": [NaN, -Infinity, 1]}', dict)["a"][1:] == [-math.inf, 1]
    assert json.dumps(math.nan) == "NaN"
