"""What may be connected to."""

from __future__ import annotations

import socket

import pytest

from harness.errors import WebError
from harness.http import exchange
from harness.retrieval.web.addresses import AddressPolicy, check_url, is_public
from harness.retrieval.web.fetch import Fetcher, Limits


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1", "224.0.0.1",
        "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    ],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("file:///etc/passwd", "not http"),
        ("ftp://example.org/x", "not http"),
        ("javascript:alert(1)", "not http"),
        ("data:text/html,x", "not http"),
        ("//example.org/x", "not http"),
        ("http://me:secret@example.org/", "user name or password"),
        ("http://me@example.org/", "user name or password"),
        ("http:///x", "without a host"),
        ("http://example.org:0/", "port 0"),
        ("http://example.org:99999/", "cannot be read"),
        ("http://[::1/", "cannot be read"),
        ("http://example.org/a b", "spaces"),
        ("http://example.org/\r\nHost: x", "control characters"),
        ("http://example.org\\@evil.example/", "spaces"),
        ("http://example.org/" + "x" * 3000, "3019 characters"),
    ],
)
def test_refused_urls(url: str, why: str) -> None:
    with pytest.raises(WebError, match=why) as caught:
        check_url(url)
    assert caught.value.type == "Refused"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://en.wikipedia.org/wiki/Rubik's_Cube", "http://x.example:8080/a?b=c&d=|", "http://münchen.example/ä"]
)
def test_urls_as_they_occur(url: str) -> None:
    assert check_url(url) == url


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "127.1", "017700000001"])
def test_other_ways_to_write_this_machine(host: str) -> None:
    with pytest.raises(WebError) as caught:
        AddressPolicy().addresses(host, 80)
    assert caught.value.type in ("Refused", "Unavailable")  # not every resolver reads octal
    assert AddressPolicy(allow_private=True).addresses("127.0.0.1", 80) == ["127.0.0.1"]


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, [["93.184.216.34", "10.0.0.1"]])
    with pytest.raises(WebError, match=r"10\.0\.0\.1"):
        AddressPolicy().addresses("two.example", 80)


def test_only_the_trusted_host_and_port_may_be_private(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, [["10.0.0.1"]] * 3)
    policy = AddressPolicy(trusted=("search.local", 8080))
    assert policy.addresses("search.local", 8080) == ["10.0.0.1"]
    for host, port in (("search.local", 80), ("other.local", 8080)):
        with pytest.raises(WebError, match="private"):
            policy.addresses(host, port)


def test_a_name_that_changes_its_mind_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address that was checked is the one that is connected to; the second answer, a private one, is never asked for."""
    resolved = answers(monkeypatch, [["93.184.216.34"], ["127.0.0.1"]])
    connected = []

    def connect(address: tuple[str, int], *rest: object, **options: object) -> socket.socket:
        connected.append(address)
        raise OSError(111, "Connection refused")

    monkeypatch.setattr(exchange, "create_connection", connect)
    with pytest.raises(WebError, match="Connection refused"):
        Fetcher("test", Limits(retries=0)).page("http://rebind.example/", ("text/html",))
    assert connected == [("93.184.216.34", 80)]
    assert resolved == ["rebind.example"]


def answers(monkeypatch: pytest.MonkeyPatch, in_turn: list[list[str]]) -> list[str]:
    """Name resolution that gives these addresses, one list a call; the names that were asked for."""
    turns, asked = iter(in_turn), []

    def getaddrinfo(host: str, port: int, *rest: object, **options: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(turns)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked
