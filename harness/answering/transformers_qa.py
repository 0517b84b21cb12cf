"""Any extractive question-answering model of Hugging Face transformers, by name or folder.

`transformers:deepset/roberta-base-squad2` reads every snippet in windows, and takes the span with the highest sum of
start and end logits over all of them, as BERT does for SQuAD (Devlin et al., NAACL 2019, section 4.2). Spans are decoded
here: recent versions of the package have no pipeline for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from harness.answering.protocol import DEFAULT_DEPTH, AnswererSpec, Reading, read_options, snippet_text
from harness.errors import MissingDependency, UsageError, one_line
from harness.records import Answer, Failure

_INSTALL: Final = "pip install 'spoken-qa-harness[transformers]'"
_CONTEXT: Final = 1  # the second of the two sequences is the snippet


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    device: str = "cpu"
    top_k: Annotated[int, msgspec.Meta(ge=1, le=DEFAULT_DEPTH)] = DEFAULT_DEPTH
    batch_size: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 16
    max_length: Annotated[int, msgspec.Meta(ge=16, le=8192)] = 384
    doc_stride: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 128
    max_answer_tokens: Annotated[int, msgspec.Meta(ge=1, le=512)] = 30
    revision: str | None = None
    can_refuse: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of the page text of snippet `rank` of a reading; `score` sums the logits of both ends."""

    score: float
    rank: int
    start: int
    end: int


