"""A folder is written whole or not at all, and nothing that is not an earlier export is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import RunError, UsageError
from harness.report.exports import folder as exports
from harness.report.exports.folder import MANIFEST, write_folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_export_is_replaced_by_the_next_of_its_format(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "csv"
    assert write_folder(place, "csv", {"a.csv": b"1", "b.csv": b"2"}) == place
    write_folder(place, "csv", {"a.csv": b"3"})
    assert contents(place).keys() == {"a.csv", MANIFEST}
    assert (place / "a.csv").read_bytes() == b"3"
    assert [path.name for path in place.parent.iterdir()] == ["csv"], "nothing is left beside it"


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_folder(tmp_path / "out", "trn", {"a": b"1"})
    assert contents(tmp_path / "out").keys() == {"a", MANIFEST}


@pytest.mark.parametrize(
    "trouble", ["foreign", "added", "changed", "another format", "folder inside", "broken manifest"]
)
def test_what_is_not_an_earlier_export_stays(tmp_path: Path, trouble: str) -> None:
    place = tmp_path / "out"
    if trouble == "foreign":
        place.mkdir()
        (place / "thesis.txt").write_text("years of work")
    else:
        write_folder(place, "trec" if trouble == "another format" else "csv", {"a.csv": b"1"})
    match trouble:
        case "added":
            (place / "notes.txt").write_text("mine")
        case "changed":
            (place / "a.csv").write_bytes(b"with my own column")
        case "folder inside":
            (place / "sub").mkdir()
        case "broken manifest":
            (place / MANIFEST).write_text("{")
    before = {path.name: path.is_dir() or path.read_bytes() for path in place.iterdir()}
    with pytest.raises(UsageError, match="out"):
        write_folder(place, "csv", {"a.csv": b"2"})
    assert before == {path.name: path.is_dir() or path.read_bytes() for path in place.iterdir()}


def test_a_file_in_the_way_stays(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UsageError, match="is a file"):
        write_folder(tmp_path / "out", "csv", {})
    with pytest.raises(RunError, match="cannot be written"):
        write_folder(tmp_path / "out" / "below", "csv", {})
    assert (tmp_path / "out").read_text() == "mine"


def test_a_disk_that_refuses_leaves_the_earlier_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "out"
    write_folder(place, "csv", {"a.csv": b"1", "b.csv": b"2"})
    before, write = contents(place), exports.write_atomically

    def full(path: Path, content: bytes) -> None:
        if path.name == "b.csv":
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr(exports, "write_atomically", full)
    with pytest.raises(RunError, match="No space left"):
        write_folder(place, "csv", {"a.csv": b"3", "b.csv": b"4"})
    assert contents(place) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_folder(tmp_path / "link", "csv", {"a.csv": b"1"})
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "a.csv").read_bytes() == b"1"
