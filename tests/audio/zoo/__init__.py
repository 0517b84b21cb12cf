"""An audio zoo: files as people have them, by codec, header and damage, built into a folder and never committed.

`melody` is the sound in all of them, twelve notes, so that anyone can tell what a decoder read; `pcm`, `mpeg`, `ogg`, `others`
and `no_sound` make the files; `decoders` reads them by PyAV, sox and ffmpeg. `python -m tests.audio.zoo.table FOLDER` builds the
zoo and prints who reads what.
"""
