"""The command line as a person meets it: help with examples, one message for a mistake, exit statuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from harness.cli import main
from tests.conftest import QUESTIONS, WriteSuite


def call(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def verbs(group: click.Group, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from verbs(command, f"{before}{name} ")
        else:
            yield before + name


@pytest.mark.parametrize("verb", sorted(verbs(main)))
def test_every_verb_shows_an_example(verb: str) -> None:
    status, out, _ = call(*verb.split(), "--help")
    assert status == 0
    assert f"harness {verb}" in out.split("Example:")[1]


def test_run_prints_tables_and_writes_the_report(write_suite: WriteSuite, tmp_path: Path) -> None:
    status, out, err = call("run", write_suite(), "--backend", "replay:vendor", "--out", tmp_path / "run")
    assert (status, "rare WER" in out, "hit@1 ASR" in out) == (0, True, True), err
    assert "Synthetic speech" in out
    assert "report.md" in out
    assert "medawar" in (tmp_path / "run" / "report.md").read_text()
    status, out, _ = call("report", tmp_path / "run", "--out", tmp_path / "again.md")
    assert status == 0
    assert (tmp_path / "again.md").read_text() == (tmp_path / "run" / "report.md").read_text()
    status, out, _ = call("report", tmp_path / "run", "--format", "html", "--out", tmp_path / "again.html")
    assert (status, out.strip()) == (0, str(tmp_path / "again.html"))
    assert (tmp_path / "again.html").read_text() == (tmp_path / "run" / "report.html").read_text()


def test_compare_writes_a_page_when_asked(write_suite: WriteSuite, tmp_path: Path) -> None:
    backends = ("--backend", "replay:vendor", "--backend", "replay:perfect")
    assert call("run", write_suite(), *backends, "--out", tmp_path / "run")[0] == 0
    status, _, err = call("compare", tmp_path / "run", "--baseline", "replay:perfect", "--html", tmp_path / "page.html")
    assert status == 0, err
    assert '<option value="replay:perfect" selected>' in (tmp_path / "page.html").read_text()


def test_run_prints_json_when_asked(write_suite: WriteSuite, tmp_path: Path) -> None:
    status, out, _ = call("run", write_suite(), "--backend", "replay:vendor", "--out", tmp_path / "run", "--json")
    assert status == 0
    assert json.loads(out)["schema_version"] == 2


def test_a_failed_sample_gives_status_3(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite()
    (suite / "transcripts" / "vendor.jsonl").write_text('{"utterance_id": "paris.a", "text": "which river"}\n')
    status, out, _ = call("run", suite, "--backend", "replay:vendor", "--out", tmp_path / "run")
    assert status == 3
    assert "Some samples failed" in out
    assert "MissingTranscript" in (tmp_path / "run" / "report.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "dmeo"], "Did you mean 'demo'"),
        (["run", "no/such/folder"], "no/such/folder"),
        (["run", "no.toml"], "no.toml: cannot be read"),
        (["run", "{suite}", "--backend", "pocketsphynx"], "Did you mean 'pocketsphinx'"),
        (["run", "{suite}", "--backend", "replay:absent"], "absent"),
        (["run", "{suite}", "--backend", "replay:../../x"], "replay"),
        (["run", "{suite}", "--backend", "replay:vendor", "--limit", "0"], "limit: is 0"),
        (["report", "{suite}"], "no run.json here"),
        (["index", "info", "{suite}"], "manifest.json"),
        (["score", "{suite}/a", "{suite}/b", "--format", "trn"], "{suite}/a"),
        (["suite", "describe", "standrad"], "Did you mean 'standard'"),
    ],
)
def test_a_mistake_gets_one_message_and_status_2(write_suite: WriteSuite, arguments: list[str], message: str) -> None:
    suite = str(write_suite())
    status, out, err = call(*(argument.replace("{suite}", suite) for argument in arguments))
    assert (status, out) == (2, "")
    assert message.replace("{suite}", suite) in err
    assert err.startswith("harness: ")
    assert len(err.splitlines()) == 1


def test_a_place_that_cannot_be_written_gets_one_message(write_suite: WriteSuite, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    status, _, err = call("run", write_suite(), "--backend", "replay:vendor", "--out", tmp_path / "taken")
    assert status == 2
    assert err.startswith(f"harness: {tmp_path / 'taken'}: cannot be written: File exists")


def test_an_index_is_built_described_and_verified(write_suite: WriteSuite, tmp_path: Path) -> None:
    assert call("index", "build", write_suite(), "--out", tmp_path / "index")[0] == 0
    status, out, _ = call("index", "info", tmp_path / "index", "--json")
    assert (status, json.loads(out)["n_snippets"]) == (0, 6)
    assert call("index", "verify", tmp_path / "index")[0] == 0
    damaged = next(p for p in sorted((tmp_path / "index").iterdir()) if p.suffix != ".json")
    damaged.write_bytes(bytes([damaged.read_bytes()[0] ^ 1]) + damaged.read_bytes()[1:])
    status, _, err = call("index", "verify", tmp_path / "index")
    assert status == 2
    assert damaged.name in err


@pytest.mark.parametrize("retriever", ["bm25:bm25+", "phonetic"])
def test_an_index_is_built_of_a_stream_of_snippets(write_suite: WriteSuite, tmp_path: Path, retriever: str) -> None:
    snippets = write_suite() / "snippets.jsonl"
    status, out, _ = call(
        "index", "build", snippets, "--retriever", retriever, "--k1", "0.9", "--out", tmp_path / "index"
    )
    assert (status, "n_snippets" in out) == (0, True)
    status, out, _ = call("index", "info", tmp_path / "index", "--json")
    assert json.loads(out)["k1"] == 0.9
    assert call("index", "verify", tmp_path / "index")[0] == 0


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--variant", "bm26"], "Known: lucene, robertson, atire, bm25l, bm25+"),
        (["--variant", "robertson", "--retriever", "bm25:atire"], "given twice"),
        (
            ["--retriever", "rank-bm25"],
            "keeps no index on disk. Those that do: bm25, characters, dense, milvus, phonetic.",
        ),
        (["--retriever", "bm52"], "Did you mean 'bm25'"),
    ],
)
def test_an_index_that_cannot_be_is_one_message(
    write_suite: WriteSuite, tmp_path: Path, flags: list[str], message: str
) -> None:
    status, _, err = call("index", "build", write_suite(), "--out", tmp_path / "index", *flags)
    assert (status, message in err) == (2, True), err
    assert not (tmp_path / "index").exists()


def test_a_wrong_line_stops_the_stream(write_suite: WriteSuite, tmp_path: Path) -> None:
    file = write_suite() / "snippets.jsonl"
    for line, message in (
        ('{"id": "s1", "text": "again"}', "used twice"),
        ('{"id": "x"}', "text: missing"),
        ("no", "JSON"),
    ):
        copy = tmp_path / "copy.jsonl"
        copy.write_text(file.read_text() + line + "\n")
        status, _, err = call("index", "build", copy, "--out", tmp_path / "index")
        assert (status, "copy.jsonl:7:" in err, message in err) == (2, True, True), err
    status, _, err = call("index", "build", tmp_path / "absent.jsonl", "--out", tmp_path / "index")
    assert (status, "cannot be read" in err) == (2, True)


def test_validate_lists_every_problem(write_suite: WriteSuite) -> None:
    suite = write_suite()
    with (suite / "questions.jsonl").open("a") as file:
        file.write('{"id": "medawar", "text": "Twice?"}\n{"id": "x", "text": "Who?", "answers": "nobody"}\nnot json\n')
    status, out, _ = call("suite", "validate", suite)
    assert status == 2
    assert all(f"questions.jsonl:{line}" in out for line in (5, 6, 7))


def test_validate_shows_three_warnings_of_a_kind_all_on_demand_and_every_one_as_json(write_suite: WriteSuite) -> None:
    suite = write_suite(questions=[{**q, "entities": None} for q in QUESTIONS])
    shown = [call("suite", "validate", suite, *options)[1] for options in ((), ("--all",), ("--json",))]
    n_guessed = [text.count("no entities are marked") for text in shown]
    assert n_guessed == [3, len(QUESTIONS), len(QUESTIONS)]
    assert {problem["kind"] for problem in json.loads(shown[2])} >= {"guessed entity names"}


def test_backends_and_doctor_speak(tmp_path: Path) -> None:
    status, out, _ = call("backends")
    assert status == 0
    assert "pocketsphinx" in out
    assert "replay" in out
    status, out, _ = call("doctor", "--json")
    assert status == 0
    assert all(finding["ok"] for finding in json.loads(out) if finding["needed"])


def test_a_backend_is_explained_option_by_option() -> None:
    status, out, _ = call("backends", "pocketsphinx")
    assert status == 0
    for word in (
        "preset",
        "accurate | fast; accurate unless set",
        "label",
        "bias",
        "distractors",
        "Example: harness run",
    ):
        assert word in out
    status, out, _ = call("backends", "faster-whisper", "--json")
    (entry,) = json.loads(out)
    assert next(o for o in entry["options"] if o["name"] == "beam") == {
        "name": "beam", "type": "whole number from 1 to 100", "default": 5, "required": False,
        "meaning": "Hypotheses kept in the search; 1 is greedy decoding.",
    }  # fmt: skip
    assert call("backends", "whipser")[0] == 2


def test_a_misspelt_key_of_a_backend_s_table_is_told_what_was_meant(write_suite: WriteSuite, tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(f'suite = "{write_suite()}"\n[[backend]]\nname = "pocketsphinx"\nlabal = "x"\n')
    status, _, err = call("run", spec, "--out", tmp_path / "run")
    assert (status, "unknown option 'labal'. Did you mean 'label'?" in err) == (2, True), err
