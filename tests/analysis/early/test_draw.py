from __future__ import annotations

from collections import Counter

from harness.analysis.early.draw import draw

RECORDINGS = [(f"{question}.{voice}", question) for question in "abcdef" for voice in "123"]
QUESTION = dict(RECORDINGS)


def test_every_question_comes_once_before_any_comes_twice() -> None:
    for n in range(1, len(RECORDINGS) + 1):
        counts = Counter(QUESTION[recording] for recording in draw(RECORDINGS, n, 7))
        assert sum(counts.values()) == n
        assert max(counts.values()) - min(counts[question] for question in "abcdef") <= 1


def test_the_seed_decides_and_the_order_of_the_suite_stays() -> None:
    drawn = [draw(RECORDINGS, 6, seed) for seed in (7, 7, 8)]
    assert drawn[0] == drawn[1] != drawn[2]
    places = [[r for r, _ in RECORDINGS].index(recording) for recording in drawn[0]]
    assert places == sorted(places)


def test_no_more_than_there_are() -> None:
    assert draw(RECORDINGS, 100, 7) == tuple(recording for recording, _ in RECORDINGS)
    assert draw([], 5, 7) == ()
    assert draw(RECORDINGS, 0, 7) == ()
