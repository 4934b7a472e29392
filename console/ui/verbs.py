"""What the operator can do from anywhere: the verbs behind the table of actions, each a method ``do_<id>``."""

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from console.model.flux import FluxKey, FluxObject
from console.model.snapshot import Topic
from console.model.step import Step, StepState
from console.sources.errors import Refused
from console.sources.stop import Stop
from console.ui.links import link_of
from console.ui.looks import Run
from console.ui.messages import Ended
from console.ui.screens.base import Place
from console.ui.texts.rollout import MARKS

if TYPE_CHECKING:
    from console.ui.app import ConsoleApp


class Verbs:
    """Bound to one app."""

    def __init__(self, app: "ConsoleApp") -> None:
        self._app = app

    # Other screens

    def do_help(self) -> None:
        """The keys of this place."""
        if isinstance(self._app.screen, Place):
            self._app.open("help", "Help", self._app.screen.situation())

    def do_palette(self) -> None:
        """All commands of this place."""
        if isinstance(self._app.screen, Place):
            self._app.open("palette", "Palette", self._app.screen.situation(), then=self._chosen)

    def _chosen(self, name: str | None) -> None:
        if name:
            self._app.call_later(self._app.action_act, name)

    def do_rollout(self) -> None:
        """Follow what was approved."""
        self._app.open("rollout", "Following")

    def do_approve(self) -> None:
        """Review the update that the screen is about."""
        screen = self._app.screen
        update = screen.situation().update if isinstance(screen, Place) else None
        if update:
            self._app.open("review", "Reviewing", update.branch)

    # Writing on and off

    def do_write(self) -> None:
        """For this run."""
        self._writable(on=True)

    def do_readonly(self) -> None:
        """Nothing is written any more."""
        self._writable(on=False)

    def _writable(self, *, on: bool) -> None:
        try:
            self._app.desk.set_writable(on)
        except Refused as refusal:
            self._app.tell(f"write: {refusal.message} {refusal.hint}", "bad")
            return
        self._app.look()
        self._app.tell("writing is on for this run" if on else "read-only", "warn" if on else "")

    # Flux

    def do_reconcile(self) -> None:
        """Ask for a pass of what is chosen."""
        self._reconcile(with_source=False)

    def do_reconcile_source(self) -> None:
        """The same, with the source first."""
        self._reconcile(with_source=True)

    def _reconcile(self, *, with_source: bool) -> None:
        desk = self._app.desk
        for key in self._flux_keys():
            self._run(
                f"reconcile {key.name}",
                lambda stop, key=key: desk.reconcile(key, with_source=with_source, stop=stop),  # type: ignore[misc]
            )

    def do_suspend(self) -> None:
        """Suspend, asking why; or resume, asking whether."""
        keys = self._flux_keys()
        known = self._app.desk.snapshot()[Topic.FLUX].items
        if not keys:
            return
        first: FluxObject | None = known.get(keys[0])
        resume = bool(first and first.suspended)
        names = ", ".join(key.ref for key in keys)
        if resume:
            text = f"{names}\nIt is reconciled again at once."
            self._app.confirm("Resume", text, then=lambda _: self._suspend(keys, "", resume=True))
        else:
            text = f"{names}\nFlux leaves it as it is until it is resumed. A suspension in Git is not changed."
            self._app.confirm("Suspend", text, free=True, then=lambda why: self._suspend(keys, why, resume=False))

    def _suspend(self, keys: list[FluxKey], reason: str, *, resume: bool) -> None:
        desk = self._app.desk
        for key in keys:
            self._run(
                f"{'resume' if resume else 'suspend'} {key.name}",
                lambda stop, key=key: desk.suspend(key, resume=resume, reason=reason, stop=stop),  # type: ignore[misc]
            )

    def _flux_keys(self) -> list[FluxKey]:
        screen = self._app.screen
        return screen.flux_keys if isinstance(screen, Place) else []

    def _run(self, label: str, steps: Callable[[Stop], Iterator[Step]]) -> None:
        """An operation whose progress and real outcome stand in the last line."""

        def step(each: Step) -> None:
            symbol, style = MARKS[each.state]
            self._say(Run(f"{symbol} ", style), Run(f"{label}: {each.name} {each.text}".rstrip()), lasting=True)

        def end(ended: Ended) -> None:
            if ended.error:
                self._say(Run("✖ ", "bad"), Run(f"{label}: {ended.error.message}  {ended.error.hint}".rstrip()))
            elif isinstance(ended.result, Step):
                symbol, style = MARKS[ended.result.state]
                self._say(Run(f"{symbol} ", style), Run(f"{label}: {ended.result.text or ended.result.name}"))

        self._say(Run(f"{MARKS[StepState.RUNNING][0]} ", "accent"), Run(label), lasting=True)
        self._app.work.follow(label, steps, step, end)

    def _say(self, *runs: Run, lasting: bool = False) -> None:
        if isinstance(self._app.screen, Place):
            self._app.screen.say(*runs, lasting=lasting)

    # The rest

    def do_refresh(self) -> None:
        """All sources look again; the screen is written anew, should the terminal have been disturbed."""
        self._app.frame.forget()
        self._app.screen.refresh()
        self._app.desk.refresh()
        self._app.tell("looking again", "muted")

    def do_link(self) -> None:
        """Open the address; over SSH the browser is elsewhere, so print and copy it."""
        screen = self._app.screen
        url = link_of(screen.situation(), self._app.desk.snapshot()) if isinstance(screen, Place) else ""
        if not url:
            self._app.tell("link: nothing here has an address")
            return
        self._app.copy_to_clipboard(url)
        remote = "SSH_CONNECTION" in os.environ or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
        if not remote:
            self._app.open_url(url)
        self._app.tell(f"{url}  (copied)" if remote else f"opened {url}", "")

    def do_quit(self) -> None:
        """At once; while something acts on the world, after a question."""
        running = self._app.work.operations
        if not running:
            self._app.exit(0)
            return
        names = "\n".join(job.label for job in running)
        self._app.confirm("Quit", f"Still running:\n{names}\nIt is stopped.", then=lambda _: self._app.exit(0))

    def do_stop(self) -> None:
        """To the shell; ``fg`` brings the console back."""
        self._app.action_suspend_process()
