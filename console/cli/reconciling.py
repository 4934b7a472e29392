"""``homeconsole reconcile``: one object with all its steps, or many with one line of outcome each."""

import sys
from argparse import Namespace
from collections.abc import Sequence

from console.cli.asking import place
from console.cli.commands import BAD, FINE, opened, reference, require
from console.model.flux import FluxKey
from console.model.review import Approval
from console.model.snapshot import Topic
from console.model.step import Step, StepState
from console.plain import flux
from console.plain import reconcile as answer
from console.plain.printing import print_document, say
from console.settings import Settings
from console.sources.errors import UsageError
from console.sources.stop import Stop
from console.wiring import Console


def reconcile(options: Namespace, settings: Settings) -> int:
    """What was named, or everything that fails; the exit code is the outcome's."""
    keys = [reference(text) for text in getattr(options, "refs", [])]
    if bool(keys) == ("failing" in options):
        raise UsageError("name what to reconcile, or give --failing", "For example: HelmRelease/media/plex.")
    with opened(settings, flux.TOPICS) as desk:
        require(desk.snapshot(), Topic.FLUX)
        known = desk.snapshot()[Topic.FLUX].items
        for key in keys:
            if key not in known:
                raise UsageError(f"there is no {key.ref}", "homeconsole flux lists them all.", kind="not-found")
        if options.output != "json":
            say(place(desk))
        if len(keys) == 1:
            return _one(options, desk, keys[0])
        return _many(options, desk, keys or desk.failing())


def _one(options: Namespace, desk: Console, key: FluxKey) -> int:
    steps = []
    for step in desk.reconcile(
        key,
        with_source="with_source" in options,
        force="force" in options,
        reset="reset" in options,
        timeout=getattr(options, "timeout", 300.0),
        stop=Stop(),
    ):
        steps.append(step)
        _say(options, step)
    if options.output == "json":
        print_document(answer.document(key, steps))
    return FINE if answer.succeeded(steps) else BAD


def _many(options: Namespace, desk: Console, keys: Sequence[FluxKey]) -> int:
    """Only what ends is said: many run at once, and their progress would be read by nobody."""
    last: dict[str, Step] = {}
    for step in desk.bulk(
        "reconcile",
        keys,
        with_source="with_source" in options,
        force="force" in options,
        reset="reset" in options,
        timeout=getattr(options, "timeout", 300.0),
        stop=Stop(),
    ):
        last[step.name] = step
        if step.state in {StepState.DONE, StepState.FAILED, StepState.SKIPPED}:
            _say(options, step)
    if options.output == "json":
        print_document(answer.summary(keys, last))
    return FINE if last["all"].state is StepState.DONE else BAD


def hasten(desk: Console, options: Namespace, done: Approval) -> None:
    """As configured, what was written to main is asked for at once; that it could not be is said in any case."""
    if done.outcome == "pushed" and done.commit and not done.branch:
        for step in desk.hastened((done.commit,), Stop()):
            if options.output != "json" or step.state is StepState.FAILED:
                say(answer.line(step))


def _say(options: Namespace, step: Step) -> None:
    if options.output != "json" or sys.stderr.isatty():
        say(answer.line(step))
