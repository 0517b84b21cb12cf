"""Speech to transcripts: one module per recogniser, and the reading of recordings.

`protocol` defines what a backend is, holds their registry and reads their names on the command line. `audio` turns a
file of a suite into a `Clip`. `pocketsphinx_backend` is the embedded recogniser, with its bias lists in `biasing`.
`whisper_backend`, `faster_whisper_backend` and `transformers_backend` load other people's models, and share `engines`.
`replay` serves transcripts that were made elsewhere. `openai_api` asks a server that speaks OpenAI's transcription API,
through `harness.http`; `command` starts any program that prints a transcript; what the two share is in `exchange`. To
add a backend, write a class that fits `protocol.Backend` (nothing to inherit from), and name it in `protocol.BACKENDS`,
or, from another package, in an entry point of the group `harness.backends`.
"""
