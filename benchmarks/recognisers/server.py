"""A server on loopback that speaks OpenAI's transcription API, with the embedded recogniser behind it.

    python benchmarks/recognisers/server.py [PORT]

answers `POST /v1/audio/transcriptions` (multipart form: `file` with a recording, `model`, `response_format` json or
verbose_json). The model `pocketsphinx` is the recogniser's own setting, `pocketsphinx-fast` the quick one. It prints its
address when it is ready; port 0, the default, lets the system choose one.
"""

from __future__ import annotations

import json
import sys
import tempfile
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock

from harness.asr.pocketsphinx_backend import PocketSphinx
from harness.asr.protocol import BackendContext, parse_backend
from harness.audio.reading import load
from harness.errors import AudioError
from harness.records import Failure, Transcript

MODELS = {"pocketsphinx": "pocketsphinx", "pocketsphinx-fast": "pocketsphinx,preset=fast"}
MAX_BODY_BYTES = 50_000_000


class Refused(Exception):
    """A request that cannot be answered; `status` is HTTP's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Recognisers:
    """One engine a model, loaded when it is first asked for; a decoder works on one recording at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._loaded: dict[str, PocketSphinx] = {}

    def transcribe(self, model: str, recording: bytes) -> Transcript:
        if model not in MODELS:
            raise Refused(404, f"the model {model!r} does not exist. Known: {', '.join(MODELS)}")
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "recording").write_bytes(recording)
            try:
                clip = load(Path(folder), "recording", utterance_id="request")
            except AudioError as error:
                raise Refused(400, str(error)) from error
        with self._lock:
            if model not in self._loaded:
                self._loaded[model] = PocketSphinx(parse_backend(MODELS[model]), BackendContext(Path()))
            (transcript,) = self._loaded[model].transcribe([clip])
        if isinstance(transcript, Failure):
            raise Refused(500, transcript.message)
        return transcript


class Handler(BaseHTTPRequestHandler):
    recognisers = Recognisers()
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        try:
            status, answer = 200, self._answer()
        except Refused as error:
            status, answer = error.status, {"error": {"message": str(error), "type": "invalid_request_error"}}
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answer(self) -> dict[str, object]:
        length = int(self.headers.get("Content-Length", 0))
        if not 0 < length <= MAX_BODY_BYTES:
            self.close_connection = True  # the body is not read
            raise Refused(413, f"expected a body of 1 to {MAX_BODY_BYTES} bytes")
        body = self.rfile.read(length)
        if self.path != "/v1/audio/transcriptions":
            raise Refused(404, "expected POST /v1/audio/transcriptions")
        fields = form_fields(self.headers.get("Content-Type", ""), body)
        if not {"file", "model"} <= fields.keys():
            raise Refused(400, "expected a form with the fields file and model")
        transcript = self.recognisers.transcribe(fields["model"].decode(errors="replace"), fields["file"])
        if fields.get("response_format") != b"verbose_json":
            return {"text": transcript.text}
        words = [
            {"word": w.text, "start": w.start, "end": w.end, "probability": w.confidence} for w in transcript.words
        ]
        return {"task": "transcribe", "language": "english", "text": transcript.text, "words": words}

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the harness records the requests."""


def form_fields(content_type: str, body: bytes) -> dict[str, bytes]:
    """Return the fields of a multipart form by name."""
    message = message_from_bytes(b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + body)
    if not message.is_multipart():
        raise Refused(400, "expected multipart/form-data")
    fields = {}
    for part in message.get_payload():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            fields[name] = content
    return fields


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
