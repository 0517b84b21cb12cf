"""Drawn pictures as part of the page: known elements only, colours from the theme, and a name for every mark."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from markupsafe import Markup

from harness.report.pictures.drawing import FAINT, GRID, INK, SERIES, TINT

_SVG = "http://www.w3.org/2000/svg"
_ELEMENTS = frozenset({"svg", "g", "path", "line", "rect", "circle", "text", "tspan"})
_ATTRIBUTES = frozenset({
    "width", "height", "viewBox", "transform", "d", "x", "y", "x1", "x2", "y1", "y2", "r", "rx", "dx", "dy", "fill",
    "stroke", "fill-opacity", "stroke-opacity", "opacity", "stroke-width", "stroke-dasharray", "stroke-dashoffset",
    "stroke-linecap", "stroke-miterlimit", "text-anchor", "font-size", "font-weight", "font-style",
})  # fmt: skip
_THEME = {colour: f"var(--series-{number})" for number, colour in enumerate(SERIES, start=1)} | {
    INK: "var(--ink)", FAINT: "var(--faint)", GRID: "var(--grid)", TINT: "var(--tint)",
}  # fmt: skip
_FUNCTION = re.compile(r"url|javascript|expression|import", re.IGNORECASE)


def themed(drawn: str, label: str) -> Markup:
    """SVG text from `drawing.svg` with the page's colours. `label` describes the picture to those who do not see it.

    Only elements and attributes that draw are kept, so whatever a label held, nothing else comes through.
    """
    root = _kept(ElementTree.fromstring(drawn))  # noqa: S314  drawn in this process, from our own specification
    if root is None:
        return Markup("")
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    root.set("role", "img")
    root.set("aria-label", label)
    root.set("class", "picture")
    ElementTree.register_namespace("", _SVG)
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704  serialised, so escaped


def _kept(element: ElementTree.Element) -> ElementTree.Element | None:
    name = str(element.tag).rpartition("}")[2]
    if name not in _ELEMENTS or element.get("display") == "none":
        return None
    made = ElementTree.Element(f"{{{_SVG}}}{name}")
    made.text = element.text
    for key, value in element.attrib.items():
        if key in _ATTRIBUTES and not _FUNCTION.search(value):
            made.set(key, _THEME.get(value.lower(), value))
    if element.get("role") == "graphics-symbol" and element.get("aria-roledescription") != "axis":
        title = ElementTree.SubElement(made, f"{{{_SVG}}}title")
        title.text = element.get("aria-label", "")
    made.extend(kept for child in element if (kept := _kept(child)) is not None)
    empty = name in ("g", "path") and not len(made) and not element.get("d") and not (element.text or "").strip()
    return None if empty and name == "g" else made
