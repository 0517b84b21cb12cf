"""Recordings to features, without words: one module per speech part. Begin with `protocol.py`."""
