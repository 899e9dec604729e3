"""The preview's server: by its own names alone, HTTP/1.1, and nothing from outside the site."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from typedwiki.render.preview import EVENTS, Changes, serving

STRANGERS = ["evil.example:{}", "evil.example", "127.0.0.1", "localhost:1", "127.0.0.1.evil.example:{}", None]
Served = tuple[int, Changes]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    site = tmp_path / "site"
    (site / "notes").mkdir(parents=True)
    (site / "index.html").write_text("<p>home</p>")
    (site / "notes/index.html").write_text("<p>notes</p>")
    (site / "style.css").write_text("p {}")
    (site / "empty").mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "secret.html").write_text("secret")
    (site / "link.txt").symlink_to(tmp_path / "secret.txt")
    (site / "link.html").symlink_to(tmp_path / "secret.html")
    (site / "up").symlink_to(tmp_path)
    with serving(site, 0) as (address, changes):
        yield urlsplit(address).port or 0, changes


def ask(port: int, path: str, host: str | None = "", method: str = "GET") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest(method, path, skip_host=True)
    if host is not None:
        connection.putheader("Host", host or f"127.0.0.1:{port}")
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


@pytest.mark.parametrize("name", ["127.0.0.1:{}", "localhost:{}", "[::1]:{}", "LOCALHOST:{}"])
def test_it_answers_by_its_own_names(served: Served, name: str) -> None:
    status, body = ask(served[0], "/", name.format(served[0]))
    assert status == 200
    assert b"home" in body


@pytest.mark.parametrize(
    "name", ["evil.example:{}", "evil.example", "127.0.0.1", "localhost:1", "127.0.0.1.evil.example:{}", None]
)
@pytest.mark.parametrize("path", ["/", "/style.css", EVENTS])
def test_it_answers_by_no_other(served: Served, name: str | None, path: str) -> None:
    status, body = ask(served[0], path, name.format(served[0]) if name else None)
    assert status == 421
    assert b"home" not in body


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/notes/../../secret.html", "/link.txt",
        "/link.html",
        "/up/secret.txt", "/up/", "/%00", "//etc/passwd", "/style.css%00.html", "/empty/", "/up",
    ],
)  # fmt: skip
def test_nothing_outside_the_site_is_sent(served: Served, path: str) -> None:
    status, body = ask(served[0], path)
    assert status == 404
    assert b"secret" not in body


def test_a_folder_leads_to_its_page(served: Served) -> None:
    assert b"notes" in ask(served[0], "/notes/")[1]
    assert ask(served[0], "/notes") == (301, b"")
    assert ask(served[0], "/nothing.html")[0] == 404


def test_one_connection_serves_several_requests(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served[0], timeout=60)
    for path, status in [
        ("/", 200),
        ("/style.css", 200),
        ("/none.html", 404),
        ("/none.css", 404),
        ("/notes", 301),
        ("/", 200),
    ]:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        assert (answer.version, answer.status) == (11, status)
        assert int(answer.headers["Content-Length"]) == len(body)
        assert not answer.will_close
    connection.request("HEAD", "/")
    answer = connection.getresponse()
    assert answer.read() == b""
    assert int(answer.headers["Content-Length"]) > 0
    connection.close()


def test_open_pages_are_told_of_changes(served: Served) -> None:
    port, changes = served
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"{EVENTS}?{changes.count}")
    answer = connection.getresponse()
    changes.announce()
    assert answer.read() == b"data: changed\n\n"
    connection.close()
