"""What the operator can do from anywhere: the verbs behind the table of actions, each a method ``do_<id>``."""

import os
from typing import TYPE_CHECKING

from console.sources.errors import Refused
from console.ui.clusterverbs import ClusterVerbs
from console.ui.editverbs import EditVerbs
from console.ui.findverbs import FindVerbs
from console.ui.links import link_of
from console.ui.ownverbs import OwnVerbs
from console.ui.palettes import PALETTES
from console.ui.screens.base import Place
from console.ui.textverbs import TextVerbs

if TYPE_CHECKING:
    from console.ui.actions import Action


class Verbs(EditVerbs, FindVerbs, TextVerbs, OwnVerbs, ClusterVerbs):
    """Bound to one app. Those for Flux objects: ``fluxverbs``; those that write edits of our own: ``editverbs``."""

    # Other screens

    def do_help(self) -> None:
        """The keys of this place."""
        if isinstance(self._app.screen, Place):
            self._app.open("help", "Help", self._app.screen.situation())

    def do_messages(self) -> None:
        """What was told in the last line."""
        self._app.open("messages", "Messages")

    def do_rollout(self) -> None:
        """Follow what was approved."""
        self._app.open("rollout", "Following")

    def do_approve(self) -> None:
        """Review the update that the screen is about, or all that are marked."""
        screen = self._app.screen
        marked = screen.marked_updates if isinstance(screen, Place) else []
        if len(marked) > 1:
            self._app.open("queue", "Queue", marked)
            return
        update = screen.situation().update if isinstance(screen, Place) else None
        if update:
            self._app.open("review", "Reviewing", update.branch)

    def named(self, action: "Action", word: str) -> bool:
        """What is named on the command line instead of chosen; whether this action takes a name."""
        method = getattr(self, f"name_{action.id}", None)
        if method is None or (action.writes and not self._app.desk.writable):
            return False
        method(word)
        return True

    def name_approve(self, word: str) -> None:
        """Review what is called so, on a branch or on none."""
        self._app.open("review", "Reviewing", word)

    def name_undo(self, word: str) -> None:
        """Take back the commit of that id."""
        self.revert(word)

    def name_theme(self, word: str) -> None:
        """These colours."""
        self._wear(word)

    def completions(self, place: str, text: str) -> list[str]:
        """What the last word of a command line could be."""
        from console.ui.completion import completions  # noqa: PLC0415 - with the first command line

        return completions(self._app, place, text)

    # Colours

    def do_theme(self) -> None:
        """The next."""
        names = list(PALETTES)
        self._wear(names[(names.index(self._app.palette) + 1) % len(names)])

    def _wear(self, name: str) -> None:
        if name not in PALETTES:
            self._app.tell(f"theme: there is no {name!r}, but {', '.join(PALETTES)}")
            return
        self._app.wear(name)
        self._app.look()
        few = self._app.palette != name
        self._app.tell(
            "theme: this terminal has too few colours, it keeps its own"
            if few
            else f"the {name} theme, for this run; screen.theme: {name} makes it stay",
            "warn" if few else "",
        )

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
        names = "\n".join(f"  {job.label}" for job in running)
        self._app.confirm(
            "Quit",
            f"Still running:\n{names}\nQuitting stops {'it' if len(running) == 1 else 'them'}.",
            then=lambda _: self._app.exit(0),
        )

    def do_stop(self) -> None:
        """To the shell; ``fg`` brings the console back."""
        self._app.action_suspend_process()
