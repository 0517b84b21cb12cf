"""Bias lists: what is listed for whom, whatever the seed, the size and the rest of the suite."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.asr.bias_list import BiasList, bias_lists
from harness.asr.protocol import parse_backend, words_sent
from harness.errors import SpecError
from harness.records import Question, Snippet, Suite, Utterance
from harness.suites.load import load_suite
from harness.words.text.normalise import normalise
from harness.words.titles import title_name
from tests.conftest import WriteSuite

OWN = {"medawar": ["Peter Medawar"], "ljubljana": ["Ljubljana"], "paris": ["Paris"], "okapi": ["okapi"]}
# Snippet titles beside the questions' own names: "Dog training" is none, since its last word is small.
TITLES = {"Rivers"}


@pytest.fixture
def suite(write_suite: WriteSuite) -> Suite:
    return load_suite(write_suite())


def made(suite: Suite, bias: str, seed: int = 7) -> BiasList:
    (bias_list,) = bias_lists([parse_backend(f"pocketsphinx,bias={bias}")], suite, seed)
    return bias_list


def of(suite: Suite, question: str) -> str:
    return next(u.id for u in suite.utterances if u.question_id == question)


def test_every_name_of_the_suite_is_an_oracle(suite: Suite) -> None:
    listed = made(suite, "entities")
    assert (listed.name, listed.oracle) == ("entities", True)
    assert {listed.phrases_for(u.id) for u in suite.utterances} == {("Peter Medawar", "Ljubljana", "Paris", "okapi")}
    assert listed.own[of(suite, "medawar")] == ("Peter Medawar",)


@pytest.mark.parametrize("n", [0, 1, 3, 4])
def test_own_names_among_others(suite: Suite, n: int) -> None:
    listed = made(suite, f"own,distractors={n}")
    assert (listed.name, listed.oracle) == (f"own{n}", n == 0)
    names = {name for own in OWN.values() for name in own}
    for utterance in suite.utterances:
        phrases, own = listed.phrases_for(utterance.id), set(OWN[utterance.question_id])
        assert len(set(phrases)) == len(phrases) == n + 1
        assert own <= set(phrases)
        assert listed.own[utterance.id] == tuple(own)
        # The suite's other names come before any title.
        assert set(phrases) - own <= names | TITLES
        assert (set(phrases) & TITLES == TITLES) == (n == 4)
    assert {*listed.phrases_for("no such recording")} == set()


def test_all_recordings_of_a_question_share_a_list(suite: Suite) -> None:
    listed = made(suite, "own,distractors=2")
    by_question: dict[str, set[tuple[str, ...]]] = {}
    for utterance in suite.utterances:
        by_question.setdefault(utterance.question_id, set()).add(listed.phrases_for(utterance.id))
    assert len(suite.utterances) == 2 * len(by_question)
    assert all(len(lists) == 1 for lists in by_question.values())


def test_no_more_than_there_are(suite: Suite) -> None:
    listed = made(suite, "own,distractors=1000")
    assert listed.drawn is not None
    assert listed.drawn.n_distractors == 4
    assert len(listed.phrases_for(of(suite, "paris"))) == 5


def test_the_seed_decides(suite: Suite) -> None:
    big = with_questions(suite, 200)
    one, same, other = (made(big, "own,distractors=20", seed) for seed in (7, 7, 8))
    ids = [u.id for u in big.utterances]
    assert [one.phrases_for(i) for i in ids] == [same.phrases_for(i) for i in ids]
    assert one.identity() == same.identity() != other.identity()
    assert all(one.phrases_for(i) != other.phrases_for(i) for i in ids)
    # Every question draws others, and the own name may stand anywhere.
    places = [one.phrases_for(i).index(one.own[i][0]) for i in ids if one.own[i]]
    assert {*range(21)} == set(places)
    drawn = [set(one.phrases_for(i)) for i in ids]
    assert max(len(a & b) for a, b in zip(drawn[::2], drawn[2::2], strict=False)) < 12
    copy: BiasList = pickle.loads(pickle.dumps(one))
    assert [copy.phrases_for(i) for i in ids] == [one.phrases_for(i) for i in ids]


def test_these_are_the_lists(suite: Suite) -> None:
    """Pinned: a list that changes with a version would make every cached transcript another one's."""
    listed = made(suite, "own,distractors=2")
    assert {u.question_id: listed.phrases_for(u.id) for u in suite.utterances} == PINNED


PINNED = {
    "medawar": ("Peter Medawar", "Ljubljana", "Paris"),
    "ljubljana": ("Paris", "Ljubljana", "Peter Medawar"),
    "paris": ("okapi", "Peter Medawar", "Paris"),
    "okapi": ("okapi", "Ljubljana", "Peter Medawar"),
}


