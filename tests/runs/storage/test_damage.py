"""A run's folder damaged in every file and in many ways: the same figures, or a refusal that names the file; never a traceback.

`SHORT` is what every test run does; the whole product of files, damage and commands is marked slow.
"""

from __future__ import annotations

import gzip
import itertools
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

import harness
from harness.cli import main
from harness.runs.storage.store import RunStore
from tests.conftest import small_suite

BACKENDS = ("replay:vendor", "replay:perfect")
FILES = ("run.json", "plan.jsonl", "vendor", "perfect", "evidence.json", "summary.json")


# ---- kinds of damage, each to the content of any file -------------------------------------------------------------------


def middle_changed(old: Callable[[int], bool], new: bytes) -> Callable[[bytes], bytes]:
    """Another byte in place of the first one after three fifths that `old` is true of."""

    def change(content: bytes) -> bytes:
        begin = len(content) * 3 // 5
        place = next((place for place in range(begin, len(content)) if old(content[place])), begin)
        byte = new if new[0] != content[place] else bytes([new[0] + 1])
        return content[:place] + byte + content[place + 1 :]

    return change


def number_as(text: bytes) -> Callable[[bytes], bytes]:
    """Another value in place of the first number that is one."""

    def change(content: bytes) -> bytes:
        changed, n = re.subn(
            rb'(": ?)(\d+(?:\.\d+)?)', lambda match: match[1] + text.replace(b"#", match[2]), content, count=1
        )
        return changed if n else content + text

    return change


def zeros(content: bytes) -> bytes:
    half = len(content) // 2
    return content[:half] + b"\0" * min(512, len(content) - half) + content[half + 512 :]


def lines_reversed(content: bytes) -> bytes:
    return b"".join(reversed(content.splitlines(keepends=True)))


