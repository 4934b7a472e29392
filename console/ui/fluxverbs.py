"""What the operator can do to Flux objects: one, with its outcome in the last line; many, on a screen of their own."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from console.model.flux import FluxKey, FluxObject
from console.model.snapshot import Topic
from console.model.step import Step, StepState
from console.sources.stop import Stop
from console.ui.availability import FORCED
from console.ui.looks import Run
from console.ui.messages import Ended
from console.ui.screens.base import Place
from console.ui.texts import fluxverbs as texts
from console.ui.texts.rollout import MARKS

if TYPE_CHECKING:
    from console.ui.app import ConsoleApp

_WIDE = 100  # columns from which on kinds are written out


class FluxVerbs:
    """Bound to one app."""

    def __init__(self, app: "ConsoleApp") -> None:
        self._app = app

    def do_reconcile(self) -> None:
        """Ask for a pass of what is chosen."""
        self._reconcile(self._chosen_objects(), "reconcile")

    def do_reconcile_source(self) -> None:
        """The same, with the source first."""
        self._reconcile(self._chosen_objects(), "reconcile", with_source=True)

    def do_reconcile_failing(self) -> None:
        """Everything that fails, and what is blocked by it, after a question."""
        self._app.work.ask("failing", self._app.desk.failing, self._failing)

    def _failing(self, ended: Ended) -> None:
        keys: Sequence[FluxKey] = ended.result or ()
        if ended.error:
            self._app.tell(f"reconcile failing: {ended.error.message}  {ended.error.hint}".rstrip(), "bad")
        elif not keys:
            self._app.tell("reconcile failing: nothing fails", "muted")
        else:
            self._app.confirm(
                "Reconcile what fails", texts.failing(keys), then=lambda _: self._many("reconcile", "reconcile", keys)
            )

    def do_force(self) -> None:
        """An upgrade though nothing changed, after a question."""
        keys = [key for key in self._chosen_objects() if key.kind in FORCED]
        self._app.confirm("Force", texts.force(keys), then=lambda _: self._reconcile(keys, "force", force=True))

    def do_reset(self) -> None:
        """Retries from the beginning, after a question."""
        keys = [key for key in self._chosen_objects() if key.kind == "HelmRelease"]
        self._app.confirm("Reset", texts.reset(keys), then=lambda _: self._reconcile(keys, "reset", reset=True))

    def _reconcile(
        self,
        keys: Sequence[FluxKey],
        word: str,
        *,
        with_source: bool = False,
        force: bool = False,
        reset: bool = False,
    ) -> None:
        desk = self._app.desk
        if len(keys) == 1:
            self.run(
                f"{word} {self._called(keys[0])}",
                lambda stop: desk.reconcile(keys[0], with_source=with_source, stop=stop, force=force, reset=reset),
            )
        elif keys:
            self._many("reconcile", word, keys, with_source=with_source, force=force, reset=reset)

    def do_suspend(self) -> None:
        """Suspend, asking why; or resume, asking whether. The first one decides, for those that stand as it does."""
        known = self._app.desk.snapshot()[Topic.FLUX].items
        chosen = self._chosen_objects()
        resume = bool(chosen) and _is_suspended(known.get(chosen[0]))
        keys = [key for key in chosen if _is_suspended(known.get(key)) == resume]
        if resume:
            self._app.confirm("Resume", texts.resume(keys), then=lambda _: self._suspend(keys, "", resume=True))
        elif keys:
            text = texts.suspend(keys)
            self._app.confirm("Suspend", text, free=True, then=lambda why: self._suspend(keys, why, resume=False))

    def _suspend(self, keys: list[FluxKey], reason: str, *, resume: bool) -> None:
        desk = self._app.desk
        verb: Literal["suspend", "resume"] = "resume" if resume else "suspend"
        if len(keys) > 1:
            self._many(verb, verb, keys, reason=reason)
        else:
            self.run(
                f"{verb} {self._called(keys[0])}",
                lambda stop: desk.suspend(keys[0], resume=resume, reason=reason, stop=stop),
            )

    def _called(self, key: FluxKey) -> str:
        """Which one it is, since another may have its name; briefly where the outcome has to stand beside it."""
        from console.ui.panes.flux import brief  # noqa: PLC0415 - after the first frame

        return key.ref if self._app.size.width >= _WIDE else brief(key)

    def _chosen_objects(self) -> list[FluxKey]:
        screen = self._app.screen
        return screen.flux_keys if isinstance(screen, Place) else []

    def _many(
        self,
        verb: Literal["reconcile", "suspend", "resume"],
        word: str,
        keys: Sequence[FluxKey],
        *,
        with_source: bool = False,
        force: bool = False,
        reset: bool = False,
        reason: str = "",
    ) -> None:
        desk = self._app.desk

        def steps(stop: Stop) -> Iterator[Step]:
            return desk.bulk(verb, keys, stop=stop, with_source=with_source, force=force, reset=reset, reason=reason)

        self._app.open("many", "Many", f"{word} {len(keys)} objects", steps)

    def do_outcomes(self) -> None:
        """What became of each, the last time that something was done to many."""
        if self._app.outcomes:
            self._app.open("many", "Returned", self._app.outcomes)
        else:
            self._app.tell("outcomes: nothing was done to many objects in this run", "muted")

    def run(self, label: str, steps: Callable[[Stop], Iterator[Step]]) -> None:
        """An operation whose progress and real outcome stand in the last line."""

        def step(each: Step) -> None:
            symbol, style = MARKS[each.state]
            self._app.say(Run(f"{symbol} ", style), Run(f"{label}: {each.name} {each.text}".rstrip()), lasting=True)

        def end(ended: Ended) -> None:
            if ended.error:
                self._app.say(Run("✖ ", "bad"), Run(f"{label}: {ended.error.message}  {ended.error.hint}".rstrip()))
            elif isinstance(ended.result, Step):
                symbol, style = MARKS[ended.result.state]
                self._app.say(Run(f"{symbol} ", style), Run(f"{label}: {ended.result.text or ended.result.name}"))

        self._app.say(Run(f"{MARKS[StepState.RUNNING][0]} ", "accent"), Run(label), lasting=True)
        self._app.work.follow(label, steps, step, end)


def _is_suspended(this: FluxObject | None) -> bool:
    return bool(this and this.suspended)
