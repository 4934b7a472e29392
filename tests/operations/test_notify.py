"""Told elsewhere: the operator's own command and webhook, with what they get, and what goes wrong with them."""

import json
import os
import shlex
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from console.model.redaction import MASK
from console.model.rollout import Rollout
from console.model.snapshot import Problem
from console.operations.notify import Notifier
from console.sources.stop import Stop

FAILED = Rollout("a" * 40, "renovate/talos", "Talos v1.13.8", "failed", note="https://me:secret@git.test said no")
TEXT = "Talos v1.13.8 failed. https://git.test said no"


class Complaints:
    def __init__(self) -> None:
        self.heard: list[Problem] = []
        self.came = threading.Event()

    def __call__(self, problem: Problem) -> None:
        self.heard.append(problem)
        self.came.set()

    def first(self) -> str:
        assert self.came.wait(60)
        return self.heard[0].message


class Post:
    """A server that takes what is posted, and answers with ``status``."""

    def __init__(self) -> None:
        self.status = 200
        self.bodies: list[Any] = []
        self.came = threading.Event()
        post = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                post.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(post.status)
                self.end_headers()
                post.came.set()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?token=hidden"


@pytest.fixture
def post() -> Iterator[Post]:
    made = Post()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def notifier(complaints: Complaints, command: str = "", webhook: str = "") -> Notifier:
    return Notifier(command, webhook, lambda: "home", complaints, Stop())


def python(code: str) -> str:
    return shlex.join([sys.executable, "-c", code])


def test_a_command_gets_it_in_its_environment_without_secrets(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    os.mkfifo(heard)
    names = "('TITLE', 'OUTCOME', 'TEXT', 'CLUSTER')"
    code = f"import os; open({str(heard)!r}, 'w').write('|'.join(os.environ['HOMECONSOLE_' + n] for n in {names}))"
    notifier(Complaints(), python(code)).tell(FAILED)
    assert heard.read_text() == f"Talos v1.13.8|failed|{TEXT}|home"


def test_a_webhook_gets_it_as_json(post: Post) -> None:
    notifier(Complaints(), webhook=post.url).tell(FAILED)
    assert post.came.wait(60)
    told = {"title": "Talos v1.13.8", "outcome": "failed", "text": TEXT, "commit": "a" * 40, "cluster": "home"}
    assert post.bodies == [told]


def test_a_command_that_fails_or_is_not_there_is_complained_of() -> None:
    complaints = Complaints()
    notifier(complaints, python("import sys; sys.exit('no route')")).tell(FAILED)
    assert complaints.first() == "notify.command ended with 1: no route"
    complaints = Complaints()
    notifier(complaints, "no-such-command-here").tell(FAILED)
    assert complaints.first().startswith("notify.command can't be started: ")


def test_a_command_is_complained_of_without_what_it_was_given() -> None:
    code = "import sys; sys.exit(' '.join(sys.argv[1:]) + ' glpat-0123456789abcdefghij http://me:word@host/ failed')"
    complaints = Complaints()
    given = "-H 'X-Token: s3cr3t-t0k3n' --fail --key=hidden-word https://hooks.test/T0/B0/XYZ"
    notifier(complaints, f"{python(code)} {given}").tell(FAILED)
    said = complaints.first()
    assert said == f"notify.command ended with 1: -H {MASK} --fail {MASK} {MASK} {MASK} http://host/ failed"


def test_a_webhook_that_refuses_is_complained_of_without_its_address(post: Post) -> None:
    post.status = 403
    complaints = Complaints()
    notifier(complaints, webhook=post.url).tell(FAILED)
    assert complaints.first() == "notify.webhook answered 403"
    complaints = Complaints()
    notifier(complaints, webhook="http://127.0.0.1:1/hook?token=hidden").tell(FAILED)
    assert complaints.first().startswith("notify.webhook could not be reached: ")
    assert "hidden" not in complaints.first()
