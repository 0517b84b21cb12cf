"""How an answerer is named, and the judge among them."""

from __future__ import annotations

import pytest

from harness.answering.has_answer import HasAnswer
from harness.answering.protocol import ANSWERERS, AnswererSpec, Reading, parse_answerer
from harness.errors import UsageError
from harness.records import Answer, Snippet


def test_names_models_and_options() -> None:
    assert parse_answerer("extractive") == AnswererSpec("extractive")
    spec = parse_answerer("openai-api:gpt-4o,url=http://localhost:8000,top_k=5")
    assert spec == AnswererSpec("openai-api", "gpt-4o", {"url": "http://localhost:8000", "top_k": 5})
    assert spec.label == "openai-api:gpt-4o"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "names no answerer"),
        ("transformers:", "names no answerer"),
        ("extractive,top_k", "'top_k' is no option"),
        ("extractive,top_k=1,top_k=2", "given twice"),
    ],
)
def test_mistakes(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_answerer(text)


def test_every_answerer_loads_and_says_whether_it_is_a_judge() -> None:
    judges = {name for name in ANSWERERS if ANSWERERS.get(name).is_judge}
    assert {"extractive", "has_answer", "openai-api", "transformers"} <= set(ANSWERERS)
    assert judges == {"has_answer"}


def test_the_judge_finds_an_accepted_answer_by_the_dpr_rule() -> None:
    snippets = tuple(
        Snippet(f"s{n}", text) for n, text in enumerate(("Nothing.", "The river Seine.", "By the Seine", "The Rhine"))
    )
    judge = HasAnswer(AnswererSpec("has_answer", None, {"top_k": 3}), "en")
    answers = judge.answer(
        [Reading("which river", snippets, ("Rhine", "Seine")), Reading("which river", snippets, ("Oder",))]
    )
    assert answers == [Answer("Seine", ("s1", "s2")), Answer("")]
    assert judge.identity()["sees_accepted_answers"] == "yes"
