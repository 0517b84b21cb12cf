"""Recordings as people have them, read whole or refused.

`reading` is what the rest of the package uses; `containers` finds where the sound of a file lies and how much of it the file
promises (`wav`, `mpeg`, `ogg`), `decoding` turns it into samples (by libsndfile, else `pyav`), `signal` judges the samples,
and `not_audio` says what a file is that holds no sound.
"""
