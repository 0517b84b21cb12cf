"""What kind of answer a question asks for, of a reference or a hypothesis."""

from __future__ import annotations

import pytest

from harness.answering.kinds import Kind
from harness.answering.question import FUNCTION_WORDS, Knowledge, stem, take_apart
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
        ("In what year did the war end?", Kind.YEAR),
        ("When someone is ill, which organ hurts?", Kind.THING),
        ("Which company built it?", Kind.GROUP),
        ("How many people live there?", Kind.COUNT),
        ("What is the population of Fiji?", Kind.COUNT),
        ("How old was she?", Kind.AMOUNT),
        ("What percentage of them voted?", Kind.AMOUNT),
        ("How did they do it?", Kind.MANNER),
        ("Why did they do it?", Kind.REASON),
        ("Super Bowl 2021 location", Kind.PLACE),
        ("capital of Peru", Kind.PLACE),
        ("Eiffel Tower height", Kind.AMOUNT),
        ("Was it built in Rome?", Kind.JUDGEMENT),
        ("Do you know who wrote Medea?", Kind.PERSON),
        ("Can you name the metal that rusts?", Kind.THING),
        ("Which metal is it made of?", Kind.THING),
        ("What is it?", Kind.ANY),
        ("mad dog or study", Kind.ANY),
        ("", Kind.ANY),
    ],
)
def test_kinds(text: str, kind: Kind) -> None:
    assert take_apart(tokenise(text, "en"), "en").kind == kind


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("List the rivers of Peru", True),
        ("Name three rivers of Peru", True),
        ("What are the two rivers of Peru?", True),
        ("Which four rivers meet there?", True),
        ("Which river is it?", False),
        ("What is it?", False),
        ("How many of the two are left?", False),
        ("", False),
    ],
)
def test_whether_several_things_are_asked_for(text: str, several: bool) -> None:
    assert take_apart(tokenise(text, "en"), "en").several is several


@pytest.mark.parametrize(
    ("text", "form", "preposition", "focus"),
    [
        ("Who wrote Medea?", "subject", None, ()),
        ("What metal did she find?", "object", None, ("metal",)),
        ("In what city was it?", "other", "in", ("citi",)),
        ("What type of engine is it?", "subject", None, ("engin",)),
        ("What was it made of?", "be", "of", ()),
        ("How many wheels has it?", "adverb", None, ("wheel",)),
    ],
)
def test_how_a_question_is_built(text: str, form: str, preposition: str | None, focus: tuple[str, ...]) -> None:
    asked = take_apart(tokenise(text, "en"), "en")
    assert (asked.preposition, asked.focus) == (preposition, focus)
    assert form in (asked.form, "other")


def test_the_words_of_a_number_are_one_word() -> None:
    stems = take_apart(tokenise("Who won in 1945 and 1998?", "en"), "en").stems
    assert {"nineteen forty five", "nineteen ninety eight"} <= set(stems)


def test_a_language_whose_question_words_are_not_known_asks_for_anything() -> None:
    asked = take_apart(tokenise("Combien de fleuves y a-t-il au Pérou ?", "fr"), "fr")
    assert asked.kind is Kind.ANY
    assert not asked.several
    assert not asked.ruled
    assert asked.stems


@pytest.mark.parametrize(
    ("text", "kind", "focus"),
    [
        ("¿Quién pintó el cuadro?", Kind.PERSON, ()),
        ("¿Con quiénes habló?", Kind.PERSON, ()),
        ("¿Dónde nace el río?", Kind.PLACE, ()),
        ("¿Cuándo acabó la guerra?", Kind.DATE, ()),
        ("¿En qué año acabó la guerra?", Kind.YEAR, ("año",)),
        ("¿Cuántos ríos hay en el Perú?", Kind.COUNT, ("ríos",)),
        ("¿Cuál es la población de Lima?", Kind.COUNT, ("pobla",)),
        ("¿De qué país es?", Kind.PLACE, ("país",)),
        ("¿Cuáles son las ciudades más grandes?", Kind.PLACE, ("ciuda",)),
        ("¿Cuál es el metal que se oxida?", Kind.THING, ("metal",)),
        ("¿Cómo se llama la empresa?", Kind.GROUP, ("empre",)),
        ("¿Cómo se hace?", Kind.MANNER, ()),
        ("¿Por qué cayó?", Kind.REASON, ()),
        ("¿Qué es?", Kind.ANY, ()),
        ("la guerra", Kind.ANY, ()),
        ("", Kind.ANY, ()),
    ],
)
def test_kinds_in_spanish(text: str, kind: Kind, focus: tuple[str, ...]) -> None:
    asked = take_apart(tokenise(text, "es"), "es")
    assert (asked.kind, asked.focus, asked.ruled) == (kind, focus, False)


def test_less_knowledge_leaves_less_of_a_question() -> None:
    asked = take_apart(tokenise("In which two cities did she live?", "en"), "en")
    assert asked.knowing(Knowledge.RULES) == asked
    by_kind = asked.knowing(Knowledge.KINDS)
    assert (by_kind.kind, by_kind.focus, by_kind.several, by_kind.ruled) == (asked.kind, asked.focus, False, False)
    nothing = asked.knowing(Knowledge.NOTHING)
    assert (nothing.kind, nothing.focus, nothing.stems) == (Kind.ANY, (), asked.stems)


@pytest.mark.parametrize(
    "forms",
    [
        "play plays played playing", "live lives lived living", "city cities", "study studies studied studying",
        "die dies died", "win wins won winning", "write wrote written writes writing", "paint paints painted painter",
        "stop stopped stopping", "lead leads led", "woman women", "use used using",
    ],
)  # fmt: skip
def test_forms_of_a_word_have_one_stem(forms: str) -> None:
    assert len({stem(form, "en") for form in forms.split()}) == 1


def test_other_words_have_other_stems() -> None:
    words = [
        "bus",
        "bed",
        "ring",
        "king",
        "thing",
        "this",
        "is",
        "us",
        "his",
        "gas",
        "red",
        "speed",
        "need",
        "free",
        "live",
        "love",
        "city",
        "cite",
    ]
    assert len({stem(word, "en") for word in words}) == len(words)
    assert min(len(stem(word, "en")) for word in words) >= 2
    assert stem("nineteen forty five", "en") != stem("nineteen ninety eight", "en")
    assert stem("ciudades", "es") == stem("ciudad", "es") == "ciuda"


def test_rare_words_tell_most_and_function_words_nothing() -> None:
    stems = take_apart(tokenise("Who was the founder of Ljubljana?", "en"), "en").stems
    assert set(stems) == {"found", "ljubl"}
    assert stems["ljubl"]["ljubljana"] > stems["found"]["founder"] > 0


def test_function_words_are_tokens_as_the_tokeniser_writes_them() -> None:
    for word in FUNCTION_WORDS:
        assert tokenise(word, "en") == [word]
