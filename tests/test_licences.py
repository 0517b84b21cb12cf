"""The licences of all that the package needs, directly or through others, let it be distributed under Apache-2.0."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[1] / "pyproject.toml"

# Permissive licences, as SPDX expressions name them.
FITTING = frozenset({
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-0", "PSF-2.0",
    "Unlicense", "Zlib",
})  # fmt: skip
# The same as classifiers and the older field `License` have them.
OLDER_NAMES = {
    "Apache Software License": "Apache-2.0", "Apache2.0": "Apache-2.0", "BSD": "BSD-3-Clause", "BSD License": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause", "ISC License": "ISC", "ISC License (ISCL)": "ISC", "MIT License": "MIT",
    "Python Software Foundation License": "PSF-2.0",
}  # fmt: skip
# Whatever else is needed, and why it may be: a package by the licence that it states.
EXCEPTIONS = {
    ("certifi", "Mozilla Public License 2.0 (MPL 2.0)"): "certificates, unmodified; the MPL binds their file alone",
    ("soxr", "LGPL-2.1-or-later"): "a dependency that a user can replace; nothing of it is in this package",
    ("num2words", "GNU Library or Lesser General Public License (LGPL)"): "as soxr; pure Python",
    ("tqdm", "MPL-2.0 AND MIT"): "needed by spacy, unmodified; the MPL binds its own files alone",
    ("locate", "Other/Proprietary License"): "its classifier is wrong: the file LICENSE holds the MIT licence",
}


def needed(names: list[str]) -> Iterator[metadata.Distribution]:
    """The installed distributions that these need without extras, themselves among them, none twice."""
    seen: set[str] = set()
    while names:
        name = plain(names.pop())
        if name in seen:
            continue
        seen.add(name)
        distribution = metadata.distribution(name)
        yield distribution
        names += required(distribution.requires or [])


def required(requirements: list[str]) -> list[str]:
    parsed = map(Requirement, requirements)
    return [each.name for each in parsed if each.marker is None or each.marker.evaluate({"extra": ""})]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def stated(about: metadata.PackageMetadata) -> str:
    """The licence that a package states: its expression, else its classifiers, else the first line of the older field."""
    classifiers = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
    older = (about.get("License") or "").strip().partition("\n")[0]
    return str(about.get("License-Expression") or " AND ".join(classifiers) or older or "none")


def fits(statement: str) -> bool:
    """Whether all licences of a statement are permissive; of those with OR between them, one."""
    if statement in OLDER_NAMES:
        return True
    every = re.split(r"\s+AND\s+", re.sub(r"[()]", "", statement))
    return all(
        any(OLDER_NAMES.get(name.strip(), name.strip()) in FITTING for name in re.split(r"\s+OR\s+", names))
        for names in every
    )


def problems(distributions: Iterator[metadata.Distribution]) -> list[str]:
    statements = ((plain(d.metadata["Name"]), stated(d.metadata)) for d in distributions)
    return [
        f"{name}: {statement}"
        for name, statement in statements
        if not fits(statement) and (name, statement) not in EXCEPTIONS
    ]


def test_licences_of_all_dependencies_fit() -> None:
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    distributions = list(needed(required(project["dependencies"])))
    assert len(distributions) > 40
    assert {"wordfreq", "ftfy", "soundfile", "cffi"} <= {plain(d.metadata["Name"]) for d in distributions}
    assert problems(iter(distributions)) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"License-Expression": "MIT"}, True),
        ({"License-Expression": "BSD-3-Clause AND 0BSD AND (MIT OR GPL-2.0-only)"}, True),
        ({"License-Expression": "MIT AND GPL-3.0-or-later"}, False),
        ({"License-Expression": "AGPL-3.0-only"}, False),
        ({"License-Expression": "LGPL-2.1-or-later"}, False),
        ({"Classifier": "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"}, False),
        ({"Classifier": "License :: OSI Approved :: MIT License", "License": "GPL"}, True),
        ({"License": "GPLv3"}, False),
        ({"License": "Apache-2.0"}, True),
        ({"License": "BSD 3-Clause License\n\nCopyright"}, True),
        ({"Classifier": "Programming Language :: Python"}, False),
        ({}, False),
    ],
)
def test_what_fits(fields: dict[str, str], expected: bool) -> None:
    lines = "".join(f"{name}: {text.partition(chr(10))[0]}\n" for name, text in fields.items())
    assert fits(stated(message(lines))) is expected


def message(lines: str) -> metadata.PackageMetadata:
    from email import message_from_string

    return message_from_string(lines)  # type: ignore[return-value]
