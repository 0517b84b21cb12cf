"""Snippets from the web: asked politely of a search service, frozen with their sources, so that a run is repeatable.

`collect` goes through the queries; `providers` and `json_endpoint` know what each service's JSON looks like; `fetch` gets
bytes over HTTP within bounds; `addresses` says where it may connect to; `pages` reduces a page to a passage; `journal`
keeps what was got; `cleaning` makes text and URLs of strangers harmless.
"""
