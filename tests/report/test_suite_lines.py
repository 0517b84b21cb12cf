"""What a terminal shows of a suite: guessed names are called guessed, warnings stand together by kind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.report.suite_lines import description_lines, problem_lines
from harness.suites.describe import Description, describe_suite
from harness.suites.load import load_suite
from harness.suites.validate import Problem, validate_suite
from tests.conftest import QUESTIONS, WriteSuite


def described(suite: Path) -> Description:
    return describe_suite(load_suite(suite))


def test_guessed_names_are_called_guessed(write_suite: WriteSuite) -> None:
    suite = write_suite(questions=[{**q, "entities": None} for q in QUESTIONS])
    lines = problem_lines(validate_suite(suite))
    assert f"warning: guessed entity names: {len(QUESTIONS)}" in lines
    assert any(
        line.startswith("  questions.jsonl:2: entities: no entities are marked: they are guessed") for line in lines
    )
    guessed = described(suite)
    assert (guessed.entities, guessed.guessed_entities > 0) == (0, True)
    assert f"with {guessed.guessed_entities} guessed entity names, " in description_lines(guessed)[1]
    both = replace(guessed, entities=3, guessed_entities=2)
    assert "with 3 marked and 2 guessed entity names, " in description_lines(both)[1]


def test_marked_names_are_not_called_guessed(write_suite: WriteSuite) -> None:
    marked = described(write_suite())
    assert marked.guessed_entities == 0
    assert f"with {marked.entities} entity names, " in description_lines(marked)[1]
    assert not any("guessed" in line or "typing" in line for line in description_lines(marked))


def test_counts_of_nothing_are_left_out(write_suite: WriteSuite) -> None:
    suite = replace(described(write_suite()), voices={}, bands={"unseen": 0}, accents={"US": 2})
    lines = description_lines(suite)
    assert "  accents: US 2" in lines
    assert not any(line.startswith(("  voices", "  band of")) for line in lines)


def test_possible_typing_errors_are_listed(write_suite: WriteSuite) -> None:
    suite = write_suite(
        questions=[{**QUESTIONS[0], "text": "Where is the largest mamel?", "entities": []}, *QUESTIONS[1:]]
    )
    assert "  possible typing errors: mamel (mammal?)" in description_lines(described(suite))


def warnings(kind: str, number: int) -> list[Problem]:
    return [Problem("warning", "questions.jsonl", line, "text", "look at it", kind) for line in range(1, number + 1)]


def test_warnings_are_grouped_by_kind() -> None:
    problems = [*warnings("odd", 5), *warnings("worse", 1)]
    first = [f"  questions.jsonl:{line}: text: look at it" for line in range(1, 6)]
    last = ["warning: worse: 1", first[0], "0 errors, 6 warnings of 2 kinds"]
    more = "  ... and 2 more; --all shows every one"
    assert problem_lines(problems) == ["warning: odd: 5", *first[:3], more, *last]
    assert problem_lines(problems, show_all=True) == ["warning: odd: 5", *first, *last]
    assert problem_lines([]) == ["0 errors, 0 warnings"]


def test_every_error_is_shown_and_first() -> None:
    errors = [Problem("error", "questions.jsonl", line, None, "no JSON") for line in range(1, 6)]
    lines = problem_lines([*errors, *warnings("odd", 1)])
    assert lines[:5] == [f"error: questions.jsonl:{line}: no JSON" for line in range(1, 6)]
    assert lines[5:] == ["warning: odd: 1", "  questions.jsonl:1: text: look at it", "5 errors, 1 warning of 1 kind"]
