"""Sounds of the International Phonetic Alphabet, as espeak-ng writes them, to the nearest phones of ARPAbet.

ARPAbet has the sounds of American English only; what other languages have beside them becomes what an English speaker makes of
it: the nasal vowel of "bon" is AO N, the ñ of "mañana" N Y, the ü of "Zürich" UW.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# "^" ties two letters to one sound. Of entries that fit, the longest is taken.
_SOUNDS = {
    # vowels
    "a^ɪ": "AY", "a^ʊ": "AW", "e^ɪ": "EY", "o^ʊ": "OW", "ə^ʊ": "OW", "ɔ^ɪ": "OY", "ɔ^ø": "OY", "ə^l": "AH L",
    "i": "IY", "ɪ": "IH", "ᵻ": "IH", "ɨ": "IH", "e": "EY", "ɛ": "EH", "æ": "AE", "a": "AA", "ɑ": "AA", "ɒ": "AA",
    "ɔ": "AO", "o": "OW", "ʊ": "UH", "u": "UW", "ʉ": "UW", "ɯ": "UW", "y": "UW", "ʏ": "UH", "ʌ": "AH", "ə": "AH",
    "ɐ": "AH", "ɤ": "AH", "ɘ": "AH", "ɵ": "OW", "ø": "ER", "œ": "ER", "ɶ": "AE", "ɞ": "ER", "ɜ": "ER", "ɝ": "ER",
    "ɚ": "ER",
    # consonants
    "t^ʃ": "CH", "d^ʒ": "JH", "t^ɕ": "CH", "d^ʑ": "JH", "t^s": "T S", "d^z": "D Z", "t^ʂ": "CH", "d^ʐ": "JH",
    "p^f": "F", "p": "P", "b": "B", "t": "T", "d": "D", "k": "K", "g": "G", "ɡ": "G", "q": "K", "ɢ": "G", "ʈ": "T",
    "ɖ": "D", "c": "K Y", "ɟ": "G Y", "ɓ": "B", "ɗ": "D", "ɠ": "G", "f": "F", "v": "V", "ɸ": "F", "β": "V", "ʋ": "V",
    "θ": "TH", "ð": "DH", "s": "S", "z": "Z", "ʃ": "SH", "ʒ": "ZH", "ɕ": "SH", "ʑ": "ZH", "ʂ": "SH", "ʐ": "ZH",
    "ç": "HH", "ʝ": "Y", "x": "HH", "χ": "HH", "ɣ": "G", "h": "HH", "ɦ": "HH", "ħ": "HH", "ʍ": "W", "ʔ": "", "ʕ": "",
    "m": "M", "ɱ": "M", "n": "N", "ɳ": "N", "ɲ": "N Y", "ŋ": "NG", "ɴ": "NG", "l": "L", "ɫ": "L", "ɬ": "L", "ɭ": "L",
    "ʎ": "L Y", "ɹ": "R", "r": "R", "ɾ": "R", "ɽ": "R", "ɻ": "R", "ʁ": "R", "ʀ": "R", "j": "Y", "ɥ": "W", "ɰ": "W",
    "w": "W", "n̩": "AH N", "l̩": "AH L", "m̩": "AH M", "r̩": "ER",
    # nasal vowels
    "ɑ̃": "AA N", "ɔ̃": "AO N", "ɛ̃": "AE N", "œ̃": "AH N", "ã": "AA N", "ẽ": "EH N", "ĩ": "IY N", "õ": "OW N", "ũ": "UW N",
    "ɐ̃": "AH N", "ɜ̃": "AH N",
}  # fmt: skip
_ENGLISH = {
    "ɚɹ": "ER", "ɜːɹ": "ER", "oːɹ": "AO R", "ɾ": "T", "ʔn̩": "T AH N", "ʔ": "T", "x": "K", "ɔːɹ": "AO R",
}  # fmt: skip
_MARKS = re.compile("[ˈˌːˑ^]")


@cache
def to_arpabet(ipa: str, language: str) -> str:
    """Return the phones of some IPA with spaces between: "kɪɡˈɑːli" -> "K IH G AA L IY".

    `language` is the one that was read: English writes some of its sounds in a way of its own. Empty where a sound is no
    letter of the alphabet.
    """
    english = language.partition("-")[0].lower() == "en"
    pattern, table = _table(english)
    # Decomposed, so that a nasal vowel is a letter and a mark however it was written; ç is a letter of its own.
    plain = unicodedata.normalize("NFD", re.sub("[ˈˌ]", "", ipa)).replace("ç", "ç").replace("^ɹ", "ɹ")
    phones: list[str] = []
    for part in re.finditer(pattern, plain):
        phones += table[part[0]].split()
    rest = _MARKS.sub("", re.sub(pattern, "", plain))
    if any(unicodedata.category(character) in ("Ll", "Lo", "Lu") for character in rest):
        return ""
    return " ".join(phones)


@cache
def _table(english: bool) -> tuple[re.Pattern[str], dict[str, str]]:
    sounds = _SOUNDS | _ENGLISH if english else _SOUNDS
    table = {unicodedata.normalize("NFD", ipa).replace("ç", "ç"): phones for ipa, phones in sounds.items()}
    return re.compile("|".join(map(re.escape, sorted(table, key=len, reverse=True)))), table
