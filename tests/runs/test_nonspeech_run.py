"""Perfect transcripts with tags in them are perfect: in a run by replay, from a program, and in what people read of it."""

from __future__ import annotations

import json
import shlex
import stat
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

import harness
from harness.report.model import Report
from harness.report.screen import Screen
from harness.report.sections.method import rules as of_report
from harness.report.terminal import print_run
from harness.runs.result import RunResult
from harness.runs.spec import RunSpec
from harness.runs.storage.store import RunStore
from tests.asr.speech import voiced_suite
from tests.conftest import QUESTIONS, WriteSuite, write_lines

WRAPPED = {  # what stands around a perfect transcript of each question
    "medawar": "<|startoftranscript|><|en|> {}<|endoftext|>",
    "ljubljana": "[00:00.000 --> 00:02.000] {} [BLANK_AUDIO]",
    "paris": "1\n00:00:00,000 --> 00:00:02,000\n(upbeat music) {} *coughs*\n",
    "okapi": "{}",
}
SENTENCE = (
    "From 6 of 8 transcripts of replay:tagged, 16 things that are not speech were removed before scoring: special tokens 6, "
    "time stamps 4, bracketed tags 2, sound tags 4."
)


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    root = write_suite()
    lines = []
    for question in QUESTIONS:
        asked, text = str(question["text"]), WRAPPED[str(question["id"])].format(question["text"])
        words = [{"text": word, "start": n, "end": n + 1} for n, word in enumerate(["[Music]", *asked.split()])]
        lines += [
            {"utterance_id": f"{question['id']}.{voice}", "text": text, "words": words,
             "nbest": [text, f"<unk> {asked} [UNK]"]}
            for voice in "ab"
        ]  # fmt: skip
    write_lines(root / "transcripts" / "tagged.jsonl", lines)
    return root


@pytest.fixture
def result(suite: Path, tmp_path: Path) -> RunResult:
    return harness.run(suite, backends=["replay:perfect", "replay:tagged"], out=tmp_path / "run")


def figures(result: RunResult, backend: str) -> dict[tuple[str, str | None, str | None, str], float | None]:
    return {
        (row.metric, row.retriever, row.source, row.group): row.value
        for row in result.summary.rows
        if row.backend == backend
    }


def test_perfect_transcripts_with_tags_have_the_figures_of_perfect_ones(result: RunResult) -> None:
    tagged = figures(result, "replay:tagged")
    assert tagged == figures(result, "replay:perfect")
    for metric in ("wer", "cer", "rare_wer", "false_rare_insertions", "runaway_rate"):
        assert tagged[metric, None, "hypothesis", "all"] == 0
    assert tagged["entity_recall", None, "hypothesis", "all"] == 1
    assert tagged["lost", "bm25", None, "all"] == 0


def test_the_sample_keeps_the_text_as_it_was_written_and_what_was_removed(result: RunResult) -> None:
    samples = {s.utterance_id: s for s in RunStore(result.folder).read_samples(["replay:tagged"]).values()}
    assert samples["paris.a"].transcript is not None
    assert samples["paris.a"].transcript.text == WRAPPED["paris"].format("Which river flows through Paris?")
    assert samples["paris.a"].not_speech == {"time_stamps": 1, "sound_tags": 2}
    assert samples["medawar.b"].not_speech == {"special_tokens": 3}
    assert samples["okapi.a"].not_speech == {}


def test_reports_say_how_much_was_removed(result: RunResult) -> None:
    (counted,) = result.summary.not_speech
    assert (counted.backend, counted.n_transcripts, counted.n_affected) == ("replay:tagged", 8, 6)
    console = Screen(file=StringIO(), width=1_000)
    print_run(console, Report.of_run(result.stored))
    pages = [
        console.file.getvalue(),  # type: ignore[attr-defined]
        harness.report(result.folder, format="md").read_text(),
        harness.report(result.folder, format="html").read_text(),
    ]
    for page in pages:
        assert page.count("not speech were removed") == 1
        assert SENTENCE in page.replace("\\", "").replace("&nbsp;", " ")


