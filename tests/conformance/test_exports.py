"""What is exported for sclite, trec_eval and ir_measures gives there the figures that the run has.

The committed run of 3,000 samples, and a small one with everything that may go wrong in it: a sample without a transcript, an
empty transcript, snippets with equal scores, ids that no such file can hold, questions without judgements.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

import pytest

import harness
from harness.analysis.scoring import score
from harness.analysis.summary import Row
from harness.records import Sample
from harness.runs.result import RunResult
from harness.runs.storage.store import RunStore
from tests.conformance.test_sc_stats import sctk
from tests.conformance.test_sclite import Tally, ours, tallies
from tests.conftest import QUESTIONS, SNIPPETS, write_lines

REFERENCE = Path(__file__).resolve().parents[2] / "results" / "reference" / "standard"
MEASURES = {
    "hit@1": ("success_1", "Success@1"),
    "hit@5": ("success_5", "Success@5"),
    "hit@10": ("success_10", "Success@10"),
    "rr@10": ("recip_rank", "RR@10"),
    "ndcg@10": ("ndcg_cut_10", "nDCG@10"),
}


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run in which things go wrong."""
    root = tmp_path_factory.mktemp("troubled")
    (root / "suite.toml").write_text(
        'name = "troubled"\nversion = "1"\nlanguage = "en"\nlicence = "CC0-1.0"\ndescription = "Trouble."\nspeech = "human"\n'
    )
    # The first of three equal snippets bears the answer; by document id, last one first, it would be ranked third.
    river = {"id": "river", "text": "Which river flows through Paris?", "answers": ["Seine"], "snippet_ids": ["a 1"]}
    copies = [{"id": f"{letter} 1", "text": "Which river flows through Paris? The Seine."} for letter in "abc"]
    medawar, ljubljana, okapi = (QUESTIONS[index] for index in (0, 1, 3))
    unjudged = {key: value for key, value in ljubljana.items() if key != "snippet_ids"}
    write_lines(root / "questions.jsonl", [medawar, unjudged, {**okapi, "snippet_ids": []}, river])
    write_lines(root / "snippets.jsonl", [*(s for s in SNIPPETS if s["id"] != "s3"), *copies])
    utterances = {
        "Paris (1)": ("river", "which river flows through paris"),
        "paris (1)": ("river", "which river flows through prose"),
        "empty": ("river", ""),
        "Москва: 50 %": ("medawar", "what did peter mad dog or study перо РАНО ночь"),
        "nothing/recognised": ("medawar", None),
        "unjudged": ("ljubljana", "which river flows through ljubljana"),
        "none relevant": ("okapi", "where does the okra pie live"),
    }
    write_lines(root / "utterances.jsonl", [{"id": name, "question_id": of} for name, (of, _) in utterances.items()])
    lines = [{"utterance_id": name, "text": text} for name, (_, text) in utterances.items() if text is not None]
    write_lines(root / "transcripts" / "vendor.jsonl", lines)
    result = harness.run(root, backends=["replay:vendor"], retrievers=["bm25", "phonetic"], jobs=1, out=root / "run")
    assert result.errors == 1
    return result.folder


@pytest.fixture(params=["reference", "troubled"])
def run(request: pytest.FixtureRequest) -> Path:
    return REFERENCE if request.param == "reference" else request.getfixturevalue("troubled")


