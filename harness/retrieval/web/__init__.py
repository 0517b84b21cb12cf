"""Snippets from the web: collected slowly from a search service and kept with their sources, so that a run is repeatable.

`collect` goes through the queries; `providers` and `json_endpoint` read each service's JSON; `fetch` gets bytes
over HTTP within bounds; `addresses` checks where it may connect to; `pages` reduces a page to a passage; `journal` keeps
the answers; `cleaning` makes untrusted text and URLs harmless.
"""
