"""Voices for suites: `suite speak`."""

from __future__ import annotations

import sys
from typing import Any

import click

from harness.cli.printing import EXISTING, console, example, same_command, say


@click.command(
    "speak",
    epilog=example(
        "harness suite speak my-suite --voice kokoro:jm_kumo --voice kokoro:jf_tebukuro --voice flite:slt",
        "harness suite speak demo --voice piper:voices/en_US-joe-medium.onnx --out demo-voices",
        "harness suite speak demo --voice openai-api:tts-1,voice=alloy,url=http://localhost:8000 --out demo-voices",
    ),
)
@click.argument("suite_name", metavar="SUITE")
@click.option(
    "--voice",
    "voices",
    multiple=True,
    required=True,
    metavar="ENGINE:NAME[,OPTION=VALUE]...",
    help="kokoro:jm_kumo[,speed=0.9], flite:slt, espeak-ng:en-us, piper:VOICE.onnx or openai-api:MODEL,voice=NAME; repeatable.",
)
@click.option("--out", type=EXISTING, metavar="DIR", help="A new suite's folder.  [default: the suite's own]")
@click.option("--format", type=click.Choice(["opus", "flac"]), default="opus", show_default=True)
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Speakers at a time.  [default: all cores]")
def suite_speak(suite_name: str, **options: Any) -> None:
    """Let text-to-speech voices ask a suite's questions. The same command again goes on where it stopped.

    \b
    kokoro      neural voices: jm_kumo, jf_tebukuro, jf_gongitsune, jf_nezumi, jf_alpha
                (pip install 'spoken-qa-harness[kokoro]'; apt-get install espeak-ng)
    flite       slt, rms, awb, kal16 ... (apt-get install flite)
    espeak-ng   en-us, de, es ... (apt-get install espeak-ng)
    piper       a voice file of your own piper program
    openai-api  a server that speaks OpenAI's speech API

    kokoro pronounces a word as the question's tag `pronunciation` tells ("Königgrätz=de", "Hypnos=/ˈhɪpnɑs/"), and reads the rest
    by the rules of the suite's language. The suite is then marked as synthetic speech, and so is every table.
    """
    from harness.report.screen import progress
    from harness.runs.execution.interrupt import exit_status
    from harness.suites.speak import speak_suite
    from harness.words.languages import primary

    try:
        with progress(console(stderr=True), "recordings") as update:
            voiced = speak_suite(suite_name, progress=update, **options)
    except KeyboardInterrupt as stop:
        say("", "Stopped. Finished recordings are kept; this goes on from there:", f"  {same_command()}", err=True)
        sys.exit(exit_status(stop))
    say(f"{voiced.folder}: {voiced.recorded} recordings made, {voiced.kept} kept")
    for identity, problem in list(voiced.failed.items())[:10]:
        say(f"no recording: {identity}: {problem}", err=True)
    if voiced.failed:
        say(f"{len(voiced.failed)} could not be read aloud, and are not in the suite", err=True)
    backend = "pocketsphinx" if primary(voiced.language) == "en" else "faster-whisper:base"
    say(f"run it: harness run {voiced.folder} --backend {backend}")
    sys.exit(voiced.exit_status)
