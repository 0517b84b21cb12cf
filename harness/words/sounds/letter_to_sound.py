"""Letter-to-sound rules: two small tables, read as those of Elovitz et al. (NRL Report 7948, 1976).

A rule is `before[letters]after=PHONES`. In the contexts `#` is one vowel letter, `^` one consonant letter, `:` any
number of consonants, `+` one of e, i, y, and `$` the edge of the word; other letters stand for themselves.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

RULES_VERSION = "1"  # to be raised with any change below: transcripts that were kept depend on it

_ENGLISH = """
[sch]=SH [szcz]=SH,CH [tsch]=CH [zsch]=CH [tch]=CH [eau]=OW [ough]=OW [augh]=AO [igh]=AY
[cz]=CH [sz]=SH [rz]=ZH [zh]=ZH [ch]r=K [ch]l=K [ch]=CH [sh]=SH [th]=TH [ph]=F [gh]=G [kh]=K [rh]=R
$[wh]=W $[kn]=N $[pn]=N $[gn]=N $[ps]=S $[wr]=R $[mc]=M,AH,K
[ck]=K [cqu]=K,W [qu]=K,W [ng]$=NG [ng]^=NG [nk]=NG,K [dj]=JH [dg]e=JH [tz]=T,S [ts]=T,S [x]=K,S
[sc]+=S [cc]+=K,S [c]+=S [gn]#=N,Y [g]e$=JH [g]i=JH [g]y=JH
[oo]=UW [ee]=IY [ea]=IY [ou]=UW [au]=AO [aw]=AO [ow]=OW [ai]=EY [ay]=EY [ei]=AY [ey]$=IY [ey]=EY [oi]=OY [oy]=OY
[eu]=OY [ew]=Y,UW [oe]=OW [ae]=EY [ue]$=UW [ui]=UW,IY [ie]=IY [ia]=IY,AH [io]=IY,OW [iu]=IY,UW [oa]=OW
[ua]=W,AA [uo]=W,OW
[er]$=ER [er]^=ER [ir]^=ER [ur]^=ER [ar]$=AA,R [ar]^=AA,R [or]$=AO,R [or]^=AO,R
#^:[e]$= [a]^e$=EY [i]^e$=AY [o]^e$=OW [u]^e$=UW
[a]$=AH [i]$=IY [o]$=OW [u]$=UW $:[y]$=AY [y]$=IY [e]$=IY $[y]#=Y #[y]#=Y [j]=JH
[a]^^=AE [a]^$=AE [e]^=EH [i]=IH [o]^^=AA [o]^$=AA [u]^^=AH [u]^$=AH [a]=AA [e]=EH [o]=OW [u]=UW [y]=IH
[b]=B [c]=K [d]=D [f]=F [g]=G [h]=HH [k]=K [l]=L [m]=M [n]=N [p]=P [q]=K [r]=R [s]=S [t]=T [v]=V [w]=W [z]=Z
"""

# Before the English rules. Vowels keep their Latin values; j and w are German or Slavic, c before i and ch Italian.
_CONTINENTAL = """
[j]=Y [w]=V [ch]=K [ei]=AY [ie]=IY [eu]=OY [au]=AW [ao]=AW [ou]=UW [gu]e=G [gu]i=G [gl]i=L,Y [c]+=CH [dz]=D,Z
[a]$=AH [a]=AA [e]$=EY [e]=EH [i]=IY [o]=OW [u]=UW [y]#=Y [y]=IY [g]=G
"""


class Rule(NamedTuple):
    """`letters` between two contexts are pronounced as `phones`."""

    before: re.Pattern[str]
    letters: str
    after: re.Pattern[str]
    phones: tuple[str, ...]


def by_rule(word: str) -> tuple[str, ...]:
    """Return the English and the continental reading of a word of letters a to z; one if they agree, none for no letters.

    "medawar" -> ("M EH D AO AA R", "M EH D AA V AA R")
    """
    # A doubled consonant is pronounced once.
    single = re.sub(r"([bdfgklmnprtvz])\1", r"\1", word)
    readings = (_read(single, rules) for rules in _tables())
    return tuple(dict.fromkeys(filter(None, readings)))


@cache
def _tables() -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Return the English and the continental table."""
    english, continental = (tuple(map(_rule, table.split())) for table in (_ENGLISH, _CONTINENTAL))
    return english, continental + english


def _rule(text: str) -> Rule:
    pattern, phones = text.split("=")
    before, letters, after = re.split(r"[\[\]]", pattern)
    return Rule(
        re.compile(_context(before).replace("$", r"\A") + r"\Z"),
        letters,
        re.compile(_context(after).replace("$", r"\Z")),
        tuple(filter(None, phones.split(","))),
    )


def _context(symbols: str) -> str:
    classes = {"#": "[aeiouy]", "^": "[^aeiouy]", ":": "[^aeiouy]*", "+": "[eiy]"}
    return "".join(classes.get(symbol, symbol) for symbol in symbols)


def _read(word: str, rules: tuple[Rule, ...]) -> str:
    """Left to right, at each place the first rule that fits. The single letters at a table's end fit everywhere."""
    phones: list[str] = []
    at = 0
    while at < len(word):
        rule = next(
            rule
            for rule in rules
            if word.startswith(rule.letters, at)
            and rule.after.match(word[at + len(rule.letters) :])
            and rule.before.search(word[:at])
        )
        phones += rule.phones
        at += len(rule.letters)
    return " ".join(phones)
