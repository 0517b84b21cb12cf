"""The pictures of the report as files, to put into slides and papers: SVG, and PNG at twice the size, on white."""

from __future__ import annotations

from pathlib import Path

from harness.report.exports.folder import write_folder
from harness.report.exports.names import file_stems
from harness.report.model import Report
from harness.report.pictures.drawing import specification
from harness.report.pictures.listing import all_pictures

_SCALE = 2


def write_images(run: Path, folder: Path) -> Path:
    """Writes each picture of the report of `run` as .svg and .png into `folder`, named by what it shows and of what.

    Raises `RunError` when there is no finished run, `UsageError` where `folder` holds something else.
    """
    import vl_convert

    report = Report.read(run)
    listed = {
        (one.picture.name, *filter(None, (one.backend, one.condition, one.retriever))): one.picture
        for one in all_pictures(report)
    }
    files: dict[str, bytes] = {}
    for key, stem in file_stems(listed).items():
        drawn = specification(listed[key])
        drawn["config"]["background"] = "white"
        drawn["title"] = {"text": listed[key].title, "anchor": "start"}
        files[f"{stem}.svg"] = vl_convert.vegalite_to_svg(drawn).encode()
        files[f"{stem}.png"] = vl_convert.vegalite_to_png(drawn, scale=_SCALE)
    return write_folder(folder, "figures", files)