CONTENT: Mapping[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "half of it": lambda content: content[: len(content) // 2],
    "torn end": lambda content: content[:-10],
    "a letter": middle_changed(lambda byte: chr(byte).isalpha() and byte < 128, b"x"),
    "a digit": middle_changed(lambda byte: chr(byte).isdigit() and byte < 128, b"7"),
    "a quote": middle_changed(lambda byte: byte == ord('"'), b"'"),
    "zeros": zeros,
    "all zeros": lambda content: b"\0" * len(content),
    "no UTF-8": lambda content: content[: len(content) // 2] + b"\xff" + content[len(content) // 2 :],
    "ends of lines": lambda content: content.replace(b"\n", b"\r\n"),
    "byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "text after it": lambda content: content + b"garbage",
    "a line after it": lambda content: content + b"{}\n",
    "empty lines": lambda content: content + b"\n \n",
    "nested deep": lambda content: b'{"key":' + b"[" * 100_000 + b"\n",
    "nested deep in a field": lambda content: b'{"unknown":' + b"[" * 100_000 + b"]" * 100_000 + b"," + content[1:],
    "twice": lambda content: content + content,
    "lines reversed": lines_reversed,
    "last line twice": lambda content: content + content.splitlines(keepends=True)[-1],
    "first line gone": lambda content: b"".join(content.splitlines(keepends=True)[1:]),
    "a number as text": number_as(b'"#"'),
    "not a number": number_as(b"NaN"),
    "a negative number": number_as(b"-#"),
    "a huge number": number_as(b"9" * 5_000),
    "a huge line": lambda content: content + b'{"key":"' + b"x" * 5_000_000 + b'"}\n',
    "another object": lambda content: b"[]\n",
    "a web page": lambda content: b"<!doctype html><title>404</title>\n",
}


def missing(path: Path, other: Path) -> None:
    path.unlink()


def a_folder(path: Path, other: Path) -> None:
    path.unlink()
    path.mkdir()


def of_another_run(path: Path, other: Path) -> None:
    shutil.copy(other, path)


def a_broken_link(path: Path, other: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name("nowhere"))


WHOLE: Mapping[str, Callable[[Path, Path], None]] = {
    "missing": missing, "a folder": a_folder, "of another run": of_another_run, "a broken link": a_broken_link,
}  # fmt: skip
PACKED: Mapping[str, Callable[[bytes], bytes]] = {
    "cut gzip": lambda content: content[:-9],
    "changed gzip": lambda content: content[:-20] + bytes([content[-20] ^ 1]) + content[-19:],
    "no gzip": lambda content: b"no gzip",
    "two in gzip": lambda content: content + gzip.compress(b"{}\n"),
    "empty gzip": lambda content: gzip.compress(b""),
}
CASES = [
    *(case for case in itertools.product(FILES, [*CONTENT, *WHOLE]) if case != ("evidence.json", "lines reversed")),
    *itertools.product([name for name in FILES if name != "run.json"], PACKED),
]
SHORT = {
    ("run.json", "half of it"), ("run.json", "a digit"), ("run.json", "missing"), ("plan.jsonl", "a letter"),
    ("vendor", "a digit"), ("vendor", "first line gone"), ("perfect", "lines reversed"), ("perfect", "nested deep"),
    ("perfect", "of another run"), ("vendor", "no UTF-8"), ("summary.json", "a digit"), ("evidence.json", "a folder"),
    ("perfect", "cut gzip"),
}  # fmt: skip


# ---- what is read ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A suite, its run, a run of it by another weighting, and what is read from the first."""
    folder = tmp_path_factory.mktemp("made")
    suite = small_suite(folder)
    harness.run(suite, backends=BACKENDS, out=folder / "run", jobs=1)
    harness.run(suite, backends=BACKENDS, retrievers=["bm25,k1=0.2,label=bm25"], out=folder / "other", jobs=1)
    (folder / "read").mkdir()
    for name, command in COMMANDS.items():
        done = CliRunner().invoke(main, [*command(folder / "run", folder / "read" / name)])
        assert (done.exit_code, done.stderr) == (0, "")
        (folder / "read" / f"{name}.printed").write_text(done.stdout.replace(str(folder), "FOLDER"))
    return folder


COMMANDS: Mapping[str, Callable[[Path, Path], list[str]]] = {
    "report.md": lambda run, out: ["report", str(run), "--out", str(out)],
    "tables": lambda run, out: ["report", str(run), "--format", "csv", "--out", str(out)],
    "explained": lambda run, out: ["report", str(run), "--explain"],
    "compared": lambda run, out: ["compare", str(run), "--json"],
}


def written(path: Path) -> dict[str, bytes]:
    files = [path] if path.is_file() else sorted(path.rglob("*")) if path.is_dir() else []
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in files if file.is_file()}


def place(folder: Path, name: str) -> Path:
    return RunStore(folder).samples_path(f"replay:{name}") if "." not in name else folder / name


def damaged(made: Path, tmp_path: Path, name: str, kind: str) -> tuple[Path, Path]:
    """Return a damaged copy of the run, and the file that the damage was done to."""
    folder = Path(shutil.copytree(made / "run", tmp_path / "run"))
    path = place(folder, name)
    if kind in WHOLE:
        WHOLE[kind](path, place(made / "other", name))
        return folder, path
    if kind in PACKED:
        RunStore(folder).compress()
        path = path.with_name(f"{path.name}.gz")
    before = path.read_bytes()
    after = (PACKED[kind] if kind in PACKED else CONTENT[kind])(before)
    assert after != before
    path.write_bytes(after)
    return folder, path


def cases() -> list[object]:
    marks = {case: () if case in SHORT else pytest.mark.slow for case in CASES}
    return [pytest.param(*case, marks=mark, id=", ".join(case)) for case, mark in marks.items()]


def refused(stderr: str, path: Path) -> bool:
    """Whether a message says which file is meant: that one, what it is a part of, or what does not fit to it."""
    return (path.name == "run.json" and "is of another run than run.json" in stderr) or any(
        f"{name}:" in stderr for name in (path, path.with_suffix("") if path.suffix == ".gz" else path, path.parent)
    )


@pytest.mark.parametrize(("name", "kind"), cases())
def test_what_is_shown_is_the_same_or_refused(made: Path, tmp_path: Path, name: str, kind: str) -> None:
    folder, path = damaged(made, tmp_path, name, kind)
    for command, words in COMMANDS.items():
        done = CliRunner().invoke(main, words(folder, tmp_path / command))
        assert done.exception is None or isinstance(done.exception, SystemExit), (command, done.exception)
        assert "Traceback" not in done.stderr
        if done.exit_code == 0:
            printed = done.stdout.replace(str(tmp_path), "FOLDER")
            assert printed == (made / "read" / f"{command}.printed").read_text().replace("/read/", "/"), command
            assert written(tmp_path / command) == written(made / "read" / command), command
            assert done.stderr == "", command
        else:
            assert done.exit_code == 2, command
            assert (made / "read" / f"{command}.printed").read_text().startswith(done.stdout), command
            assert refused(done.stderr, path), (command, done.stderr)
            assert done.stderr.count("\n") == 1, done.stderr


@pytest.mark.parametrize(("name", "kind"), cases())
def test_the_same_command_again_mends_it_or_names_it(made: Path, tmp_path: Path, name: str, kind: str) -> None:
    folder, path = damaged(made, tmp_path, name, kind)
    before = written(folder)
    words = ["run", str(made / "small"), "--out", str(folder), "--jobs", "1", "--json"]
    done = CliRunner().invoke(main, [*words, *(word for backend in BACKENDS for word in ("--backend", backend))])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "Traceback" not in done.stderr
    if done.exit_code == 0:
        RunStore(folder).compress()
        whole = Path(shutil.copytree(made / "run", tmp_path / "whole"))
        RunStore(whole).compress()
        after, wanted = written(folder), written(whole)
        for reports in ("report.md", "report.html", "run.json", ".lock", "samples/nowhere"):  # of a broken link
            after.pop(reports, None), wanted.pop(reports, None)
        assert after == wanted
        record = RunStore(folder).read_run()
        assert record.status == "complete"
        if name == "run.json" and kind != "empty lines":
            assert any(note.startswith("run.json ") and "written anew" in note for note in record.notes)
    else:
        assert done.exit_code == 2
        assert done.stdout == ""
        assert refused(done.stderr, path), done.stderr
        after = written(folder)
        if kind == "a folder":  # which is noticed when the file is written, at the end: the record says `started` then
            assert done.stderr.count("cannot be written: Is a directory") == 1 or after == before
            after["run.json"] = before.setdefault("run.json", b"")
        assert after == before, "what was refused was changed"


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 72
    assert set(CASES) >= SHORT
