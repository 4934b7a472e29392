"""A forge for tests: ``git http-backend`` behind a small HTTP server on loopback."""

import base64
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.sources.git.workshop import Workshop


@dataclass
class Forge:
    """One that runs. ``login`` is ``user:password`` when one is asked for.

    ``cuts``: the line dies instead of the next answer to such a request, which has been carried out; ``cut`` counts
    them. ``away``: it answers nobody any more; ``away_after_cut``: from then on.
    """

    folder: Path
    login: str = ""
    writable: bool = True
    cuts: str = ""
    cut: int = 0
    away: bool = False
    away_after_cut: bool = False
    url: str = ""


@contextmanager
def serving(bare: Path, *, login: str = "", writable: bool = True) -> Iterator[Forge]:
    """The bare repository over HTTP."""
    config = ["git", "config", "--file", str(bare / "config"), "http.receivepack", "true"]
    subprocess.run(config, check=True, timeout=30)
    made = Forge(bare.parent, login, writable)
    handler = type("Handler", (_Handler,), {"forge": made})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        made.url = f"http://127.0.0.1:{server.server_address[1]}/{bare.name}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def forge(workshop: Workshop, *, login: str = "", writable: bool = True) -> Iterator[str]:
    """The URL of the workshop's remote over HTTP."""
    with serving(workshop.remote, login=login, writable=writable) as made:
        yield made.url


class _Handler(BaseHTTPRequestHandler):
    forge: Forge

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, body: bytes) -> None:
        wanted = "Basic " + base64.b64encode(self.forge.login.encode()).decode()
        if self.forge.away:
            self._hang_up()
        elif self.forge.login and self.headers.get("Authorization") != wanted:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="forge"')
            self.end_headers()
        elif not self.forge.writable and "git-receive-pack" in self.path:
            self.send_response(403)
            self.end_headers()
        else:
            self._backend(body)

    def _backend(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        env = {
            "GIT_PROJECT_ROOT": str(self.forge.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": "test",
        }
        done = subprocess.run(
            ["git", "http-backend"], input=body, capture_output=True, check=False, timeout=30, env=env
        )
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        if self.forge.cuts and self.command == "POST" and self.forge.cuts in self.path:
            self.forge.cuts, self.forge.cut, self.forge.away = "", self.forge.cut + 1, self.forge.away_after_cut
            self._hang_up()
            return
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(rest)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Says nothing."""
