"""Speech to transcripts: one module per recogniser, and the reading of recordings.

`protocol` says what a backend is, holds the registry of them and reads their names on the command line. `audio` turns a
file of a suite into a `Clip`. `pocketsphinx_backend` is the embedded recogniser, with its bias lists in `biasing`.
`replay` serves transcripts that were made elsewhere. `openai_api` asks a server that speaks OpenAI's transcription API,
through `harness.http`; `command` starts any program that prints a transcript; what the two share is in `exchange`. To
add a backend, write a class that fits `protocol.Backend` (nothing to inherit from), and name it in `protocol.BACKENDS`,
or, from another package, in an entry point of the group `harness.backends`.
"""
