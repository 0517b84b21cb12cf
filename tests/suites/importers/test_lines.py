"""Files that are not what they should be, each with one clear message."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import pytest

from harness.errors import SuiteError
from harness.suites.importers.lines import read_columns, read_json_lines, read_lines


class Row(msgspec.Struct):
    a: int


def test_lines_plain_and_gzipped(tmp_path: Path) -> None:
    content = "\ufeffone\r\n\n  \ntwo\u2028still two".encode()
    for name, written in (("x.txt", content), ("x.txt.gz", gzip.compress(content))):
        (tmp_path / name).write_bytes(written)
        assert list(read_lines(tmp_path / name, "text")) == [(1, "one"), (4, "two\u2028still two")]


def test_carriage_returns_alone_end_lines(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(b"\xef\xbb\xbfone\r\rtwo\r")
    assert list(read_lines(tmp_path / "x.txt", "text")) == [(1, "one"), (3, "two")]
    (tmp_path / "x.txt").write_bytes(b"one\ntwo\rhalf")
    assert list(read_lines(tmp_path / "x.txt", "text")) == [(1, "one"), (2, "two\rhalf")]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("x.txt", None, "cannot be read: No such file"),
        ("x.txt", b"ok\n\x89PNG\x00\x01", "x.txt:2: is binary"),
        ("x.txt", b"ok\nok\n\xff\n", "x.txt:3: byte 1 of the line is not UTF-8"),
        ("x.gz", b"no gzip", "not a whole gzip file"),
        ("x.gz", gzip.compress(b"a line\n" * 1000, mtime=0)[:40], "not a whole gzip file"),
        ("x.gz", b"", "^$"),
    ],
)
def test_wrong_files(tmp_path: Path, name: str, content: bytes | None, why: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    if content == b"":
        assert list(read_lines(tmp_path / name, "text")) == []
        return
    with pytest.raises(SuiteError, match=why) as caught:
        list(read_lines(tmp_path / name, "lines of text"))
    assert "expected lines of text" in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="Is a directory"):
        list(read_lines(tmp_path, "text"))


def test_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"a": 1}\n\n{"a": "x"}\n')
    rows = read_json_lines(path, Row, "rows")
    assert next(rows) == (1, Row(1))
    with pytest.raises(SuiteError, match=r"x\.jsonl:3: a: Expected `int`, got `str`; expected rows"):
        next(rows)
    path.write_text("[" * 100_000)
    with pytest.raises(SuiteError, match="expected rows"):
        next(read_json_lines(path, Row, "rows"))


def test_tables(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('a,b\n1,"x, ""y"""\n')
    assert list(read_columns(path, ",", ("a", "b"), "rows")) == [(2, {"a": "1", "b": 'x, "y"'})]
    for content, why in (
        ("", "no column a and no column b"),
        ("a,c\n", "no column b; it has a, c"),
        ("a,b\n1\n", "1 columns, but"),
        ('a,b\n1,"x\n', "rows"),
    ):
        path.write_text(content)
        with pytest.raises(SuiteError, match=why):
            list(read_columns(path, ",", ("a", "b"), "rows"))
