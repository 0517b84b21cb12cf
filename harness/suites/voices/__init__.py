"""Text to speech, for suites that have no recordings.

flite:VOICE                           slt, rms, awb, kal16 ... (`flite -lv`), or the path of a .flitevox file
espeak-ng:VOICE[,speed=N]             en-us, en-gb-scotland, en-us+f3 ... (`espeak-ng --voices=en`); words a minute
kokoro:STYLE[,speed=X]                a neural voice: jm_kumo, jf_tebukuro, jf_gongitsune, jf_nezumi, jf_alpha; the pace
piper:VOICE.onnx                      a voice of your own piper program
openai-api:MODEL,voice=NAME[,url=...] `POST {url}/v1/audio/speech`; key and address as for the recogniser openai-api

Kokoro pronounces names as the tag `pronunciation` of a question tells
(`words.sounds.pronunciation_tags`); others read the text.
"""

from harness.suites.voices.kokoro import Kokoro
from harness.suites.voices.parsing import parse_voice
from harness.suites.voices.programs import EspeakNg, Flite, Piper, plain_letters
from harness.suites.voices.protocol import Line, Unspeakable, Voice
from harness.suites.voices.server import SpeechServer

__all__ = [
    "EspeakNg",
    "Flite",
    "Kokoro",
    "Line",
    "Piper",
    "SpeechServer",
    "Unspeakable",
    "Voice",
    "parse_voice",
    "plain_letters",
]
