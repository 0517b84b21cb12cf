"""A suite, arguments and a server whose every text attacks the terminal: every command shows it as text, on one line."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import main
from harness.report.unseen import UNSEEN
from tests.conftest import write_lines

ATTACK = (
    "a:b:c :warning: [bold]x[/bold] [/] [link=http://x]y[/link] \x1b]8;;http://x\x1b\\L\x1b]8;;\x1b\\ \x1b]52;c;aGk=\x07 \x9b31m"
    " \x1bP1$r\x1b\\ \u202egnp\u2066z\u2069 \u200bq\ufeff \u2028 \r over\nharness: all is well"
)
_OWN = re.compile(r"\x1b\[[0-9;]*[mAKGJH]|\x1b\[\?25[lh]|\r(?=\n|\x1b)")  # colours and the cursor, by rich


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hostile")
    suite = root / "suite"
    suite.mkdir()
    quoted = json.dumps(ATTACK)
    (suite / "suite.toml").write_text(
        f'name = {quoted}\nversion = {quoted}\nlanguage = "en"\nlicence = {quoted}\ndescription = {quoted}\nspeech = "synthetic"\n'
    )
    write_lines(suite / "questions.jsonl", [
        {"id": f"q{n}{ATTACK}", "text": f"What did Medawar{n} study {ATTACK}", "answers": [ATTACK], "tags": {ATTACK: f"{ATTACK}{n % 2}"},
         "entities": [{"text": f"Medawar{n}", "start": 9, "end": 17, "label": ATTACK}], "snippet_ids": [f"s{n}{ATTACK}"]}
        for n in range(4)
    ])  # fmt: skip
    write_lines(suite / "snippets.jsonl", [
        {"id": f"s{n}{ATTACK}", "title": ATTACK, "text": f"Medawar{n} studied {ATTACK}"} for n in range(4)
    ])  # fmt: skip
    utterances = [f"q{n}.{v}{ATTACK}" for n in range(4) for v in "ab"]
    write_lines(suite / "utterances.jsonl", [
        {"id": identity, "question_id": f"q{identity[1]}{ATTACK}", "speaker": ATTACK, "accent": ATTACK} for identity in utterances
    ])  # fmt: skip
    for name in ("one", "two"):
        write_lines(suite / "transcripts" / f"{name}.jsonl", [
            {"utterance_id": identity, "text": f"what mad {name} {ATTACK}"} for identity in utterances[: 8 - (name == "two")]
        ])  # fmt: skip
    parts = [
        f'[[backend]]\nname = "replay"\nmodel = "{name}"\nlabel = {json.dumps(ATTACK + name)}\n'
        for name in ("one", "two")
    ]
    parts.append(f'[[retriever]]\nname = "bm25"\nlabel = {quoted}\n')
    (root / "spec.toml").write_text(f'suite = "{suite}"\n' + "".join(parts))
    return root


def call(*arguments: str | Path) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert_inert(result.output)
    return result.stdout if "--json" in arguments else result.output


def assert_inert(output: str) -> None:
    text = _OWN.sub("", output)
    assert not UNSEEN.search(text), ascii(text)
    assert "\u26a0" not in text, "an emoji's code was drawn"
    assert "\U0001f170" not in text, "an emoji's code was drawn"


def test_commands_that_read_a_suite_or_a_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(folder / "cache"))
    run = folder / "run"
    assert "[U+202E]gnp" in call("run", folder / "spec.toml", "--out", run, "--jobs", "1")
    assert "[/] [link=http://x]y[/link]" in call("report", run, "--explain")
    assert (
        json.loads(call("run", folder / "spec.toml", "--out", run, "--jobs", "1", "--json"))["rows"][0]["backend"]
        == f"{ATTACK}one"
    )
    assert ":warning:" in call("compare", run)
    assert json.loads(call("compare", run, "--json"))["suite"]["name"] == ATTACK
    assert "Gate" in call("compare", run, "--fail-if", "wer > 0.1")
    assert "[U+001B]" in call("compare", run, "--baseline", ATTACK)
    assert "[U+001B]" in call("suite", "describe", folder / "suite")
    call("suite", "validate", folder / "suite")
    call("index", "build", folder / "suite", "--out", folder / "index")
    call("index", "info", folder / "index")
    for format_ in ("csv", "trn", "trec", "html"):
        call("report", run, "--format", format_, "--out", folder / f"out.{format_}")


def test_a_server_that_cannot_be_asked_about_such_questions(folder: Path) -> None:
    options = ("--provider", "searxng", "--url", "http://127.0.0.1:9/", "--retries", "0", "--rate", "1000")
    assert "[U+001B]" in call("web", "collect", folder / "suite", *options, "--out", folder / "web")


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", ATTACK], ["run", "demo", "--backend", ATTACK], ["run", "demo", "--condition", f"babble,{ATTACK}=1"],
        ["run", "demo", f"--{ATTACK}"], ["run", "demo", "--limit", ATTACK], ["run", "demo", "--normaliser", ATTACK], [ATTACK],
        ["run", ATTACK, ATTACK], [f"--{ATTACK}"], ["compare", ATTACK], ["report", ATTACK], ["score", ATTACK, ATTACK],
        ["backends", ATTACK], ["index", "info", ATTACK], ["index", "build", ATTACK, "--out", "x"], ["index", "verify", ATTACK],
        ["cache", "prune", "--older-than", ATTACK], ["suite", ATTACK], ["suite", "import", "squad", ATTACK, "--out", "x"],
        ["suite", "import", "squad", "x", "--out", "x", "--transcripts", ATTACK], ["suite", "validate", ATTACK],
        ["web", "collect", ATTACK, "--provider", "searxng", "--url", "http://127.0.0.1:9/", "--out", "x"],
        ["web", "collect", "demo", "--provider", ATTACK, "--out", "x"], ["suite", "speak", "demo", "--voice", ATTACK],
    ],
)  # fmt: skip
def test_mistakes_in_arguments(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "\nharness: all is well" not in call(*arguments)


def in_a_terminal(*arguments: str | Path, cache: Path) -> str:
    """What a real process sends to a terminal."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "160", "HARNESS_CACHE": str(cache)}
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", *map(str, arguments)],
        stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environment,
    )  # fmt: skip
    os.close(theirs)
    sent, until = b"", time.monotonic() + 120
    while time.monotonic() < until:
        if select.select([ours], [], [], 0.5)[0]:
            try:
                part = os.read(ours, 65_536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            sent += part
        elif process.poll() is not None:
            break
    process.kill()
    process.wait()
    os.close(ours)
    return sent.decode()


@pytest.mark.slow
def test_a_terminal_gets_colours_and_a_bar_and_nothing_from_outside(folder: Path, tmp_path: Path) -> None:
    output = in_a_terminal("run", folder / "spec.toml", "--out", tmp_path / "run", "--jobs", "1", cache=tmp_path)
    assert "\x1b[1m" in output
    assert "Traceback" not in output
    assert "[link=http://x]y[/link]" in _OWN.sub("", output)
    assert_inert(output)
