"""Prints the embedded recogniser's transcript of one WAV file: a program for the backend `command`.

python benchmarks/recognisers/transcribe.py question.wav
"""

from __future__ import annotations

import sys
from pathlib import Path

from harness.asr.pocketsphinx_backend import PocketSphinx
from harness.asr.protocol import BackendContext, parse_backend
from harness.audio.reading import load
from harness.records import Failure


def main() -> None:
    path = Path(sys.argv[1])
    clip = load(path.parent, path.name, utterance_id=path.stem)
    (transcript,) = PocketSphinx(parse_backend("pocketsphinx,preset=fast"), BackendContext(path.parent)).transcribe(
        [clip]
    )
    if isinstance(transcript, Failure):
        sys.exit(transcript.message)
    print(transcript.text)


if __name__ == "__main__":
    main()
