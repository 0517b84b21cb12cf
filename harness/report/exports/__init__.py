"""A stored run in the formats of other tools, so that they can go on from it, or check it.

`csv` and `parquet` hold the tables of `runs.storage.tidy_tables`; `trn` is for sclite, `trec` for trec_eval and its kin; `images`
draws the report's pictures into files. Each makes one folder: `folder` writes it whole or not at all, `names` makes labels
and ids safe in it.
"""
