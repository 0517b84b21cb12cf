"""Words and pieces of words, counted, under a logistic regression: `ngrams`.

A text is its words and pairs of words, and the runs of 2 to 4 characters inside its words, blanks at their ends among them. So
a misrecognised word still shares most of its pieces with the right one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated, Any, ClassVar

import msgspec

from harness.errors import UsageError
from harness.interpretation.classifier import DEFAULT_STRENGTH, Classifier, require_scikit_learn
from harness.interpretation.protocol import PartSpec, Prediction, read_options, refuse_model
from harness.words.text.normalise import NORMALISER_VERSION, tokenise


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    words: Annotated[int, msgspec.Meta(ge=0, le=5, description="The longest run of words; 0 for none.")] = 2
    characters: Annotated[int, msgspec.Meta(ge=0, le=8, description="The longest run of characters; 0 for none.")] = 4
    strength: Annotated[float, msgspec.Meta(gt=0, description="C, the inverse of the L2 penalty.")] = DEFAULT_STRENGTH


class NGrams:
    """Options: `words` (2), `characters` (4), one of which may be 0, and `strength` (10), the inverse of the L2 penalty."""

    package: ClassVar[str | None] = "sklearn"

    def __init__(self, spec: PartSpec, language: str) -> None:
        refuse_model("interpreter", spec)
        self._options, self._language = read_options("interpreter", spec, _Options), language
        if not (self._options.words or self._options.characters):
            raise UsageError(f"interpreter {spec.label!r}: nothing is counted: set words or characters to 1 or more")

    def identity(self) -> Mapping[str, str]:
        """Options, normaliser, and the version of scikit-learn."""
        options = {f"option.{name}": str(getattr(self._options, name)) for name in _Options.__struct_fields__}
        return {
            "interpreter": "ngrams", **options, "normaliser": NORMALISER_VERSION, "scikit-learn": version("scikit-learn"),
        }  # fmt: skip

    def fit(self, texts: Sequence[str], intents: Sequence[str]) -> FittedCounts:
        """Count the runs of the training texts, and fit the regression."""
        require_scikit_learn()
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.pipeline import make_union

        counters = [
            CountVectorizer(ngram_range=(lowest, highest), lowercase=False, **how)
            for lowest, highest, how in (
                (1, self._options.words, {"token_pattern": r"\S+"}),
                (min(2, self._options.characters), self._options.characters, {"analyzer": "char_wb"}),
            )
            if highest
        ]
        counter = make_union(*counters)
        rows = counter.fit_transform(normalised(texts, self._language))
        return FittedCounts(counter, Classifier(rows, intents, self._options.strength), self._language)


@dataclass(frozen=True)
class FittedCounts:
    """What counts the runs that the training texts have, and the regression on them."""

    counter: Any
    classifier: Classifier
    language: str

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction per text."""
        return self.classifier.predict(self.counter.transform(normalised(texts, self.language))) if texts else []


def normalised(texts: Sequence[str], language: str) -> list[str]:
    """Return the texts in normalised words, so that spelling and punctuation decide nothing."""
    return [" ".join(tokenise(text, language)) for text in texts]
