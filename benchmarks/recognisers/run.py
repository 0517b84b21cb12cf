"""Compares every kind of backend on the demo suite with one command.

    python benchmarks/recognisers/run.py [--limit N] [--jobs N] [--out results/recognisers]

converts the packaged weights of Whisper tiny.en for openai-whisper and transformers where that has not been done, records
transcripts for `replay` (the embedded recogniser's, of the clean recordings), starts the transcription server on
loopback, runs `recognisers.toml` and stops the server. The same command again goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RECORDED = ROOT / "results/recognisers-recorded"
PORT = 8731  # asked for first: the address is part of what a backend is, and a second run is to find the first one's


def harness(*arguments: str, **environment: str) -> int:
    """Exit status 3 (some samples failed) is for the report to show."""
    done = subprocess.run(
        [sys.executable, "-m", "harness", *arguments], cwd=ROOT, env={**os.environ, **environment}, check=False
    )
    if done.returncode not in (0, 3):
        sys.exit(done.returncode)
    return done.returncode


def record() -> None:
    """Transcripts as another tool would leave them, for `replay`."""
    harness("run", "fixtures/demo", "--backend", "pocketsphinx,preset=fast,label=recorded", "--out", str(RECORDED))
    samples = [json.loads(line) for line in (RECORDED / "samples/recorded.jsonl").read_text().splitlines()]
    lines = [{"utterance_id": sample["utterance_id"], "text": sample["transcript"]["text"]} for sample in samples]
    (RECORDED / "transcripts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


@contextmanager
def serving() -> Iterator[str]:
    """The server's address, while it runs."""
    for port in (PORT, 0):
        with subprocess.Popen(
            [sys.executable, HERE / "server.py", str(port)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        ) as server:
            try:
                assert server.stdout is not None
                address = server.stdout.readline().strip()
                if address:
                    yield address
                    return
            finally:
                server.terminate()
    sys.exit("the transcription server did not start")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", help="take the first N questions")
    parser.add_argument("--jobs", default=str(os.cpu_count() or 1), help="worker processes")
    parser.add_argument("--out", default="results/recognisers", help="the run's folder")
    given = parser.parse_args()
    subprocess.run([sys.executable, ROOT / "fixtures/whisper/convert.py"], check=True)
    record()
    arguments = ["run", str((HERE / "recognisers.toml").relative_to(ROOT)), "--out", given.out, "--jobs", given.jobs]
    if given.limit:
        arguments += ["--limit", given.limit]
    with serving() as address:
        # `python` in the spec is this one, whatever stands first on the path.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        status = harness(*arguments, OPENAI_BASE_URL=address, PATH=path)
    sys.exit(status)


if __name__ == "__main__":
    main()
