"""Replacements learnt from runs: the command, and that no table helps the questions that it was learnt from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

import harness
from harness.analysis.mitigation.records import Judged, MitigationResult
from harness.cli import main
from harness.errors import RunError, UsageError
from tests.conftest import WriteSuite

ANIMALS = (
    "okapi", "fossa", "numbat", "gelada", "quokka", "saola", "aye-aye", "tarsier", "dugong", "markhor", "gharial", "kakapo",
)  # fmt: skip
PLANTED = ("pine", "stone", "lamp", "chair", "cloud", "brick", "spoon", "wheel", "glove", "plate", "tower", "fence")


def questions(names: tuple[str, ...]) -> list[Mapping[str, object]]:
    return [
        {"id": f"q{n}", "text": f"Where does the {name} live?", "answers": ["there"], "snippet_ids": [f"s-{name}"]}
        for n, name in enumerate(names)
    ]


def planted(write_suite: WriteSuite, names: tuple[str, ...], name: str = "planted") -> Path:
    """A suite whose every question is lost by one misrecognised name, the same in both recordings: `okapi` as `pine`."""
    snippets = [{"id": f"s-{animal}", "title": animal, "text": f"The {animal} is an animal."} for animal in ANIMALS]
    snippets.append({"id": "s-live", "title": "Live", "text": "Music is fun on most days of the week."})
    wrong = dict(zip(ANIMALS, PLANTED, strict=True))
    hypotheses = {f"q{n}": f"where does the {wrong[animal]} live" for n, animal in enumerate(names)}
    return write_suite(name=name, questions=questions(names), snippets=snippets, hypotheses=hypotheses)


def judged(suite: Path, out: Path, mitigation: str) -> Judged:
    result = harness.run(suite, backends=["replay:vendor"], mitigations=[mitigation], out=out, jobs=1)
    study = harness.load_run(result.folder).stored.study("mitigation", MitigationResult)
    assert study is not None
    (repair,) = study.scoreboards[0].judged
    return repair


def test_nothing_learnt_from_a_question_helps_it(write_suite: WriteSuite, tmp_path: Path) -> None:
    """Each misrecognised name stands in one question alone: a table that had seen it would bring every hit back."""
    suite = planted(write_suite, ANIMALS)
    repair = judged(suite, tmp_path / "run", "replacements,count=1")
    assert (repair.hypothesis.before, repair.hypothesis.n) == (0.0, 24)
    assert repair.hypothesis.fixed == 0
    file = tmp_path / "table.jsonl"
    learnt = harness.learn_replacements(tmp_path / "run", file)
    assert (learnt.transcripts, learnt.replacements) == (24, 12)
    by_file = judged(suite, tmp_path / "run", f"replacements,count=1,file={file}")
    assert by_file.hypothesis.fixed == 0, "the table was learnt from the questions that it was judged on"
    # The same table would bring all of them back, were it a user's: so the test can fail.
    lines = [json.loads(line) for line in file.read_text().splitlines()[1:]]
    own = tmp_path / "own.jsonl"
    own.write_text(
        "".join(json.dumps({key: line[key] for key in ("hypothesis", "reference")}) + "\n" for line in lines)
    )
    assert judged(suite, tmp_path / "run", f"replacements,file={own}").hypothesis.fixed == 24


def test_what_is_learnt_from_other_questions_helps(write_suite: WriteSuite, tmp_path: Path) -> None:
    """Six animals stand in four questions each, so that some of the four are always in other folds."""
    suite = planted(write_suite, ANIMALS[:6] * 4)
    assert judged(suite, tmp_path / "run", "replacements").hypothesis.fixed == 48


def test_the_command_says_what_it_wrote_and_how_to_judge_it(write_suite: WriteSuite, tmp_path: Path) -> None:
    harness.run(planted(write_suite, ANIMALS), backends=["replay:vendor"], out=tmp_path / "run", jobs=1)
    file = tmp_path / "table.jsonl"
    done = CliRunner().invoke(main, ["mitigation", "learn", str(tmp_path / "run"), "--out", str(file)])
    assert done.exit_code == 0
    first, second = done.output.splitlines()
    assert first == f"12 replacements from 24 transcripts of replay:vendor: {file}"
    assert second == f"judge them: harness run SUITE --mitigation replacements,file={file}"
    header, line = file.read_text().splitlines()[:2]
    assert json.loads(header)["learnt_from"]["suite"] == "planted"
    assert json.loads(line) == {"hypothesis": "brick", "reference": "saola", "count": 2, "questions": {"q5": 2}}
    as_json = CliRunner().invoke(main, ["mitigation", "learn", str(tmp_path / "run"), "--out", str(file), "--json"])
    assert json.loads(as_json.output)["replacements"] == 12


def test_a_backend_is_named_where_there_are_several(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite, out = write_suite(), tmp_path / "run"
    harness.run(suite, backends=["replay:vendor", "replay:perfect"], out=out, jobs=1)
    with pytest.raises(
        UsageError, match="several backends: expected --backend with one of replay:vendor, replay:perfect"
    ):
        harness.learn_replacements(out, tmp_path / "table.jsonl")
    with pytest.raises(UsageError, match="no backend 'tiny'"):
        harness.learn_replacements(out, tmp_path / "table.jsonl", backend="tiny")
    perfect = harness.learn_replacements(out, tmp_path / "table.jsonl", backend="replay:perfect")
    assert perfect.replacements == 0
    assert harness.learn_replacements(out, tmp_path / "table.jsonl", backend="replay:vendor").replacements == 2


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError):
        harness.learn_replacements(tmp_path, tmp_path / "table.jsonl")
    assert not (tmp_path / "table.jsonl").exists()
