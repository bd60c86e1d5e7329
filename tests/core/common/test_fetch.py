"""The one way to another machine, against addresses and answers that mean harm."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import pytest

from core.common import fetch as fetching
from core.common.fetch import FetchError, Refusal, fetch, is_public

INSIDE = (
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",  # decimal
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://017700000001/",  # octal
    "http://0/",
    "http://0.0.0.0/",
    "http://10.0.0.8/",
    "http://172.16.3.4/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",  # carrier's own
    "http://169.254.169.254/latest/meta-data/",
    "http://192.0.2.7/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:a00:8]/",
    "http://[::127.0.0.1]/",  # IPv4-compatible
    "http://[64:ff9b::a9fe:a9fe]/",  # NAT64 of 169.254.169.254
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",  # 6to4 of 127.0.0.1
    "http://[2002:a00:8::1]/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://[fd12:3456::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://localhost/",
    "https://localhost:8000/feed.ics",
)
NO_ADDRESS = (
    "",
    "calendar.example",
    "ftp://calendar.example/a.ics",
    "file:///etc/passwd",
    "gopher://calendar.example/",
    "javascript:alert(1)",
    "http://",
    "http:///a.ics",
    "http://user:word@calendar.example/",
    "http://calendar.example@127.0.0.1/",
    "http://calendar.example:99999/",
    "http://calendar.example:0/",
    "http://calendar.example/a b",
    "http://calendar.example/\r\nX-Evil: 1",
    "http://calendar.example/\x00",
    "http://[::1/",
    f"http://{'a' * 70}.example/",
    f"http://calendar.example/{'a' * 2000}",
)


def refused(url: str, **options: object) -> Refusal:
    with pytest.raises(FetchError) as caught:
        fetch(url, **options)
    assert str(caught.value) == str(caught.value.refusal)  # nothing of the other side
    return caught.value.refusal


@pytest.mark.parametrize("url", INSIDE)
def test_what_lies_inside_is_never_connected_to(url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(socket, "create_connection", lambda *a, **k: pytest.fail("connected"))
    assert refused(url) == Refusal.INSIDE


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_web_address_is_not_looked_up(url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fetching, "look_up", lambda *a: pytest.fail("looked up"))
    assert refused(url) == Refusal.ADDRESS


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_may_be_asked(address: str):
    assert is_public(ip_address(address))


def test_one_address_inside_is_enough_to_refuse_a_name(monkeypatch: pytest.MonkeyPatch):
    both = [ip_address("8.8.8.8"), ip_address("10.0.0.1")]
    monkeypatch.setattr(fetching, "look_up", lambda *a: both)
    assert refused("http://both.example/") == Refusal.INSIDE


def test_a_name_is_looked_up_once_and_that_address_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
):
    """DNS rebinding: the second answer of the name's server leads inside."""
    answers = [[ip_address("93.184.216.34")], [ip_address("127.0.0.1")]]
    connected: list[object] = []

    def connect(address: object, timeout: float) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(fetching, "look_up", lambda *a: answers.pop(0))
    monkeypatch.setattr(socket, "create_connection", connect)
    assert refused("http://rebind.example/a.ics") == Refusal.UNREACHABLE
    assert connected == [("93.184.216.34", 80)]
    assert len(answers) == 1


def test_whom_the_connection_really_reached_is_checked_too(monkeypatch: pytest.MonkeyPatch):
    with answering(b"HTTP/1.1 200 OK\r\n\r\n") as url:
        port = int(url.rpartition(":")[2].strip("/"))
        real = socket.create_connection
        monkeypatch.setattr(fetching, "look_up", lambda *a: [ip_address("93.184.216.34")])
        monkeypatch.setattr(
            socket, "create_connection", lambda a, timeout: real(("127.0.0.1", port), timeout)
        )
        assert refused("http://calendar.example/") == Refusal.INSIDE


