"""The preview's server answers only to its own host names, speaks HTTP/1.1, and sends nothing outside the site."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from typedwiki.render.preview import EVENTS, Changes, serving

FOREIGN_HOSTS = ["evil.example:{}", "evil.example", "127.0.0.1", "localhost:1", "127.0.0.1.evil.example:{}", None]
Server = tuple[int, Changes]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
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


def request(port: int, path: str, host: str | None = "", method: str = "GET") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest(method, path, skip_host=True)
    if host is not None:
        connection.putheader("Host", host or f"127.0.0.1:{port}")
    connection.endheaders()
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body


@pytest.mark.parametrize("name", ["127.0.0.1:{}", "localhost:{}", "[::1]:{}", "LOCALHOST:{}"])
def test_own_host_names_are_answered(server: Server, name: str) -> None:
    status, body = request(server[0], "/", name.format(server[0]))
    assert status == 200
    assert b"home" in body


@pytest.mark.parametrize("name", FOREIGN_HOSTS)
@pytest.mark.parametrize("path", ["/", "/style.css", EVENTS])
def test_foreign_host_names_are_refused(server: Server, name: str | None, path: str) -> None:
    status, body = request(server[0], path, name.format(server[0]) if name else None)
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
def test_files_outside_the_site_are_not_sent(server: Server, path: str) -> None:
    status, body = request(server[0], path)
    assert status == 404
    assert b"secret" not in body


def test_folder_redirects_to_its_index(server: Server) -> None:
    assert b"notes" in request(server[0], "/notes/")[1]
    assert request(server[0], "/notes") == (301, b"")
    assert request(server[0], "/nothing.html")[0] == 404


def test_one_connection_serves_several_requests(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server[0], timeout=60)
    for path, status in [
        ("/", 200),
        ("/style.css", 200),
        ("/none.html", 404),
        ("/none.css", 404),
        ("/notes", 301),
        ("/", 200),
    ]:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        assert (response.version, response.status) == (11, status)
        assert int(response.headers["Content-Length"]) == len(body)
        assert not response.will_close
    connection.request("HEAD", "/")
    response = connection.getresponse()
    assert response.read() == b""
    assert int(response.headers["Content-Length"]) > 0
    connection.close()


def test_open_pages_are_notified_of_changes(server: Server) -> None:
    port, changes = server
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"{EVENTS}?{changes.count}")
    response = connection.getresponse()
    changes.announce()
    assert response.read() == b"data: changed\n\n"
    connection.close()
