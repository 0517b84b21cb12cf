"""References and hypotheses as pairs of trn files, so that sclite can check the word error rate.

    sctk sclite -r pocketsphinx.clean.ref.trn trn -h pocketsphinx.clean.hyp.trn trn -i wsj

Both files hold the normalised words that the run counted, utterance by utterance; a failed sample is a line without words,
all of whose reference words are deleted, so the denominators are the same.

sclite weighs errors: 4 for a substitution, 3 for an insertion or a deletion. A run weighs all alike. Hence, for every pair:

- `harness score REF HYP --costs nist` counts exactly what sclite counts, utterance by utterance;
- `harness score REF HYP` (unit costs) counts exactly the errors of the run's `wer`;
- sclite's errors E are never fewer than the run's, and with substitutions S and S' (run, sclite) at most (S - S') / 3 more:
  each is the least of its own sum, and sclite's is 3 E + S. On 3,000 recordings of the suite `standard` the two were the same
  in number, every one; `a b c d e` against `d e x y z` has five errors here and six there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.records import Sample
from harness.report.exports.folder import write_folder
from harness.report.exports.names import file_stems, safe_ids
from harness.runs.storage.stored_run import StoredRun


def write_trn(run: Path, out: Path | None = None) -> Path:
    """Writes `BACKEND.CONDITION.ref.trn` and `.hyp.trn` of each backend and condition into `out` (`run/trn` unless given).

    Raises `RunError` when the folder holds no finished run, `UsageError` where `out` holds something else.
    """
    cells = StoredRun.read(run).counted_samples()
    stems = file_stems(cells)
    files: dict[str, bytes] = {}
    for cell, samples in cells.items():
        ids = safe_ids(sample.utterance_id for sample in samples)
        files[f"{stems[cell]}.ref.trn"] = _lines(ids, ((s.utterance_id, s.reference) for s in samples))
        files[f"{stems[cell]}.hyp.trn"] = _lines(ids, ((s.utterance_id, _hypothesis(s)) for s in samples))
    return write_folder(out or run / "trn", "trn", files)


def _hypothesis(sample: Sample) -> str:
    return " ".join(step.hypothesis for step in sample.alignment if step.hypothesis is not None)


def _lines(ids: Mapping[str, str], texts: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{text} ({ids[identity]})\n".lstrip() for identity, text in texts).encode()
