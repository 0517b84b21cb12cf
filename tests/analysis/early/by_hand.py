"""Six courses whose figures are counted by hand in the tests."""

from __future__ import annotations

from harness.analysis.early.courses import Course, Decision


def course(question: str, pattern: str, margins: tuple[float | None, ...] = (), words: str = "") -> Course:
    """A course by its decisions: `+` is right, `-` wrong; one word a step."""
    given = margins or (None,) * len(pattern)
    decisions = tuple(Decision(sign == "+", m) for sign, m in zip(pattern, given, strict=True))
    costs = tuple(float(n + 1) for n in range(len(pattern)))
    return Course(question, float(len(pattern)), costs, decisions, tuple(words.split()))


LATE = course("late", "---+", (0.1, 0.2, 0.6, 0.9), "where is the okapi")  # settled at 4 of 4
EARLY = course("early", "++++", (0.7, 0.7, 0.7, 0.7), "medawar won which prize")  # 1 of 4
WAVERING = course("wavering", "+-+++", (0.5, 0.5, 0.6, 0.7, 0.8), "what is on the nile")  # first 1, settled 3 of 5
GONE = course("gone", "-+--", (0.1, 0.3, 0.3, 0.4), "how do they do")  # right once, wrong in the end
NEVER = course("never", "--", (None, 0.2), "who knows")
EMPTY = Course("empty", 0.0, (), ())  # a sample that failed
ALL = (LATE, EARLY, WAVERING, GONE, NEVER, EMPTY)
