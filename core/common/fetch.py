"""The one way to another machine: a GET or POST to an address that a person typed.

What is checked is the address that is connected to, and it stays that one: the name is looked up
once, so that no second answer of its server (DNS rebinding) leads inside.  No proxy, no redirect,
no compression, one deadline for all of it.
Source: RFC 6890 and the IANA registries of special addresses (`ipaddress`), RFC 6052 (NAT64),
RFC 3056 (6to4), RFC 4380 (Teredo), RFC 9110 (HTTP).
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPException, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, quote, urlsplit

SECONDS = 5.0
LIMIT = 64 * 1024
_LONGEST_ADDRESS = 2000
_CHUNK = 64 * 1024
_NAT64 = IPv6Network("64:ff9b::/96")
_IPV4_COMPATIBLE = IPv6Network("::/96")
_PORTS = {"http": 80, "https": 443}

Address = IPv4Address | IPv6Address


class Refusal(StrEnum):
    """Why there is no answer."""

    ADDRESS = "address"  # not http or https, or not an address at all
    UNKNOWN = "unknown"  # no such name
    INSIDE = "inside"  # not on the public internet
    UNREACHABLE = "unreachable"
    SLOW = "slow"
    REDIRECT = "redirect"
    STATUS = "status"
    LARGE = "large"
    COMPRESSED = "compressed"


class FetchError(Exception):
    """There is no answer to use; never with words of the other side, which may hold anything."""

    def __init__(self, refusal: Refusal, status: int = 0) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
        self.status = status  # what it answered, if it did


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    body: bytes


def fetch(
    url: str,
    *,
    body: bytes | None = None,
    content_type: str = "application/json",
    seconds: float = SECONDS,
    limit: int = LIMIT,
    loopback: bool = False,
    private: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Return what an address answers with a 2xx; with a `body` it is posted there.

    Reads no more than `limit` bytes, takes no longer than `seconds`.  `loopback` lets a test
    reach a server of its own, `private` whatever the operator's own network has.  Raises
    FetchError.
    """
    parts = _parsed(url)
    deadline = time.monotonic() + seconds

    def may_ask(address: Address) -> bool:
        return private or is_public(address) or (loopback and address.is_loopback)

    try:
        with _connected(parts, deadline, may_ask) as connection:
            connection.settimeout(_left(deadline))
            connection.sendall(_request(parts, body, content_type, headers or {}))
            return _read(connection, deadline, limit)
    except TimeoutError as error:
        raise FetchError(Refusal.SLOW) from error
    except (OSError, HTTPException, ValueError) as error:
        raise FetchError(Refusal.UNREACHABLE) from error


def is_address(url: str) -> bool:
    """Say whether this is an address that may be asked, before anybody looks where it leads."""
    try:
        _parsed(url)
    except FetchError:
        return False
    return True


def _parsed(url: str) -> SplitResult:
    """Return the parts of an address that may be asked; raises FetchError."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        usable = parts.scheme in _PORTS and bool(host) and parts.port != 0
    except ValueError as error:  # UnicodeError is one
        raise FetchError(Refusal.ADDRESS) from error
    odd = len(url) > _LONGEST_ADDRESS or "@" in parts.netloc or not url.isprintable() or " " in url
    if odd or not usable:
        raise FetchError(Refusal.ADDRESS)
    return parts


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").encode("idna").decode()


def _request(
    parts: SplitResult, body: bytes | None, content_type: str, headers: Mapping[str, str]
) -> bytes:
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=-._~")
    if parts.query:
        target += "?" + quote(parts.query, safe="/?%:@!$&'()*+,;=-._~[]")
    host = f"[{_host(parts)}]" if ":" in _host(parts) else _host(parts)
    port = f":{parts.port}" if parts.port else ""
    lines = [
        f"{'GET' if body is None else 'POST'} {target} HTTP/1.1",
        f"Host: {host}{port}",
        "User-Agent: Roundtable",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    if body is not None:
        lines += [f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + (body or b"")


def _connected(
    parts: SplitResult, deadline: float, may_ask: Callable[[Address], bool]
) -> socket.socket:
    """Return a connection to the public address that the name has now; raises FetchError."""
    port = parts.port or _PORTS[parts.scheme]
    addresses = _in_time(lambda: look_up(_host(parts), port), deadline)
    if not addresses or not all(may_ask(address) for address in addresses):
        raise FetchError(Refusal.INSIDE)
    connection = _connect(addresses, port, deadline)
    try:
        peer = ip_address(str(connection.getpeername()[0]).partition("%")[0])
        if not may_ask(peer):
            raise FetchError(Refusal.INSIDE)
        if parts.scheme == "http":
            return connection
        connection.settimeout(_left(deadline))
        return ssl.create_default_context().wrap_socket(connection, server_hostname=_host(parts))
    except BaseException:
        connection.close()
        raise


def _connect(addresses: list[Address], port: int, deadline: float) -> socket.socket:
    """Connect to the first of these addresses that answers."""
    failure: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((str(address), port), timeout=_left(deadline))
        except TimeoutError:
            raise
        except OSError as error:
            failure = error
    raise failure or OSError


def look_up(host: str, port: int) -> list[Address]:
    """Return the addresses of a name, in the order in which to try them; raises FetchError.

    It reads an address as the system does, and so also what looks like none: 2130706433, 0x7f.1.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(Refusal.UNKNOWN) from error
    texts = dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found)
    return [ip_address(text) for text in texts]


def _in_time(work: Callable[[], list[Address]], deadline: float) -> list[Address]:
    """Return what a call brings that knows no time limit itself."""
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(work).result(timeout=_left(deadline))
    finally:
        pool.shutdown(wait=False)


def is_public(address: Address) -> bool:
    """Say whether an address is one of the public internet, also where it holds another one."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address.teredo:
            inner = address.teredo[1]
        elif address in _NAT64 or address in _IPV4_COMPATIBLE:
            inner = IPv4Address(address.packed[-4:])
        if inner is not None:
            return is_public(inner) and address not in _IPV4_COMPATIBLE
        if address.is_site_local:
            return False
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_loopback
        or address.is_link_local
        or address.is_unspecified
    )


def _read(connection: socket.socket, deadline: float, limit: int) -> Answer:
    # makefile is all that it asks of a connection
    response = HTTPResponse(_Timed(connection, deadline))  # type: ignore[arg-type]  # it has makefile
    with response:
        response.begin()
        if 300 <= response.status < 400:
            raise FetchError(Refusal.REDIRECT, response.status)
        if not 200 <= response.status < 300:
            raise FetchError(Refusal.STATUS, response.status)
        if response.getheader("Content-Encoding", "identity").strip().lower() != "identity":
            raise FetchError(Refusal.COMPRESSED)
        if response.length is not None and response.length > limit:
            raise FetchError(Refusal.LARGE)
        body = b""
        while chunk := response.read1(_CHUNK):
            body += chunk
            if len(body) > limit:
                raise FetchError(Refusal.LARGE)
        return Answer(response.status, response.getheader("Content-Type", ""), body)


class _Timed(io.RawIOBase):
    """A connection as a file, each read of which has only what is left of the time."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview[int], /) -> int:  # type: ignore[override]  # narrower
        self._connection.settimeout(_left(self._deadline))
        return self._connection.recv_into(buffer)


def _left(deadline: float) -> float:
    """Return how many seconds are left; raises TimeoutError for none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
