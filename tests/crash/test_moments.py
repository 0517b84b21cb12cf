"""Every command that writes, killed, stopped or refused room at moments of its writing: nothing is half, and the same command ends
as if nothing had been.

The moments are steps of the file system (see `commander`): all of them in the slow tests, a seeded few otherwise.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from tests.asr.speech import voiced_suite
from tests.conftest import HYPOTHESES
from tests.crash.commander import Blow, Commander, Ended, commander
from tests.retrieval.web.servers import pages_of, searxng, serving

SEED = 20_240_229
WEB = ("web", "collect", "small", "--provider", "searxng", "--url", "WEB", "--rate", "1000")
TIMES = re.compile(rb"20\d\d-\d\d-\d\dT[0-9:.Z+]+")
Tree = dict[str, str]


@dataclass(frozen=True)
class Case:
    """A command; `again`: it has been run before, over older files where it replaces some. `needs` is a program."""

    words: tuple[str, ...]
    again: bool = False
    needs: str | None = None

    def __str__(self) -> str:
        return "-".join(word.lstrip("-") for word in self.words[:4]) + ("-again" if self.again else "")


FILES = (
    Case(("suite", "import", "audio-folder", "folder", "--out", "new")),
    Case(("suite", "import", "transcripts", "--suite", "small", "--transcripts", "a=a.tsv", "--transcripts", "b=b.tsv")),
    Case(("suite", "speak", "small", "--out", "new", "--voice", "flite:slt", "--format", "flac", "--jobs", "1"), needs="flite"),
    Case((*WEB, "--out", "new"), again=True),
    Case((*WEB, "--out", "new.jsonl")),
    Case(("index", "build", "small", "--out", "new"), again=True),
    Case(("report", "run", "--format", "csv"), again=True),
)  # fmt: skip
MORE = (
    Case(("suite", "import", "squad", "gold.json", "--out", "new")),
    Case(("suite", "speak", "small", "--voice", "flite:slt", "--format", "flac", "--jobs", "1"), needs="flite"),
    Case((*WEB, "--out", "new")),
    Case(("index", "build", "small", "--out", "new")),
    Case(("report", "run", "--format", "md")),
    Case(("report", "run", "--format", "csv")),
    Case(("report", "run", "--format", "trn")),
    Case(("report", "run", "--format", "html")),
    Case(("report", "run", "--compress")),
    Case(("score", "a.tsv", "b.tsv", "--json", "new.json")),
    Case(("compare", "run", "--html", "new.html")),
)


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commander]:
    with commander(tmp_path_factory.mktemp("cache")) as started:
        yield started


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    os.environ["NO_PROXY"] = "127.0.0.1"
    with serving(lambda h: h.answer(searxng(*pages_of(h.asked.query["q"])))) as served:
        yield served.url


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, command: Commander) -> Path:
    """A folder with all that the commands read: suites, sources to import, and a finished run with an old report."""
    from tests.conftest import write_suite

    root = tmp_path_factory.mktemp("template")
    write = write_suite.__wrapped__  # type: ignore[attr-defined]
    write(root)("small")
    (root / "voices").mkdir()
    voiced_suite(write(root / "voices")).rename(root / "voiced")
    (root / "voices").rmdir()
    answers = [{"text": "Seine", "answer_start": 4}]
    question = {"id": "q1", "question": "Which river flows through Paris?", "answers": answers}
    paragraph = {"context": "The Seine flows through Paris.", "qas": [question]}
    (root / "gold.json").write_text(json.dumps({"data": [{"title": "Paris", "paragraphs": [paragraph]}]}))
    (root / "folder").mkdir()
    for path in (root / "voiced").glob("*.wav"):
        shutil.copy(path, root / "folder")
    rows = [f"{number}.wav\twhat is number {number}\tx{number}\n" for number in range(8)]
    (root / "folder" / "questions.tsv").write_text("".join(["audio\ttext\tanswer\n", *rows]))
    for name in "ab":
        lines = [f"{question}.{voice}\t{text} {name}\n" for question, text in HYPOTHESES.items() for voice in "ab"]
        (root / f"{name}.tsv").write_text("".join(lines))
    backends = ("--backend", "replay:vendor", "--backend", "replay:perfect")
    done = command("run", "small", *backends, "--out", "run", under=root)
    assert done.status == 0, done.output
    for name in ("report.md", "report.html"):
        (root / "run" / name).write_text("an old report\n")
    return root


@dataclass
class Place:
    """A case's folder before the command and after an uninterrupted one, and a scratch folder for each moment."""

    case: Case
    words: tuple[str, ...]
    before: Path
    whole: Path
    template: Path
    steps: int
    command: Commander

    def met(self, blow: Blow) -> tuple[Path, Ended]:
        """The folder, and how the command ended that met this blow in it."""
        folder = self.before.with_name("met")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.before, folder)
        return folder, self.command(*self.words, under=folder, blow=blow)

    def nothing_is_half(self, folder: Path) -> None:
        before, whole = tree(self.before), tree(self.whole)
        now = {name: content for name, content in tree(folder).items() if not re.search(r"(^|/)\.|\.journal\.", name)}
        half = [name for name, content in now.items() if content not in (before.get(name), whole.get(name))]
        assert not half, half

    def the_same_command_ends_it(self, folder: Path) -> None:
        done = self.command(*self.words, under=folder)
        assert done.status == 0, done.output
        now, whole = tree(folder), tree(self.whole)
        assert {name for name in now.keys() | whole.keys() if now.get(name) != whole.get(name)} == set()

    def sizes(self) -> list[int]:
        """Of the files that the command writes."""
        before, whole = tree(self.template if self.case.again else self.before), tree(self.whole)
        return sorted(
            {(self.whole / name).stat().st_size for name in whole if whole[name] not in (before.get(name), "")}
        )


