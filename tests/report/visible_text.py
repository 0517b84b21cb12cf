"""What a reader sees of a page before anything is clicked, as lines of text: what is hidden or folded away is left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "input", "br", "link", "img"}
_UNSEEN = {"script", "style", "svg", "title", "textarea", "select", "noscript", "dialog", "button"}
_LINES = {"h1", "h2", "h3", "h4", "p", "li", "tr", "summary", "div", "figcaption", "section", "header", "nav"}
_MARKS = {"h1": "# ", "h2": "## ", "h3": "### ", "h4": "#### ", "li": "- ", "summary": "> "}


@dataclass
class _Visible(HTMLParser):
    lines: list[str] = field(default_factory=list)
    open: list[tuple[str, bool]] = field(default_factory=list)  # tag, and whether what is in it is seen

    def __post_init__(self) -> None:
        super().__init__()
        self.lines.append("")

    @property
    def seen(self) -> bool:
        return all(seen for _, seen in self.open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        names = dict(attrs)
        is_heading_button = tag == "button" and any(of == "th" for of, _ in self.open)
        folded = self.open and self.open[-1][0] == "details" and tag != "summary"
        seen = "hidden" not in names and not folded and (tag not in _UNSEEN or is_heading_button)
        self.open.append((tag, seen))
        if not self.seen:
            return
        if tag in _LINES:
            self.lines.append(_MARKS.get(tag, ""))
        elif tag in ("td", "th", "dd") and self.lines[-1]:
            self.lines[-1] += " | "
        elif tag == "dt":
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        seen = self.seen
        while self.open and self.open.pop()[0] != tag:
            pass
        if seen and tag in _LINES:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if self.seen:
            self.lines[-1] += data


def visible_text(page: str) -> str:
    """Return the lines of a page, without the empty ones."""
    reader = _Visible()
    reader.feed(page)
    return "".join(f"{line}\n" for line in _normalised(reader.lines))


def _normalised(lines: list[str]) -> Iterator[str]:
    for line in lines:
        text = " ".join(line.split())
        if text.strip("-#> "):
            yield text
