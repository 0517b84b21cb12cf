"""How a word is pronounced, as ARPAbet phones without stress marks: from dictionaries, and by rule where none has it.

Names are what dictionaries lack, and names come from many languages. Two readings by rule are therefore given, each of
them plausible to an English speaker: the English one, and a continental one, in which vowels keep their Latin values, j
is read as in "Jung" or "Ljubljana" and c before i as in "da Vinci". The recogniser takes whichever fits the audio.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from harness.words.letter_to_sound import RULES_VERSION, by_rule


def pronounce(word: str, language: str, lookup: Callable[[str], str | None] | None = None) -> tuple[str, ...]:
    """Pronunciations of a word, likeliest first, each as phones with spaces between: ("JH OW N", "Y OW N").

    `lookup` is a recogniser's own dictionary, asked first; the CMU dictionary comes next, the letter-to-sound rules last. A word
    of several parts ("port-au-prince", "o'brien" if no dictionary has it) is the run of its parts. Accents are dropped.
    Empty if some part cannot be pronounced: digits, letters of other scripts.
    """
    known = _from_dictionaries(word, lookup)
    if known:
        return known
    plain = _without_accents(word)
    if any(character.isalnum() and not "a" <= character <= "z" for character in plain):
        return ()
    joined: list[tuple[str, ...]] = [
        _from_dictionaries(part, lookup) or by_rule(part) for part in re.findall("[a-z]+", plain.replace("'", ""))
    ]
    if not joined or not all(joined):
        return ()
    n_variants = max(map(len, joined))
    runs = (" ".join(part[min(rank, len(part) - 1)] for part in joined) for rank in range(n_variants))
    return tuple(dict.fromkeys(runs))


def pronunciation_identity() -> str:
    """Return what pronunciations depend on, beside the recogniser's own dictionary."""
    dictionary = hashlib.sha256(_dictionary_path().read_bytes()).hexdigest()
    return f"cmudict-en-us {dictionary[:16]}, rules {RULES_VERSION}"


def _from_dictionaries(word: str, lookup: Callable[[str], str | None] | None) -> tuple[str, ...]:
    own = lookup(word) if lookup else None
    return tuple(dict.fromkeys(([own] if own else []) + _in_cmu_dictionary(word)))


def _in_cmu_dictionary(word: str) -> list[str]:
    """Return the dictionary's readings of a word: those of `read` stand under `read`, `read(2)` ..."""
    entries, readings, name = cmu_dictionary(), list[str](), word
    while name in entries:
        readings.append(entries[name])
        name = f"{word}({len(readings) + 1})"
    return readings


@cache
def cmu_dictionary() -> dict[str, str]:
    """Return the phones of the 135,000 entries of the CMU dictionary that comes with pocketsphinx, without stress.

    A word's further readings stand under `word(2)`, `word(3)` ...
    """
    lines = _dictionary_path().read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines)


def _dictionary_path() -> Path:
    """Return the file's place in the installed package, which need not be imported for it."""
    return Path(str(distribution("pocketsphinx").locate_file("pocketsphinx/model/en-us/cmudict-en-us.dict")))


def _without_accents(word: str) -> str:
    """Lower case without combining marks; letters that do not decompose are spelled as on an English page."""
    decomposed = unicodedata.normalize("NFKD", word.lower()).translate(_SPELLINGS)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


_SPELLINGS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "þ": "th", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "’": "'"}
)
