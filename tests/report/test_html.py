"""The page: its figures are those of summary.json, it needs nothing from outside, and no text from outside becomes markup."""

from __future__ import annotations

import json
import re
import shutil
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from gzip import decompress
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.analysis.metrics import Family
from harness.report.html.untrusted import file_address, isolated, json_for_script, prose, web_address
from harness.report.model import Report
from harness.report.unseen import visible
from harness.report.verdict import verdicts
from tests.analysis.samples import questions_of
from tests.conftest import HYPOTHESES, WriteSuite, write_lines

COUNTS = {"false_rare_insertions"}
RATIOS = {"leverage_rare": "{:.1f}", "real_time_factor": "{:.2f}", "processor_rtf": "{:.2f}"}


@dataclass
class Element:
    """A tag that was met, with its attributes and all text inside it."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""


@dataclass
class Reader(HTMLParser):
    """Every element of a page, as a browser without scripts would have it."""

    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in ("meta", "input", "br", "link", "img"):
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def read(page: str) -> list[Element]:
    reader = Reader()
    reader.feed(page)
    return reader.elements


def inlined(elements: list[Element]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(next(e.text for e in elements if e.attributes.get("id") == "data"))
    return found


def written(metric: str, value: float, *, bare: bool = False) -> str:
    if metric in COUNTS:
        return f"{value:.0f}"
    if metric in RATIOS:
        return RATIOS[metric].format(value)
    return f"{100 * value:.1f}" + ("" if bare else " %")


@pytest.fixture
def fresh_run(write_suite: WriteSuite, tmp_path: Path) -> Path:
    return harness.run(write_suite(), backends=["replay:vendor", "replay:perfect"], out=tmp_path / "run").folder


MADE_ONCE: dict[str, Path] = {}  # the run that tests only read, and its page: drawing is what takes time


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Path:
    if not MADE_ONCE:
        MADE_ONCE["run"] = request.getfixturevalue("fresh_run")
        MADE_ONCE["page"] = harness.report(MADE_ONCE["run"], format="html")
    return MADE_ONCE["run"]


@pytest.fixture
def page(run: Path) -> str:
    return MADE_ONCE["page"].read_text()


def rows_of(run: Path) -> dict[tuple[str, ...], dict[str, Any]]:
    rows = json.loads((run / "summary.json").read_text())["rows"]
    return {(r["backend"], r["retriever"] or "", r["source"] or "", r["group"], r["metric"]): r for r in rows}


def table_of(page: str, *headings: str) -> tuple[list[str], list[list[Element]]]:
    """Headings and rows of the table in the page that begins with these headings."""
    for start in re.finditer("<table", page):
        elements = read(page[start.start() : page.index("</table>", start.start())])
        shown = [" ".join(e.text.split()) for e in elements if e.tag == "button"]
        if shown[: len(headings)] == list(headings):
            rows: list[list[Element]] = []
            for element in elements:
                if element.attributes.get("scope") == "row":
                    rows.append([])
                if rows and element.tag in ("th", "td"):
                    rows[-1].append(element)
            return shown, rows
    raise AssertionError(f"no table with {headings}")


@pytest.mark.parametrize(("family", "first", "n_columns"), [("recognition", "WER", 5), ("retrieval", "hit@1 ref", 4)])
def test_every_figure_of_the_comparison_is_that_of_the_summary(
    page: str, run: Path, family: Family, first: str, n_columns: int
) -> None:
    figures, rows = Report.read(run).figures, rows_of(run)
    columns = figures.columns(family)
    headings, shown = table_of(page, "backend", first)
    assert headings == ["backend", *(column.heading for column in columns)]
    assert len(columns) == n_columns
    assert [row[0].text for row in shown] == ["replay:vendor", "replay:perfect"]
    for backend, *cells in shown:
        for column, cell in zip(columns, cells, strict=True):
            metric, retriever = column.metric.name, "" if family == "recognition" else "bm25"
            row = rows[backend.text, retriever, column.source or "", "all", metric]
            assert float(cell.attributes["data-value"] or "") == row["value"]
            bounds = ", ".join(written(metric, row[end], bare=True) for end in ("ci_low", "ci_high"))
            text = " ".join(cell.text.split())
            assert text.startswith(f"{written(metric, row['value'])} [{bounds}]"), (backend.text, metric, text)


def test_counts_stand_under_headings_and_what_rests_on_few_is_grey(page: str, run: Path) -> None:
    """The suite has 8 utterances with as many mentions and rare words: every share is of fewer than ten."""
    start = page.index("<h3><bdi>Recognition</bdi></h3>")
    head = page[start : page.index("</thead>", start)]
    rare, mentions = (
        rows_of(run)["replay:vendor", "", "hypothesis", "all", m]["n"] for m in ("rare_wer", "entity_recall")
    )
    assert f'<span class="n">{rare:g} rare words</span>' in head
    assert f'<span class="n">{mentions:g} entity mentions</span>' in head
    assert mentions < 10
    headings, rows = table_of(page, "backend", "WER")
    recall, wer = (rows[0][headings.index(heading)] for heading in ("entity recall", "WER"))
    assert recall.attributes["class"] == "number few"
    assert recall.attributes["title"] == "Of fewer than 10: too few to quote."
    assert wer.attributes["class"] == "number"


def test_colours_follow_the_metric_s_better_direction(golden_run: Callable[[str], Path], tmp_path: Path) -> None:
    page = harness.report(golden_run("tie"), format="html", out=tmp_path / "page.html").read_text()
    headings, rows = table_of(page, "backend", "WER")
    (tiny, base) = rows
    assert not [cell for cell in tiny if "delta" in cell.text]

    assert base[0].text == "base"
    wer, recall = (base[headings.index(heading)] for heading in ("WER", "entity recall"))
    assert "✓ -9.2 points" in " ".join(wer.text.split())
    assert "≈ 0.0 points" in " ".join(recall.text.split())
    deltas = re.findall(r'class="(delta[^"]*)" data-baseline="tiny"', page[page.index(">base<") :])
    assert deltas[0] == "delta significant better", "WER fell by 9.2 points"
    assert "delta not-significant " in deltas, "hits are equal: neither better nor worse"


def test_better_is_green_and_worse_is_red_in_light_and_dark() -> None:
    styles = Path(harness.__file__).parent / "report" / "html" / "static"
    rules = dict(
        re.findall(
            r"^(\.delta\.[\w.-]+) { color: var\((--\w+)\); }$", (styles / "tables.css").read_text(), re.MULTILINE
        )
    )
    assert rules == {
        ".delta.significant.better": "--good", ".delta.significant.worse": "--bad", ".delta.not-significant": "--faint",
    }  # fmt: skip
    themes = (styles / "theme.css").read_text() + (styles / "print.css").read_text()
    colours = re.findall(r"--(good|bad): #(..)(..)..;", themes)
    assert [name for name, _, _ in colours] == ["good", "bad"] * 3
    for name, red, green in colours:
        assert (int(green, 16) > int(red, 16)) is (name == "good"), (name, red, green)


def test_every_figure_of_the_groups_is_that_of_the_summary(page: str, run: Path) -> None:
    rows = rows_of(run)
    groups = inlined(read(page))["groups"]
    shown: dict[tuple[str, str, str], set[float]] = {}
    for group, backend, _, retriever, _, _, cells in groups["rows"]:
        shown.setdefault((backend, retriever, group), set()).update(cell[0] for cell in cells if cell)
    for (backend, retriever, _, group, metric), row in rows.items():
        if row["value"] is not None and not metric.startswith("runaway"):
            assert row["value"] in shown[backend, retriever or "bm25", group]
    headings = [heading for heading, _, _ in groups["columns"]]
    for group, backend, _, retriever, _, _, cells in groups["rows"]:
        for heading, metric, source in (
            ("WER", "wer", "hypothesis"),
            ("hits lost", "lost", ""),
            ("hit@1 ref", "hit@1", "reference"),
        ):
            row = rows.get((backend, retriever if metric != "wer" else "", source, group, metric))
            cell = cells[headings.index(heading)]
            assert (cell[:2] if cell else None) == ([row["value"], written(metric, row["value"])] if row else None)
            if cell and row:
                assert cell[3:] == [row["n"], int(row["n"] < 10)]


def test_sets_of_group_figures_are_the_families_that_the_run_has(
    golden_run: Callable[[str], Path], tmp_path: Path
) -> None:
    def sets(name: str) -> list[str]:
        page = harness.report(golden_run(name), format="html", out=tmp_path / "page.html").read_text()
        return list(inlined(read(page))["groups"]["sets"])

    assert sets("answers") == ["recognition", "retrieval", "answers", "causes"]
    assert sets("no_snippets") == ["recognition", "causes"]


def test_every_word_is_that_of_the_summary(page: str, run: Path) -> None:
    words = json.loads((run / "summary.json").read_text())["words"]
    shown = inlined(read(page))["words"]
    assert [
        (w["backend"], w["condition"], w["retriever"], w["word"], w["phrases"][0], w["zipf"], w["n_reference"], w["n_correct"],
         w["recoverable"], w["shapley"])
        for w in words
    ] == [(*row[:4], row[5], row[6], row[8], row[9], row[11], row[12]) for row in shown]  # fmt: skip
    medawar = next(row for row in shown if row[3] == "medawar")
    assert (medawar[5], medawar[10]) == ("Peter Medawar", "mad dog or (2)")
    assert {row[14] for row in shown} == {"no"}


def test_possible_typos_are_marked_and_in_no_bias_list(golden_run: Callable[[str], Path], tmp_path: Path) -> None:
    page = harness.report(golden_run("guessed_names"), format="html", out=tmp_path / "page.html").read_text()
    marked = {row[3]: row[4] for row in inlined(read(page))["words"] if row[4]}
    assert marked.items() >= {"mamel": "mammal", "caracter": "character"}.items()
    listed = {e.attributes["data-word"] for e in read(page) if "data-word" in e.attributes}
    assert listed
    assert not listed & set(marked)


def test_the_top_is_the_verdict(page: str, run: Path) -> None:
    """What it says is tested in test_verdict; here, that all of it stands on the page."""
    text = " ".join(re.sub("</?(bdi|code)>", "", page).replace("&#39;", "'").split())
    (only,) = verdicts(Report.read(run))
    for sentence in (only.headline, only.detail, *(finding.text for finding in only.findings)):
        assert sentence.replace("`", "") in text
    assert only.bias is not None
    words = [e.attributes["data-word"] for e in read(page) if "data-word" in e.attributes]
    assert words == [phrase.word for phrase in only.bias.phrases] == ["medawar", "ljubljana"]
    phrases = [e.text.split(" ") for e in read(page) if "data-word" in e.attributes]
    assert phrases == [["Peter", "Medawar", "2"], ["Ljubljana", "2"]]
    assert "Synthetic speech" in page


def test_the_page_is_whole_in_itself(page: str) -> None:
    elements = read(page)
    for element in elements:
        for name in ("src", "href", "action", "data", "srcset", "poster", "xlink:href"):
            address = element.attributes.get(name)
            assert address is None or address.startswith("#"), (element.tag, address)
        assert not any(name.startswith("on") for name in element.attributes), element.attributes
        assert "style" not in element.attributes
    assert {e.tag for e in elements}.isdisjoint(
        {"iframe", "object", "embed", "link", "base", "img", "image", "use", "foreignobject"}
    )


def test_the_policy_allows_this_very_code_and_nothing_else(page: str) -> None:
    policy = next(
        e.attributes["content"] or "" for e in read(page) if e.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        allowed = set(re.findall(r"'(sha256-[^']+)'", policy.partition(directive)[2].partition(";")[0]))
        texts = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert allowed == {f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}" for text in texts}


def test_details_of_a_sample_are_those_of_its_record(page: str, run: Path) -> None:
    elements = read(page)
    stored = sorted((run / "samples").glob("replay_vendor*"))
    samples = [json.loads(line) for path in stored for line in path.read_text().splitlines()]
    packs = [json.loads(decompress(b64decode(e.text))) for e in elements if e.attributes.get("class") == "pack"]
    details, columns = packs[0], inlined(elements)["samples"]
    assert len(details) == len(columns["hypothesis"]) == 16
    for number, sample in enumerate(samples):
        cf = sample["retrieval"]["bm25"]["counterfactual"]
        shown = details[number]["retrieval"]["bm25"].get("counterfactual")
        assert (shown and shown["shapley"]) == (cf and cf["shapley"])
        assert columns["hypothesis"][number] == sample["transcript"]["text"]
        assert {"l": "lost", "k": "kept", "g": "gained", "n": "never"}[columns["fates"][0][number]] == sample[
            "retrieval"
        ]["bm25"]["fate"]
    snippets = json.loads(decompress(b64decode(next(e.text for e in elements if e.attributes.get("id") == "snippets"))))
    best = details[0]["retrieval"]["bm25"]["reference"][0]
    assert (snippets[best[0]][1], best[2]) == ("Peter Medawar", True)


def test_the_page_can_be_written_when_the_suite_is_gone(fresh_run: Path, tmp_path: Path) -> None:
    page = harness.report(fresh_run, format="html").read_text()
    shutil.rmtree(tmp_path / "small")
    again = harness.report(fresh_run, format="html", out=tmp_path / "again.html").read_text()
    assert again == page


def test_a_run_that_kept_no_evidence_asks_its_suite_if_that_is_unchanged(fresh_run: Path, tmp_path: Path) -> None:
    page = harness.report(fresh_run, format="html").read_text()
    (fresh_run / "evidence.json").unlink()
    assert harness.report(fresh_run, format="html").read_text() == page
    (tmp_path / "small" / "questions.jsonl").write_text((tmp_path / "small" / "questions.jsonl").read_text() + "\n")
    changed = inlined(read(harness.report(fresh_run, format="html").read_text()))["samples"]["questions"]
    assert ["okapi", "where does the okapi live", "where does the okapi live"] in changed, "only what the samples say"


def test_the_command_of_a_sample_makes_that_sample_alone(page: str, run: Path, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from harness.cli import main

    rerun = inlined(read(page))["rerun"]
    command = rerun["commands"]["replay:vendor\nclean"].replace(rerun["place"], "okapi.b")
    done = CliRunner().invoke(main, [*command.split()[1:], "--out", str(tmp_path / "one")])
    assert done.exit_code == 0, done.output
    lines = [line for path in (tmp_path / "one" / "samples").iterdir() for line in path.read_text().splitlines()]
    assert [json.loads(line)["key"] for line in lines] == ["okapi.b|clean|replay:vendor"]
    assert "--utterance okapi.b" in json.loads((tmp_path / "one" / "run.json").read_text())["command"]


def test_a_recording_that_the_suite_does_not_have(write_suite: WriteSuite) -> None:
    with pytest.raises(harness.HarnessError, match=r"utterance 'nobody\.a': no recording"):
        harness.run(write_suite(), backends=["replay:vendor"], utterances=["nobody.a"])


def test_failed_samples_are_counted_and_explained(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite()
    kept = (suite / "transcripts" / "vendor.jsonl").read_text().splitlines()[:-1]
    (suite / "transcripts" / "vendor.jsonl").write_text("\n".join(kept) + "\n")
    page = harness.report(
        harness.run(suite, backends=["replay:vendor"], out=tmp_path / "run").folder, format="html"
    ).read_text()
    text = " ".join(" ".join(e.text.split()) for e in read(page) if e.tag in ("p", "li", "tr"))
    assert "1 of 8 samples failed: which ones and why" in text
    assert "replay:vendor: 1 of 8 samples failed: MissingTranscript while recognising (1)." in text
    assert re.search(r"8\s*7\s*1\s*0\s*MissingTranscript while recognising \(1\)", text)


def test_several_runs_stand_on_one_page(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite()
    for name in ("before", "after"):
        hypotheses = HYPOTHESES if name == "before" else {key: f"{text} x" for key, text in HYPOTHESES.items()}
        write_lines(suite / "transcripts" / f"{name}.jsonl",
                    [{"utterance_id": f"{q}.{v}", "text": text} for q, text in hypotheses.items() for v in "ab"])  # fmt: skip
    for name in ("before", "after"):
        harness.run(suite, backends=[f"replay:{name},label=same"], out=tmp_path / name)
    from harness.report.html import write_comparison

    found = harness.compare(tmp_path / "before", tmp_path / "after")
    page = write_comparison(found, tmp_path / "both.html").read_text()
    samples = inlined(read(page))["samples"]
    assert samples["backends"] == ["before/same", "after/same"]
    wer = next(c for c in found.comparisons if c.metric == "wer")
    shown = f"{100 * wer.delta:+.1f}" if wer.delta is not None else "?"
    deltas = [" ".join(e.text.split()) for e in read(page) if e.attributes.get("data-baseline") == "before/same"]
    assert any(shown in delta for delta in deltas)


def test_an_unknown_format_is_refused(run: Path) -> None:
    with pytest.raises(harness.HarnessError, match="unknown format 'pdf'"):
        harness.report(run, format="pdf")


def test_a_word_of_the_bias_list_is_told_as_such(write_suite: WriteSuite, tmp_path: Path) -> None:
    from harness.analysis.word_costs import word_costs
    from harness.runs.storage.store import RunStore

    run = harness.run(write_suite(), backends=["replay:vendor"], out=tmp_path / "run")
    samples = RunStore(run.folder).read_samples(["replay:vendor"]).values()
    costs = {
        w.word: w.in_bias_list
        for w in word_costs(
            samples, ("b", "c", "bm25"), questions_of(samples), {"medawar": {"medawar"}, "paris": {"ljubljana"}}, "en"
        )
    }
    assert costs == {"medawar": True, "ljubljana": False}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_inlined_json_cannot_leave_its_element(value: object) -> None:
    text = str(json_for_script(value))
    assert not set(text) & set("<>&\u2028\u2029")
    if not re.search(r"[\ud800-\udfff]", json.dumps(value, ensure_ascii=False)):
        assert json.loads(text) == value


@given(st.text())
def test_isolated_text_holds_no_tag_and_no_unseen_character(text: str) -> None:
    shown = str(isolated(text))
    assert "<" not in shown.removeprefix("<bdi>").removesuffix("</bdi>")
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200b-\u200f\x00-\x08]", visible(text))


def test_code_in_a_sentence_is_an_element_and_text_is_none() -> None:
    assert prose("add `answers` <b>") == "<bdi>add <code>answers</code> &lt;b&gt;</bdi>"
    assert prose("`<b>` a ` b") == "<bdi><code>&lt;b&gt;</code> a ` b</bdi>"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        " javascript:x",
        "java\nscript:x",
        "//host/x",
        "http:",
        "ftp://a",
        "https://\u202ea",
        "http://[x",
    ],
)
def test_what_is_no_web_address_is_no_link(url: str) -> None:
    assert web_address(url) == ""


def test_web_addresses_and_file_addresses() -> None:
    assert web_address("https://example.org/a?b=c") == "https://example.org/a?b=c"
    assert file_address("..", "audio", "a b#c?.opus") == "./../audio/a%20b%23c%3F.opus"
    assert file_address("javascript:alert(1)") == "./javascript%3Aalert%281%29"
