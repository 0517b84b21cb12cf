"""With real programs: small scripts that answer well, badly, late, or die."""

from __future__ import annotations

import json
import os
import pickle
import shlex
import stat
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.errors import UsageError
from harness.records import Alternative, BackendSpec, Failure, OptionValue, Transcript, Word
from tests.asr.speech import build, noise, voiced_suite
from tests.conftest import WriteSuite
from tests.odd_times import ODD_TIMES


def program(folder: Path, source: str, name: str = "asr.py") -> Path:
    """An executable Python script; `audio` is its last argument."""
    path = folder / name
    path.write_text(f"#!{sys.executable} -S\nimport os, sys, time, signal\naudio = sys.argv[-1]\n{source}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def command(run: str, **options: OptionValue):
    return build(BackendSpec("command", "mine", options={"run": run, **options}))


def result_of(folder: Path, source: str, **options: OptionValue) -> Transcript | Failure:
    return command(f"{shlex.quote(str(program(folder, source)))} {{audio}}", **options).transcribe([noise()])[0]


def test_the_program_gets_the_recording_and_its_lines_are_joined(tmp_path: Path) -> None:
    kept = tmp_path / "kept.wav"
    script = program(
        tmp_path, f"open({str(kept)!r}, 'wb').write(open(audio, 'rb').read()); print(' when was\\n Žižek\\tborn ')"
    )
    assert command(f"{script} {{audio}}").transcribe([noise(seed=3)]) == [Transcript("when was Žižek born")]
    samples, rate = soundfile.read(kept, dtype="float32")
    info = soundfile.info(kept)
    assert (info.format, info.subtype, info.channels, rate) == ("WAV", "PCM_16", 1, 16_000)
    assert np.abs(samples - noise(seed=3).samples).max() <= 1 / 32_768


def test_arguments_arrive_as_a_shell_would_split_them_and_no_shell_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "my programs"
    folder.mkdir()
    script = program(folder, "print(*[f'<{a}>' for a in sys.argv[1:-1]]); print(audio.partition('=')[0])")
    arguments = "-m 'a b' $HOME ; rm \\*  \"it's\" > /nowhere"
    (transcript,) = command(f"{shlex.quote(str(script))} {arguments} --file={{audio}}").transcribe([noise()])
    assert transcript == Transcript("<-m> <a b> <$HOME> <;> <rm> <*> <it's> <>> </nowhere> --file")


@given(
    arguments=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6), max_size=4
    )
)
def test_any_argument_survives(tmp_path_factory: pytest.TempPathFactory, arguments: list[str]) -> None:
    backend = command(f"{sys.executable} {{audio}} {shlex.join(arguments)}")
    assert shlex.split(backend.identity()["arguments"]) == ["{audio}", *arguments]