def test_a_name_server_that_never_answers_takes_no_longer_than_the_time(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(fetching, "look_up", lambda *a: time.sleep(1))
    assert within(0.6, lambda: refused("http://slow.example/", seconds=0.2)) == Refusal.SLOW


def test_a_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch):
    def unknown(*args: object, **options: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert refused("http://nowhere.example/") == Refusal.UNKNOWN


@contextmanager
def answering(*parts: bytes, pause: float = 0.0, heard: list[bytes] | None = None) -> Iterator[str]:
    """Run a server on this machine that says these parts to whoever asks, and hangs up."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(5)
            asked = connection.recv(65536)
            if heard is not None:
                heard.append(asked)
            try:
                for part in parts:
                    connection.sendall(part)
                    time.sleep(pause)
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    finally:
        server.close()
        thread.join(timeout=5)


def within(seconds: float, work):
    began = time.monotonic()
    result = work()
    assert time.monotonic() - began < seconds
    return result


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\n"


def test_an_answer_is_its_status_type_and_body():
    heard: list[bytes] = []
    with answering(OK + b"Content-Length: 5\r\n\r\nhello", heard=heard) as url:
        answer = fetch(f"{url}a%20b.ics?key=1", loopback=True)
    assert (answer.status, answer.content_type, answer.body) == (200, "text/calendar", b"hello")
    assert heard[0].startswith(b"GET /a%20b.ics?key=1 HTTP/1.1\r\nHost: 127.0.0.1:")


def test_a_body_is_posted():
    heard: list[bytes] = []
    with answering(b"HTTP/1.1 204 No Content\r\n\r\n", heard=heard) as url:
        assert fetch(url, body=b"{}", loopback=True).status == 204
    assert heard[0].startswith(b"POST / HTTP/1.1")
    assert heard[0].endswith(b"\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")


def test_a_chunked_answer_is_read():
    chunked = b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    with answering(OK + chunked) as url:
        assert fetch(url, loopback=True).body == b"hello"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int):
    to = b"Location: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    with answering(b"HTTP/1.1 %d Moved\r\n" % status + to) as url:
        assert refused(url, loopback=True) == Refusal.REDIRECT


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 500, 503])
def test_what_is_no_success_is_no_answer(status: int):
    with answering(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status) as url:
        assert refused(url, loopback=True) == Refusal.STATUS


def test_a_body_that_says_it_is_huge_is_not_read():
    with answering(OK + b"Content-Length: 99999999\r\n\r\n") as url:
        assert refused(url, limit=1000, loopback=True) == Refusal.LARGE


def test_a_body_that_never_ends_is_left_at_the_limit():
    with answering(OK + b"\r\n", *[b"x" * 65536] * 40) as url:
        assert refused(url, limit=100_000, loopback=True) == Refusal.LARGE


def test_a_bomb_is_not_unpacked():
    bomb = gzip.compress(b"\0" * 10_000_000)
    with answering(OK + b"Content-Encoding: gzip\r\n\r\n" + bomb) as url:
        assert refused(url, loopback=True) == Refusal.COMPRESSED


@pytest.mark.slow
@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([OK + b"\r\n", *[b"x"] * 40], id="body"),
        pytest.param([b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 40], id="headers"),
        pytest.param([b"H", *[b"T"] * 40], id="first line"),
        pytest.param([*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 40], id="continue"),
        pytest.param([], id="nothing"),
    ],
)
def test_one_byte_now_and_then_takes_no_longer_than_the_time(parts: list[bytes]):
    with answering(*(parts or [b""] * 40), pause=0.05) as url:
        assert within(1.0, lambda: refused(url, seconds=0.4, loopback=True)) == Refusal.SLOW


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a" * 99999,
    ],
)
def test_what_is_no_http_is_no_answer(said: bytes):
    with answering(said) as url:
        assert refused(url, loopback=True) == Refusal.UNREACHABLE


def test_a_machine_without_a_certificate_is_not_believed():
    with answering(b"HTTP/1.1 200 OK\r\n\r\n") as url:
        assert refused(url.replace("http:", "https:"), loopback=True) == Refusal.UNREACHABLE


def test_loopback_alone_is_let_in_by_a_test(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fetching, "look_up", lambda *a: [ip_address("10.0.0.1")])
    assert refused("http://inside.example/", loopback=True) == Refusal.INSIDE
