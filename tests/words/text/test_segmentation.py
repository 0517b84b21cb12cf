"""Elisions, and words in languages that are written without spaces."""

from __future__ import annotations

import pytest

from harness.errors import MissingDependency, UsageError
from harness.words.text.normalise import normalise, tokenise, tokenise_spans


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("fr", "l’avenir d'Okonkwo", ["l", "avenir", "d", "okonkwo"]),
        ("fr", "qu'est-ce qu'il y a aujourd'hui", ["qu", "est", "ce", "qu", "il", "y", "a", "aujourd'hui"]),
        ("it", "dell'arte d'Italia", ["dell", "arte", "d", "italia"]),
        ("ca", "l'Hospitalet", ["l", "hospitalet"]),
        ("en", "o'brien's isn't l'avenir", ["o'brien", "'s", "isn't", "l'avenir"]),
        ("de", "ich hab's", ["ich", "hab's"]),
    ],
)
def test_elisions_end_words_where_the_language_has_them(language: str, text: str, words: list[str]) -> None:
    assert tokenise(text, language) == words
    assert [token.text for token in tokenise_spans(text, language)] == words


@pytest.mark.parametrize(
    ("language", "package", "text", "words"),
    [
        ("ja", "ipadic", "ワガドゥグーはどの国の首都ですか", ["ワガドゥグー", "は", "どの", "国", "の", "首都", "です", "か"]),
        ("zh", "jieba", "中国的首都在哪里", ["中国", "的", "首都", "在", "哪里"]),
        ("ja", "ipadic", "OpenAIの本社", ["openai", "の", "本社"]),
    ],
)  # fmt: skip
def test_texts_without_spaces_are_cut_into_words(language: str, package: str, text: str, words: list[str]) -> None:
    pytest.importorskip(package, reason=f"the package {package} is not installed")
    assert tokenise(text, language) == words
    spans = tokenise_spans(text, language)
    assert [text[token.start : token.end].casefold() for token in spans] == words
    assert normalise(normalise(text, language), language) == normalise(text, language)


def test_a_language_that_cannot_be_cut_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="'th' is written without spaces"):
        tokenise("สวัสดี", "th")
    monkeypatch.setattr("harness.words.languages.find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=r"spoken-qa-harness\[chinese\]"):
        tokenise("你好吗朋友", "zh")
