"""What kind of answer a question asks for, of a reference or a hypothesis."""

from __future__ import annotations

import pytest

from harness.answering.question import FUNCTION_WORDS, Kind, take_apart
from harness.words.text.normalise import tokenise


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Who wrote Medea?", Kind.PERSON),
        ("By whom was the firm founded?", Kind.PERSON),
        ("Which young novelist gave us this?", Kind.PERSON),
        ("Can you name the painter of it?", Kind.PERSON),
        ("Where does the okapi live?", Kind.PLACE),
        ("In which South American country was he born?", Kind.PLACE),
        ("What is the name of the city where it stands?", Kind.PLACE),
        ("When did the war end?", Kind.DATE),
        ("In what year did the war end?", Kind.DATE),
        ("When someone is ill, which organ hurts?", Kind.THING),
        ("How many people live there?", Kind.NUMBER),
        ("How old was she?", Kind.NUMBER),
        ("How did they do it?", Kind.ANY),
        ("Which metal is it made of?", Kind.THING),
        ("What is it?", Kind.ANY),
        ("mad dog or study", Kind.ANY),
        ("", Kind.ANY),
    ],
)
def test_kinds(text: str, kind: Kind) -> None:
    assert take_apart(tokenise(text, "en"), "en").kind == kind


def test_rare_words_tell_most_and_function_words_nothing() -> None:
    stems = take_apart(tokenise("Who was the founder of Ljubljana?", "en"), "en").stems
    assert set(stems) == {"found", "ljubl"}
    assert stems["ljubl"]["ljubljana"] > stems["found"]["founder"] > 0


def test_function_words_are_tokens_as_the_tokeniser_writes_them() -> None:
    for word in FUNCTION_WORDS:
        assert tokenise(word, "en") == [word]
