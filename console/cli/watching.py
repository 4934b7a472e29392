"""``homeconsole watch``: follow one approved change to its end; the exit code is that of its outcome."""

import json
import re
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress

from console.cli.commands import BAD, FINE, PATIENCE, require
from console.model.evidence import jobs
from console.model.rollout import Rollout
from console.model.runs import Run
from console.model.snapshot import Snapshot, Topic
from console.model.text import safe
from console.model.updates import ApprovedCommit, RepositoryState
from console.operations.rollout import rollouts
from console.plain import upgrades
from console.plain.printing import print_lines, say
from console.plain.watch import Told, document, line, news
from console.settings import Settings
from console.sources.errors import HomeconsoleError, UsageError
from console.store import Store
from console.wiring import Console, standing

TOPICS = upgrades.TOPICS
_ENDS = {"done": FINE, "failed": BAD, "superseded": BAD}
_LATELY = 300.0  # seconds in which an approval is what is meant, also if it has arrived already
_PULL = re.compile(r"#?(\d{1,6})")
_STEP = 5.0  # seconds: silence becomes worry by time alone


def watch(options: Namespace, settings: Settings) -> int:
    """Until the change has arrived, has failed, or something newer took its place; or ``--timeout`` is over.

    What is stuck is told and watched on: it may get loose. What is seen goes into the journal.
    """
    limit = getattr(options, "timeout", None)
    end = time.monotonic() + limit if limit else None
    desk = Console(settings, folder=standing())
    changed = threading.Event()
    try:
        desk.start(TOPICS, records=True)
        desk.read(TOPICS, PATIENCE)
        require(desk.snapshot(), Topic.REPOSITORY)
        lately = _arrived(desk)
        what = getattr(options, "what", "")
        pull = _PULL.fullmatch(what)
        head = desk.pulled(int(pull[1])) if pull else ""
        chosen = _chosen(desk.snapshot(), what, desk.settings.prefixes, lately, head)
        if chosen is None:
            say("homeconsole: nothing is under way")
            return FINE
        told: Told = {}
        with desk.listening(lambda _: changed.set()):
            while True:
                found = _same(desk.snapshot(), chosen) or chosen
                if found.outcome == "failed" and not found.log:
                    found = _with_its_log(desk, found)
                _tell(options, found, told, desk)
                if found.outcome in _ENDS:
                    _recorded(desk, found)
                    return _ENDS[found.outcome]
                left = min(_STEP, end - time.monotonic()) if end else _STEP
                if left <= 0:
                    say(f"homeconsole: {safe(found.title)} is still {found.outcome} after {limit:.0f} s")
                    return BAD
                changed.wait(left)
                changed.clear()
    finally:
        desk.stop()


def _with_its_log(desk: Console, found: Rollout) -> Rollout:
    """A job that has failed a moment ago may still be read: for that it is waited, but not for long."""

    def told(snapshot: Snapshot) -> bool:
        last = jobs(snapshot, found.system)[:1] if found.system else []
        return not last or bool(last[0].state == "failed" and last[0].lines)

    wait_until(desk.store, told)
    return _same(desk.snapshot(), found) or found


def _recorded(desk: Console, found: Rollout) -> None:
    """Until the journal holds the summary; what it can't take is no reason to wait for long."""

    def told(snapshot: Snapshot) -> bool:
        run: Run | None = snapshot[Topic.RUNS].items.get((found.commit,))
        return bool((run and run.outcome == found.outcome) or snapshot[Topic.RUNS].freshness.limits)

    wait_until(desk.store, told)


def wait_until(store: Store, told: Callable[[Snapshot], bool], seconds: float = _STEP) -> None:
    """Until it is ``told``, at most so long, however often something else changes."""
    changed = threading.Event()
    end = time.monotonic() + seconds
    with store.listening(lambda _: changed.set()):
        while not told(store.snapshot()) and changed.wait(max(0.0, end - time.monotonic())):
            changed.clear()


def _tell(options: Namespace, found: Rollout, told: Told, desk: Console) -> None:
    for node, step in news(found, told):
        if options.output == "json":
            sys.stdout.write(json.dumps(document(found, node, step, desk.now())) + "\n")
            sys.stdout.flush()
        else:
            print_lines([line(found, node, step, desk.now())])


def _same(snapshot: Snapshot, chosen: Rollout) -> Rollout | None:
    return next((way for way in rollouts(snapshot) if way.commit == chosen.commit), None)


def _chosen(snapshot: Snapshot, what: str, prefixes: tuple[str, ...], lately: str, head: str) -> Rollout | None:
    """By commit (seven digits at least), branch, ``talos@VERSION``, system, what it moved, or its pull request, whose
    ``head`` is known then; without a name the one that is under way, or that was approved here ``lately``.

    None when none is and none was named. UsageError for a name that means none.
    """
    found = rollouts(snapshot)
    if not what:
        going = [way for way in found if way.outcome in {"running", "stuck"}]
        going += [way for way in found if way.commit == lately]
        return going[0] if going else next((way for way in found if way.outcome == "failed"), None)
    state: RepositoryState | None = snapshot[Topic.REPOSITORY].items.get(("repository",))
    names = {what, *(prefix + what for prefix in prefixes)}
    for way in found:
        versioned = f"{way.system}@{way.target}" if way.system else ""
        if way.branch in names or versioned == what or (len(what) >= 7 and way.commit.startswith(what.lower())):
            return way
    called = {each.commit: _words(each) for each in state.approvals} if state else {}
    for way in found:  # the newest is meant
        if {what.lower(), head} & called.get(way.commit, set()):
            return way
    known = ", ".join(way.commit[:7] for way in found) or "none"
    where = f" of {state.branch}" if state else ""
    raise UsageError(f"{what!r} is no change{where} that was approved lately", f"Known: {known}.", kind="not-found")


def _words(approved: ApprovedCommit) -> set[str]:
    """What it is called besides: its system, each dependency's name and the last part of that, what was reviewed."""
    names = [change.name.lower() for change in approved.changes]
    reviewed = approved.said("Reviewed-commit")
    return {approved.system or "", *reviewed, *names, *(name.rpartition("/")[2] for name in names)} - {""}


def _arrived(desk: Console) -> str:
    """The commit that was approved here a moment ago, if any: until main as fetched has it, but not for long."""
    records = []
    with suppress(HomeconsoleError):  # without the journal git alone is asked
        records = [each for each in desk.journal.records() if each.event == "pushed" and each.data.get("commit")]
    if not records or records[-1].at is None or (desk.now() - records[-1].at).total_seconds() > _LATELY:
        return ""
    commit = str(records[-1].data["commit"])

    def told(snapshot: Snapshot) -> bool:
        state: RepositoryState | None = snapshot[Topic.REPOSITORY].items.get(("repository",))
        return bool(state and commit in state.history)

    if not told(desk.snapshot()):
        desk.refresh(Topic.REPOSITORY)
        wait_until(desk.store, told, PATIENCE)
    return commit
