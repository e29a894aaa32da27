"""Downloads from a real HTTP server on this machine, one that resumes, breaks off and lies when told to."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.core.download import TRIES, download
from runtime.core.errors import UserError

CONTENT = bytes(range(251)) * 4_000  # about 1 MB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """Serves CONTENT; `break_after` lists after how many bytes each next answer is cut."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.ranges: list[str | None] = []
        self.break_after: list[int] = []
        self.resumes = True
        self.tells_length = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/model.bin"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        if self.path != "/model.bin":
            self.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.server.resumes else 0
        if start >= len(CONTENT):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(CONTENT)}")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        if self.server.tells_length:
            self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        body = CONTENT[start:]
        if self.server.break_after:
            body = body[: self.server.break_after.pop(0)]
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / "model.bin"


def test_a_file_is_fetched_once(server: Server, target: Path) -> None:
    assert download(server.url, SHA256, target) == target
    assert target.read_bytes() == CONTENT
    download(server.url, SHA256, target)
    assert server.ranges == [None]
    assert [file.name for file in target.parent.iterdir()] == ["model.bin"]


def test_an_unfinished_download_goes_on_where_it_ended(server: Server, target: Path) -> None:
    target.parent.mkdir()
    target.with_name("model.bin.part").write_bytes(CONTENT[:300_000])
    download(server.url, SHA256, target)
    assert target.read_bytes() == CONTENT
    assert server.ranges == ["bytes=300000-"]


def test_a_finished_part_is_not_fetched_again(server: Server, target: Path) -> None:
    target.parent.mkdir()
    target.with_name("model.bin.part").write_bytes(CONTENT)
    download(server.url, SHA256, target)
    assert target.read_bytes() == CONTENT
    assert server.ranges == [f"bytes={len(CONTENT)}-"]


def test_a_part_longer_than_the_file_is_thrown_away(server: Server, target: Path) -> None:
    target.parent.mkdir()
    target.with_name("model.bin.part").write_bytes(CONTENT + b"more")
    download(server.url, SHA256, target)
    assert target.read_bytes() == CONTENT


def test_a_broken_connection_is_taken_up_again(server: Server, target: Path) -> None:
    server.break_after = [400_000, 200_000]
    download(server.url, SHA256, target)
    assert target.read_bytes() == CONTENT
    assert len(server.ranges) == 3
    assert server.ranges[0] is None
    assert all(asked is not None for asked in server.ranges[1:])


def test_a_connection_that_keeps_breaking_is_a_clear_error_and_loses_nothing(server: Server, target: Path) -> None:
    server.break_after = [10_000] * TRIES
    with pytest.raises(UserError, match="can't be fetched"):
        download(server.url, SHA256, target)
    assert not target.exists()
    assert target.with_name("model.bin.part").stat().st_size == TRIES * 10_000
    download(server.url, SHA256, target)
    assert target.read_bytes() == CONTENT


def test_a_server_that_cannot_resume_is_read_from_the_start(server: Server, target: Path) -> None:
    server.resumes = False
    target.parent.mkdir()
    target.with_name("model.bin.part").write_bytes(b"x" * 1_000)
    download(server.url, SHA256, target)
    assert target.read_bytes() == CONTENT


def test_a_wrong_checksum_leaves_nothing_behind(server: Server, target: Path) -> None:
    with pytest.raises(UserError, match="SHA-256"):
        download(server.url, "0" * 64, target)
    assert list(target.parent.iterdir()) == []


def test_a_damaged_file_is_replaced(server: Server, target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(b"damaged")
    download(server.url, SHA256, target)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("tells_length", [True, False])
def test_a_file_over_the_limit_is_refused(server: Server, target: Path, tells_length: bool) -> None:
    server.tells_length = tells_length
    with pytest.raises(UserError, match="over the limit"):
        download(server.url, SHA256, target, limit_bytes=500_000)
    assert not target.exists()


def test_a_refusal_and_an_absent_server_are_clear_errors(server: Server, target: Path) -> None:
    with pytest.raises(UserError, match="404"):
        download(server.url + "x", SHA256, target)
    server.shutdown()
    server.server_close()
    with pytest.raises(UserError, match="can't be fetched"):
        download(server.url, SHA256, target)
    with pytest.raises(UserError):
        download("no address", SHA256, target)


def test_a_place_that_cannot_be_written_is_a_clear_error(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="can't be written"):
        download(server.url, SHA256, tmp_path / "file" / "model.bin")
