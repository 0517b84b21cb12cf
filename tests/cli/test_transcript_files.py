"""Other tools' files, recordings and voices on the command line: an account, the next command, one line for a mistake."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from harness.cli import main
from tests.conftest import WriteSuite


def call(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def test_a_vendor_s_table_is_replayed_as_it_is(write_suite: WriteSuite, tmp_path: Path) -> None:
    rows = "".join(f"{name}.{voice};0.9;which river\n" for name in ("paris", "ljubljana") for voice in "ab")
    table = write(tmp_path / "vendor.txt", "Call;Score;Transcript\n" + rows + "stranger;1;x\n")
    backend = f"replay,file={table},format=csv,id=Call,text=Transcript,label=vendor"
    status, out, err = call("run", write_suite(), "--backend", backend, "--out", tmp_path / "run")
    assert status == 3, err  # four of eight have no transcript
    assert "vendor" in out
    report = (tmp_path / "run" / "report.md").read_text()
    assert "MissingTranscript" in report
    assert '"unmatched": "1"' in (tmp_path / "run" / "run.json").read_text()


def test_scoring_tells_formats_by_names(tmp_path: Path) -> None:
    stm = write(tmp_path / "r.stm", "f 1 anna 0 1 one two\nf 1 anna 1 2 three\n")
    ctm = write(tmp_path / "h.ctm", "f 1 0 .4 one\nf 1 1.2 .4 tree\n")
    status, out, _ = call("score", stm, ctm, "--json", "-")
    assert status == 0
    assert '"substitutions": 1' in out
    assert '"deletions": 1' in out


def test_a_suite_of_references_and_more_transcripts_for_it(tmp_path: Path) -> None:
    reference = write(tmp_path / "ref.trn", "who was medawar (u1)\nwhere is he (u2)\n")
    ctm = write(tmp_path / "hyp.ctm", "u1 1 0 1 who\nu2 1 0 1 where\n")
    suite = tmp_path / "suite"
    status, out, err = call(
        "suite", "import", "transcripts", "--reference", reference, "--transcripts", f"vendor={ctm}", "--out", suite,
        "--licence", "CC0", "--citation", "Us 2020", "--speech", "human",
    )  # fmt: skip
    assert status == 0, err
    assert "2 questions, 0 snippets, 2 utterances, 1 sets of transcripts (vendor)" in out
    assert "licence: CC0" in out
    assert "please cite: Us 2020" in out
    assert "checked: 0 errors" in out
    assert f"run it: harness run {suite} --backend replay:vendor" in out
    table = write(tmp_path / "ours.csv", "Call,Transcript\nu1,who was he\n")
    arguments = ("suite", "import", "transcripts", "--suite", suite, "--transcripts", f"ours={table}")
    status, out, err = call(*arguments, "--columns", "id=Call,text=Transcript")
    assert status == 0, err
    assert "transcripts/ours.jsonl: 1 of 2 utterances" in out
    assert "dropped 1: no transcript in ours.csv" in out
    assert call("run", suite, "--backend", "replay:vendor", "--out", tmp_path / "run")[0] == 0


def test_a_folder_of_recordings(tmp_path: Path) -> None:
    folder = tmp_path / "calls"
    folder.mkdir()
    soundfile.write(folder / "a.wav", np.sin(np.arange(3200.0)), 16_000)
    write(folder / "questions.csv", "audio,text,answer\na.wav,Who was Medawar?,an immunologist\nb.wav,Who?,x\n")
    status, out, err = call("suite", "import", "audio-folder", folder, "--out", tmp_path / "suite")
    assert status == 0, err
    assert "1 questions, 0 snippets, 1 utterances" in out
    assert "licence: see the source" in out
    assert "dropped 1: rows whose recording is not there (first: line 3, b.wav does not exist" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("suite import transcripts --transcripts a={ref} --out {out}", "expected either --reference"),
        ("suite import transcripts --reference {ref} --suite {out} --transcripts a={ref} --out {out}", "expected either"),
        ("suite import transcripts --reference {ref} --transcripts a={none} --out {out}", "no.trn: cannot be read"),
        ("suite import transcripts --reference {bin} --transcripts a={ref} --out {out}", "its format cannot be told"),
        ("suite import transcripts --reference {ref} --transcripts a={ref} --columns to=x --out {out}", "expected KEY=VALUE"),
        ("suite import audio-folder {none} --out {out}", "not a folder"),
        ("suite speak {none} --voice flite:slt", "not a folder"),
        ("score {ref} {bin}", "its format cannot be told"),
        ("score {ref} {ref} --format trnn", "Did you mean 'trn'"),
        ("run demo --backend replay,file={ref}", "none of its 1 ids is an utterance of the suite"),
        ("run demo --backend replay,file={bin}", "its format cannot be told"),
    ],
)  # fmt: skip
def test_a_mistake_gets_one_line(tmp_path: Path, arguments: str, message: str) -> None:
    (tmp_path / "x.bin").write_bytes(bytes(range(256)))
    paths = {"ref": write(tmp_path / "ref.trn", "who (u1)\n"), "none": tmp_path / "no.trn", "bin": tmp_path / "x.bin"}
    status, _, err = call(*arguments.format(**paths, out=tmp_path / "suite").split())
    assert status == 2
    assert err.startswith("harness: ")
    assert message in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "suite").exists()


@pytest.mark.parametrize(("language", "backend"), [("en-GB", "pocketsphinx"), ("es", "faster-whisper:base")])
def test_a_suite_with_voices_is_run_by_a_recogniser_of_its_language(
    write_suite: WriteSuite, tmp_path: Path, language: str, backend: str
) -> None:
    if shutil.which("espeak-ng") is None:
        pytest.skip("the program espeak-ng is not installed (apt-get install espeak-ng)")
    suite = write_suite(questions=[{"id": "q", "text": "¿Dónde está Oaxaca?"}], hypotheses={"q": ""})
    header = (suite / "suite.toml").read_text(encoding="utf-8").replace('language = "en"', f'language = "{language}"')
    (suite / "suite.toml").write_text(header, encoding="utf-8")
    status, out, err = call("suite", "speak", suite, "--voice", "espeak-ng:es", "--out", tmp_path / "voiced")
    assert status == 0, err
    assert f"run it: harness run {tmp_path / 'voiced'} --backend {backend}\n" in out


def test_a_suite_gets_voices_and_is_run_and_its_audio_saved(write_suite: WriteSuite, tmp_path: Path) -> None:
    if shutil.which("flite") is None:
        pytest.skip("the program flite is not installed (apt-get install flite)")
    suite, voiced = (
        write_suite(questions=[{"id": "who", "text": "Who was he?"}], hypotheses={"who": ""}),
        tmp_path / "voiced",
    )
    status, out, err = call("suite", "speak", suite, "--voice", "flite:kal16", "--out", voiced)
    assert status == 0, err
    assert f"{voiced}: 1 recordings made, 0 kept" in out
    run = (
        "run",
        voiced,
        "--backend",
        "pocketsphinx,preset=fast",
        "--out",
        tmp_path / "run",
        "--jobs",
        "1",
        "--save-audio",
    )
    status, _, err = call(*run)
    assert status == 0, err
    assert "1 files written" in err
    assert (tmp_path / "run" / "audio" / "clean" / "who.flite-kal16.flac").is_file()
