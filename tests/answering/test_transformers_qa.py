"""A tiny BERT made here, with random weights: what it answers is nonsense, and must be the nonsense of its own logits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.answering.protocol import AnswererSpec, Reading, snippet_text
from harness.answering.transformers_qa import TransformersQA, best_span
from harness.errors import UsageError
from harness.records import Snippet

WORDS = [
    "who",
    "wrote",
    "salammbo",
    "gustave",
    "flaubert",
    "is",
    "the",
    "author",
    "of",
    "it",
    "was",
    "praised",
    "by",
    "george",
    "sand",
    "in",
    "paris",
    "1862",
    "a",
    "novel",
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as transformers saves one."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    folder = tmp_path_factory.mktemp("tiny-bert")
    letters = [chr(c) for c in range(97, 123)] + list("0123456789.,-?")
    vocabulary = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *WORDS,
        *letters,
        *(f"##{letter}" for letter in letters),
    ]
    (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(vocabulary)) + "\n")
    tokenizer = transformers.BertTokenizerFast(vocab_file=str(folder / "vocab.txt"), do_lower_case=True)
    torch.manual_seed(5)
    config = transformers.BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=37,
        max_position_embeddings=64,
    )  # fmt: skip
    transformers.BertForQuestionAnswering(config).eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def build(model: Path, **options: str | int | bool) -> TransformersQA:
    return TransformersQA(AnswererSpec("transformers", str(model), options), "en")


SHORT = Reading(
    "who wrote salammbo",
    (
        Snippet("a", "Gustave Flaubert is the author of Salammbo."),
        Snippet("b", "It was praised by George Sand, in Paris, in 1862.", "A novel"),
        Snippet("c", ""),
    ),
)
LONG = Reading("who wrote it", (Snippet("d", " ".join(f"{word} {n}" for n, word in enumerate(WORDS * 4))),))


def by_hand(folder: Path, reading: Reading, longest: int = 30) -> tuple[float, str]:
    """The best span by trying all of them, one snippet at a time, without windows: for short snippets."""
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForQuestionAnswering.from_pretrained(folder).eval()
    best = (-np.inf, "")
    for snippet in reading.snippets:
        text = snippet_text(snippet)
        if not text:
            continue
        encoded = tokenizer(reading.question, text, return_tensors="pt", return_offsets_mapping=True)
        offsets, parts = encoded.pop("offset_mapping")[0].tolist(), encoded.sequence_ids(0)
        with torch.inference_mode():
            output = model(**encoded)
        for i in range(len(parts)):
            for j in range(i, min(i + longest, len(parts))):
                if parts[i] == parts[j] == 1:
                    score = float(output.start_logits[0, i]) + float(output.end_logits[0, j])
                    best = max(best, (score, text[offsets[i][0] : offsets[j][1]]))
    return best


@pytest.mark.parametrize("longest", [1, 3, 30])
def test_the_answer_is_the_best_span_of_all_snippets(model: Path, longest: int) -> None:
    score, text = by_hand(model, SHORT, longest)
    answer = build(model, max_answer_tokens=longest).answer([SHORT])[0]
    assert answer.text == text
    assert answer.score == pytest.approx(score, abs=1e-3)
    assert answer.snippet_ids[0] in ("a", "b")
    assert text in {snippet.id: snippet_text(snippet) for snippet in SHORT.snippets}[answer.snippet_ids[0]]


def test_batches_and_company_change_nothing(model: Path) -> None:
    readings = [
        SHORT,
        LONG,
        Reading("who wrote it", SHORT.snippets[:1]),
        Reading("", SHORT.snippets),
        Reading("who", ()),
    ]
    alone = [build(model, batch_size=1).answer([reading])[0] for reading in readings]
    together = build(model, batch_size=3).answer(readings)
    for one, other in zip(alone, together, strict=True):
        assert (one.text, one.snippet_ids) == (other.text, other.snippet_ids)
        assert one.score == pytest.approx(other.score, abs=1e-3)
    assert together[3].text == together[4].text == ""


def test_long_snippets_are_read_in_windows_to_their_end(model: Path) -> None:
    """The words of the last window are found: its best span is the answer where the other windows are cut away."""
    answerer = build(model, max_length=48, doc_stride=8)
    answer = answerer.answer([LONG])[0]
    assert answer.text in LONG.snippets[0].text
    spans = list(answerer._spans([(0, 0, LONG.question, LONG.snippets[0].text)]))
    assert len(spans) > 3
    assert max(span.end for _, span in spans) > 0.9 * len(LONG.snippets[0].text)
    assert max(span.score for _, span in spans) == pytest.approx(answer.score, abs=1e-3)


def test_a_question_longer_than_the_model_is_cut(model: Path) -> None:
    assert build(model).answer([Reading("who wrote " * 200, SHORT.snippets)])[0].text


def test_it_can_refuse_where_the_null_answer_wins(model: Path) -> None:
    torch = pytest.importorskip("torch")
    answerer = build(model, can_refuse=True)
    answerer.warm_up()
    forward = answerer._model.forward

    def null_wins(**inputs: object) -> object:
        output = forward(**inputs)
        output.start_logits[:, 0] = 1e4
        return output

    answerer._model.forward = null_wins
    with torch.inference_mode():
        assert answerer.answer([SHORT])[0].text == ""
    assert build(model).answer([SHORT])[0].text


def test_identity_follows_the_weights(model: Path, tmp_path: Path) -> None:
    identity = build(model).identity()
    assert identity["answerer"] == "transformers"
    assert len(identity["weights"]) == 64
    for path in model.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert build(tmp_path).identity()["weights"] == identity["weights"]
    (tmp_path / "config.json").write_text((tmp_path / "config.json").read_text() + "\n")
    assert build(tmp_path).identity()["weights"] != identity["weights"]
    assert build(model, top_k=3).identity() != identity
    assert build(model, batch_size=3).identity() == identity


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (AnswererSpec("transformers"), "expected transformers:MODEL"),
        (AnswererSpec("transformers", "x", {"stride": 3}), "Known options: device"),
        (AnswererSpec("transformers", "x", {"max_length": 100, "doc_stride": 60}), "less than half"),
    ],
)
def test_mistakes_are_told_before_any_work(spec: AnswererSpec, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        TransformersQA(spec, "en")


def test_a_folder_that_holds_no_model(tmp_path: Path, model: Path) -> None:
    with pytest.raises(UsageError, match="does not load"):
        build(tmp_path).warm_up()
    with pytest.raises(UsageError, match="does not load"):
        build(model, device="quantum").warm_up()


floats = st.lists(st.integers(-20, 20).map(float), min_size=1, max_size=12)


@given(floats, floats, st.lists(st.booleans(), min_size=1, max_size=12), st.integers(1, 6))
def test_the_best_span_is_the_best_of_all(
    starts: list[float], ends: list[float], inside: list[bool], longest: int
) -> None:
    n = min(len(starts), len(ends), len(inside))
    span = best_span(np.array(starts[:n], np.float32), np.array(ends[:n], np.float32), np.array(inside[:n]), longest)
    spans = [
        (starts[i] + ends[j], -i, -j)
        for i in range(n)
        for j in range(i, min(i + longest, n))
        if inside[i] and inside[j]
    ]
    if not spans:
        assert span is None
    else:
        score, i, j = max(spans)
        assert span == (score, -i, -j)
