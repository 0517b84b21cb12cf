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

from harness.analysis.word_classes import FUNCTION_WORDS
from harness.files import write_atomically
from harness.report.bias_lists import list_sentences, list_table
from harness.report.figures import differences, speech_notice
from harness.report.html.audio import AudioPlace, addresses
from harness.report.html.columns import COMPARED, present
from harness.report.html.method import method
from harness.report.html.rerun import PLACE, rerun_commands
from harness.report.html.sample_data import SampleData
from harness.report.html.stored import Shown
from harness.report.html.svg import themed
from harness.report.html.tables import baselines, comparison, difference_rows, group_tables, word_rows
from harness.report.html.untrusted import isolated, json_for_script, shown
from harness.report.html.verdict import Verdict, verdict
from harness.report.pictures.drawing import Picture, svg
from harness.report.pictures.listing import pictures
from harness.report.runaways import HEADINGS, runaway_rows, runaway_sentences
from harness.report.work import loaded_note

if TYPE_CHECKING:
    from jinja2 import Environment

    from harness.runs.compare import ComparedRuns

_STYLES = ("theme.css", "layout.css", "tables.css", "samples.css", "print.css")
_SCRIPTS = (
    "dom.js", "data.js", "views.js", "tables.js", "words.js", "groups.js", "filters.js", "sample_list.js",
    "alignment.js", "sample_view.js", "main.js",
)  # fmt: skip
_RUNAWAYS_SHOWN = 200
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {styles}; img-src data:; media-src 'self' file: data:; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
)


def write_html(run: Path, out: Path | None = None, *, audio: AudioPlace = "link") -> Path:
    """Writes the page of the run in folder `run` and returns where it is (`run/report.html` unless `out` is given).

    Raises `RunError` when the folder holds no finished run.
    """
    return _write(Shown.of_run(run), out or run / "report.html", audio)


def write_comparison(compared: ComparedRuns, out: Path, *, audio: AudioPlace = "link") -> Path:
    """Writes the page of what `harness compare` found, with its labels, its baselines and its tests."""
    return _write(Shown.of_comparison(compared), out, audio)


def _write(found: Shown, path: Path, audio: AudioPlace) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, render(found, path, audio).encode())
    return path


def render(found: Shown, path: Path, audio: AudioPlace = "link") -> str:
    """The page as text. `path` is where it will lie, which decides the addresses of the recordings."""
    samples = SampleData(found, addresses(found, path, audio))
    styles, scripts = (
        [_asset(name) for name in names] for names in (_STYLES, _SCRIPTS)
    )  # what is inlined is what is hashed
    text: str = _environment().get_template("page.html.j2").render(
        policy=_POLICY.format(scripts=_hashes(scripts), styles=_hashes(styles)),
        styles=styles,
        scripts=scripts,
        title=f"Which misheard words cost the answer: {found.record.suite['name']}",
        notice=speech_notice(found.record),
        shown=found,
        measured=_measured(found, samples),
        retrievers=found.figures.retrievers,
        conditions=found.conditions,
        verdicts=list(_verdicts(found)),
        compared=[comparison(found, retriever) for retriever in found.figures.retrievers or (None,)],
        legend=present(found.figures, COMPARED),
        lists=list_table(found.figures, found.backends),
        baselines=baselines(found),
        differences=difference_rows(found),
        sentences=[*differences(found.summary), *list_sentences(found.figures, found.backends)],
        loaded=[note for run in found.runs if (note := loaded_note(run.record))],
        runaways=runaway_rows(found.samples),
        runaway_sentences=list(runaway_sentences(found.samples, found.figures)),
        runaway_headings=HEADINGS,
        runaways_shown=_RUNAWAYS_SHOWN,
        pictures=list(_pictures(found)),
        method=method(found),
        data=_data(found, samples),
        packs=samples.packs(),
        snippets=samples.snippets(),
    )  # fmt: skip
    return text


def _data(found: Shown, samples: SampleData) -> Markup:
    commands = {
        f"{run.prefix}{backend}\n{condition}": command
        for run in found.runs
        for (backend, condition), command in rerun_commands(run).items()
    }
    return json_for_script(
        {
            "samples": samples.columns(),
            "words": word_rows(found),
            "groups": group_tables(found, samples.question_counts()),
            "functionWords": sorted(FUNCTION_WORDS),
            "rerun": {"place": PLACE, "commands": commands},
        }
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    """How much was measured."""

    questions: int
    recordings: int
    backends: tuple[str, ...]
    voices: tuple[str, ...]
    samples: int
    failed: int


def _measured(found: Shown, samples: SampleData) -> _Measured:
    return _Measured(
        len(samples.questions),
        len(samples.utterances),
        tuple(samples.backends),
        tuple(dict.fromkeys(u.speaker for u in found.utterances.values() if u.speaker)),
        len(found.samples),
        sum(sample.status == "error" for sample in found.samples),
    )


def _verdicts(found: Shown) -> Iterator[Verdict]:
    for retriever in found.figures.retrievers:
        for condition in found.conditions:
            if said := verdict(found, retriever, condition):
                yield said


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A picture in place. `condition` and `backend` say when it is shown; `None`: always."""

    picture: Picture
    image: Markup
    retriever: str
    condition: str | None


def _pictures(found: Shown) -> Iterator[_Drawn]:
    for one in pictures(found.summary, found.backends):
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
    return environment


def _asset(name: str) -> Markup:
    """A file of `static/`, as it stands inside its element."""
    text = files("harness.report.html").joinpath("static", name).read_text(encoding="utf-8")
    return Markup(f"\n{text}")  # noqa: S704  our own source


def _hashes(texts: list[Any]) -> str:
    """What a Content-Security-Policy allows: these very texts and no other."""
    return " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts)
