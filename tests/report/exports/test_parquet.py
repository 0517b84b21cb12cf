"""Parquet: the stored values with their types, and a plain word where pyarrow is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import harness
from harness.errors import MissingDependency
from harness.runs.storage.tidy_tables import read_tables

parquet = pytest.importorskip("pyarrow.parquet")
TYPES = {"text": "string", "number": "double", "count": "int64", "flag": "bool", "texts": "list", "forms": "list"}


def test_every_table_comes_back_with_its_types(run: Path, tmp_path: Path) -> None:
    folder = harness.report(run, format="parquet", out=tmp_path / "tables")
    for table in read_tables(run):
        found = parquet.read_table(folder / f"{table.name}.parquet")
        for name, kind, values in table.values():
            assert str(found.schema.field(name).type).startswith(TYPES[kind]), name
            back = found.column(name).to_pylist()
            if kind == "forms":
                back = [tuple((one["form"], one["times"]) for one in forms) for forms in back]
            elif kind == "texts":
                back = [tuple(texts) for texts in back]
            assert back == values, name


def test_without_pyarrow_it_says_what_to_install(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingDependency, match=r"pip install 'spoken-qa-harness\[parquet\]'"):
        harness.report(run, format="parquet")
    assert not (run / "parquet").exists()
