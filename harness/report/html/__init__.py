"""The report as one page that opens from disk: it needs no network and no server, and runs no code but its own.

`parts` says which sections stand where, `words`, `groups` and `sample_data` pack what the scripts show, `audio` looks for the
recordings, `svg` fits the pictures in, `page` puts all of it into `templates/` with what lies in `static/`.
"""

from harness.report.html.page import write_comparison, write_html

__all__ = ["write_comparison", "write_html"]
