from harness.asr.protocol import Capabilities
from harness.records import Transcript


class Example:
    package = None
    capabilities = Capabilities(
        nbest=False, word_times=False, confidence=False, bias=False, batch=True, needs_audio=False
    )

    def __init__(self, spec, context): ...

    def identity(self):
        return {"engine": "example", "version": "1.0"}

    def warm_up(self): ...

    def transcribe(self, clips):
        return [Transcript(clip.utterance_id.split(".")[0]) for clip in clips]
