"""Writes the page: what is stored, in the words and pictures of a report, with the code and style that show it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from harness.analysis.significance import SIGNIFICANCE
from harness.analysis.word_classes import FUNCTION_WORDS
from harness.files import write_report
from harness.report.html.audio import AudioPlace, addresses
from harness.report.html.groups import group_tables
from harness.report.html.parts import account, compared_parts, losses, studies
from harness.report.html.rerun import PLACE, rerun_commands
from harness.report.html.sample_data import SampleData
from harness.report.html.svg import themed
from harness.report.html.untrusted import isolated, json_for_script, prose, shown
from harness.report.html.words import word_rows
from harness.report.model import Report
from harness.report.numbers import FEWEST
from harness.report.pictures.drawing import Picture, svg
from harness.report.pictures.listing import all_pictures
from harness.report.sections.measured import speech_notice, title
from harness.report.sections.words import words_title
from harness.report.unseen import javascript_pattern
from harness.report.verdict import verdicts

if TYPE_CHECKING:
    from jinja2 import Environment

    from harness.runs.compare import ComparedRuns

_STYLES = ("theme.css", "layout.css", "tables.css", "samples.css", "print.css")
_SCRIPTS = (
    "dom.js", "data.js", "views.js", "tables.js", "words.js", "groups.js", "filters.js", "sample_list.js",
    "alignment.js", "sample_view.js", "main.js",
)  # fmt: skip
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {styles}; img-src data:; media-src 'self' file: data:; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
)


def write_html(run: Path, out: Path | None = None, *, audio: AudioPlace = "link") -> Path:
    """Write the page of the run in folder `run` and return where it is (`run/report.html` unless `out` is given).

    Raises `RunError` when the folder holds no finished run.
    """
    return _write(Report.read(run), out or run / "report.html", audio)


def write_comparison(compared: ComparedRuns, out: Path, *, audio: AudioPlace = "link") -> Path:
    """Write the page of the runs that `harness compare` compared, with its labels, its baselines and its tests."""
    return _write(Report.of_comparison(compared), out, audio)


def _write(report: Report, path: Path, audio: AudioPlace) -> Path:
    write_report(path, render(report, path, audio).encode())
    return path


def render(report: Report, path: Path, audio: AudioPlace = "link") -> str:
    """Return the page as text. `path` is where it will lie, which decides the addresses of the recordings."""
    samples = SampleData(report, addresses(report, path, audio))
    styles, scripts = (
        [_asset(name) for name in names] for names in (_STYLES, _SCRIPTS)
    )  # what is inlined is what is hashed
    figures = report.figures
    text: str = _environment().get_template("page.html.j2").render(
        policy=_POLICY.format(scripts=_hashes(scripts), styles=_hashes(styles)),
        styles=styles,
        scripts=scripts,
        title=title(report),
        words_title=words_title(report),
        notice=speech_notice(report),
        significance=f"{SIGNIFICANCE:g}",
        report=report,
        noun=report.rules.noun,
        few=FEWEST,
        measured=_measured(report, samples),
        retrievers=figures.retrievers,
        conditions=figures.conditions,
        verdicts=verdicts(report),
        comparison=compared_parts(report),
        losses=losses(report),
        studies=studies(report),
        account=account(report),
        baselines=list(dict.fromkeys(c.a for c in report.summary.comparisons)),
        ran_away=figures.ran_away,
        pictures=list(_pictures(report)),
        data=_data(report, samples),
        packs=samples.packs(),
        snippets=samples.snippets(),
    )  # fmt: skip
    return text


def _data(report: Report, samples: SampleData) -> Markup:
    commands = {
        f"{run.prefix}{backend}\n{condition}": command
        for run in report.runs
        for (backend, condition), command in rerun_commands(run).items()
    }
    return json_for_script(
        {
            "samples": samples.columns(),
            "words": word_rows(report),
            "groups": group_tables(report.figures, samples.question_counts()),
            "functionWords": sorted(FUNCTION_WORDS),
            "rules": {"noun": report.rules.noun, "guessed": report.rules.guessed_names, "few": FEWEST},
            "rerun": {"place": PLACE, "commands": commands},
        }
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    """How much was measured."""

    questions: int
    utterances: int
    backends: tuple[str, ...]
    voices: tuple[str, ...]
    samples: int
    failed: int


def _measured(report: Report, samples: SampleData) -> _Measured:
    return _Measured(
        len(samples.questions),
        len(samples.utterances),
        tuple(samples.backends),
        tuple(dict.fromkeys(u.speaker for u in report.utterances.values() if u.speaker)),
        len(report.samples),
        sum(sample.status == "error" for sample in report.samples),
    )


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A picture in place. `retriever` and `condition` say when it is shown; `None`: always."""

    picture: Picture
    image: Markup
    retriever: str | None
    condition: str | None


def _pictures(report: Report) -> Iterator[_Drawn]:
    for one in all_pictures(report):
        image = themed(svg(one.picture), f"{one.picture.title}. {one.picture.takeaway}")
        yield _Drawn(one.picture, image, one.retriever, one.condition)


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("harness.report.html", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )
    environment.filters["outside"] = isolated
    environment.filters["prose"] = prose
    return environment


def _asset(name: str) -> Markup:
    """Return a file of `static/`, as it stands inside its element."""
    text = files("harness.report.html").joinpath("static", name).read_text(encoding="utf-8")
    text = text.replace("UNSEEN_CHARACTERS", javascript_pattern())
    return Markup(f"\n{text}")  # noqa: S704  our own source


def _hashes(texts: list[Any]) -> str:
    """Return what a Content-Security-Policy allows: these very texts and no other."""
    return " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts)