def test_a_longer_list_holds_the_shorter_in_the_same_order(suite: Suite) -> None:
    big = with_questions(suite, 60)
    short, long = made(big, "own,distractors=5"), made(big, "own,distractors=50")
    for utterance in big.utterances:
        kept = set(short.phrases_for(utterance.id))
        assert tuple(p for p in long.phrases_for(utterance.id) if p in kept) == short.phrases_for(utterance.id)


def test_another_question_changes_few_lists(suite: Suite) -> None:
    before, after = with_questions(suite, 200), with_questions(suite, 201)
    one, other = made(before, "own,distractors=10"), made(after, "own,distractors=10")
    changed = sum(one.phrases_for(u.id) != other.phrases_for(u.id) for u in before.utterances)
    assert 0 < changed < 0.12 * len(before.utterances)  # 10 of 200 names are drawn


def test_the_rest_of_a_suite_does_not_matter_to_own_names_alone(suite: Suite) -> None:
    before, after = made(suite, "own,distractors=0"), made(with_questions(suite, 9), "own,distractors=0")
    assert all(before.phrases_for(u.id) == after.phrases_for(u.id) for u in suite.utterances)


def test_a_file(suite: Suite, tmp_path: Path) -> None:
    file = tmp_path / "street names.txt"
    file.write_text("Peter  Medawar\n\nTrafalgar Square\nPARIS\nPARIS\n", encoding="utf-8")
    listed = made(suite, str(file))
    assert (listed.name, listed.oracle) == ("street names", False)
    assert listed.phrases_for(of(suite, "okapi")) == ("Peter  Medawar", "Trafalgar Square", "PARIS")
    assert [listed.own[of(suite, question)] for question in OWN] == [("Peter  Medawar",), (), ("PARIS",), ()]
    digest = listed.identity()["bias_digest"]
    file.write_text("Peter Medawar\n", encoding="utf-8")
    assert made(suite, str(file)).identity()["bias_digest"] != digest


def test_what_cannot_be_a_list(suite: Suite, tmp_path: Path) -> None:
    with pytest.raises(
        SpecError, match=r"none\.txt: bias: cannot be read.*Expected 'entities', 'own' with distractors=N, or"
    ):
        made(suite, str(tmp_path / "none.txt"))
    nameless = replace(suite, questions=tuple(replace(q, entities=()) for q in suite.questions))
    for bias in ("entities", "own,distractors=3"):
        with pytest.raises(SpecError, match="no question names anything"):
            made(nameless, bias)


def test_guessed_names_serve_where_none_are_annotated(suite: Suite) -> None:
    bare = replace(suite, questions=tuple(replace(q, entities=None) for q in suite.questions))
    assert "Peter Medawar" in made(bare, "own,distractors=1").phrases_for(of(bare, "medawar"))


def test_the_words_that_reach_an_engine(suite: Suite) -> None:
    names = made(suite, "entities")
    everyone = {"peter", "medawar", "ljubljana", "paris", "okapi"}
    assert set(words_sent(Mock(spec=[]), names, suite).values()) == {frozenset(everyone)}
    first_only = Mock(phrases_sent=lambda utterance_id: names.phrases_for(utterance_id)[:1])
    told = words_sent(first_only, names, suite)
    assert set(told) == {question.id for question in suite.questions}
    assert all(words < everyone for words in told.values())


@given(texts=st.lists(st.text(max_size=20), min_size=1, max_size=30), n=st.integers(0, 40), seed=st.integers(0, 9))
def test_any_names_and_titles(texts: list[str], n: int, seed: int) -> None:
    questions = tuple(Question(str(i), "Where is Ljubljana Castle?") for i in range(2))
    suite = replace(
        BARE,
        questions=questions,
        utterances=tuple(Utterance(q.id, q.id) for q in questions),
        snippets=tuple(Snippet(str(i), "", title=text) for i, text in enumerate(texts)),
    )
    listed = made(suite, f"own,distractors={n}", seed)
    assert listed.drawn is not None
    titles = {normalise(title_name(text) or "", "en") for text in texts} - {"", "ljubljana castle"}
    assert listed.drawn.n_distractors == min(n, len(titles))
    for question in questions:
        phrases = listed.phrases_for(question.id)
        assert {normalise(phrase, "en") for phrase in phrases} <= titles | {"ljubljana castle"}
        assert len(phrases) == 1 + listed.drawn.n_distractors
        assert "Ljubljana Castle" in phrases


BARE = Suite(Path(), "bare", "1", "en", "", "", "unknown", (), (), (), "")


def with_questions(suite: Suite, n: int) -> Suite:
    """The suite with questions after its own, about towns that nobody else asks about."""
    questions, utterances = list(suite.questions), list(suite.utterances)
    for number in range(len(questions), n):
        text = f"Where is Qu{'bcdfghjklm'[number // 10 % 10]}oz{'bcdfghjklm'[number % 10]}arn {number}?"
        questions.append(Question(f"q{number}", text, entities=None))
        utterances.append(replace(suite.utterances[0], id=f"q{number}.a", question_id=f"q{number}"))
    return replace(suite, questions=tuple(questions), utterances=tuple(utterances))
