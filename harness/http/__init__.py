"""Other people's servers: their addresses and keys (`address`), bounded requests to them (`server`), and the removal of keys from
what is written (`secrets`).
"""
