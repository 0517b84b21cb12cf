"""Run specs: what is read, and what each mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import HarnessError
from harness.runs.spec import read_spec

GOOD = """
suite = "demo"
seed = 11
limit = 5
[[backend]]
name = "pocketsphinx"
[[backend]]
name = "pocketsphinx"
preset = "fast"
[[backend]]
name = "pocketsphinx"
label = "with names"
bias = "entities"
[[backend]]
name = "pocketsphinx"
bias = "own"
distractors = 100
[[retriever]]
name = "bm25"
[[retriever]]
name = "rank-bm25"
"""


def test_a_spec_is_read(tmp_path: Path) -> None:
    path = tmp_path / "spec.toml"
    path.write_text(GOOD)
    spec = read_spec(path)
    assert [backend.label for backend in spec.backends] == [
        "pocketsphinx", "pocketsphinx-fast", "with names (oracle)", "pocketsphinx+own100",
    ]  # fmt: skip
    assert [(b.bias, b.distractors) for b in spec.backends[2:]] == [("entities", None), ("own", 100)]
    assert not any({"bias", "distractors"} & set(backend.options) for backend in spec.backends)
    assert (spec.seed, spec.limit, [c.label for c in spec.conditions]) == (11, 5, ["clean"])
    assert [retriever.label for retriever in spec.retrievers] == ["bm25", "rank-bm25"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("suite = ", "is not TOML"),
        ("seed = 1", "missing required field `suite`"),
        ('suite = "demo"\nsede = 1', "Did you mean 'seed'"),
        ('suite = "demo"\nseed = "x"', r"Expected `int`, got `str` - at `\$.seed`"),
        ('suite = "demo"\nlimit = 0', "limit: is 0"),
        ('suite = "demo"\nmissing = "drop"', "missing"),
        ('suite = "demo"\n[[backend]]\nmodel = "x"', r"backend\[0\].name: is missing"),
        ('suite = "demo"\n[[backend]]\nname = "pocketsphynx"', "Did you mean 'pocketsphinx'"),
        ('suite = "demo"\n[[backend]]\nname = "pocketsphinx"\nbias = 3', r"backend\[0\].bias: is 3"),
        (
            'suite = "demo"\n[[backend]]\nname = "pocketsphinx"\nbias = "entites"',
            r"backend\[0\].bias: .*mean 'entities'",
        ),
        ('suite = "demo"\n[[backend]]\nname = "pocketsphinx"\nbias = "own"', r"backend\[0\].distractors: is missing"),
        (
            'suite = "demo"\n[[backend]]\nname = "pocketsphinx"\ndistractors = 5',
            r"backend\[0\].distractors: needs bias='own'",
        ),
        ('suite = "demo"\n[[condition]]\nname = "clean"\nsnr_db = 3', "unknown clean option 'snr_db'"),
        ('suite = "demo"\n[[retriever]]\nname = "bm25"\n[[retriever]]\nname = "bm25"', "stands twice"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "spec.toml"
    path.write_text(text)
    with pytest.raises(HarnessError, match=message):
        read_spec(path)


def test_a_spec_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="cannot be read"):
        read_spec(tmp_path / "no.toml")
