"""Finding a secret again, whatever was done to it on the way: escaped, encoded, spread out, or written in look-alike letters.

A text is compared as it stands, and after each of a few rounds in which escapes (JSON, URLs, HTML, also of one another) become
the characters that they mean. Letters are compared without case and in their plain form (NFKC, without accents), and what
cannot be seen is left out. Of base64, the characters that the secret alone decides are looked for: they are the same whatever
stands before and behind it, but for three alignments.
"""

from __future__ import annotations

import html
import re
from base64 import b64encode
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from unicodedata import category, normalize

FEWEST_CHARACTERS = 8  # of a secret that is looked for at all
_SPREAD = 16  # characters from which on a secret is found with spaces and line breaks inside, too
_ROUNDS = 5
_MOST_READINGS = 6  # of one round, where escapes can be read in several ways
_FLOOD = 20_000  # backslashes


def _escapes(backslash: str) -> re.Pattern[str]:
    """Return what matches an escape, which `backslash` begins in JSON and in programs."""
    return re.compile(
        rf"{backslash}u(d[89ab][0-9a-f]{{2}}){backslash}u(d[c-f][0-9a-f]{{2}})"
        rf"|{backslash}(?:u\{{0*([0-9a-f]{{1,6}})\}}|u([0-9a-f]{{4}})|U([0-9a-f]{{8}})|x([0-9a-f]{{2}}))"
        rf"|{backslash}([0-7]{{3}})"
        rf"|{backslash}([\\/\"'bfnrt])"
        r"|%(?:25)*([0-9a-f]{2})"
        r"|&(?:amp;)*\#x0*([0-9a-f]{1,6});?"
        r"|&(?:amp;)*\#0*([0-9]{1,7});?"
        r"|&(?:amp;)*([a-z]{2,31};)",
        re.IGNORECASE,
    )


# Escapes of escapes at once, however many backslashes there are; a run of them is read from its beginning only, so once.
_ALL_AT_ONCE = _escapes(r"(?<!\\)\\+")
_BY_THE_BOOK = _escapes(r"\\")
_HIGH, _LOW, _OCTAL, _LETTER, _DECIMAL, _NAMED = 1, 2, 7, 8, 11, 12  # groups; all others are hexadecimal
_FIRST_SIGNS = ("\\", "%", "&")
_URL_SAFE = str.maketrans("-_", "+/")
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
_TAGS = range(0xE0000, 0xE0080)  # invisible copies of ASCII
_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters and signs without ink

Span = tuple[int, int]


def holds(text: str, secrets: Iterable[str]) -> bool:
    """Return whether one of the secrets stands in the text, in any disguise."""
    wanted = [_wanted(secret) for secret in secrets if len(secret) >= FEWEST_CHARACTERS]
    return bool(wanted) and any(_stands(each, wanted) for each in _readings(text))


