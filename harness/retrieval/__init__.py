"""Transcript to ranked snippets: one module per retriever, and the indexes they keep on disk.

`protocol` defines what a retriever is, how one is named, and holds the registry; `building` makes those of a run. The embedded
BM25 is `impact_retriever` over `impact_index` (`bm25` computes the integer impacts, `index_files` keeps them in a folder,
`source` holds what they are made of, `rescoring` searches for many variants of a query at once); `phonetic` is the same over
phones, `characters` over runs of characters.
`dense` searches embeddings, which `encoder` makes; `hybrid` fuses others; `milvus` asks a server; `rank_bm25` and
`bm25s_package` wrap the packages of those names, and share `package_bm25`. `indexing` writes and checks index folders ahead
of a run.

To add a retriever, write a class with the methods of `protocol.Retriever` and name it in `protocol.RETRIEVERS`, or, from
another package, declare an entry point in the group `harness.retrievers`.
"""
