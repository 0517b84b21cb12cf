"""Text to the symbols that Kokoro was trained on: espeak-ng reads, and its sounds are mapped to the nearest symbol.

The English table follows the fallback of misaki, Kokoro's own English front end (hexgrad/misaki, misaki/espeak.py); other
languages keep the sounds of their own that Kokoro knows.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from harness.suites.voices.protocol import Line, Unspeakable
from harness.words.languages import primary
from harness.words.sounds.espeak import EspeakFailed, run_espeak
from harness.words.sounds.pronunciation_tags import language_of, word_pattern

_MARKS = ";:,.!?—…"
_NO_SOUNDS = _MARKS + '"()“”↓→↗↘'  # symbols of the model that IPA uses for something else, or not at all
_CLAUSES = re.compile(rf"([{_MARKS}]+)(?=\s|$)")
# The first three for words that begin with a consonant. In most languages b, d, g and final consonants sound otherwise
# between vowels (Spanish "de Bob" is [de βob]), so that only English has names with them.
_STAND_INS = ("Bob", "Meg", "Dan", "Abe", "Ed", "Ann")
_OTHER_STAND_INS = ("Tito", "Pepe", "Kike", "Ita", "Opo", "Upa")
_VOWELS = "aeiouyæøœɐɑɒɔəɚɛɜɨɪɯɤʊʌᵻAIOQWY"
_STRESSED_SYLLABLE = re.compile(rf"([ˈˌ])([^{_VOWELS}ˈˌ ]+)(?=[{_VOWELS}])")  # Kokoro's stress stands before the vowel

# Diphthongs and affricates are one symbol each. The tie is espeak-ng's, asked for as "^".
_TIED = {
    "a^ɪ": "I", "a^ʊ": "W", "e^ɪ": "A", "o^ʊ": "O", "ə^ʊ": "Q", "ɔ^ɪ": "Y", "d^ʒ": "ʤ", "t^ʃ": "ʧ",
    "t^s": "ʦ", "d^z": "ʣ", "t^ɕ": "ʨ", "d^ʑ": "ʥ", "s^s": "S", "ə^l": "ᵊl",
}  # fmt: skip
_UNTIED = {pair.replace("^", ""): pair for pair in _TIED if pair not in ("s^s", "ə^l")}  # as people write them
_ENGLISH = {
    "ʔˌn̩": "tn", "ʔn̩": "tn", "n̩": "ᵊn", "l̩": "ᵊl", "m̩": "ᵊm", "r": "ɹ", "ɚ": "əɹ", "ɜːɹ": "ɜɹ", "ɜː": "ɜɹ", "ɪə": "iə",
    "ɹɹ": "ɹ", "ɑːɹɹ": "ɑɹ", "ɔːɹɹ": "ɔɹ", "ɚɹ": "əɹ", "ɜːɹɹ": "ɜɹ", "ɐ": "ə", "ɾ": "T", "ʔ": "t", "x": "k", "ç": "k",
    "ɬ": "l", "e": "A", "o": "ɔ", "ː": "", "\u0303": "",
}  # fmt: skip
_OTHERS = {"ɔ^ø": "Y", "ɔø": "Y", "ɜ": "ɐ"}  # German "eu" and the vowel of its ending "-er", as espeak-ng writes them
# The nearest symbol for sounds that Kokoro has none for, in any language.
_NEAREST = {
    "g": "ɡ", "ɫ": "l", "ɬ": "l", "ɭ": "l", "ɮ": "l", "ʟ": "l", "ɱ": "m", "ɦ": "h", "ħ": "h", "ɧ": "ʃ", "ʜ": "h", "ʍ": "w",
    "ɓ": "b", "ʙ": "b", "ɗ": "d", "ᶑ": "d", "ɠ": "ɡ", "ʛ": "ɡ", "ɢ": "ɡ", "ʄ": "ʤ", "ʑ": "ʒ", "ʐ": "ʒ", "ʀ": "ʁ", "ʕ": "ʔ",
    "ʡ": "ʔ", "ʢ": "ʔ", "ɺ": "ɾ", "ⱱ": "v", "ʏ": "y", "ʉ": "u", "ɵ": "ø", "ɘ": "ə", "ɞ": "ɜ", "ɶ": "œ", "ɝ": "ɜɹ",
    "ɩ": "ɪ", "ɷ": "ʊ", "ᵿ": "ʊ", "ʦ": "ʦ", "ǀ": "t", "ǁ": "k", "ǂ": "k", "ǃ": "k", "ʘ": "p", "ʱ": "", "ˠ": "", "ʷ": "w",
    "ⁿ": "n", "ˡ": "l", "ɴ": "ɴ", "ʼ": "", "ᵐ": "m", "ᶮ": "n", "ᵑ": "ŋ", "ʴ": "ɹ", "˞": "ɹ", "ᵗ": "t", "ᵈ": "d",
}  # fmt: skip


@lru_cache(maxsize=4096)
def espeak(text: str, language: str) -> str:
    """Return espeak-ng's IPA of a text in a language ("en", "pt-BR"), with "^" between tied letters; clauses by spaces.

    Raises `Unspeakable` where espeak-ng fails or knows no such language.
    """
    try:
        return " ".join(run_espeak(text, language, "--stdin").split())
    except EspeakFailed as error:
        raise Unspeakable(str(error)) from error


def to_symbols(ipa: str, vocabulary: frozenset[str], language: str | None = None) -> str:
    """Return IPA, as espeak-ng writes it for a language or as a person does, in symbols of Kokoro's vocabulary.

    Tones, ties and syllable breaks are left out. Raises `Unspeakable` for a letter that has no near symbol.
    "d^ʒˈɑːɹd^ʒ" -> "ʤˈɑɹʤ" in English.
    """
    ipa = _replaced(ipa.replace("͡", "^").replace("͜", "^"), _TIED)
    if language is not None:
        ipa = _replaced(ipa, _ENGLISH if primary(language) == "en" else _OTHERS)
    symbols: list[str] = []
    for character in unicodedata.normalize("NFC", ipa):
        near = character if character in vocabulary else _NEAREST.get(character)
        if near is None:  # a letter with a mark that is in no table: the letter alone
            near = "".join(_symbol(part, vocabulary) for part in unicodedata.normalize("NFD", character))
        symbols += near
    return "".join(symbol for symbol in symbols if symbol in vocabulary and symbol not in _NO_SOUNDS)


def _symbol(part: str, vocabulary: frozenset[str]) -> str:
    if part in vocabulary or part in _NEAREST or unicodedata.category(part) not in ("Ll", "Lo"):
        return _NEAREST.get(part, part if part in vocabulary else "")
    raise Unspeakable(f"the sound {part!r} (U+{ord(part):04X}) is near no symbol of Kokoro's")


def phonemes_of(line: Line, vocabulary: frozenset[str]) -> str:
    """Return the symbols of a line, punctuation included; words with a reading of their own are read by it.

    A word with a reading is read as a stand-in by espeak-ng, so that the words around it keep their weak forms and the
    stress of the whole sentence; then its own sounds take the stand-in's place. Raises `Unspeakable`.
    """
    pieces = _CLAUSES.split(line.plain)
    parts = [
        piece if index % 2 else _clause(piece.strip(), line, vocabulary) for index, piece in enumerate(pieces) if piece
    ]
    text = ""
    for piece in parts:
        text += piece if not text or piece[:1] in _MARKS else f" {piece}"
    return text


def _clause(text: str, line: Line, vocabulary: frozenset[str]) -> str:
    own = {word: _reading(word, how, vocabulary) for word, how in line.pronunciations.items()}
    wanted: list[tuple[str, str]] = []  # the stand-in's sounds, and what takes their place

    def stand_in(match: re.Match[str]) -> str:
        symbols = own[match[0]]
        starts_with_vowel = symbols.lstrip("ˈˌ")[:1] in _VOWELS
        stand_ins = _STAND_INS if primary(line.language) == "en" else _OTHER_STAND_INS
        names = stand_ins[3:] if starts_with_vowel else stand_ins[:3]
        name = next((name for name in names if name.lower() not in text.lower()), names[0])
        wanted.append((espeak(name, line.language), symbols))
        return name

    sounds = espeak(word_pattern(own).sub(stand_in, text), line.language)
    before: list[str] = []
    for sound, symbols in wanted:
        place = re.search(_unstressed(sound), sounds)
        if place is None:
            raise Unspeakable(f"espeak-ng reads {text!r} so that the words with a pronunciation cannot be placed")
        before += [to_symbols(sounds[: place.start()], vocabulary, line.language), symbols]
        sounds = sounds[place.end() :]
    return "".join([*before, to_symbols(sounds, vocabulary, line.language)])


def _reading(word: str, how: str, vocabulary: frozenset[str]) -> str:
    language = language_of(how)
    if language is None:
        symbols = to_symbols(_replaced(how.strip("/"), _UNTIED), vocabulary)
        return _STRESSED_SYLLABLE.sub(r"\2\1", symbols)
    spelling = how.partition(":")[2] or word
    sounds = espeak(spelling, language)
    return to_symbols(sounds, vocabulary, language)


def _unstressed(sound: str) -> str:
    """A pattern that finds a word's sounds at a word's beginning, whatever its stress there."""
    return r"(?<!\S)[ˈˌ]?" + "[ˈˌ]?".join(map(re.escape, sound.replace("ˈ", "").replace("ˌ", "")))


def _replaced(text: str, table: dict[str, str]) -> str:
    pattern = "|".join(map(re.escape, sorted(table, key=len, reverse=True)))
    return re.sub(pattern, lambda match: table[match[0]], text)