def masked(text: str, secret: str, instead: str) -> str:
    """Return the text with every appearance of the secret replaced, in whatever disguise."""
    if not holds(text, [secret]):
        return text
    pieces, end = [], 0
    for start, stop in _joined(_spans(text, _wanted(secret))):
        pieces += [text[end:start], instead]
        end = stop
    return "".join([*pieces, text[end:]])


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is looked for in place of a secret; `tight` without its spaces, empty where it is too short for that."""

    plain: str
    tight: str
    hexadecimal: str
    base64: tuple[str, ...]


@lru_cache(maxsize=256)
def _wanted(secret: str) -> _Wanted:
    plain = "".join(map(_plain, secret)).lower()
    content = secret.encode("utf-8", "replace")
    tight = plain.replace(" ", "")
    return _Wanted(plain, tight if len(tight) >= _SPREAD else "", content.hex(), tuple(_base64_cores(content)))


def _base64_cores(content: bytes) -> Iterator[str]:
    """Yield, for each number of bytes that may stand before, the characters that depend on nothing else."""
    for before in range(3):
        encoded = b64encode(bytes(before) + content).decode()
        yield encoded[-(-before * 8 // 6) : (before + len(content)) * 8 // 6]


def _readings(text: str) -> Iterator[str]:
    """Yield the text, and what it means after each round of reading its escapes, with and without the spaces inside."""
    chains = [text]
    for _ in range(_ROUNDS):
        yield from chains
        stripped = [_stripped(each) for each in chains]
        before = stripped if len(chains) > 1 or " " not in stripped[0] else [stripped[0], stripped[0].replace(" ", "")]
        before = [each for each in before if any(sign in each for sign in _FIRST_SIGNS)]
        after = {form.sub(_meant, each): None for each in before for form in _forms(each)}
        chains = [each for each in after if each not in before][:_MOST_READINGS]
        if not chains:
            return
    yield from chains


def _stands(text: str, wanted: Sequence[_Wanted]) -> bool:
    return any(_stands_in(_stripped(each), wanted) for each in _with_tags_read(text))


def _stands_in(plain: str, wanted: Sequence[_Wanted]) -> bool:
    lowered, tight = plain.lower(), plain.replace(" ", "")
    close = tight.lower()
    pairs, coded = close.replace(":", ""), tight.translate(_URL_SAFE)
    return any(
        each.plain in lowered
        or (each.tight and each.tight in close)
        or each.hexadecimal in pairs
        or any(core in coded for core in each.base64)
        for each in wanted
    )


def _with_tags_read(text: str) -> Iterator[str]:
    """Yield the text, and once more with tag characters as the letters that they stand for."""
    yield text
    if not text.isascii() and (tags := {ord(c) for c in set(text)} & {*_TAGS}):
        yield text.translate({tag: chr(tag - _TAGS.start) for tag in tags})


def _stripped(text: str) -> str:
    """Return the text in plain letters, every kind of space as one, and nothing that cannot be seen."""
    return text.translate({ord(c): _plain(c) for c in set(text) if not (c.isascii() and c.isprintable())})


@lru_cache(maxsize=100_000)
def _plain(character: str) -> str:
    if character.isascii() and character.isprintable():
        return character
    if character.isspace():
        return " "
    if category(character) == "Pd":
        return "-"
    plain = normalize("NFKD", character)
    return "".join(c for c in plain if c not in _BLANK and category(c)[0] not in "CM").replace("\xa0", " ")


def _forms(text: str) -> Sequence[re.Pattern[str]]:
    """Return how escapes are to be read: in one way, or in two where they differ and the text is no flood of backslashes."""
    differ = "\\\\\\" in text and text.count("\\") <= _FLOOD
    return (_ALL_AT_ONCE, _BY_THE_BOOK) if differ else (_ALL_AT_ONCE,)


def _meant(match: re.Match[str]) -> str:
    """Return the character that an escape stands for."""
    group = match.lastindex or 0
    value = match[group]
    if group == _LOW:
        return chr(0x10000 + ((int(match[_HIGH], 16) - 0xD800) << 10) + int(value, 16) - 0xDC00)
    if group == _LETTER:
        return value if value in "/\"'\\" else " "
    if group == _NAMED:
        return html.unescape(f"&{value}")
    number = int(value, 8 if group == _OCTAL else 10 if group == _DECIMAL else 16)
    return chr(number) if number < 0x110000 else ""


# ---- where it stands: only of texts in which a secret was found


@dataclass(frozen=True, slots=True)
class _Traced:
    """A text made of another, and for each of its characters the span of that one that it comes from."""

    text: str
    origins: Sequence[Span]

    def without(self, dropped: str) -> _Traced:
        kept = [(c, origin) for c, origin in zip(self.text, self.origins, strict=True) if c != dropped]
        return _Traced("".join(c for c, _ in kept), [origin for _, origin in kept])

    def mapped(self, characters: Sequence[str]) -> _Traced:
        """Return the text with each character become another, several, or none."""
        pairs = list(zip(characters, self.origins, strict=True))
        return _Traced("".join(characters), [origin for each, origin in pairs for _ in each])

    def unescaped(self, form: re.Pattern[str]) -> _Traced:
        pieces: list[str] = []
        origins: list[Span] = []
        end = 0
        for match in form.finditer(self.text):
            start, stop = match.span()
            meant = _meant(match)
            pieces += [self.text[end:start], meant]
            origins += self.origins[end:start]
            origins += [(self.origins[start][0], self.origins[stop - 1][1])] * len(meant)
            end = stop
        return _Traced("".join([*pieces, self.text[end:]]), [*origins, *self.origins[end:]])

    def where(self, wanted: str, beside: Container[str] = ()) -> Iterator[Span]:
        """Yield where `wanted` stands, with up to two neighbours on each side that are in `beside`."""
        at = self.text.find(wanted) if wanted else -1
        while at >= 0:
            first, last = at, at + len(wanted) - 1
            for _ in range(2):
                first -= first > 0 and self.text[first - 1] in beside and self._touch(first - 1)
                last += last + 1 < len(self.text) and self.text[last + 1] in beside and self._touch(last)
            yield self.origins[first][0], self.origins[last][1]
            at = self.text.find(wanted, at + len(wanted))

    def _touch(self, place: int) -> bool:
        return self.origins[place][1] == self.origins[place + 1][0]


def _spans(text: str, wanted: _Wanted) -> Iterator[Span]:
    """Yield where the secret stands in the text, by the same rounds as `_readings`."""
    chains = [_Traced(text, [(at, at + 1) for at in range(len(text))])]
    for number in range(_ROUNDS + 1):
        stripped = [each.mapped([_plain(c) for c in each.text]) for each in chains]
        read = [
            each.mapped([_plain(chr(ord(c) - _TAGS.start) if ord(c) in _TAGS else c) for c in each.text])
            for each in chains
            if any(ord(c) in _TAGS for c in each.text)
        ]
        for each in (*stripped, *read):
            yield from _spans_in(each, wanted)
        if number == 0 and " " in stripped[0].text:
            stripped.append(stripped[0].without(" "))
        before = [each for each in stripped if any(sign in each.text for sign in _FIRST_SIGNS)]
        after = [each.unescaped(form) for each in before for form in _forms(each.text)]
        known = {each.text for each in before}
        chains = list({each.text: each for each in after if each.text not in known}.values())[:_MOST_READINGS]


def _spans_in(plain: _Traced, wanted: _Wanted) -> Iterator[Span]:
    lowered = plain.mapped([c.lower()[:1] for c in plain.text])
    close, tight = lowered.without(" "), plain.without(" ")
    yield from lowered.where(wanted.plain)
    yield from close.where(wanted.tight)
    yield from close.without(":").where(wanted.hexadecimal)
    coded = _Traced(tight.text.translate(_URL_SAFE), tight.origins)
    for core in wanted.base64:
        yield from coded.where(core, beside=_BASE64)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, those that overlap as one."""
    joined: list[Span] = []
    for (start, stop), _ in groupby(sorted(spans)):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(stop, joined[-1][1])
        else:
            joined.append((start, stop))
    return joined
