"""Other people's servers: where they are and who may ask (`address`), asking them within bounds (`server`), and keys that must
never be written (`secrets`).
"""
