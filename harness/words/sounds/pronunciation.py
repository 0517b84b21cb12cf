"""How a word is pronounced, as ARPAbet phones without stress marks.

English words: as the CMU dictionary says; one that it lacks as the program espeak-ng reads it, where that is installed, and
then by letter-to-sound rules. Of 600 rare words of the dictionary espeak-ng gets .097 of the phones wrong, the rules .237.
Names are what dictionaries lack, and names come from many languages. Two readings by rule are therefore given, each of
them plausible to an English speaker: the English one, and a continental one, in which vowels keep their Latin values, j
is read as in "Jung" or "Ljubljana" and c before i as in "da Vinci". The recogniser takes whichever fits the audio.

Words of other languages: as espeak-ng reads them in their language, each sound by the nearest phone of ARPAbet; without it
they cannot be pronounced, since the rules are English.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from harness.words.languages import primary
from harness.words.sounds import espeak
from harness.words.sounds.ipa import to_arpabet
from harness.words.sounds.letter_to_sound import RULES_VERSION, by_rule

SOUNDS_VERSION = "1"  # of the table from IPA to ARPAbet, to be raised with any change of it


def pronounce(word: str, language: str, lookup: Callable[[str], str | None] | None = None) -> tuple[str, ...]:
    """Return the pronunciations of a word, likeliest first, each as phones with spaces between: ("JH OW N", "Y OW N").

    `lookup` is a recogniser's own dictionary of English, asked first. An English word of several parts ("port-au-prince",
    "o'brien" if no dictionary has it) is the run of its parts; accents are dropped. Empty if some part cannot be
    pronounced: digits, letters of other scripts, a language that espeak-ng does not read here.
    """
    if primary(language) != "en":
        reading = _by_espeak(word.lower(), language)
        return (reading,) if reading else ()
    known = _from_dictionaries(word, lookup)
    if known:
        return known
    parts = _english_parts(word)
    joined = [_from_dictionaries(part, lookup) or _guessed(part, language) for part in parts]
    if not joined or not all(joined):
        return ()
    n_variants = max(map(len, joined))
    runs = (" ".join(part[min(rank, len(part) - 1)] for part in joined) for rank in range(n_variants))
    return tuple(dict.fromkeys(runs))


def read_ahead(words: Iterable[str], language: str) -> None:
    """Have espeak-ng read many words at once, for later calls of `pronounce`; one by one, each takes 10 ms."""
    if not espeak.reads(language):
        return
    if primary(language) != "en":
        espeak.read_ahead((word.lower() for word in words), language)
        return
    unknown = (word for word in words if not cmu_readings(word))
    parts = (part for word in unknown for part in _english_parts(word) if not cmu_readings(part))
    espeak.read_ahead(parts, language)


def pronounces(language: str) -> bool:
    """Return whether words of a language can be pronounced on this machine."""
    return primary(language) == "en" or espeak.reads(language)


def pronunciation_identity(language: str) -> str:
    """Return what pronunciations depend on, beside the recogniser's own dictionary."""
    program = f"espeak-ng {espeak.version()}, sounds {SOUNDS_VERSION}" if espeak.reads(language) else ""
    if primary(language) != "en":
        return program or "none"
    dictionary = hashlib.sha256(_dictionary_path().read_bytes()).hexdigest()
    return ", ".join(filter(None, (f"cmudict-en-us {dictionary[:16]}", program, f"rules {RULES_VERSION}")))


def _english_parts(word: str) -> list[str]:
    """Return the runs of letters a to z in a word without its accents; none if it has digits or letters of other scripts."""
    plain = _without_accents(word)
    if any(character.isalnum() and not "a" <= character <= "z" for character in plain):
        return []
    return re.findall("[a-z]+", plain.replace("'", ""))


def _guessed(part: str, language: str) -> tuple[str, ...]:
    reading = _by_espeak(part, language)
    return tuple(dict.fromkeys(([reading] if reading else []) + list(by_rule(part))))


def _by_espeak(word: str, language: str) -> str:
    """Return the phones of espeak-ng's reading; empty without one."""
    return to_arpabet(espeak.ipa_of(word, language), language)


def _from_dictionaries(word: str, lookup: Callable[[str], str | None] | None) -> tuple[str, ...]:
    own = lookup(word) if lookup else None
    return tuple(dict.fromkeys(([own] if own else []) + cmu_readings(word)))


def cmu_readings(word: str) -> list[str]:
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