def test_the_program_has_no_input_to_wait_for(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    own = os.dup(0)
    os.dup2(reading, 0)
    try:
        assert result_of(tmp_path, "print(f'<{sys.stdin.read()}>')", timeout=5) == Transcript("<>")
    finally:
        os.dup2(own, 0)
        for descriptor in (reading, writing, own):
            os.close(descriptor)


def test_json_gives_alternatives_and_words(tmp_path: Path) -> None:
    content = {
        "text": "a b",
        "nbest": ["a b", {"text": "a", "score": -3}],
        "words": [{"text": "a", "start": 0.1, "end": 0.2, "confidence": 0.5}, {"text": "b"}],
    }
    assert result_of(tmp_path, f"print({json.dumps(content)!r})", json=True) == Transcript(
        "a b", (Alternative("a b"), Alternative("a", -3)), (Word("a", 0.1, 0.2, 0.5), Word("b"))
    )


@pytest.mark.parametrize("times", ODD_TIMES)
def test_a_word_with_impossible_times_keeps_its_text(tmp_path: Path, times: str) -> None:
    answer = f'{{"text": "a b", "words": [{{"text": "a", "start": 0, "end": 1}}, {{"text": "b"{times}}}]}}'
    result = result_of(tmp_path, f"print({answer!r})", json=True)
    assert result == Transcript("a b", words=(Word("a", 0.0, 1.0), Word("b")))


def test_silence_is_a_transcript(tmp_path: Path) -> None:
    assert result_of(tmp_path, "") == Transcript("")
    assert result_of(tmp_path, """print('{"text":""}')""", json=True) == Transcript("")


FAILURES = {
    "status": (
        "print('half a trans', flush=True); print('loading\\ncannot \\x1b[31mread', audio, '\\n', file=sys.stderr); sys.exit(3)",
        {}, "NonZeroExit", "asr.py ended with exit status 3, expected 0: cannot ?[31mread {audio}"),
    "quiet": ("sys.exit(1)", {}, "NonZeroExit", "asr.py ended with exit status 1, expected 0"),
    "long line": ("print('x' * 9999, file=sys.stderr); sys.exit(1)", {}, "NonZeroExit", "xxx..."),
    "segfault": ("os.kill(os.getpid(), signal.SIGSEGV)", {}, "Killed", "asr.py was ended by SIGSEGV"),
    "asleep": ("time.sleep(60)", {"timeout": 0.4}, "Timeout", "asr.py had not ended after 0.4 s, and was killed"),
    "asleep with output closed": (
        "os.close(1); os.close(2); time.sleep(60)", {"timeout": 0.4}, "Timeout", "had not ended after 0.4 s"),
    "chatty for ever": (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: os.write(2, b'x' * 9999)", {"timeout": 0.4}, "Timeout", "0.4 s"),
    "too much": ("while True: os.write(1, b'x' * 9999)", {}, "BadOutput", "asr.py printed over 1000000 bytes"),
    "latin-1": ("os.write(1, b'caf\\xe9')", {}, "BadOutput", "asr.py printed what is no UTF-8 (byte 3)"),
    "no JSON": ("print('a b')", {"json": True}, "BadOutput", "the output of asr.py: expected JSON with a field 'text'"),
    "JSON of another kind": ("print('[1]')", {"json": True}, "BadOutput", "Expected `object`, got `array`"),
    "a misspelt field": ("""print('{"text":"a","n_best":[]}')""", {"json": True}, "BadOutput", "unknown field `n_best`"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAILURES)
def test_failures_are_told_apart(tmp_path: Path, case: str) -> None:
    source, options, type_, message = FAILURES[case]
    begun = time.monotonic()
    failure = result_of(tmp_path, source, **options)
    assert isinstance(failure, Failure)
    assert (failure.stage, failure.type) == ("recognise", type_)
    assert message in failure.message
    assert failure.message.isprintable()
    assert len(failure.message) < 400
    assert time.monotonic() - begun < 30


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
def test_the_programs_that_it_started_are_killed_with_it(tmp_path: Path) -> None:
    numbers = tmp_path / "numbers"
    source = (
        f"if os.fork() == 0: time.sleep(60)\n"
        f"open({str(numbers)!r}, 'a').write(f'{{os.getpid()}} ')\n"
        f"child = os.fork()\n"
        f"if child: open({str(numbers)!r}, 'a').write(f'{{child}} ')\n"
        f"else: time.sleep(60)"
    )
    failure = result_of(tmp_path, source, timeout=0.5)  # the parent ends at once; its children hold the output open
    assert isinstance(failure, Failure)
    assert failure.type == "Timeout"
    until = time.monotonic() + 5
    while any(alive(int(number)) for number in numbers.read_text().split()):
        assert time.monotonic() < until
        time.sleep(0.02)


def alive(number: int) -> bool:
    """A zombie, whose parent has not asked for it, is not."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_no_recording_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for source, options in (("print(1)", {}), ("sys.exit(1)", {}), ("time.sleep(60)", {"timeout": 0.2})):
        result_of(tmp_path, source, **options)
    assert [path.name for path in tmp_path.iterdir()] == ["asr.py"]


def test_a_file_that_is_no_program(tmp_path: Path) -> None:
    path = tmp_path / "asr"
    path.write_bytes(b"\x7fELF, not really")
    path.chmod(0o755)
    (failure,) = command(f"{path} {{audio}}").transcribe([noise()])
    assert failure == Failure("recognise", "NotStarted", "asr: Exec format error")


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ("", "once among its arguments"),
        ("cat", "once among its arguments"),
        ("cat {audio} {audio}", "once among its arguments"),
        ("{audio}", "once among its arguments"),
        ("cat '{audio}", "cannot be split into words: No closing quotation"),
        ("cat {audio}\0", "once among its arguments"),
        ("whisper-clj {audio}", "'whisper-clj' is not there.*Did you mean 'whisper-cli'.*whole path"),
        ("./no/such/program {audio}", "is not there"),
        ("/ {audio}", "is not there"),
    ],
)
def test_commands_that_mean_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: str, message: str) -> None:
    program(tmp_path, "", "whisper-cli")
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path), "/no/such/folder", os.environ["PATH"]]))
    with pytest.raises(UsageError, match=message):
        command(run)


def test_other_options_are_named() -> None:
    with pytest.raises(UsageError, match=r"missing required field `run`.*Known options: run, timeout, json"):
        build("command")
    with pytest.raises(UsageError, match="takes no model and no bias list"):
        build("command:m,run=cat {audio}")
    with pytest.raises(UsageError, match="takes no model and no bias list"):
        build("command,run=cat {audio}", ("okapi",))
    with pytest.raises(UsageError, match="option json: Expected `bool`"):
        build("command,run=cat {audio},json=1")


def test_identity_follows_program_script_and_model_by_content(tmp_path: Path) -> None:
    def identity(folder: str, source: str, model: str = "weights"):
        place = tmp_path / folder
        place.mkdir(exist_ok=True)
        (place / "m.bin").write_text(model)
        script = program(place, source)
        os.chdir(place)
        return command(f"{script} --model=m.bin {{audio}}").identity()

    here = Path.cwd()
    try:
        base = identity("a", "print(1)")
        assert base["program"] == "asr.py"
        assert identity("b", "print(1)") == base  # the same program elsewhere
        assert identity("b", "print(2)") != base
        assert identity("b", "print(1)", "other weights") != base
    finally:
        os.chdir(here)
    script = tmp_path / "a" / "asr.py"
    through = command(f"{sys.executable} {script} {{audio}}").identity()
    script.write_text(script.read_text() + "# changed\n")
    assert command(f"{sys.executable} {script} {{audio}}").identity() != through


def test_a_run_with_two_workers_where_one_recording_kills_the_program(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = voiced_suite(write_suite)
    bad = (suite / "3.wav").read_bytes()[44:]
    script = program(
        tmp_path,
        f"if hash(open(audio, 'rb').read()[44:]) == hash({bad!r}): os.kill(os.getpid(), signal.SIGSEGV)\n"
        f"print('where does the okapi live')",
    )
    spec = tmp_path / "spec.toml"
    spec.write_text(f'suite = "{suite}"\n[[backend]]\nname = "command"\nlabel = "own"\nrun = "{script} {{audio}}"\n')
    runs = [harness.run(spec, out=tmp_path / f"run{jobs}", jobs=jobs) for jobs in (2, 1)]
    assert [(run.exit_status, run.errors, run.record.status) for run in runs] == [(3, 1, "partial")] * 2
    lines = [(run.folder / "samples" / "own.jsonl").read_text() for run in runs]
    (failed,) = [json.loads(line) for line in lines[0].splitlines() if json.loads(line)["status"] == "error"]
    assert failed["error"] == {"stage": "recognise", "type": "Killed", "message": "asr.py was ended by SIGSEGV"}
    assert lines[0] == lines[1]


def test_can_be_sent_to_another_process(tmp_path: Path) -> None:
    backend = command(f"{program(tmp_path, 'print(1)')} {{audio}}")
    assert pickle.loads(pickle.dumps(backend)).transcribe([noise()]) == [Transcript("1")]