def sclite(reference: Path, hypothesis: Path) -> dict[str, Tally]:
    files = ["-r", str(reference), "trn", "-h", str(hypothesis), "trn"]
    command = [*sctk("sclite"), *files, "-i", "wsj", "-o", "pralign", "stdout"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert not done.stderr.strip()
    return tallies(done.stdout.decode("utf-8"))


def test_sclite_and_our_scorer_count_the_same_in_the_exported_pairs(run: Path, tmp_path: Path) -> None:
    folder = harness.report(run, format="trn", out=tmp_path / "trn")
    result = harness.load_run(run)
    pairs = sorted(folder.glob("*.ref.trn"))
    assert len(pairs) == len({(row.backend, row.condition) for row in result.summary.rows})
    for reference in pairs:
        hypothesis = reference.with_name(reference.name.replace(".ref.trn", ".hyp.trn"))
        theirs = sclite(reference, hypothesis)
        assert ours(reference, hypothesis, "nist") == theirs
        unit = ours(reference, hypothesis, "unit")
        for name, (_, substitutions, deletions, insertions) in unit.items():
            _, s, d, i = theirs[name]
            fewest, found = substitutions + deletions + insertions, s + d + i
            assert fewest <= found <= fewest + (substitutions - s) / 3, name
        if run == REFERENCE:  # here the costs never cost a whole error more, so sclite's rate is the run's
            assert sum(sum(counts[1:]) for counts in theirs.values()) == sum(
                sum(counts[1:]) for counts in unit.values()
            )


def test_the_costs_may_make_sclite_find_one_error_more(tmp_path: Path) -> None:
    """Five substitutions weigh 20, three insertions and three deletions 18."""
    (tmp_path / "r").write_text("a b c d e (u)\n")
    (tmp_path / "h").write_text("d e x y z (u)\n")
    assert sclite(tmp_path / "r", tmp_path / "h") == {"u": (2, 0, 3, 3)}
    assert ours(tmp_path / "r", tmp_path / "h", "unit") == {"u": (0, 5, 0, 0)}


def test_the_exported_pairs_have_the_errors_and_words_of_the_run(run: Path, tmp_path: Path) -> None:
    folder = harness.report(run, format="trn", out=tmp_path / "trn")
    wanted = {
        f"{row.backend}.{row.condition}.ref.trn".replace(":", "_"): row.value
        for row in harness.load_run(run).summary.rows
        if (row.metric, row.group) == ("wer", "all")
    }
    assert wanted.keys() == {path.name for path in folder.glob("*.ref.trn")}
    for name, value in wanted.items():
        found = score(folder / name, folder / name.replace(".ref.", ".hyp."))
        assert found.words.rate == pytest.approx(value, abs=1e-9)


def test_failed_samples_keep_their_words_and_ids_come_back(troubled: Path, tmp_path: Path) -> None:
    folder = harness.report(troubled, format="trn", out=tmp_path / "trn")
    reference, hypothesis = ((folder / f"replay_vendor.clean.{side}.trn").read_text() for side in ("ref", "hyp"))
    assert "what did peter medawar study (nothing/recognised)\n" in reference
    assert "\n(nothing/recognised)\n" in hypothesis
    ids = [unquote(line.rpartition("(")[2].removesuffix(")")) for line in reference.splitlines()]
    assert ids == [planned.utterance_id for planned in RunStore(troubled).read_plan()]


def retrieval_cells(result: RunResult) -> Iterator[tuple[str, str, str, Mapping[str, Row]]]:
    found: dict[tuple[str, str, str], dict[str, Row]] = {}
    for row in result.summary.rows:
        if row.group == "all" and row.metric in MEASURES and row.retriever and row.source:
            cell = f"{row.backend}.{row.condition}".replace(":", "_")
            found.setdefault((cell, row.retriever, row.source), {})[row.metric] = row
    return ((*key, rows) for key, rows in found.items())


def test_pytrec_eval_finds_our_figures(run: Path, tmp_path: Path) -> None:
    pytrec_eval = pytest.importorskip("pytrec_eval")
    folder = harness.report(run, format="trec", out=tmp_path / "trec")
    cells = list(retrieval_cells(harness.load_run(run)))
    assert len(cells) == len(list(folder.glob("*.run")))
    for cell, retriever, source, rows in cells:
        with (folder / f"{cell}.qrels").open() as file:
            judged = pytrec_eval.parse_qrel(file)
        with (folder / f"{cell}.{retriever}.{source}.run").open() as file:
            ranked = pytrec_eval.parse_run(file)
        measures = {"success.1,5,10", "recip_rank", "ndcg_cut.10"}
        found = pytrec_eval.RelevanceEvaluator(judged, measures).evaluate(ranked)
        for metric, row in rows.items():
            total = sum(values[MEASURES[metric][0]] for values in found.values())
            assert total / len(judged) == pytest.approx(row.value, abs=1e-9), (cell, retriever, source, metric)


def test_ir_measures_finds_our_figures(run: Path, tmp_path: Path) -> None:
    ir_measures = pytest.importorskip("ir_measures")
    folder = harness.report(run, format="trec", out=tmp_path / "trec")
    for cell, retriever, source, rows in retrieval_cells(harness.load_run(run)):
        judged = list(ir_measures.read_trec_qrels(str(folder / f"{cell}.qrels")))
        ranked = list(ir_measures.read_trec_run(str(folder / f"{cell}.{retriever}.{source}.run")))
        wanted = {metric: ir_measures.parse_measure(MEASURES[metric][1]) for metric in rows}
        found = ir_measures.calc_aggregate(list(wanted.values()), judged, ranked)
        for metric, row in rows.items():
            assert found[wanted[metric]] == pytest.approx(row.value, abs=1e-9), (cell, retriever, source, metric)


def test_every_topic_is_worth_what_its_sample_says(troubled: Path, tmp_path: Path) -> None:
    pytrec_eval = pytest.importorskip("pytrec_eval")
    folder = harness.report(troubled, format="trec", out=tmp_path / "trec")
    samples: dict[str, Sample] = {
        s.utterance_id: s for s in RunStore(troubled).read_samples(["replay:vendor"]).values()
    }
    with (folder / "replay_vendor.clean.qrels").open() as file:
        judged = pytrec_eval.parse_qrel(file)
    with (folder / "replay_vendor.clean.bm25.hypothesis.run").open() as file:
        found = pytrec_eval.RelevanceEvaluator(judged, {"success.1", "ndcg_cut.10"}).evaluate(
            pytrec_eval.parse_run(file)
        )
    assert {unquote(topic) for topic in judged} == samples.keys() - {"unjudged"}
    assert {unquote(topic) for topic in judged.keys() - found.keys()} == {"empty", "nothing/recognised"}
    for topic, values in found.items():
        worth = samples[unquote(topic)].retrieval["bm25"].hypothesis_metrics
        assert (values["success_1"], values["ndcg_cut_10"]) == pytest.approx((worth["hit@1"], worth["ndcg@10"]))
    first = samples["Paris (1)"].retrieval["bm25"].hypothesis
    assert len(set(first.scores[:3])) == 1, "the snippets that only the order of the suite tells apart"
    assert samples["Paris (1)"].retrieval["bm25"].hypothesis_metrics["hit@1"] == 1.0
