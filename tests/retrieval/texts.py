"""Made-up texts whose words follow Zipf's law. Words have no digits, since the tokeniser spells numbers out."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase

import numpy as np

from harness.records import Snippet


def word(number: int) -> str:
    """0 -> "zzaaa", 27 -> "zzabb": a word that is nothing but itself."""
    letters = (ascii_lowercase[number // 26**place % 26] for place in (2, 1, 0))
    return "zz" + "".join(letters)


def zipf_texts(n_texts: int, longest: int, n_words: int, seed: int) -> list[str]:
    """Texts of 1 to `longest` words, of `n_words` different ones."""
    random = np.random.default_rng(seed)
    weights = np.arange(1, n_words + 1) ** -1.07
    words = [word(number) for number in range(n_words)]
    lengths = random.integers(1, longest, n_texts, endpoint=True)
    drawn = random.choice(n_words, int(lengths.sum()), p=weights / weights.sum()).tolist()
    ends = np.cumsum(lengths).tolist()
    return [
        " ".join(words[number] for number in drawn[end - n : end])
        for end, n in zip(ends, lengths.tolist(), strict=True)
    ]


def snippets_of(texts: Sequence[str]) -> list[Snippet]:
    """A snippet of each text, s0, s1 ..."""
    return [Snippet(id=f"s{number}", text=text) for number, text in enumerate(texts)]
