"""One term for one thing: no identifier, text or document that ships uses a word that the table of terms replaces.

The terms are those of speech recognition and retrieval: *reference* and *hypothesis* are never called typed, said, heard or
spoken; outcomes are *recoverable by one correction*, a difference is *significant*. No identifier begins with *found*: it names
what was found. Docstrings and comments of JavaScript are checked too; comments of Python and the code of tests are not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]

# What must not be written, as a regular expression over lower-case words, and the term in its place.
FORBIDDEN = {
    r"typed|unspoken|spoken|said|heard": "reference or hypothesis",
    r"mis-?hear\w*|misheard|mishearings?": "misrecognised, substituted or deleted",
    r"as written|written (?:question|text|quer)\w*": "reference",
    r"rare names?": "rare entity word",
    r"one repair|put(?:s|ting)? right|br(?:ing|ings|ought) back": "recoverable by one correction",
    r"false rare words?|false rare": "rare-word false alarm",
    r"(?:lost|loses?|losses) to (?:retrieval|reading)": "retrieval error, reader error",
    r"answers? lost to": "retrieval error, reader error",
    r"real[ -]time": "RTF",
    r"beyond chance|sure|surely": "significant",
}
# What may stand although a pattern matches it.
ALLOWED = (
    # Names of metrics in files, which the contract fixes.
    r"real_time_factor|one_repair_share|false_rare_insertions",
    # The field and the project: spoken question answering.
    r"spoken-qa-harness|spoken[ -]qa|spoken questions?|spoken question answering|spoken dialectal question answering",
    # The suites' own descriptions are data: changing them would change the suites' digests.
    r"each said by four synthetic voices",
    # A paper's title and a column of other people's data.
    r"spoken language understanding|first language spoken",
    # Typed in the sense of types.
    r"py\.typed|typed ?dict",
)
# Others are renaming these at this moment: to be emptied.
NOT_YET: tuple[str, ...] = ()
# Holds the names of an older schema, to read its runs.
OLD_NAMES = "harness/runs/storage/schema_one.py"

PYTHON = sorted(path for path in ROOT.glob("harness/**/*.py") if path != ROOT / OLD_NAMES)
TEXTS = sorted(
    path
    for pattern in (
        "harness/**/*.j2",
        "harness/**/*.js",
        "harness/**/*.css",
        "*.md",
        "docs/*.md",
        "fixtures/*.md",
        "results/*.md",
    )
    for path in ROOT.glob(pattern)
)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def slips(text: str) -> list[str]:
    """The forbidden words in a text, each with the term in its place."""
    plain = re.sub("|".join(ALLOWED), " ", text.lower())
    return [
        f"{match[0]!r}: say {term}"
        for words, term in FORBIDDEN.items()
        for match in re.finditer(rf"(?<![a-z])(?:{words})(?![a-z])", plain)
    ]


def words_of(identifier: str) -> str:
    """ "answersLost_to_reading" -> "answers lost to reading"; names that the contract fixes stay whole."""
    if re.fullmatch("|".join(ALLOWED), identifier):
        return ""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", identifier).lower()


def identifiers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Names that a module defines, binds or passes, with their lines."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Name):
            yield line, node.id
        elif isinstance(node, ast.Attribute):
            yield line, node.attr
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            yield line, node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield line, node.name
        elif isinstance(node, ast.alias):
            yield line, node.asname or node.name


def python_slips(source: str) -> list[str]:
    """The forbidden words in identifiers and string literals of a Python source, docstrings included."""
    tree = ast.parse(source)
    texts = [(line, words_of(name)) for line, name in identifiers(tree)]
    unnamed = [(line, words) for line, words in texts if re.match(r"found\b", words)]
    texts += [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return sorted(
        {f"line {line}: {slip}" for line, text in texts for slip in slips(text)}
        | {f"line {line}: {words!r}: name what was found" for line, words in unnamed}
    )


def shipped(path: Path) -> Any:
    marks = [pytest.mark.skip(reason="is being renamed")] if relative(path).startswith(NOT_YET) else []
    return pytest.param(path, id=relative(path), marks=marks)


@pytest.mark.parametrize("path", [shipped(path) for path in PYTHON])
def test_code_uses_the_terms(path: Path) -> None:
    assert python_slips(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", [shipped(path) for path in TEXTS])
def test_documents_and_pages_use_the_terms(path: Path) -> None:
    wrong = [
        f"line {number}: {slip}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for slip in slips(line)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "slip"),
    [
        ("heard = 1", "line 1: 'heard': say reference or hypothesis"),
        ("def f(said_by): ...", "line 1: 'said': say reference or hypothesis"),
        ("x.answersLostToReading", "line 1: 'lost to reading': say retrieval error, reader error"),
        ("f(misheard_words=2)", "line 1: 'misheard': say misrecognised, substituted or deleted"),
        ('x = f"{n} put right"', "line 1: 'put right': say recoverable by one correction"),
        ('def f():\n    """Real time."""', "line 2: 'real time': say RTF"),
        ("from a import b as spoken", "line 1: 'spoken': say reference or hypothesis"),
        ("found = 1", "line 1: 'found': name what was found"),
        ("Found = tuple[int]", "line 1: 'found': name what was found"),
        ("def f(found_here): ...", "line 1: 'found here': name what was found"),
    ],
)
def test_a_slip_is_noticed(source: str, slip: str) -> None:
    assert slip in python_slips(source)


@pytest.mark.parametrize(
    "source",
    [
        "real_time_factor = 1",
        "'spoken-qa-harness[dense]'",
        "measured = ensured = unheard_of = 1",
        'def f():\n    """Return what was found."""\n    raise FileNotFoundError',
    ],
)
def test_what_is_allowed_passes(source: str) -> None:
    assert python_slips(source) == []
