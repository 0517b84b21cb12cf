"""Where connections may go: only http(s), and to no private network unless the user allows it.

A name is resolved once, all its addresses are checked, and the connection is made to one of those that were checked: a name
that resolves differently the second time (DNS rebinding) has no effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from harness.errors import WebError
from harness.http.exchange import addresses as known_addresses

MAX_URL_CHARACTERS = 2048
_MAX_ADDRESSES = 4  # of one name
_NAT64 = IPv6Network("64:ff9b::/96")
_IPV4_COMPATIBLE = IPv6Network("::/96")
# Not private by the registry, but answered inside clouds' own machines: metadata (Oracle) and the host's agent (Azure).
_INTERNAL = (IPv4Network("192.0.0.0/24"), IPv4Network("168.63.129.16/32"))

_PORTS = {"http": 80, "https": 443}


def check_url(url: str) -> str:
    """Return the URL, if it is one to ask. Raises `WebError` of type `Refused`, which never repeats a password."""
    if len(url) > MAX_URL_CHARACTERS:
        raise WebError("Refused", f"a URL of {len(url)} characters, more than {MAX_URL_CHARACTERS}")
    if not url.isprintable() or any(character in url for character in ' \\<>"'):
        raise WebError("Refused", "a URL with spaces, quotes or control characters")
    try:
        parts = urlsplit(url)
        scheme, host, port, secret = parts.scheme, parts.hostname, parts.port, "@" in parts.netloc
    except ValueError as error:
        raise WebError("Refused", "no URL: its host or port cannot be read") from error
    if scheme not in _PORTS:
        raise WebError("Refused", f"{scheme[:20] or 'no'}: is not http or https, the only schemes that are followed")
    if not host or port == 0:
        raise WebError("Refused", "a URL without a host, or with port 0")
    if secret:
        raise WebError("Refused", f"a URL with a user name or password in it, for {host}")
    return url


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a checked URL."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the open internet. IPv4 addresses inside IPv6 ones are checked as such."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip in _IPV4_COMPATIBLE:
            return False
        inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if ip in _NAT64:
            inner.append(IPv4Address(int(ip) & 0xFFFFFFFF))
        within = [address for address in inner if address is not None]
        if within:
            return all(is_public(str(address)) for address in within)
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _INTERNAL)


@dataclass(frozen=True)
class AddressPolicy:
    """`trusted` is the host and port that the user named: a search service on the user's own machine is usual."""

    allow_private: bool = False
    trusted: tuple[str, int] | None = None

    def addresses(self, host: str, port: int) -> list[str]:
        """Return the IP addresses of `host` that may be connected to. Raises `WebError`: `Refused`, or `Unavailable`."""
        try:
            addresses = known_addresses(host, port)
        except (OSError, UnicodeError) as error:
            raise WebError("Unavailable", f"no address is known for the host {host}", transient=True) from error
        if not self.allow_private and (host, port) != self.trusted:
            for address in addresses:
                if not is_public(address):
                    raise WebError(
                        "Refused",
                        f"{host} is the private address {address}; --allow-private permits it, if you trust what links there",
                    )
        return addresses[:_MAX_ADDRESSES]
