"""How right an answer is, given the accepted ones: exact match and F1 as SQuAD counts them, and DPR's string match.

The SQuAD rule (Rajpurkar et al., EMNLP 2016; the official evaluate-v1.1.py): lower case, punctuation away, the articles
a, an and the away, white space to single spaces; of several accepted answers the one that gives most counts. Other languages
go by MLQA's version of it (Lewis et al., ACL 2020): all of Unicode's punctuation away, and the articles of the language where
MLQA has them; in a language without spaces each letter is a word.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final
from unicodedata import category, normalize

from harness.words.languages import primary, spaces_words

_ARTICLES: Final = re.compile(r"\b(a|an|the)\b")
_ARTICLES_OF: Final[
    Mapping[str, re.Pattern[str]]
] = {  # MLQA's; a language that is not among its own keeps its articles
    "ar": re.compile(r"\sال^|ال"),
    "de": re.compile(r"\b(ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b"),
    "es": re.compile(r"\b(un|una|unos|unas|el|la|los|las)\b"),
    "vi": re.compile(r"\b(của|là|cái|chiếc|những)\b"),
}
_WITHOUT_PUNCTUATION: Final = str.maketrans("", "", string.punctuation)
# DPR's SimpleTokenizer: a run of letters, digits and marks, or one sign that is neither space nor control.
_DPR_WORD: Final = r"[\p{L}\p{N}\p{M}]+|[^\p{Z}\p{C}]"


def squad_normal(answer: str, language: str) -> str:
    """Return an answer as SQuAD compares it: "The Giant's Causeway!" -> "giants causeway"."""
    if primary(language) != "en":
        return _of_another_language(answer, language)
    return " ".join(_ARTICLES.sub(" ", answer.lower().translate(_WITHOUT_PUNCTUATION)).split())


def _of_another_language(answer: str, language: str) -> str:
    text = "".join(character for character in answer.lower() if category(character)[0] != "P")
    if primary(language) in _ARTICLES_OF:
        text = _ARTICLES_OF[primary(language)].sub(" ", text)
    return " ".join(text.split() if spaces_words(language) else "".join(text.split()))


def exact_match(answer: str, accepted: Sequence[str], language: str) -> bool:
    """Return whether the answer is one of the accepted ones. An answer with no words in it, a refusal, is never right."""
    normal = squad_normal(answer, language)
    return bool(normal) and any(normal == squad_normal(one, language) for one in accepted)


def f1(answer: str, accepted: Sequence[str], language: str) -> float:
    """Return the harmonic mean of precision and recall over words, counted with repetition; the best over the accepted answers.

    "Gustave Flaubert" against "Flaubert": precision 1/2, recall 1, F1 2/3. 0 where no word is shared.
    """
    words = squad_normal(answer, language).split()
    return max((_f1(words, squad_normal(one, language).split()) for one in accepted), default=0.0)


def _f1(answer: Sequence[str], accepted: Sequence[str]) -> float:
    shared = (Counter(answer) & Counter(accepted)).total()
    return 2 * shared / (len(answer) + len(accepted)) if shared else 0.0


def has_answer(texts: Sequence[str], answers: Sequence[str], k: int) -> bool:
    """Return whether any of the first `k` texts holds any of `answers`, by the rule of DPR (Karpukhin et al., EMNLP 2020).

    Text and answer are NFD-normalised, split into words and single signs, and lower-cased; the answer's tokens must
    stand side by side. An answer without any token, which by DPR's rule every text holds, is held by none here.
    """
    return any(answers_in(text, answers) for text in texts[:k])


def answers_in(text: str, answers: Sequence[str]) -> list[str]:
    """Return those of `answers` that stand in `text`, by the same rule."""
    tokens = _dpr_tokens(text)
    return [answer for answer in answers if (wanted := _dpr_tokens(answer)) and _contains(tokens, wanted)]


def _contains(text: Sequence[str], answer: Sequence[str]) -> bool:
    first, length = answer[0], len(answer)
    return any(
        token == first and text[start : start + length] == answer
        for start, token in enumerate(text[: len(text) - length + 1])
    )


@lru_cache(maxsize=16_384)  # the same snippets are retrieved again and again
def _dpr_tokens(text: str) -> tuple[str, ...]:
    import regex  # type: ignore[import-untyped, unused-ignore]

    return tuple(token.lower() for token in regex.findall(_DPR_WORD, normalize("NFD", text)))
