"""Transcript to ranked snippets: one module per retriever, and the index they keep on disk.

`protocol` says what a retriever is and holds the registry; `impact_index` is the embedded BM25 with integer impacts
(`bm25` computes them, `index_files` keeps them in a folder, `source` says what they are made of, `rescoring` searches for
many variants of a query at once); `rank_bm25` wraps the package of that name. To add a retriever,
write a class with the methods of `protocol.Retriever` and name it in `protocol.RETRIEVERS`, or, from another package,
declare an entry point in the group `harness.retrievers`.
"""
