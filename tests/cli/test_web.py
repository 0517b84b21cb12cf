"""`web collect` as a person meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import main
from tests.conftest import WriteSuite
from tests.retrieval.web.servers import pages_of, searxng, serving


def call(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["web", "collect", *(str(argument) for argument in arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_the_help_shows_an_example() -> None:
    status, out = call("--help")
    assert status == 0
    assert "harness web collect" in out.split("Example:")[1]


def test_the_account_and_the_next_command(write_suite: WriteSuite, tmp_path: Path) -> None:
    with serving(lambda h: h.answer(searxng(*pages_of(h.asked.query["q"])))) as served:
        arguments = (
            write_suite(),
            "--provider",
            "searxng",
            "--url",
            served.url,
            "--rate",
            "1000",
            "--out",
            tmp_path / "web",
        )
        status, out = call(*arguments)
        assert status == 0, out
        assert "12 snippets for 4 of 4 questions (4 asked now)" in out
        assert f"run it: harness run {tmp_path / 'web'}" in out
        assert "(0 asked now)" in call(*arguments)[1]


def test_a_service_that_is_not_there(write_suite: WriteSuite, tmp_path: Path) -> None:
    with serving(lambda h: None) as served:
        url = served.url
    status, out = call(
        write_suite(), "--provider", "searxng", "--url", url, "--retries", "0", "--out", tmp_path / "web"
    )
    assert status == 3
    assert "stopped: " in out
    assert "Connection refused" in out
    assert "same command again" in out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--provider", "searxng"], "--url is missing"),
        (["--provider", "mediawiki", "--url", "https://w.example/api.php"], "needs --contact"),
        (["--provider", "json"], "--url FILE.toml"),
        (["--provider", "json", "--url", "absent.toml"], "absent.toml: cannot be read"),
        (["--provider", "searxng", "--url", "http://x", "--count", "999"], "--count 999: expected 1 to 50"),
        (["--provider", "bing"], "Invalid value for '--provider'"),
    ],
)
def test_mistakes_give_one_line(write_suite: WriteSuite, tmp_path: Path, arguments: list[str], why: str) -> None:
    status, out = call(write_suite(), *arguments, "--out", tmp_path / "web")
    assert status == 2
    assert why in out
    assert "Traceback" not in out
    assert not (tmp_path / "web").exists()


@pytest.mark.parametrize("source", ["no/such/place", "dmeo"])
def test_a_suite_that_is_not_there(tmp_path: Path, source: str) -> None:
    status, out = call(source, "--provider", "searxng", "--url", "http://localhost:1", "--out", tmp_path / "web")
    assert status == 2
    assert source in out
