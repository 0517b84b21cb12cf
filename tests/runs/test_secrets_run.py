"""Keys from every place where a user can put them, given back in every disguise: no file and no line on the terminal has one."""

from __future__ import annotations

import base64
import json
import shlex
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from click.testing import CliRunner

import harness
from harness.cli import main
from harness.http.disguise import holds
from harness.runs.storage.store import RunStore
from tests import loopback
from tests.asr.speech import voiced_suite
from tests.conftest import QUESTIONS, SNIPPETS, WriteSuite
from tests.http.disguises import DISGUISES
from tests.loopback import send

KEY = "sk-planted/0123+45_6789-abcdef"
OTHERS = {"of the program": "of-the-program-4711", "of its variable": "of-its-variable-4711", "of its header": "of-its-header-4711",
          "short": "hunter2", "of an address": "of-an-address-4711"}  # fmt: skip
PROGRAM = """
import os, sys, zlib
kind = zlib.crc32(open(sys.argv[-1], "rb").read()) % 3
keys = [word for word in sys.argv if "4711" in word or word == "hunter2"] + [os.environ["PROGRAM_KEY"]]
if kind == 0: print("the okapi", keys[kind])
elif kind == 1: sys.exit(f"cannot log in with {keys} or --token {keys[0]}")
else: print("where does the okapi live")
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("MY_LOGIN", KEY)  # a name that does not say what it holds


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    """As many recordings as there are disguises, and more."""
    n = len(DISGUISES) // 2 + 2
    questions = [{**QUESTIONS[number % 4], "id": f"q{number}"} for number in range(n)]
    root = write_suite(questions=questions, hypotheses={str(q["id"]): str(q["text"]) for q in questions})
    assert SNIPPETS
    return voiced_suite_of(root)


def voiced_suite_of(root: Path) -> Path:
    return voiced_suite(lambda: root)


def written(*folders: Path) -> Iterator[tuple[Path, str]]:
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        yield path, path.read_bytes().decode("utf-8", "replace")


def disguise(number: int) -> str:
    return list(DISGUISES.values())[number % len(DISGUISES)](KEY)


def test_a_key_that_servers_give_back_is_written_nowhere(suite: Path, tmp_path: Path, own_cache: Path) -> None:
    def speech(handler: BaseHTTPRequestHandler, number: int) -> None:
        text = disguise(number)
        if number % 3 == 0:
            send(handler, {"text": f"you are {text}"})
        elif number % 3 == 1:
            send(handler, {"error": {"message": f"no such user: {text}"}}, 400)
        else:
            send(handler, {"text": "where does the okapi live", "usage": {"seconds": number}})

    def answers(handler: BaseHTTPRequestHandler, number: int) -> None:
        text = disguise(number)
        if number % 3 == 0:
            content = json.dumps({"answer": text, "snippets": [1]})
            send(handler, {"choices": [{"message": {"content": content}}]})
        elif number % 3 == 1:
            send(handler, f"<html><title>{text}</title>".encode(), 200 if number % 2 else 403)
        else:
            send(handler, {"choices": [{"message": {"content": '{"answer": "the Congo"}'}}]})

    run = tmp_path / "run"
    printed = []
    with loopback.serving(speech, lambda _: None) as asr, loopback.serving(answers, lambda _: None) as chat:
        arguments = [
            "run",
            str(suite),
            "--backend",
            f"openai-api:m,url={asr.url},key_env=MY_LOGIN,retries=0",
            "--jobs",
            "1",
        ]
        arguments += [
            "--answerer",
            f"openai-api:m,url={chat.url},key_env=MY_LOGIN,retries=0,workers=1",
            "--out",
            str(run),
        ]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 3, result.output
        printed.append(result.output)
        assert len(asr.received) > len(DISGUISES)
        assert len(chat.received) > 9
    for format_ in ("csv", "trn"):
        printed.append(
            CliRunner().invoke(main, ["report", str(run), "--format", format_, "--out", str(tmp_path / format_)]).output
        )
    printed.append(CliRunner().invoke(main, ["compare", str(run)]).output)
    failed = [sample.error for sample in RunStore(run).read_samples(["openai-api:m"]).values() if sample.error]
    assert len({error.type for error in failed}) > 1
    for path, content in written(run, own_cache, tmp_path / "csv", tmp_path / "trn"):
        assert not holds(content, [KEY]), path
    assert not holds("\n".join(printed), [KEY])


def test_keys_in_the_command_line_of_a_program_are_written_nowhere(
    suite: Path, tmp_path: Path, own_cache: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "asr.py"
    program.write_text(PROGRAM)
    line = (
        f"env PROGRAM_KEY={OTHERS['of its variable']} {sys.executable} {program} --token {OTHERS['of the program']} "
        f"--password={OTHERS['short']} --header 'X-Api-Key: {OTHERS['of its header']}' "
        f"http://me:{OTHERS['of an address']}@here/?api_key={OTHERS['of an address']} {{audio}}"
    )
    spec = tmp_path / "spec.toml"
    spec.write_text(
        f'suite = "{suite}"\nlimit = 4\n[[backend]]\nname = "command"\nlabel = "own"\nrun = {json.dumps(line)}\n'
    )
    by_spec = CliRunner().invoke(main, ["run", str(spec), "--out", str(tmp_path / "run"), "--jobs", "1"])
    by_flag = CliRunner().invoke(
        main, ["run", str(suite), "--limit", "1", "--backend", f"command,label=own,run={line}", "--out", str(tmp_path / "flag"), "--jobs", "1"]
    )  # fmt: skip
    assert by_spec.exit_code == 3, by_spec.output + by_flag.output
    harness.report(tmp_path / "run", format="html", out=tmp_path / "page.html")
    texts = [
        *written(tmp_path / "run", tmp_path / "flag", own_cache),
        (Path("page"), (tmp_path / "page.html").read_text()),
    ]
    texts += [(Path("terminal"), by_spec.output + by_flag.output + "".join(capfd.readouterr()))]
    for where, content in texts:
        assert not [name for name, key in OTHERS.items() if key in content], where
        assert not [name for name, key in OTHERS.items() if holds(content, [key])], where
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    shown = shlex.split(record["backends"]["own"]["arguments"])
    assert "PROGRAM_KEY=[secret]" in shown
    assert shown[shown.index("--token") + 1] == "[secret]"
    assert "--password=[secret]" in shown
    assert record["spec"]["backends"][0]["options"]["run"].startswith("env PROGRAM_KEY=[secret] ")


def test_another_key_in_a_command_is_another_backend(tmp_path: Path) -> None:
    from tests.asr.test_command import command

    one, same, other = (command(f"cat {{audio}} --token {key}").identity() for key in ("hunter2", "hunter2", "hunter3"))
    assert one == same
    assert one != other
    assert {name: value for name, value in one.items() if name != "secrets"} == {
        name: value for name, value in other.items() if name != "secrets"
    }
    assert "secrets" not in command("cat {audio}").identity()


def test_a_mistake_in_a_command_repeats_no_key(suite: Path) -> None:
    for line in ("API_KEY=hunter2-key asr {audio}", "asr --token hunter2-key", "asr --token 'hunter2-key {audio}"):
        result = CliRunner().invoke(main, ["run", str(suite), "--backend", f"command,run={line}"])
        assert result.exit_code == 2
        assert "hunter2" not in result.output
        assert base64.b64encode(b"hunter2").decode() not in result.output
