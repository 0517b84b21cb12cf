"""From audio to transcripts, whatever fails meanwhile.

`dispatch` keeps a queue for each backend and hands batches to an executor; `protocol` says what an executor is, `local`
is the one of this machine's processes. `recogniser` is the work inside a process, on what `audio_source` makes of the
recordings; `circuit` decides when a backend is left alone, `interrupt` what Ctrl-C does. `save_audio` writes what the
recognisers were given.
"""
