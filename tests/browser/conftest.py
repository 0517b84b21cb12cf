"""A real browser, a page from disk, and an eye on what it must not do: complain, or ask for anything but its own files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# Without the flags on background networking the browser itself asks for hosts of its maker.
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required", "--enable-precise-memory-info",
)  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / ".screenshots"  # git-ignored; kept to be looked at


@dataclass
class Watched:
    """A page and what went wrong on it: messages of its console, errors, dialogs, requests for anything but files."""

    page: Any
    wrong: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", lambda m: self.wrong.append(f"console {m.type}: {m.text}"))
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: (self.wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def open(self, path: Path, fragment: str = "") -> Any:
        self.page.goto(f"{path.resolve().as_uri()}{fragment}")
        self.page.wait_for_selector("#samples-count:not(:empty)")
        return self.page

    def picture(self, name: str, **options: Any) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", **options)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip("there is no chromium on this machine (Debian's package `chromium`)")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def watched(browser: Any) -> Iterator[Callable[..., Watched]]:
    """Makes a page; when the test is over, none of them may have complained or asked for anything outside."""
    made: list[Watched] = []

    def make(**options: Any) -> Watched:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        context.set_default_timeout(60_000)  # other programs may keep the machine busy
        made.append(Watched(context.new_page()))
        made[-1].watch()
        return made[-1]

    yield make
    for one in made:
        one.page.context.close()
        assert one.wrong == []
        assert [url for url in one.requests if not url.startswith(("file:", "data:"))] == []


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Path:
    """The page of the reference run of the standard suite."""
    import harness

    run = tmp_path_factory.mktemp("reference") / "standard"
    shutil.copytree(ROOT / "results" / "reference" / "standard", run)
    return harness.report(run, format="html")
