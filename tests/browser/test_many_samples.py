"""Twenty thousand samples: the page stays small, is soon there, answers at once and leaves the machine its memory."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

import harness
from harness.records import AlignedWord, Alternative, Sample
from harness.runs.storage.store import RunStore
from tests.browser.conftest import ROOT, Watched

BACKENDS = 20
FILE_LIMIT, MEMORY_LIMIT = 15_000_000, 500_000_000
PAINT_LIMIT, FILTER_LIMIT = 2_000, 200  # milliseconds


def varied(sample: Sample, number: int, label: str) -> Sample:
    """The sample with another hypothesis: each substituted word a little different, so nothing is shared."""
    ending = chr(ord("a") + number)
    alignment = tuple(
        AlignedWord(s.operation, s.reference, f"{s.hypothesis}{ending}")
        if s.operation in ("substitution", "insertion")
        else s
        for s in sample.alignment
    )
    assert sample.transcript is not None
    transcript = replace(
        sample.transcript,
        text=" ".join(s.hypothesis for s in alignment if s.hypothesis is not None),
        nbest=tuple(Alternative(f"{entry.text}{ending}", entry.score) for entry in sample.transcript.nbest),
    )
    return replace(
        sample, key=f"{sample.utterance_id}|clean|{label}", backend=label, alignment=alignment, transcript=transcript
    )


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    stored = RunStore(ROOT / "results" / "reference" / "standard")
    record, summary = stored.read_run(), stored.read_summary()
    sources = list(record.backends)
    labels = {f"engine-{number:02}": sources[number % len(sources)] for number in range(BACKENDS)}
    made = RunStore(tmp_path_factory.mktemp("large") / "run")
    spec: dict[str, Any] = dict(record.spec)
    by_label = {backend["label"]: backend for backend in spec["backends"]}
    spec["backends"] = [{**by_label[source], "label": label} for label, source in labels.items()]
    made.write_run(
        replace(
            record, spec=spec, backends={label: record.backends[source] for label, source in labels.items()}, files=None
        )
    )
    by_source = {source: list(stored.read_samples([source]).values()) for source in sources}
    (made.folder / "samples").mkdir()
    plan = b""
    for number, (label, source) in enumerate(labels.items()):
        samples = [varied(sample, number, label) for sample in by_source[source]]
        made.samples_path(label).write_bytes(msgspec.json.Encoder().encode_lines(samples))
        plan += b"".join(
            msgspec.json.encode(
                {k: getattr(s, k) for k in ("key", "utterance_id", "question_id", "condition", "backend")}
            )
            + b"\n"
            for s in samples
        )
    (made.folder / "plan.jsonl").write_bytes(plan)

    def relabelled(rows: Any) -> Iterator[Any]:
        for label, source in labels.items():
            yield from (replace(row, backend=label) for row in rows if row.backend == source)

    made.write_summary(replace(
        summary, rows=tuple(relabelled(summary.rows)), words=tuple(relabelled(summary.words)), comparisons=(),
        attribution=tuple(relabelled(summary.attribution)), dose_response=tuple(relabelled(summary.dose_response)),
    ))  # fmt: skip
    page = harness.report(made.folder, format="html")
    shutil.rmtree(made.folder / "samples")
    return page


FILTERS = (("q", "capital"), ("q", "fossas"), ("q", ""), ("fate", "lost"), ("backend", "engine-07"), ("fate", ""))
CHOOSE = """async ([name, value]) => {
  const box = document.querySelector(`[name="${name}"]`);
  box.value = value;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
}"""


@pytest.mark.slow
def test_twenty_thousand_samples(watched: Callable[..., Watched], large: Path, browser: Any) -> None:
    watch = watched()
    page = watch.page
    session = page.context.new_cdp_session(page)
    # The time that the page's own thread works, so that whatever else runs on the machine does not count.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> float:
        return 1000 * {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}["TaskDuration"]

    paints = []
    for _ in range(3):
        watch.open(large)
        paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
    assert page.locator("#samples-count").inner_text() == "20000 of 20000 samples"
    filtered = []
    for chosen in FILTERS:
        before = worked()
        page.evaluate(CHOOSE, list(chosen))
        filtered.append(worked() - before)
    page.locator("#sample-list button").nth(2).click()
    page.wait_for_selector("#sample-body audio")
    heap, memory = page.evaluate("performance.memory.usedJSHeapSize"), max(renderers(browser))
    size, rows = large.stat().st_size, page.locator("#sample-list .row").count()
    print(f"\nsize {size / 1e6:.1f} MB, first paint {[round(t) for t in paints]} ms, filters {[round(t) for t in filtered]} ms, "
          f"heap {heap / 1e6:.0f} MB, process {memory / 1e6:.0f} MB, rows {rows}")  # fmt: skip
    assert size < FILE_LIMIT
    assert min(paints) < PAINT_LIMIT
    assert max(filtered) < FILTER_LIMIT
    assert max(heap, memory) < MEMORY_LIMIT
    assert rows < 60, "only what is in sight is there"


def renderers(browser: Any) -> Iterator[int]:
    """Bytes of memory of each process that shows a page, shared pages counted in part."""
    found = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    for process in (Path(f"/proc/{one['id']}/smaps_rollup") for one in found if one["type"] == "renderer"):
        if process.exists():
            yield 1024 * int(
                next(line for line in process.read_text().splitlines() if line.startswith("Pss:")).split()[1]
            )
