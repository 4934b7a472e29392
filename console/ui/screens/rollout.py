"""What was approved, on its way: from the commit to the last node, also while the API is away."""

from typing import ClassVar, Literal

from textual.binding import BindingType

from console.model.rollout import Rollout
from console.model.snapshot import Life, Snapshot, Topic
from console.model.updates import System
from console.model.upgrades import resource
from console.ui import keymap
from console.ui.looks import Line, Run, age
from console.ui.scene import Scene
from console.ui.screens.reading import Reading
from console.ui.situation import Situation
from console.ui.texts import rollout as texts
from console.ui.texts.course import course
from console.ui.texts.layout import prose


class Following(Reading, inherit_bindings=False):
    """Follows the rollout of ``branch``, or the newest; tab goes to the others.

    ``known`` are the commits of the rollouts before the approval: a branch's name comes again with the next version.
    Until the one of ``branch`` is there it is waited for, and no other is shown in its place.
    """

    PLACE = "rollout"
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(("rollout",))]  # of other texts some mean something else

    def __init__(self, branch: str = "", known: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self._branch = branch
        self._known = known
        self._awaited = bool(branch)
        self._at = 0
        self._shows_log = False
        self._all: tuple[Rollout, ...] = ()

    def take(self, scene: Scene) -> None:
        """See Place."""
        before = self._all[self._at].commit if self._all else ""
        self._all = scene.rollouts
        places = {rollout.commit: index for index, rollout in enumerate(self._all)}
        self._at = places.get(before, 0)
        if self._awaited:
            mine = (i for i, each in enumerate(self._all) if each.branch == self._branch)
            arrived = next((i for i in mine if self._all[i].commit not in self._known), None)
            self._awaited = arrived is None
            self._at = arrived or 0
        super().take(scene)
        self.bottom.repaint()

    def situation(self) -> Situation:
        """See Place."""
        shown = self._shown
        offers = {choice.verb for choice in shown.choices} if shown else set()
        if shown and shown.system and shown.outcome not in {"done", "superseded"}:
            offers.add("suspend")
        return super().situation()._replace(key=(self.commit,) if self.commit else (), offers=frozenset(offers))

    @property
    def commit(self) -> str:
        """See Place."""
        return "" if self._awaited or not self._all else self._all[self._at].commit

    def heading(self) -> tuple[Line, Line]:
        """See Reading."""
        left: Line = (Run("Rollout  ", "accent"),)
        if self._awaited:
            return (*left, Run(self._branch, "strong")), ()
        if self._all:
            left = (*left, *texts.headline(self._all[self._at]))
        many = f"‹{self._at + 1} of {len(self._all)}›" if len(self._all) > 1 else ""
        pace = texts.pace(self._all[self._at]) if self._all and not self._awaited else ""
        return left, (Run("   ".join(part for part in (pace, many) if part), "muted"),) if pace or many else ()

    def lines(self, snapshot: Snapshot, width: int) -> list[Line]:
        """See Reading."""
        lines = list(_away(snapshot))
        if self._awaited:
            return [*lines, (Run(f" ✔ {self._branch} is written; main is being fetched.", ""),)]
        if self._all and self._shows_log:
            return [*lines, *texts.written(self._all[self._at], snapshot)]
        if self._all:
            others = [each for index, each in enumerate(self._all) if index != self._at]
            shown = self._all[self._at]
            way, took = texts.describe(shown, width), course(shown, snapshot, width)
            return [*lines, *way, *took, *texts.beside(others)]
        repository = snapshot[Topic.REPOSITORY].freshness
        if repository.at is None and repository.problem:
            told = f"{repository.problem.message}. {repository.problem.hint}"
            return [*lines, (Run(" ▲ The repository can't be read:", "warn"),), *prose(told, width)]
        if repository.at is None:
            return [*lines, (Run(" The repository has not been read yet.", "muted"),)]
        return [*lines, (Run(" Nothing was approved lately.", "muted"),)]

    @property
    def _shown(self) -> Rollout | None:
        return None if self._awaited or not self._all else self._all[self._at]

    # What can be done about it

    def do_job_log(self) -> None:
        """What the last job wrote; again: the steps."""
        self._shows_log = not self._shows_log
        self.take(self.console_app.scene)

    def do_hasten(self) -> None:
        """Its source and Kustomizations, now."""
        shown, desk = self._shown, self.console_app.desk
        if shown is None:
            self.say(Run("reconcile: nothing to ask for yet", "muted"))
            return
        self.console_app.verbs.run(f"reconcile {shown.commit[:7]}", lambda stop: desk.hasten(shown.commit, stop))

    def do_intervene(self) -> None:
        """Suspend tuppr's resource, or release it where that is what everything waits for."""
        shown = self._shown
        if shown is None or shown.system is None:
            return  # the table of actions refuses it
        release = next((choice for choice in shown.choices if choice.verb == "release"), None)
        if release:
            system = release.system or shown.system
            self.console_app.confirm("Release", release.text, then=lambda _: self._lay_hands("release", system, ""))
        else:
            system = shown.system
            text = texts.suspension(shown)
            self.console_app.confirm(
                "Suspend", text, free=True, then=lambda why: self._lay_hands("suspend", system, why)
            )

    def do_start_over(self) -> None:
        """Let tuppr start over, after a question."""
        shown = self._shown
        reset = next((choice for choice in shown.choices if choice.verb == "reset"), None) if shown else None
        if shown is None or shown.system is None or reset is None:
            self.say(Run("reset: there is nothing to start over", "muted"))
            return
        system = shown.system
        named = resource(self.console_app.scene.snapshot, system)
        text = f"{named.kind}/{named.name}\n{reset.text}" if named else reset.text
        self.console_app.confirm("Reset", text, then=lambda _: self._lay_hands("reset", system, ""))

    def _lay_hands(self, verb: Literal["suspend", "release", "reset"], system: System, reason: str) -> None:
        desk = self.console_app.desk
        self.console_app.verbs.run(f"{verb} {system}", lambda stop: desk.intervene(verb, system, reason, stop))

    # Several

    def do_next_part(self) -> None:
        """The next rollout."""
        self._turn(1)

    def do_previous_part(self) -> None:
        """The rollout before."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        if self._all:
            self._at = 0 if self._awaited else (self._at + by) % len(self._all)
            self._awaited = False
            self.take(self.console_app.scene)


def _away(snapshot: Snapshot) -> list[Line]:
    """What can't be asked now, and since when."""
    lines: list[Line] = []
    for topic, name in ((Topic.KUBERNETES, "The Kubernetes API"), (Topic.TALOS, "Talos")):
        fresh = snapshot[topic].freshness
        if fresh.life in (Life.STALE, Life.FAILED):
            lines.append((Run(f" ▲ {name} has been away for ", "warn"), age(fresh.since, "warn"), Run(".", "warn")))
    return [*lines, ()] if lines else []
