"""What the harness costs on top of the recogniser: `harness run` against a bare loop over the same files.

    python benchmarks/run_overhead.py --limit 25 --preset fast

The bare loop loads the same recordings and decodes them with the same backend object, in as many processes, and does
nothing with the transcripts. Printed are wall-clock and processor seconds (user and system, of this process and all that it
started) and their ratios. On a machine that does something else meanwhile only the processor's seconds mean anything, and
where a neighbour shares its caches not even those: what each run took beyond the recognition inside it is free of that.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import monotonic

from harness.asr.protocol import BACKENDS, BackendContext, parse_backend
from harness.audio.reading import load
from harness.records import Suite
from harness.suites.load import load_suite
from harness.suites.shipped import find_suite

Seconds = float


def bare_loop(root: Path, audio: Sequence[tuple[str, str]], backend: str) -> None:
    """Decode every recording and drop the transcripts."""
    spec = parse_backend(backend)
    engine = BACKENDS.get(spec.name)(spec, BackendContext(root))
    engine.warm_up()
    for identity, path in audio:
        engine.transcribe([load(root, path, utterance_id=identity)])


def in_processes(suite: Suite, limit: int | None, backend: str, jobs: int) -> None:
    """The bare loop, the recordings dealt out in turn to `jobs` processes."""
    asked = {question.id for question in suite.questions[:limit]}
    audio = [(u.id, u.audio) for u in suite.utterances if u.question_id in asked and u.audio]
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=bare_loop, args=(suite.root, audio[number::jobs], backend)) for number in range(jobs)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0


def harness_run(suite: str, limit: int | None, backend: str, jobs: int) -> None:
    """A whole run: into an empty folder, with an empty cache. Prints the recognition in it, a process."""
    folder = Path(tempfile.mkdtemp(prefix="overhead-"))
    command = [sys.executable, "-m", "harness", "run", suite, "--backend", backend, "--jobs", str(jobs), "--json"]
    command += ["--out", str(folder / "run"), *(["--limit", str(limit)] if limit else [])]
    environment = {**os.environ, "HARNESS_CACHE": str(folder / "cache")}
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    lines = [line for path in (folder / "run" / "samples").iterdir() for line in path.read_text().splitlines()]
    recognition = sum(json.loads(line)["timings"]["recognise"] for line in lines) / jobs
    print(f"  of the next line, recognition:   {recognition:8.1f} s", flush=True)
    shutil.rmtree(folder)


def timed(work: Callable[[], object]) -> tuple[Seconds, Seconds]:
    """Wall-clock and processor seconds of `work` and its processes."""
    before, begun = os.times(), monotonic()
    work()
    wall, after = monotonic() - begun, os.times()
    return wall, sum(after[:4]) - sum(before[:4])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", default="standard")
    parser.add_argument("--limit", type=int, help="only the first N questions")
    parser.add_argument("--preset", default="accurate", choices=["accurate", "fast"])
    parser.add_argument("--jobs", type=int, default=2, help="compared with one process")
    given = parser.parse_args()
    backend = f"pocketsphinx,preset={given.preset}"
    suite = load_suite(find_suite(given.suite))
    timings: dict[tuple[str, int], tuple[Seconds, Seconds]] = {}
    print(f"{given.suite}, {given.limit or len(suite.questions)} questions, {backend}, load {os.getloadavg()[0]:.1f}")
    for jobs in (1, given.jobs):
        works = {
            "bare loop": partial(in_processes, suite, given.limit, backend, jobs),
            "harness": partial(harness_run, given.suite, given.limit, backend, jobs),
        }
        for what, work in works.items():
            timings[what, jobs] = wall, processor = timed(work)
            print(f"  {what:10} {jobs} processes   wall {wall:8.1f} s   processor {processor:8.1f} s", flush=True)
    for jobs in (1, given.jobs):
        (bare_wall, bare_cpu), (wall, cpu) = timings["bare loop", jobs], timings["harness", jobs]
        print(f"  harness / bare loop, {jobs} processes: wall {wall / bare_wall:.3f}, processor {cpu / bare_cpu:.3f}")
    print(
        f"  {given.jobs} processes / 1, harness: {timings['harness', 1][0] / timings['harness', given.jobs][0]:.2f} times as fast"
    )


if __name__ == "__main__":
    main()
