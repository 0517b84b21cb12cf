"""The study `[complexity]` of a run: its counts are those of the samples, and it recognises nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import harness
from harness.analysis.complexity.study import ComplexityStudy
from harness.errors import UsageError
from harness.report.markdown import page_lines
from harness.report.model import Report
from harness.runs.result import RunResult
from tests.conftest import small_suite
from tests.report.constructed import TOWNS, ConstructedSuite, Errors, below, every

N = 48


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Towns, of which `unlucky` loses every fourth and `fails` has no transcript for the first ten."""
    made = ConstructedSuite(tmp_path_factory.mktemp("complexity") / "suite")
    for number, town in enumerate(TOWNS[:N]):
        identity = made.add_snippet(f"The river flows past the town of {town}.")
        relation = "river" if number % 2 else "water"
        made.add_question(f"Which river flows past the town of {town}?", town, relation, snippet_ids=[identity])
    made.add_decoys("Past the river of the town flows the river.")
    folder = made.write("towns", {"unlucky": Errors(other=every(4)), "fails": Errors(other=below(12))})
    path = folder / "transcripts" / "fails.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[10:]))
    return folder


def run(suite: Path, out: Path, table: str, backend: str = "unlucky", top: str = "") -> RunResult:
    spec = suite.parent / f"{out.parent.name}-{backend}.toml"
    spec.write_text(f'suite = "{suite}"\n{top}\n[[backend]]\nname = "replay"\nmodel = "{backend}"\n{table}\n')
    return harness.run(spec, out=out, jobs=1)


def studied(result: RunResult) -> ComplexityStudy:
    study = result.stored.study("complexity", ComplexityStudy)
    assert study is not None
    return study


QUICK = '[complexity]\nmodel = "none"\norders = 60\ndraws = 10\n'


def test_the_figures_are_those_of_the_samples(suite: Path, tmp_path: Path) -> None:
    result = run(suite, tmp_path / "run", QUICK)
    study = studied(result)
    continuum = study.continuum
    assert (study.questions.questions, study.questions.words) == (N, 8 * N)
    assert [level.questions for level in continuum.levels] == [48, 46, 44, 42, 40, 38, 36, 34, 32, 30]
    reference, accuracy, loss = continuum.series
    fates = Counter(sample.retrieval["bm25"].fate for sample in result.stored.samples.values())
    assert reference.course.values[0] == pytest.approx((fates["kept"] + fates["lost"]) / N, abs=1e-6)
    assert accuracy.course.values[0] == pytest.approx((fates["kept"] + fates["gained"]) / N, abs=1e-6)
    assert loss.course.values[0] == pytest.approx((fates["lost"] - fates["gained"]) / N, abs=1e-6)
    text = "\n".join(page_lines(Report.read(result.folder)))
    assert "## Semantic complexity" in text
    assert "No spanning tree and no clusters: no model was asked for." in text
    assert 'class="complexity-continuum"' in harness.report(result.folder, format="html").read_text()


def test_the_study_recognises_nothing_and_is_the_same_each_time(suite: Path, tmp_path: Path) -> None:
    first = run(suite, tmp_path / "run", "")
    assert first.stored.study("complexity", ComplexityStudy) is None
    assert "Semantic complexity" not in "\n".join(page_lines(Report.read(first.folder)))
    before = (first.folder / "samples").stat().st_mtime_ns, list((first.folder / "samples").iterdir())
    again = run(suite, tmp_path / "run", QUICK)
    assert (again.folder / "samples").stat().st_mtime_ns == before[0]
    assert studied(again) == studied(run(suite, tmp_path / "other", QUICK))


@pytest.mark.parametrize(("missing", "counted"), [("count", N), ("exclude", N - 10)])
def test_failed_samples_count_unless_they_are_left_out(suite: Path, tmp_path: Path, missing: str, counted: int) -> None:
    result = run(suite, tmp_path / "run", QUICK, "fails", f'missing = "{missing}"')
    accuracy = studied(result).continuum.series[1]
    hits = sum(
        sample.retrieval["bm25"].hypothesis_metrics.get("hit@1", 0.0) for sample in result.stored.samples.values()
    )
    assert accuracy.course.values[0] == pytest.approx(hits / counted, abs=1e-6)


def test_real_speech_keeps_a_hundred_questions(suite: Path, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    for path in suite.rglob("*"):
        if path.is_file():
            target = real / path.relative_to(suite)
            target.parent.mkdir(exist_ok=True)
            target.write_text(path.read_text().replace('speech = "synthetic"', 'speech = "human"'))
    study = studied(run(real, tmp_path / "run", QUICK))
    assert study.continuum.not_computed == "48 questions make 1 level of 100 questions or more; 8 levels are needed"
    assert len(studied(run(real, tmp_path / "run", f"{QUICK}fewest = 30\n")).continuum.levels) == 10


def test_what_the_suite_lacks_is_said(tmp_path: Path) -> None:
    """No frequency list, no snippets: measures without rare words, no continuum."""
    suite = small_suite(tmp_path, language="la")
    spec = tmp_path / "spec.toml"
    words = tmp_path / "rare.txt"
    words.write_text("medawar\nokapi\n")
    spec.write_text(
        f'suite = "{suite}"\nrare_words = "{words}"\n[[backend]]\nname = "replay"\nmodel = "vendor"\n{QUICK}'
    )
    study = studied(harness.run(spec, out=tmp_path / "run", jobs=1))
    assert study.continuum.not_computed == "there is no frequency list for 'la' to order words by"
    assert study.questions.rare_share == pytest.approx(2 / 20)
    assert study.questions.zipf_bands == {}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("[complexity]\nlevels = 3\n", r"\[complexity\].*levels"),
        (
            "[complexity]\nfewest_questions = 3\n",
            r"\[complexity\].*fewest_questions.*Known options: levels, fewest, orders",
        ),
    ],
)
def test_a_table_that_means_nothing_is_refused_before_any_work(
    suite: Path, tmp_path: Path, table: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        run(suite, tmp_path / "run", table)
    assert not (tmp_path / "run").exists()


def test_a_tag_that_the_suite_lacks_costs_the_study_only(suite: Path, tmp_path: Path) -> None:
    result = run(suite, tmp_path / "run", f'{QUICK}tags = ["relatoin"]\n')
    assert result.record.status == "complete"
    assert any(
        "[complexity] was not made: unknown tag 'relatoin'. Did you mean 'relation'?" in n for n in result.record.notes
    )
