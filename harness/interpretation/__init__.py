"""From text, or straight from speech, to what was asked: an intent and the names in it. Begin with `protocol.py`.

An interpreter is trained on the questions of the training folds and judged on the others. A cascade interprets the words of a
recogniser; an end-to-end system has no words, only features of the recording (`speech/`). Neither knows of the other, so that
either can be exchanged alone.
"""
