"""What shows text on a terminal: text from outside is text there, never markup, an emoji's code or a terminal's command.

All output of rich goes through `Screen`, and all other lines of the commands through `cli.printing.say`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.segment import Segment
from rich.text import Text

from harness.report.unseen import UNSEEN, visible, visible_line

T = TypeVar("T")
Advance = Callable[[int, int, str], None]  # how much is done, of how much, and what is being done
_LINE_EVERY = 10.0  # seconds between progress lines where there is no terminal


class Screen(Console):
    """A console that reads no markup, and writes out what nobody would see, in whatever it is given to print."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    def say(self, text: str, style: str = "", *, wrap: bool = True) -> None:
        """Print one line, whatever is in the text; a command that is to be copied is not wrapped."""
        self.print(Text(visible_line(text), style), soft_wrap=not wrap)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return the text as it stands: the cells of tables come this way, before their widths are measured."""
        kept = {name: options[name] for name in ("style", "justify", "overflow") if name in options}
        return super().render_str(visible(text), markup=False, emoji=False, highlight=False, **kept)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield what is printed; only rich's own segments move the cursor."""
        if isinstance(renderable, Text) and UNSEEN.search(renderable.plain):
            renderable = plain(renderable.plain, renderable.style)
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))


def plain(text: str, style: Any = "") -> Text:
    """Return text from outside for a table or a line: only with what can be seen."""
    return Text(visible(text), style)


@contextmanager
def progress(screen: Screen, what: str) -> Iterator[Advance]:
    """A bar on a terminal; elsewhere a plain line now and then."""
    with one_bar(screen, what) as (advance,):
        yield advance


@contextmanager
def one_bar(screen: Screen, *kinds: str) -> Iterator[tuple[Advance, ...]]:
    """The same for several kinds of steps that follow one another, each counted on its own."""
    if not screen.is_terminal:
        yield tuple(_lines(screen, what) for what in kinds)
        return
    columns = (_description(), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task(kinds[0], total=None)
        yield tuple(_on_bar(bar, task, what) for what in kinds)


def _on_bar(bar: Progress, task: TaskID, what: str) -> Advance:
    return lambda done, planned, doing: bar.update(
        task, completed=done, total=planned, description=visible_line(doing or what)
    )


def _description() -> TextColumn:
    return TextColumn("{task.description}", markup=False)


def _lines(screen: Screen, what: str) -> Advance:
    begun = last = monotonic()

    def advance(done: int, planned: int, doing: str) -> None:
        nonlocal last
        if done == planned or monotonic() - last >= _LINE_EVERY:
            last = monotonic()
            parts = filter(None, (f"{done}/{planned} {what}", doing, f"{last - begun:.0f} s"))
            screen.say(", ".join(parts), wrap=False)

    return advance


@contextmanager
def counting(screen: Screen, items: Iterable[T], what: str) -> Iterator[Iterator[T]]:
    """The same items, counted aloud as they are taken: on a terminal as they come, elsewhere a plain line now and then."""
    columns = (SpinnerColumn(), TextColumn(f"{{task.completed:,}} {what}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def counted() -> Iterator[T]:
            begun = last = monotonic()
            for done, item in enumerate(items, start=1):
                yield item
                bar.update(task, completed=done)
                if not screen.is_terminal and monotonic() - last >= _LINE_EVERY:
                    last = monotonic()
                    screen.say(f"{done:,} {what}, {last - begun:.0f} s")

        yield counted()
