"""What the operator goes on with in spite of a finding: for one update at one head, and no other."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from console.foresight.knowledge import knowledge
from console.model.unstructured import decoded
from console.sources.errors import Refused, UsageError
from console.sources.folder import make_private

_LONGEST = 500  # characters of a reason


class Acknowledgements:
    """The file ``folder/acknowledged.jsonl``: one JSON object a line, only ever added to. Mode 0600.

    What is only supposed stands in no file, and holds for this run.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = folder / "acknowledged.jsonl"
        self._now = now
        self._supposed: list[str] = []

    def of(self, repository: str, update: str, head: str) -> dict[str, str]:
        """The reasons by rule, as they were given last."""
        wanted = (repository, update, head)
        found: dict[str, str] = {}
        for line in [*self._lines(), *(each.encode() for each in self._supposed)]:
            try:
                entry = decoded(line)
                if (entry["repository"], entry["update"], entry["head"]) == wanted:
                    found[str(entry["rule"])] = str(entry["reason"])
            except (ValueError, KeyError, TypeError):  # a line that a crash cut short
                continue
        return found

    def add(
        self, repository: str, update: str, head: str, reasons: Mapping[str, str], *, supposed: bool = False
    ) -> None:
        """Acknowledge. UsageError for a rule that is not known or a reason that is none."""
        lines = []
        for rule, reason in reasons.items():
            text = " ".join(reason.split())[:_LONGEST]
            if rule not in knowledge().rules:
                raise UsageError(f"there is no rule {rule!r}", "homeconsole rules lists them all.", kind="not-found")
            if not text:
                raise UsageError(f"{rule} is acknowledged without a reason", f"--ack {rule}=REASON")
            at = self._now().isoformat(timespec="seconds")
            entry = {"at": at, "repository": repository, "update": update, "head": head, "rule": rule, "reason": text}
            lines.append(json.dumps(entry))
        if supposed:
            self._supposed += lines
        else:
            self._write("".join(f"{line}\n" for line in lines))

    def _lines(self) -> list[bytes]:
        try:
            return self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Refused(f"{self.path} can't be read ({error.strerror})", "Mend its rights.") from error

    def _write(self, text: str) -> None:
        try:
            make_private(self.path.parent)
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, text.encode())  # one write: lines of two runs do not mix
            finally:
                os.close(handle)
        except OSError as error:
            hint = "Make room, or mend its rights."
            raise Refused(f"{self.path} can't be written ({error.strerror})", hint) from error
