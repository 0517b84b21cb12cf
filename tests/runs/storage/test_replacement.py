"""One run for another in the same folder: at any moment all of the old one or all of the new one is read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.runs.storage import compressed, replacement

NAMES = ("run.json", "plan.jsonl", "samples/a.jsonl", "samples/b.jsonl", "evidence.json", "summary.json")
PACKED = {"samples/b.jsonl", "evidence.json"}  # as `harness report --compress` leaves some after a resumed call
DIED = 9

# Dies before the n-th step of the file system, as by `kill -9`: nothing is cleaned up.
KILLED = """
import os, sys
from pathlib import Path
from harness.runs.storage import replacement

steps = int(sys.argv[2])

def counted(method):
    def step(*arguments, **options):
        global steps
        steps -= 1
        if steps < 0:
            os._exit(9)
        return method(*arguments, **options)
    return step

for name in ("open", "rename", "replace", "unlink", "rmdir"):
    setattr(os, name, counted(getattr(os, name)))
folder = Path(sys.argv[1])
made = replacement.begin(folder)
for name in sys.argv[3:]:
    (made / name).write_bytes(b"new " + name.encode())
replacement.commit(folder)
"""


def old_run(folder: Path) -> Path:
    (folder / "samples").mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_bytes(b"old " + name.encode())
        if name in PACKED:
            compressed.pack(folder / name)
    return folder


def generation(folder: Path) -> set[str]:
    """Which run is read: `old`, `new`, or both."""
    contents = {name: replacement.read(folder, name).decode().split() for name in NAMES}
    assert {name: content[1] for name, content in contents.items()} == {name: name for name in NAMES}
    return {content[0] for content in contents.values()}


def test_every_kill_leaves_one_run_whole(tmp_path: Path) -> None:
    seen = []
    for step in range(100):
        folder = old_run(tmp_path / str(step))
        command = [sys.executable, "-c", KILLED, str(folder), str(step), *NAMES]
        ended = subprocess.run(command, capture_output=True, check=False)
        assert ended.returncode in (0, DIED), ended.stderr.decode()
        read = generation(folder)
        replacement.settle(folder)
        assert generation(folder) == read
        assert {path.name for path in folder.iterdir()} == {
            "samples",
            *(stored(name) for name in NAMES if "/" not in name),
        }
        seen.append(read)
        if ended.returncode == 0:
            break
    assert all(len(read) == 1 for read in seen)
    assert seen == sorted(seen, key=lambda read: read != {"old"})  # once new, always new
    assert len([read for read in seen if read == {"new"}]) > len(NAMES), "no kill came while files were moved"


def stored(name: str) -> str:
    return name + compressed.SUFFIX if name in PACKED else name


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replacement.read(tmp_path, "summary.json")
