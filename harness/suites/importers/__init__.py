"""Other people's data as suites: one module per format, and `writing` for what they share.

Each importer reads a format, keeps what can be kept, and reports what it dropped and why.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.registry import Registry

if TYPE_CHECKING:
    from harness.suites.importers.writing import Imported

IMPORTERS: Registry[Callable[..., Imported]] = Registry(
    "format",
    "harness.importers",
    {
        "audio-folder": "harness.suites.importers.audio_folder:import_audio_folder",
        "beir": "harness.suites.importers.beir:import_beir",
        "fluent-speech-commands": ("harness.suites.importers.fluent_speech_commands:import_fluent_speech_commands"),
        "hf": "harness.suites.importers.hf:import_hf",
        "is21": "harness.suites.importers.is21:import_is21",
        "sd-qa": "harness.suites.importers.sd_qa:import_sd_qa",
        "speech-to-intent": "harness.suites.importers.speech_to_intent:import_speech_to_intent",
        "squad": "harness.suites.importers.squad:import_squad",
        "transcripts": "harness.suites.importers.transcripts:import_transcripts",
    },
)


def import_suite(format: str, source: Path | str, out: Path | str, **options: Any) -> Imported:
    """Make the suite folder `out` of `source`, a file or folder in one of the formats of `IMPORTERS`.

    `options` are those of the format's own function, such as `transcripts={"asr": Path("asr.json")}` of `squad`. Raises
    `UnknownName` for an unknown format, and whatever the format's function raises.
    """
    return IMPORTERS.get(format)(Path(source), Path(out), **options)