def test_a_run_without_tags_does_not_mention_them(suite: Path, tmp_path: Path) -> None:
    plain = harness.run(suite, backends=["replay:perfect"], out=tmp_path / "plain")
    assert plain.summary.not_speech == ()
    assert "not speech were removed" not in harness.report(plain.folder, format="md").read_text()


def test_sound_tags_are_words_where_that_is_asked_for(suite: Path, tmp_path: Path) -> None:
    kept = harness.run(suite, backends=["replay:tagged"], out=tmp_path / "kept", keep_sound_tags=True)
    (counted,) = kept.summary.not_speech
    assert counted.removed == {"special_tokens": 6, "time_stamps": 4, "bracketed_tags": 2}
    assert figures(kept, "replay:tagged")["wer", None, "hypothesis", "all"] == 6 / 40  # upbeat music ... coughs, twice
    assert kept.record.command.endswith(" --keep-sound-tags")
    spec = tmp_path / "spec.toml"
    spec.write_text(f'suite = "{suite}"\nkeep_sound_tags = true\n[[backend]]\nname = "replay"\nmodel = "tagged"\n')
    assert harness.run(spec, out=tmp_path / "kept").record.spec["keep_sound_tags"] is True  # the same run, resumed


def test_the_rules_say_what_is_removed_where_it_is(suite: Path, tmp_path: Path) -> None:
    default = harness.run(suite, backends=["replay:tagged"], out=tmp_path / "default", keep_sound_tags=True)
    whisper = harness.run(suite, backends=["replay:tagged"], out=tmp_path / "whisper", normaliser="whisper")
    rules = [dict(of_report(Report.of_run(result.stored))) for result in (default, whisper)]
    assert rules[0]["Not speech"].startswith("Special tokens, time stamps and tags in square brackets are removed")
    assert "Not speech" not in rules[1]
    assert whisper.summary.not_speech == ()
    first = replace(default.record, digests={**default.record.digests, "normaliser": "1"})  # it removed nothing yet
    older = Report.of_run(replace(default.stored, record=first))
    assert "Not speech" not in dict(of_report(older))


def test_a_spec_that_removes_sound_tags_has_the_digest_that_it_had_before_there_was_a_choice() -> None:
    assert RunSpec("s").digest() == "aa62d67529ff9568b253b99f8381b7a1a5937904701f35e8fc35a25b688d8fc9"
    assert RunSpec("s", keep_sound_tags=True).digest() != RunSpec("s").digest()


def test_the_page_ignores_words_that_are_tags(result: RunResult) -> None:
    from harness.report.html.sample_data import token_times

    samples = {s.utterance_id: s for s in RunStore(result.folder).read_samples(["replay:tagged"]).values()}
    assert token_times(samples["paris.a"], "en") == [(1.0, 2.0), (2.0, 3.0), (3.0, 4.0), (4.0, 5.0), (5.0, 6.0)]


@pytest.mark.parametrize("text", ["[00:00:00.000 --> 00:00:02.000]   {}\\n", "1\\n00:00:00,000 --> 00:00:02,000\\n{}\\n",
                                  "WEBVTT\\n\\n00:00.000 --> 00:02.000\\n{}\\n"])  # fmt: skip
def test_what_a_program_prints_as_subtitles_is_read_with_a_note(
    write_suite: WriteSuite, tmp_path: Path, text: str
) -> None:
    suite = voiced_suite(write_suite)
    asked = json.loads((suite / "questions.jsonl").read_text().splitlines()[0])["text"]
    script = tmp_path / "asr.py"
    script.write_text(f"#!{sys.executable} -S\nprint('{text.format(asked)}')\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    backend = f"command,run={shlex.quote(str(script))} {{audio}},label=own"
    result = harness.run(suite, backends=[backend], out=tmp_path / "run", limit=1, jobs=1)
    assert figures(result, "own")["wer", None, "hypothesis", "all"] == 0
    (note,) = (note for note in result.record.notes if note.startswith("own: "))
    assert "time stamps were removed from what its program printed" in note
    assert "--no-timestamps" in note
    again = harness.run(suite, backends=[backend], out=tmp_path / "run", limit=1, jobs=1)
    assert again.record.notes.count(note) == 1
