"""A recogniser that recognises as many words of a question as there is audio: half a recording gives half of the words.

`reader` has whole recordings of 0.1 s; `streaming-reader` also reads them as they come in, and then takes the last word of every
partial hypothesis back. The recordings of `paris` fail where they are cut; those of `okapi` fail always with `deaf=true`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy

from harness.asr.protocol import Capabilities, Measured
from harness.records import Clip, Failure, Partial, Seconds, Transcript
from tests.conftest import HYPOTHESES

WHOLE: Seconds = 0.1


class Reader:
    package = None
    capabilities = Capabilities(
        nbest=False, word_times=False, confidence=False, bias=False, batch=True, needs_audio=True, works_in="server"
    )

    def __init__(self, spec, context) -> None:
        self.deaf = bool(spec.options.get("deaf"))

    def identity(self) -> Mapping[str, str]:
        return {"engine": "reader", "deaf": str(self.deaf)}

    def warm_up(self) -> None: ...

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        return [self.recognise(clip) for clip in clips]

    def recognise(self, clip: Clip) -> Transcript | Failure:
        question = clip.utterance_id.partition(".")[0]
        if (question == "okapi" and self.deaf) or (question == "paris" and clip.duration < 0.99 * WHOLE):
            return Failure("recognise", "Deaf", "nothing is recognised of this recording")
        return Transcript(" ".join(words_by(question, clip.duration)))


class StreamingReader(Reader):
    every: Seconds | None = None

    def streaming(self, every: Seconds) -> StreamingReader:
        other = copy(self)
        other.every = every
        return other

    def identity(self) -> Mapping[str, str]:
        return {**super().identity(), **({} if self.every is None else {"streaming": str(self.every)})}

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        self.measured = [Measured(0.01, partials=tuple(self._partials(clip))) for clip in clips]
        return super().transcribe(clips)

    def _partials(self, clip: Clip) -> list[Partial]:
        question = clip.utterance_id.partition(".")[0]
        times = [] if self.every is None else [self.every * n for n in range(1, round(WHOLE / self.every))]
        return [Partial(round(at, 3), " ".join([*words_by(question, at), "um"])) for at in times]


def words_by(question: str, seconds: Seconds) -> list[str]:
    words = HYPOTHESES[question].split()
    return words[: int(len(words) * seconds / WHOLE + 1e-6)]
