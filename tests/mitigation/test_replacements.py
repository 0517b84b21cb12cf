"""Tables of replacements: what they learn, their files, and what they replace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.mitigation.protocol import Example, MitigationSpec, build_repair, parse_mitigation
from harness.mitigation.replacement_table import ReplacementTable, Source, replaced
from harness.mitigation.replacements import Replacements
from harness.records import Transcript
from harness.retrieval.source import source_digest
from tests.mitigation.corpora import SNIPPETS, corpus, text

EXAMPLES = [
    Example("q1", "Who was Peter Medawar?", Transcript("who was peter mad dog or")),
    Example("q2", "What did Medawar study?", Transcript("what did mad dog or study")),
    Example("q3", "the march of the dog", Transcript("the marsh of the dog")),
    Example("q4", "the marsh in London", Transcript("the marsh in london")),
    Example("q5", "wrote it", Transcript("wrote")),
]


def table(examples: Sequence[Example] = EXAMPLES) -> ReplacementTable:
    return ReplacementTable.learnt(examples, "en")


def test_misrecognised_runs_are_counted_by_question_beside_where_they_stood_rightly() -> None:
    learnt = table()
    assert learnt.wrong == {
        ("mad", "dog", "or"): {("medawar",): {"q1": 1, "q2": 1}},
        ("marsh",): {("march",): {"q3": 1}},
    }
    assert learnt.kept == {("marsh",): {"q4": 1}}


@pytest.mark.parametrize(
    ("least", "share", "expected"),
    [
        (1, 0.5, {("mad", "dog", "or"): ("medawar",), ("marsh",): ("march",)}),
        (1, 0.51, {("mad", "dog", "or"): ("medawar",)}),
        (2, 0.5, {("mad", "dog", "or"): ("medawar",)}),
        (3, 0.5, {}),
    ],
)
def test_count_and_share_decide_what_holds(least: int, share: float, expected: object) -> None:
    assert table().rules(least, share) == expected


def test_of_two_meanings_the_likelier_holds_and_the_other_counts_against_it() -> None:
    examples = [
        Example(f"q{n}", f"the {meant}", Transcript("the meadow")) for n, meant in enumerate(["mead", "mead", "medal"])
    ]
    assert table(examples).rules(1, 0.6) == {("meadow",): ("mead",)}
    assert table(examples).rules(1, 0.7) == {}


def test_within_some_questions_nothing_of_the_others_is_left() -> None:
    left = table().within({"q1", "q3"})
    assert left.question_ids == {"q1", "q3"}
    assert left.kept == {}
    assert left == ReplacementTable.learnt([EXAMPLES[0], EXAMPLES[2]], "en")


def test_the_longest_run_is_replaced_first_and_nothing_twice() -> None:
    rules = {("a",): ("b",), ("b",): ("c",), ("a", "x"): ("d", "e"), ("z",): ()}
    assert replaced(("a", "a", "x", "b", "z", "q"), rules) == ("b", "d", "e", "c", "q")
    assert replaced((), rules) == ()
    assert replaced(("a",), {}) == ("a",)


def test_a_table_is_written_and_read(tmp_path: Path) -> None:
    path, learnt = tmp_path / "table.jsonl", table()
    learnt.source = Source("digest", "small", "tiny")
    learnt.own = {("jorge",): ("george",)}
    assert learnt.write(path) == 3
    lines = path.read_text().splitlines()
    assert lines[1] == '{"hypothesis":"mad dog or","reference":"medawar","count":2,"questions":{"q1":1,"q2":1}}'
    assert ReplacementTable.read(path, "en") == learnt


def test_a_user_needs_two_fields_and_such_lines_always_hold(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(
        '\n{"hypothesis": "Mad Dog, or", "reference": "Medawar"}\n{"hypothesis":"the the","reference":"The"}\n'
    )
    assert ReplacementTable.read(path, "en").rules(1_000, 1.0) == {
        ("mad", "dog", "or"): ("medawar",),
        ("the", "the"): ("the",),
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", r":1: .*expected"),
        (b'{"hypothesis": "a", "reference": "b"}\n{"hypothesis": "a"}', r":2: .*reference"),
        (b'{"hypothesis": "", "reference": "b"}', r":1: "),
        (b'{"hypothesis": "?!", "reference": "b"}', r":1: .*no word"),
        (b'{"hypothesis": "a", "reference": "b", "heard": 1}', r":1: .*heard"),
        (b'{"hypothesis": "a", "reference": "b", "questions": 3}', r":1: "),
        (b'{"learnt_from": 3}', r":1: "),
        (b"\xff\xfe", r":1: "),
        (b"[" * 100_000, r":1: "),
    ],
)
def test_a_line_that_does_not_read_is_named(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "table.jsonl"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        ReplacementTable.read(path, "en")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.jsonl: No such file.*harness mitigation learn"):
        build_repair(parse_mitigation(f"replacements,file={tmp_path / 'none.jsonl'}"), corpus())
    with pytest.raises(UsageError, match="directory"):
        ReplacementTable.read(tmp_path, "en")


@pytest.mark.parametrize("place", [".", "none/table.jsonl"])
def test_a_place_where_nothing_can_be_written_is_named(place: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"{tmp_path / place}: .*expected a file in a folder that exists"):
        table().write(tmp_path / place)
    assert list(tmp_path.iterdir()) == []


def test_untaught_it_changes_nothing_and_taught_it_replaces() -> None:
    searched = corpus()
    repair = build_repair(parse_mitigation("replacements"), searched)
    transcripts = [Transcript("Peter mad dog or, studied"), Transcript("nothing here")]
    assert repair.repair(transcripts, {"count": 1}, searched, 5) == [None, None]
    assert isinstance(repair, Replacements)
    taught = repair.learnt(EXAMPLES)
    one, other = taught.repair(transcripts, {"count": 2}, searched, 5)
    assert (text(one), other) == ("peter medawar studied", None)
    assert repair.repair(transcripts, {"count": 1}, searched, 5) == [None, None], "teaching makes another"


def given(path: Path) -> Replacements:
    return Replacements(MitigationSpec("replacements", "table", {"file": str(path)}), corpus())


def runs(repair: Replacements) -> list[str | None]:
    done = repair.repair([Transcript("mad dog or"), Transcript("the marsh")], {"count": 1}, corpus(), 5)
    return [text(one) for one in done]


def test_a_file_learnt_from_this_suite_is_judged_without_the_questions_it_is_judged_on(tmp_path: Path) -> None:
    path, learnt = tmp_path / "table.jsonl", table(EXAMPLES[:3])
    learnt.source = Source(source_digest(SNIPPETS))
    learnt.write(path)
    assert runs(given(path)) == ["medawar", "the march"]
    assert runs(given(path).learnt(EXAMPLES[2:])) == [None, "the march"]
    assert runs(given(path).learnt([])) == [None, None]


def test_so_is_one_whose_snippets_have_changed_since_but_not_its_questions(tmp_path: Path) -> None:
    path, learnt = tmp_path / "table.jsonl", table(EXAMPLES[:3])
    learnt.source = Source("an earlier digest")
    learnt.write(path)
    assert runs(given(path).learnt(EXAMPLES[2:])) == [None, "the march"]


def test_a_file_of_another_suite_and_a_user_s_own_stay_whole(tmp_path: Path) -> None:
    path, learnt = tmp_path / "table.jsonl", table(EXAMPLES[:3])
    learnt.source = Source("another digest")
    learnt.write(path)
    others = [Example("elsewhere", "the march", Transcript("the marsh"))]
    assert runs(given(path).learnt(others)) == ["medawar", "the march"]
    path.write_text('{"hypothesis": "mad dog or", "reference": "medawar"}\n')
    assert runs(given(path).learnt(EXAMPLES)) == ["medawar", None]


def test_what_stands_in_the_file_is_part_of_the_identity(tmp_path: Path) -> None:
    path = tmp_path / "table.jsonl"
    path.write_text('{"hypothesis": "a", "reference": "b"}\n')
    first = given(path).identity()
    path.write_text('{"hypothesis": "a", "reference": "c"}\n')
    assert given(path).identity()["table"] != first["table"]