class TransformersQA:
    """A model and its tokeniser.

    Options: `device` (`cpu`, `cuda`, `cuda:1`, `mps`), `top_k` (10 snippets), `batch_size` (16 windows), `max_length` (384
    tokens of question and snippet), `doc_stride` (128 tokens that neighbouring windows share), `max_answer_tokens` (30),
    `revision` of a model by name, and `can_refuse`: with a model trained on questions that have no answer (SQuAD 2.0), the
    reader refuses where no snippet's best span outweighs that snippet's null answer.
    """

    is_judge: ClassVar[bool] = False
    package: ClassVar[str | None] = "transformers"

    def __init__(self, spec: AnswererSpec, language: str) -> None:
        if spec.model is None:
            raise UsageError(
                f"answerer {spec.label!r}: expected transformers:MODEL, the name or the folder of an extractive "
                f"question-answering model, for example transformers:deepset/roberta-base-squad2"
            )
        self._model_name, self._options, self._label = spec.model, read_options(spec, _Options), spec.label
        if self._options.doc_stride >= self._options.max_length // 2:
            raise UsageError(
                f"answerer {spec.label!r}: doc_stride is {self._options.doc_stride}; expected less than half of max_length "
                f"({self._options.max_length})"
            )
        self.depth = self._options.top_k
        self._model: Any = None
        self._tokenizer: Any = None

    def identity(self) -> Mapping[str, str]:
        """Model and digest of its files (or the commit of a model by name), versions and options."""
        options = {f"option.{k}": str(v) for k, v in msgspec.structs.asdict(self._options).items() if k != "batch_size"}
        versions = {package: _version(package) for package in ("transformers", "torch")}
        return {
            "answerer": "transformers",
            "model": self._model_name,
            "weights": self._weights(),
            **versions,
            **options,
        }

    def _weights(self) -> str:
        folder = Path(self._model_name)
        if folder.is_dir():
            digest = sha256()
            for path in sorted(p for p in folder.iterdir() if p.is_file()):
                with path.open("rb") as file:
                    digest.update(path.name.encode())
                    while block := file.read(1 << 20):
                        digest.update(block)
            return digest.hexdigest()
        self.warm_up()
        return str(getattr(self._model.config, "_commit_hash", None) or "unknown")

    def warm_up(self) -> None:
        """Load model and tokeniser. Raises `MissingDependency` or, for a model that does not load, `UsageError`."""
        if self._model is not None:
            return
        try:
            import torch
            from transformers import AutoModelForQuestionAnswering, AutoTokenizer
        except ImportError as error:
            raise MissingDependency(f"the answerer {self._label!r}", "transformers", _INSTALL) from error
        revision = {} if self._options.revision is None else {"revision": self._options.revision}
        try:
            tokenizer = AutoTokenizer.from_pretrained(self._model_name, **revision)
            model = AutoModelForQuestionAnswering.from_pretrained(self._model_name, **revision)
            model = model.to(torch.device(self._options.device)).eval()
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise UsageError(
                f"answerer {self._label!r}: does not load: {one_line(str(error))}. Expected the name or the folder of an "
                f"extractive question-answering model, and a device of this machine"
            ) from error
        if not getattr(tokenizer, "is_fast", False):
            raise UsageError(
                f"answerer {self._label!r}: its tokeniser does not give the places of tokens; a fast one is needed"
            )
        tokenizer.padding_side = "right"
        self._tokenizer, self._model = tokenizer, model

    def answer(self, readings: Sequence[Reading]) -> list[Answer]:
        """One answer per reading; `score` is the sum of the two logits."""
        self.warm_up()
        pairs = [
            (index, rank, reading.question, snippet_text(snippet))
            for index, reading in enumerate(readings)
            for rank, snippet in enumerate(reading.snippets[: self.depth])
            if reading.question.strip() and snippet_text(snippet).strip()
        ]
        best: dict[int, list[Span]] = {}
        try:
            for index, span in self._spans(pairs):
                best.setdefault(index, []).append(span)
        except RuntimeError as error:  # out of memory, most likely
            failed = Failure("answer", type(error).__name__, one_line(str(error)))
            return [Answer("", error=failed) for _ in readings]
        return [_answer(reading, best.get(index, ())) for index, reading in enumerate(readings)]

    def _spans(self, pairs: Sequence[tuple[int, int, str, str]]) -> Iterator[tuple[int, Span]]:
        """Yield the best span of every window that has one, with the place of its reading; windows in batches."""
        import torch

        if not pairs:
            return
        limit_tokens = min(self._options.max_length, getattr(self._model.config, "max_position_embeddings", 1 << 30))
        encoded = self._tokenizer(
            [self._short(question, limit_tokens) for _, _, question, _ in pairs],
            [text for *_, text in pairs],
            truncation="only_second",
            max_length=limit_tokens,
            stride=min(self._options.doc_stride, limit_tokens // 4),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        of_pair, offsets = encoded.pop("overflow_to_sample_mapping"), encoded.pop("offset_mapping")
        order = sorted(range(len(of_pair)), key=lambda w: -len(offsets[w]))  # windows of one length side by side
        for begin in range(0, len(order), self._options.batch_size):
            batch = order[begin : begin + self._options.batch_size]
            inputs = self._tokenizer.pad(
                [{name: values[w] for name, values in encoded.items()} for w in batch], return_tensors="pt"
            ).to(self._model.device)
            with torch.inference_mode():
                output = self._model(**inputs)
            starts, ends = (x.float().cpu().numpy() for x in (output.start_logits, output.end_logits))
            for row, window in enumerate(batch):
                in_context = np.array([part == _CONTEXT for part in encoded.sequence_ids(window)])
                limit = self._options.max_answer_tokens
                n = len(in_context)  # the rest is padding
                span = best_span(starts[row, :n], ends[row, :n], in_context, limit)
                if span is None:
                    continue
                score, first, last = span
                if self._options.can_refuse and score <= starts[row, 0] + ends[row, 0]:
                    continue
                index, rank, *_ = pairs[of_pair[window]]
                yield index, Span(score, rank, offsets[window][first][0], offsets[window][last][1])

    def _short(self, question: str, n_tokens: int) -> str:
        """Return the question, cut to half of `n_tokens`: a snippet has to fit beside it."""
        words = question.split()
        while len(words) > 1 and len(self._tokenizer(" ".join(words))["input_ids"]) > n_tokens // 2:
            words = words[: len(words) * 3 // 4]
        return " ".join(words)


def best_span(
    starts: NDArray[np.float32], ends: NDArray[np.float32], in_context: NDArray[np.bool_], longest: int
) -> tuple[float, int, int] | None:
    """Score, first and last token of the span with the largest `starts[i] + ends[j]`, i <= j < i + `longest`, both in the
    context; `None` without a context. All three arrays are [n_tokens]. Ties: the earliest, then the shortest.
    """
    if not in_context.any():
        return None
    begins, finishes = (
        np.where(in_context & np.isfinite(logits), logits, -np.inf).astype(np.float64) for logits in (starts, ends)
    )
    sums = begins[:, None] + finishes[None, :]  # (n_tokens, n_tokens)
    lengths = np.arange(len(starts))[None, :] - np.arange(len(starts))[:, None]
    sums[(lengths < 0) | (lengths >= longest)] = -np.inf
    first, last = divmod(int(sums.argmax()), len(starts))
    return float(sums[first, last]), first, last


def _answer(reading: Reading, spans: Sequence[Span]) -> Answer:
    """Return the best span of all snippets, and the snippets whose own best span reads the same, best first."""
    ranked = sorted(spans, key=lambda span: (-span.score, span.rank, span.start))
    if not ranked:
        return Answer("")
    texts = [snippet_text(reading.snippets[span.rank])[span.start : span.end].strip() for span in ranked]
    same = (span.rank for span, text in zip(ranked, texts, strict=True) if text == texts[0])
    ids = dict.fromkeys(reading.snippets[rank].id for rank in same)
    return Answer(texts[0], tuple(ids), round(ranked[0].score, 4))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