def tree(folder: Path) -> Tree:
    """All that lies there but locks, by name: digests without times."""
    contents = {
        path.relative_to(folder).as_posix(): sha256(TIMES.sub(b"", path.read_bytes())).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
    }  # fmt: skip
    return {name: content for name, content in contents.items() if not name.endswith(".lock")}


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path, template: Path, command: Commander, web: str) -> Place:
    case: Case = request.param
    if case.needs and shutil.which(case.needs) is None:
        pytest.skip(f"the program {case.needs} is not installed")
    words = tuple(web if word == "WEB" else word for word in case.words)
    before, whole = tmp_path / "before", tmp_path / "whole"
    shutil.copytree(template, before)
    if case.again:
        assert command(*words, under=before).status == 0
    shutil.copytree(before, whole)
    done = command(*words, under=whole)
    assert done.status == 0, done.output
    assert done.steps
    return Place(case, words, before, whole, template, done.steps, command)


def check_kill(place: Place, step: int) -> None:
    folder, ended = place.met(Blow(step))
    assert ended.status == -signal.SIGKILL, ended.output
    place.nothing_is_half(folder)
    place.the_same_command_ends_it(folder)


def check_stop(place: Place, step: int, signals: tuple[int, ...]) -> None:
    folder, ended = place.met(Blow(step, signals))
    assert "Traceback" not in ended.output, ended.output
    assert "Aborted" not in ended.output, ended.output
    if ended.status:  # else it came with the last step
        assert ended.status == 128 + signals[0], ended.output
        assert re.search(r"^  harness \w+ ", ended.output, re.MULTILINE), ended.output
    place.nothing_is_half(folder)
    place.the_same_command_ends_it(folder)


def check_no_room(place: Place, size: int, *, kills: bool) -> None:
    folder, ended = place.met(Blow(bytes=size, kills=kills))
    if kills:
        assert ended.status == -signal.SIGXFSZ, ended.output
    else:
        assert ended.status == 2, ended.output
        assert "cannot be written: File too large" in ended.output
        assert "Traceback" not in ended.output
    place.nothing_is_half(folder)
    place.the_same_command_ends_it(folder)


def draw(place: Place) -> random.Random:
    return random.Random(f"{SEED} {place.case}")


@pytest.mark.parametrize("place", FILES, ids=str, indirect=True)
def test_a_kill_a_signal_and_a_full_disk(place: Place) -> None:
    moments = draw(place)
    check_kill(place, moments.randint(2, place.steps))
    check_stop(place, moments.randint(1, place.steps - 1), (moments.choice((signal.SIGINT, signal.SIGTERM)),))
    if place.case.needs is None:  # the limit is a program's, too
        check_no_room(place, moments.choice(place.sizes()) - 1, kills=False)


@pytest.mark.slow
@pytest.mark.parametrize("place", [*FILES, *MORE], ids=str, indirect=True)
def test_every_moment(place: Place) -> None:
    for step in range(1, place.steps + 1):
        check_kill(place, step)
    moments = draw(place)
    stops: Sequence[tuple[int, ...]] = [(signal.SIGINT,), (signal.SIGTERM,), (signal.SIGINT, signal.SIGINT)]
    for step in range(1, place.steps + 1):
        check_stop(place, step, moments.choice(stops))
    for size in place.sizes() if place.case.needs is None else ():
        for kills in (True, False):
            check_no_room(place, moments.randrange(size), kills=kills)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a disk")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize("place", [FILES[2]], ids=str, indirect=True)
def test_a_disk_that_is_full_in_the_middle(place: Place, disk: Path) -> None:
    folder = disk / "met"
    shutil.copytree(place.before, folder)
    used = shutil.disk_usage(disk).used + 65_536
    subprocess.run(["mount", "-o", f"remount,size={used}", disk], check=True)
    ended = place.command(*place.words, under=folder)
    assert ended.status == 2, ended.output
    assert "cannot be written: No space left on device" in ended.output
    place.nothing_is_half(folder)
    subprocess.run(["mount", "-o", "remount,size=10m", disk], check=True)
    place.the_same_command_ends_it(folder)


@pytest.mark.parametrize("place", [*FILES[1:5:2], MORE[4]], ids=str, indirect=True)
def test_a_folder_that_may_not_be_written(place: Place, disk: Path) -> None:
    folder = disk / "met"
    shutil.copytree(place.before, folder)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    ended = place.command(*place.words, under=folder)
    assert ended.status == 2, ended.output
    assert "cannot be written: Read-only file system" in ended.output
    assert "Traceback" not in ended.output
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert tree(folder) == tree(place.before)
    place.the_same_command_ends_it(folder)
