"""Bias lists in the reports: the table, what did not fit, and a verdict that recommends no oracle."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

import harness
from harness.analysis.comparisons import Arm, Comparison, paired_arms
from harness.analysis.summary import Row
from harness.records import BackendSpec, BiasCount, Sample
from harness.report.bias_lists import ListTable, list_sentences, list_table
from harness.report.figures import Figures
from harness.report.html.stored import Shown
from harness.report.html.verdict import Finding, Verdict, verdict
from harness.report.terminal import print_run
from harness.runs.storage.store import RunStore
from harness.runs.storage.stored_run import StoredRun
from tests.asr.speech import spoken_suite
from tests.conftest import WriteSuite
from tests.faulty import install
from tests.listener import PREPARATION

PLAIN, OWN0, OWN1, OWN3, ORACLE = (f"listener:3{bias}" for bias in ("", "+own0 (oracle)", "+own1", "+own3", "+oracle"))
BACKENDS = (
    f"{PLAIN},bias=own,distractors=3", PLAIN, *(f"{PLAIN},bias=own,distractors={n}" for n in (0, 1)), f"{PLAIN},bias=entities",
)  # fmt: skip
MADE_ONCE: dict[str, Path] = {}


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(install(tmp_path / "site", "listener", "tests.listener:Listener")))


@pytest.fixture
def run(write_suite: WriteSuite, listener: None, tmp_path: Path) -> Path:
    if not MADE_ONCE:
        MADE_ONCE["suite"] = spoken_suite(write_suite)
        MADE_ONCE["run"] = harness.run(MADE_ONCE["suite"], backends=BACKENDS, out=tmp_path / "run", jobs=1).folder
        harness.report(MADE_ONCE["run"], format="html")
        harness.report(MADE_ONCE["run"], format="md")
    return MADE_ONCE["run"]


@pytest.fixture
def shown(run: Path) -> Shown:
    return Shown.of_run(run)


def samples_of(run: Path, backend: str) -> list[Sample]:
    return list(RunStore(run).read_samples([backend]).values())


def figure(shown: Shown, backend: str, metric: str) -> float | None:
    row: Row = shown.figures.rows[backend, "clean", None, "hypothesis", "all", metric]
    return row.value


def test_a_list_is_compared_with_the_same_backend_without_it(run: Path, shown: Shown) -> None:
    pairs = {(c.a, c.b) for c in shown.summary.comparisons}
    assert pairs == {(PLAIN, OWN0), (PLAIN, OWN1), (PLAIN, OWN3), (PLAIN, ORACLE)}
    assert {(c.a, c.b) for c in harness.compare(run).comparisons} == pairs


def test_what_has_no_counterpart_is_compared_with_the_first_of_its_kind() -> None:
    arms = [
        Arm(label, condition, {}, {}) for condition in ("clean", "noise") for label in ("a+l", "b", "a", "c+l", "d")
    ]
    pairs = [(first.label, second.label, second.condition) for first, second in paired_arms(arms, {"a+l": "a"})]
    expected = [("a", "a+l"), ("b", "a"), ("b", "c+l"), ("b", "d")]
    assert pairs == [(*pair, condition) for condition in ("clean", "noise") for pair in expected]


def test_figures_of_lists_are_counted_from_the_samples(run: Path, shown: Shown) -> None:
    counts = [sample.bias for sample in samples_of(run, OWN3)]
    assert len(counts) == 8
    assert {(count.listed, count.sent, count.own_listed) for count in counts if count} == {(4, 3, 1)}
    own_sent = sum(count.own_sent for count in counts if count)
    assert 0 < own_sent < 8, "of some questions the name is cut off"
    assert figure(shown, OWN3, "bias_listed") == 4.0
    assert figure(shown, OWN3, "bias_distractors") == 3.0
    assert figure(shown, OWN3, "bias_sent") == 3.0
    assert figure(shown, OWN3, "bias_own_sent") == own_sent / 8
    assert figure(shown, OWN3, "bias_preparation") == PREPARATION
    assert {sample.bias for sample in samples_of(run, OWN0)} == {BiasCount(1, 1, 1, 1)}
    assert not [key for key in shown.figures.rows if key[0] == PLAIN and key[5].startswith("bias_")]


def test_the_table_has_a_row_for_each_list_the_shortest_first(shown: Shown) -> None:
    table = list_table(shown.figures, shown.backends)
    assert table is not None
    assert table.title == "Bias lists by size"
    assert table_cells(table) == [
        (PLAIN, "none"),
        (OWN0, "each question's own names alone (oracle)"),
        (OWN1, "each question's own names among 1 other"),
        (OWN3, "each question's own names among 3 others"),
        (ORACLE, "every name of the suite (oracle)"),
    ]
    assert table.headings[2:] == (
        "listed", "sent", "own names sent", "entity recall", "WER", "common WER", "rare WER", "false rare words",
        "hit@1 spoken", "preparation", "RTF", "processor RTF",
    )  # fmt: skip
    rows = {row[0]: dict(zip(table.headings, row, strict=True)) for row in table.rows}
    assert (rows[PLAIN]["listed"], rows[PLAIN]["preparation"]) == ("-", "-")
    assert (rows[OWN3]["listed"], rows[OWN3]["sent"], rows[OWN3]["preparation"]) == ("4.0", "3.0", "0.50 s")
    recall = shown.figures.rows[OWN0, "clean", None, "hypothesis", "all", "entity_recall"]
    assert rows[OWN0]["entity recall"].startswith("100.0 % [")
    assert recall.value == 1.0
    assert rows[PLAIN]["entity recall"].startswith("50.0 % [")
    assert [heading for heading, _ in table.legend] == list(table.headings[2:])


def test_table_and_protocols_stand_in_both_reports(run: Path, shown: Shown) -> None:
    page, markdown = (run / "report.html").read_text(), (run / "report.md").read_text()
    table = list_table(shown.figures, shown.backends)
    assert table is not None
    assert '<h3 id="bias-lists">Bias lists by size</h3>' in page
    assert "## Bias lists by size" in markdown
    for text in (page, markdown):
        assert "protocol of Le et al. (Interspeech 2021)" in text
        assert "is an oracle: nobody knows beforehand what will be" in text
        for row in table.rows:
            for cell in row[2:]:
                assert cell in text


def test_what_did_not_fit_and_what_a_list_took_is_said(run: Path, shown: Shown) -> None:
    own, every = (
        100 * sum(sample.bias.own_sent for sample in samples_of(run, label) if sample.bias) / 8
        for label in (OWN3, ORACLE)
    )
    said = list(list_sentences(shown.figures, shown.backends))
    assert said == [
        f"Oracles, whose bias lists no user could have, so upper bounds and no settings to take: {OWN0}, {ORACLE}.",
        f"Lists of own names among others, which assume that a user's list holds the name: {OWN3} (among 3), {OWN1} (among 1).",
        f"Of these lists only a part fitted in: {OWN3} 3.0 of 4.0 phrases a recording, and {own:.1f} % of the questions' own "
        f"names; {ORACLE} 3.0 of 4.0 phrases a recording, and {every:.1f} % of the questions' own names.",
        f"Making the engine ready for another list took, a recording: {OWN3} 0.50 s, {OWN0} 0.50 s, {OWN1} 0.50 s, {ORACLE} "
        f"0.50 s. It is no recognition time.",
    ]
    markdown, page = (
        (run / name).read_text().replace("\\", "").replace("&#39;", "'") for name in ("report.md", "report.html")
    )
    console, store = Console(file=StringIO(), width=80), RunStore(run)
    print_run(console, StoredRun(run, store.read_run(), shown.summary))
    assert isinstance(console.file, StringIO)
    printed = " ".join(console.file.getvalue().split())
    for sentence in said:
        assert sentence in printed
        assert sentence in markdown
        assert sentence in re.sub("</?bdi>", "", page)


def test_a_run_with_one_list_has_a_table(shown: Shown) -> None:
    figures = Figures(
        {key: row for key, row in shown.figures.rows.items() if key[0] in (PLAIN, ORACLE)},
        tuple(cell for cell in shown.figures.cells if cell[0] in (PLAIN, ORACLE)),
        shown.figures.retrievers,
    )
    table = list_table(figures, shown.backends)
    assert table is not None
    assert table.title == "Bias lists"
    without = {PLAIN: shown.backends[PLAIN]}
    assert list_table(figures, without) is None
    assert list(list_sentences(figures, without)) == []


def table_cells(table: ListTable) -> list[tuple[str, str]]:
    """Backend and list of each row."""
    return [(row[0], row[1]) for row in table.rows]


def judged(shown: Shown, *labels: str, **lost: float) -> Verdict:
    """The verdict on some backends only, with other shares of answers lost."""
    rows = [row for row in shown.summary.rows if row.backend in labels]
    rows = [replace(row, value=lost.get(row.backend, row.value)) if row.metric == "lost" else row for row in rows]
    summary = replace(shown.summary, rows=tuple(rows))
    said = verdict(replace(shown, summary=summary, figures=Figures.of(summary)), "bm25", "clean")
    assert said is not None
    return said


def list_finding(said: Verdict) -> str:
    heading = "What would a bias list win?"
    return next((finding.text for finding in said.findings if finding.heading == heading), "")


def test_the_verdict_recommends_no_oracle_and_names_it_as_a_bound(shown: Shown) -> None:
    said = judged(shown, PLAIN, OWN0, OWN1, OWN3, ORACLE)
    assert said.headline == f"{PLAIN} loses 4 of 8 answers [0, 8] by what it misheard."
    assert Finding("How sure is that?", "") not in said.findings
    text = list_finding(said)
    assert text.startswith(
        f"{PLAIN} loses 4 of 8 answers [0, 8] without one. With each question's own names among 1 other "
    )
    assert (
        "assume that the user's list holds the name (Le et al. 2021). With each question's own names alone (oracle)"
        in text
    )
    assert re.search(
        r"it would lose 0 of 8 answers \[0, \d\] \(-50\.0 \[.*\] points, p = \d\.\d+, not significant\)", text
    )
    assert text.endswith("No user could have that list: it is an upper bound.")
    everything = " ".join([said.headline, said.detail, *(finding.text for finding in said.findings)])
    assert "Take" not in everything
    assert "The bias list does most" not in everything


def test_an_oracle_that_is_not_the_best_is_no_bound(shown: Shown) -> None:
    worse = judged(shown, PLAIN, OWN0, OWN3, **{OWN0: 0.9})
    assert list_finding(worse).endswith("No user could have that list: it is no setting to take.")
    equal = judged(shown, PLAIN, OWN0, **{OWN0: 0.5})
    assert list_finding(equal).endswith("it is no setting to take.")


def asked_for(run: StoredRun, backends: Iterable[BackendSpec]) -> StoredRun:
    """The run as if its spec named these backends."""
    spec = msgspec.to_builtins(replace(run.spec, backends=tuple(backends)))
    return replace(run, record=replace(run.record, spec=spec))


def with_tests(shown: Shown, p_holm: float | None) -> Shown:
    def tested(c: Comparison) -> Comparison:
        return replace(c, p_value=p_holm, p_holm=p_holm)

    comparisons = tuple(map(tested, shown.summary.comparisons))
    return replace(shown, summary=replace(shown.summary, comparisons=comparisons))


@pytest.mark.parametrize(
    ("p_holm", "expected"),
    [
        (0.04, "p = 0.040, significant)"),
        (0.06, "p = 0.060, not significant)"),
        (None, "(the run has no test of the difference)"),
    ],
)
def test_whether_a_list_makes_a_difference_is_told_by_the_stored_test(
    shown: Shown, p_holm: float | None, expected: str
) -> None:
    text = list_finding(judged(with_tests(shown, p_holm), PLAIN, OWN0, OWN3))
    assert text.count(expected) == 2


def test_a_list_from_a_file_can_be_recommended(shown: Shown) -> None:
    specs = {
        label: replace(spec, bias="names.txt") if label == OWN3 else spec for label, spec in shown.backends.items()
    }
    (run,) = shown.runs
    listed = replace(shown, runs=(asked_for(run, specs.values()),))
    said = judged(with_tests(listed, 0.001), PLAIN, OWN3, ORACLE, **{OWN3: 0.1})
    assert said.headline == f"Take {OWN3}."
    told = {finding.heading: finding.text for finding in said.findings}
    assert told["What wins most back?"].startswith(
        f"The bias list does most: {PLAIN} loses 4 of 8 answers [0, 8] without it"
    )
    assert "every name of the suite (oracle)" in told["What would a bias list win?"]


def test_without_a_backend_that_can_be_deployed_the_best_is_named_as_what_it_is(shown: Shown) -> None:
    said = judged(shown, OWN0, ORACLE)
    assert said.headline == (
        "No backend here can be deployed as it is: each has a bias list made of the names that are asked for."
    )
    assert said.detail.startswith(
        f"The best of them, {OWN0}, has a list of each question's own names alone (oracle). It loses 0 of 8 answers"
    )
    assert "Take" not in said.headline + said.detail
    assert list_finding(said) == ""


def test_a_list_of_an_engine_that_the_run_has_not_plain(shown: Shown) -> None:
    (run,) = shown.runs
    other = BackendSpec("listener", PLAIN, "4")
    backends = tuple(other if spec.label == PLAIN else spec for spec in run.spec.backends)
    text = list_finding(judged(replace(shown, runs=(asked_for(run, backends),)), PLAIN, OWN0))
    assert text.startswith(f"With a list of each question's own names alone (oracle), {OWN0} loses 0 of 8 answers")
    assert text.endswith("The run has no such backend without a list.")


@pytest.fixture
def specs(run: Path) -> dict[str, BackendSpec]:
    return StoredRun.read(run).backends


def test_backends_of_a_run_are_read_from_its_record(specs: dict[str, BackendSpec], shown: Shown) -> None:
    assert specs == shown.backends
    assert specs[OWN3].distractors == 3
