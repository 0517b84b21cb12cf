"""A recogniser whose hypothesis equals the reference where its names are among the phrases that it was told.

`listener:3` takes the first three phrases of a list. Beside more phrases than one, the animal's question gains the last of
them, as real lists plant words that stand in no reference.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.asr.protocol import Capabilities, Measured
from harness.records import Clip, Failure, Transcript
from tests.conftest import HYPOTHESES, QUESTIONS

PREPARATION = 0.5  # seconds, for each recording
_TEXTS = {str(question["id"]): str(question["text"]) for question in QUESTIONS}


class Listener:
    package = None
    capabilities = Capabilities(
        nbest=False, word_times=False, confidence=False, bias=True, batch=False, needs_audio=True
    )

    def __init__(self, spec, context) -> None:
        self.fits, self.bias = int(spec.model), context.bias

    def identity(self) -> dict[str, str]:
        return {"engine": "listener", "fits": str(self.fits)}

    def warm_up(self) -> None: ...

    def phrases_sent(self, utterance_id: str) -> tuple[str, ...]:
        return self.bias.phrases_for(utterance_id)[: self.fits]

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        self.measured = [Measured(preparation=PREPARATION if self.bias else None) for _ in clips]
        return [Transcript(self.recognise(clip.utterance_id)) for clip in clips]

    def recognise(self, utterance_id: str) -> str:
        question, told = utterance_id.partition(".")[0], self.phrases_sent(utterance_id)
        if question == "okapi" and len(told) > 1:
            return f"{HYPOTHESES[question]} {told[-1]}"
        return _TEXTS[question] if set(told) & set(self.bias.own.get(utterance_id, ())) else HYPOTHESES[question]
