"""What a killed process left beside the key of a kept index."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from harness.files import name_beside
from harness.retrieval.kept_indexes import MADE_OF, note_key


def test_what_a_killed_process_was_writing_goes_with_the_next_key(tmp_path: Path) -> None:
    code = f"import sys; from harness.files import name_beside; from pathlib import Path; print(name_beside(Path({str(tmp_path / MADE_OF)!r})))"
    left = Path(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip())
    own = name_beside(tmp_path / MADE_OF)
    for path in (left, own):
        path.write_text("{")
    note_key(tmp_path, b"{}")
    assert {path.name for path in tmp_path.iterdir()} == {MADE_OF, own.name}, (
        "another process's, which has ended, is gone"
    )
