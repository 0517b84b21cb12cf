"""What a study costs and keeps: its own file, and nothing of the samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

import harness
from harness.errors import HarnessError, RunError, UsageError
from harness.runs.result import RunResult
from harness.runs.spec import RunSpec
from harness.runs.storage.store import RunStore
from harness.runs.studies.protocol import STUDIES, Finished, Study
from tests.conftest import WriteSuite


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    at_least: int = 0


class Counted(msgspec.Struct, frozen=True):
    samples: int
    transcribed: int


calls: list[str] = []


def count(finished: Finished, options: Asked) -> Counted:
    calls.append(str(options.at_least))
    finished.progress(1, 1)
    if options.at_least > len(finished.samples):
        raise HarnessError(f"{len(finished.samples)} samples are too few.\nTake more")
    return Counted(len(finished.samples), sum(s.transcript is not None for s in finished.samples.values()))


STUDY = Study(Asked, Counted, count)


@pytest.fixture(autouse=True)
def counting_study(monkeypatch: pytest.MonkeyPatch) -> None:
    calls.clear()
    monkeypatch.setitem(STUDIES._builtin, "early", f"{__name__}:STUDY")


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    return write_suite()


def run(suite: Path, out: Path, study: str | None, **options: Any) -> RunResult:
    spec = suite.parent / f"{out.name}.toml"
    table = "" if study is None else f"[early]\n{study}"
    spec.write_text(f'suite = "{suite}"\n[[backend]]\nname = "replay"\nmodel = "vendor"\n{table}\n')
    return harness.run(spec, out=out, **options)


def test_a_study_is_kept_beside_the_samples_and_read_back(suite: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    result = run(suite, tmp_path / "out", "", study_progress=lambda *step: told.append(step))
    stored = harness.load_run(result.folder).stored
    study = stored.study("early", Counted)
    assert study == Counted(result.planned, result.planned - result.errors)
    assert told == [("early", 1, 1)]
    assert stored.study("complexity", Counted) is None
    assert "studies/early.json" in (stored.record.files or {})


def test_the_same_run_with_another_study_keeps_its_samples(suite: Path, tmp_path: Path) -> None:
    first = run(suite, tmp_path / "out", None)
    before = [path.read_bytes() for path in sorted((first.folder / "samples").iterdir())]
    again = run(suite, tmp_path / "out", "at_least = 1")
    assert again.record.digests["spec"] == first.record.digests["spec"]
    assert [path.read_bytes() for path in sorted((again.folder / "samples").iterdir())] == before
    assert again.stored.study("early", Counted) is not None


def test_a_study_is_made_anew_only_where_what_it_rests_on_changed(suite: Path, tmp_path: Path) -> None:
    run(suite, tmp_path / "out", "at_least = 1")
    run(suite, tmp_path / "out", "at_least = 1")
    assert calls == ["1"]
    run(suite, tmp_path / "out", "at_least = 2")
    assert calls == ["1", "2"]


def test_a_study_stays_while_other_specs_add_theirs_to_the_same_run(suite: Path, tmp_path: Path) -> None:
    before = run(suite, tmp_path / "out", "").stored.study("early", Counted)
    assert run(suite, tmp_path / "out", None).stored.study("early", Counted) == before
    assert run(suite, tmp_path / "out", "at_least = 99").stored.study("early", Counted) is None, (
        "asked anew, and not made"
    )


def test_a_study_goes_with_the_samples_that_it_was_made_of(suite: Path, tmp_path: Path) -> None:
    folder = run(suite, tmp_path / "out", "").folder
    path = folder / "studies" / "early.json"
    path.write_text(path.read_text().replace('"run": "', '"run": "0'))
    result = run(suite, folder, None)
    assert not path.exists()
    assert result.stored.study("early", Counted) is None


def test_a_study_that_cannot_be_made_costs_itself_only(suite: Path, tmp_path: Path) -> None:
    run(suite, tmp_path / "out", "")
    result = run(suite, tmp_path / "out", "at_least = 99")
    assert result.record.status == "complete"
    assert f"the study [early] was not made: {result.planned} samples are too few. Take more" in result.record.notes
    assert result.stored.study("early", Counted) is None


@pytest.mark.parametrize("form", ["changed", "cut", "gone"])
def test_damage_to_a_study_is_seen_and_mended_by_the_same_command(suite: Path, tmp_path: Path, form: str) -> None:
    folder = run(suite, tmp_path / "out", "").folder
    path = folder / "studies" / "early.json"
    content = path.read_text()
    if form == "gone":
        path.unlink()
    else:
        path.write_text(content[:-20] if form == "cut" else content.replace('"samples": ', '"samples": 1'))
    with pytest.raises(RunError, match=r"early\.json"):
        harness.load_run(folder).stored.study("early", Counted)
    run(suite, folder, "")
    assert path.read_text() == content


def test_a_compressed_study_reads_as_before(suite: Path, tmp_path: Path) -> None:
    folder = run(suite, tmp_path / "out", "").folder
    before = harness.load_run(folder).stored.study("early", Counted)
    RunStore(folder).compress()
    assert (folder / "studies" / "early.json.gz").exists()
    assert harness.load_run(folder).stored.study("early", Counted) == before
    run(suite, folder, "")
    assert calls == ["0"]


def test_an_unknown_field_of_a_study_is_refused_before_any_work(suite: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^\[early\]: unknown option 'at_most'\. .*Known options: at_least$"):
        run(suite, tmp_path / "out", "at_most = 3")
    assert not (tmp_path / "out").exists()


def test_studies_do_not_change_what_a_spec_is() -> None:
    plain = RunSpec("demo")
    assert plain.digest() == RunSpec("demo", studies={"early": {}}).digest()


def test_two_calls_write_the_same_bytes(suite: Path, tmp_path: Path) -> None:
    one, other = (run(suite, tmp_path / name, "") for name in ("one", "other"))
    parts = [json.loads((r.folder / "studies" / "early.json").read_text())["result"] for r in (one, other)]
    assert parts[0] == parts[1]


class Seen(msgspec.Struct, frozen=True):
    arms: list[tuple[str, str]]


def see(finished: Finished, options: Asked) -> Seen:
    planned = {(one.backend, one.condition) for one in finished.plan}
    assert planned == {(s.backend, s.condition) for s in finished.samples.values()}
    return Seen(sorted(planned))


SEEING = Study(Asked, Seen, see)


@pytest.mark.parametrize("alone", [True, False])
def test_nothing_is_told_of_a_backend_without_a_transcript(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    monkeypatch.setitem(STUDIES._builtin, "early", f"{__name__}:SEEING")
    (suite / "transcripts" / "dead.jsonl").write_text("")
    others = "" if alone else '[[backend]]\nname = "replay"\nmodel = "vendor"\n'
    spec = tmp_path / "dead.toml"
    spec.write_text(f'suite = "{suite}"\n{others}[[backend]]\nname = "replay"\nmodel = "dead"\n[early]\n')
    result = harness.run(spec, out=tmp_path / "out")
    if alone:
        assert "the study [early] was not made: no sample has a transcript" in result.record.notes
        return
    note = "studies leave out replay:dead under clean: none of its samples has a transcript"
    assert note in result.record.notes
    assert result.stored.study("early", Seen) == Seen([("replay:vendor", "clean")])
