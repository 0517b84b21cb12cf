"""Embeddings of whole sentences under a logistic regression: `embeddings`, or `embeddings:MODEL`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, ClassVar

import msgspec

from harness.interpretation.classifier import DEFAULT_STRENGTH, Classifier
from harness.interpretation.protocol import PartSpec, Prediction, read_options
from harness.interpretation.text.ngrams import normalised
from harness.words.text.normalise import NORMALISER_VERSION

if TYPE_CHECKING:
    from harness.words.encoder import Encoder


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    strength: Annotated[float, msgspec.Meta(gt=0, description="C, the inverse of the L2 penalty.")] = DEFAULT_STRENGTH
    device: Annotated[str, msgspec.Meta(description="Where the model works: cpu, cuda, cuda:1, mps.")] = "cpu"


class Embeddings:
    """A sentence-transformers model, all-MiniLM-L6-v2 unless named. Options: `strength` (10) and `device` (cpu)."""

    package: ClassVar[str | None] = "sentence_transformers"

    def __init__(self, spec: PartSpec, language: str) -> None:
        self._options, self._language = read_options("interpreter", spec, _Options), language
        self._model = spec.model

    def identity(self) -> Mapping[str, str]:
        """Model, digest of its weights, versions of what computes with it, and options. Loads the model."""
        encoder = {f"encoder.{name}": value for name, value in self._encoder().identity.items()}
        return {
            "interpreter": "embeddings", **encoder, "option.strength": str(self._options.strength),
            "normaliser": NORMALISER_VERSION, "scikit-learn": version("scikit-learn"),
        }  # fmt: skip

    def fit(self, texts: Sequence[str], intents: Sequence[str]) -> FittedEmbeddings:
        """Embed the training texts, and fit the regression."""
        encoder = self._encoder()
        rows = encoder.queries(normalised(texts, self._language))
        return FittedEmbeddings(encoder, Classifier(rows, intents, self._options.strength), self._language)

    def _encoder(self) -> Encoder:
        from harness.words.encoder import DEFAULT_MODEL, Encoder

        return Encoder.load(self._model or DEFAULT_MODEL, self._options.device, "", "")


@dataclass(frozen=True)
class FittedEmbeddings:
    """The model that embeds, and the regression on embeddings."""

    encoder: Encoder
    classifier: Classifier
    language: str

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction per text."""
        return self.classifier.predict(self.encoder.queries(normalised(texts, self.language))) if texts else []
