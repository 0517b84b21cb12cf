"""Interpreters of text: one module each."""
