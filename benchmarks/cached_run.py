"""What a run costs whose transcripts are all in the cache: evaluation, resampling, pictures, pages, and what they import.

    python benchmarks/cached_run.py                       the shipped demo, four settings of the embedded recogniser
    python benchmarks/cached_run.py SPEC.toml --times 5

The first call recognises and fills a cache of its own. Then the same run into new folders, and beside each an interpreter that
does no more than import the libraries of such a run and load the list of frequencies. Printed are processor seconds (user
and system, of each process and all that it started; the least of `--times`) and their ratio, which holds for slow machines
too; on a busy one both grow, as its caches are shared.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from run_overhead import Seconds, timed

DEMO = ["demo", *(word for name in (
    "pocketsphinx", "pocketsphinx,preset=fast", "pocketsphinx,bias=entities", "pocketsphinx,preset=fast,bias=entities"
) for word in ("--backend", name))]  # fmt: skip
LIBRARIES = (
    "import altair, click, filelock, jinja2, jiwer, msgspec, numpy, regex, rich.console, scipy.special, threadpoolctl, "
    "vl_convert, wordfreq; wordfreq.zipf_frequency('okapi', 'en')"
)


def seconds(command: list[str], cache: Path) -> Seconds:
    """Return the processor time of a program and all that it started."""
    environment = {**os.environ, "HARNESS_CACHE": str(cache)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    _, processor = timed(lambda: subprocess.run(command, check=True, env=environment, **quiet))
    return processor


def main() -> None:
    """Parses, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spec", nargs="?", help="a run spec; the demo unless given")
    parser.add_argument("--times", type=int, default=3, help="runs to take the least of (default: 3)")
    given = parser.parse_args()
    run = [sys.executable, "-m", "harness", "run", *([given.spec] if given.spec else DEMO), "--out"]
    with tempfile.TemporaryDirectory() as scratch:
        folder, cache = Path(scratch), Path(scratch) / "cache"
        first = seconds([*run, str(folder / "first")], cache)
        cached, bare = [], []
        for number in range(given.times):
            cached.append(seconds([*run, str(folder / f"run{number}")], cache))
            bare.append(seconds([sys.executable, "-c", LIBRARIES], cache))
    print(f"with recognition    {first:6.2f} s of processor time")
    print(f"from the cache      {min(cached):6.2f} s")
    print(f"importing alone     {min(bare):6.2f} s")
    print(f"from the cache / importing alone: {min(cached) / min(bare):.1f}")


if __name__ == "__main__":
    main()
