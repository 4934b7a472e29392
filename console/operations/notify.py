"""Tells the operator elsewhere what became of a rollout: by a command, by a webhook. Nothing secret is in it."""

import json
import os
import re
import shlex
import threading
from collections.abc import Callable
from typing import Any

from console.model.news import headline, sentence
from console.model.redaction import MASK, redacted
from console.model.rollout import Rollout
from console.model.snapshot import Problem
from console.sources.process import run
from console.sources.stop import Stop

COMMAND, ANSWER = 30.0, 10.0  # seconds that a command and a webhook may take
_TELLING = 6  # characters: what is shorter is no secret worth the name
_OPTION = re.compile(r"--?[a-z-]+")
_LIMIT = 64 * 1024  # bytes that a command may say


class Notifier:
    """``command`` gets what there is to say in its environment, ``webhook`` (http, https) as JSON. Never waits.

    ``complain`` is called from another thread with what went wrong.
    """

    def __init__(
        self, command: str, webhook: str, cluster: Callable[[], str], complain: Callable[[Problem], None], stop: Stop
    ) -> None:
        self._command = command
        self._webhook = webhook
        self._cluster = cluster
        self._complain = complain
        self._stop = stop

    def tell(self, rollout: Rollout) -> None:
        """Begin to tell of it."""
        said = {
            "title": redacted(rollout.title),
            "outcome": rollout.outcome,
            "text": redacted(". ".join(part for part in (headline(rollout), sentence(rollout)) if part)),
            "commit": rollout.commit,
            "cluster": self._cluster(),
        }
        for wanted, way in ((self._command, self._run), (self._webhook, self._post)):
            if wanted:
                threading.Thread(target=way, args=(said,), name="notify", daemon=True).start()

    def _run(self, said: dict[str, str]) -> None:
        told = {f"HOMECONSOLE_{name.upper()}": value for name, value in said.items()}
        try:
            done = run(
                shlex.split(self._command),
                env={**os.environ, **told},
                timeout=COMMAND,
                limit=_LIMIT,
                stop=self._stop,
            )
        except (OSError, ValueError) as error:
            self._failed("notify.command", f"can't be started: {error}")
            return
        if done.end == "exited" and done.code:
            self._failed("notify.command", f"ended with {done.code}: {self._without_its_words(done.err)[-200:]}")
        elif done.end in {"expired", "overflow"}:
            self._failed(
                "notify.command", f"was ended: it {'took too long' if done.end == 'expired' else 'said too much'}"
            )

    def _without_its_words(self, said: str) -> str:
        """What the command said without what it was given: an address, a header with a token."""
        _, *given = shlex.split(self._command)
        parts = {part for word in given for text in (word, *word.split()) for part in (text, text.partition("=")[2])}
        said = redacted(said)
        for part in sorted(parts, key=len, reverse=True):
            if len(part) >= _TELLING and not _OPTION.fullmatch(part):
                said = said.replace(part, MASK)
        return said.strip()

    def _post(self, said: dict[str, str]) -> None:
        """The address may hold a token: it is never shown."""
        from http.client import HTTPException  # noqa: PLC0415 - late
        from urllib.error import HTTPError  # noqa: PLC0415
        from urllib.request import Request, urlopen  # noqa: PLC0415

        headers = {"Content-Type": "application/json", "User-Agent": "homeconsole"}
        body: Any = json.dumps(said).encode()
        try:
            request = Request(self._webhook, body, headers, method="POST")  # noqa: S310 - settings take http(s) alone
            with urlopen(request, timeout=ANSWER):  # noqa: S310
                return
        except HTTPError as error:
            self._failed("notify.webhook", f"answered {error.code}")
        except (OSError, ValueError, HTTPException) as error:
            self._failed("notify.webhook", f"could not be reached: {type(error).__name__}")

    def _failed(self, what: str, why: str) -> None:
        if not self._stop.is_set():
            self._complain(Problem("notify", f"{what} {why}", "Look at it in the configuration."))
