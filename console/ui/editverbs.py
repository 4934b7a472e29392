"""What the operator can do about updates beside approving: hold and release them, take an approved one back."""

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from console.model.snapshot import Topic
from console.model.updates import RepositoryState, Update
from console.ui.fluxverbs import FluxVerbs
from console.ui.messages import Ended
from console.ui.screens.base import Place
from console.ui.texts import edit as texts

if TYPE_CHECKING:
    from console.model.intent import Intent
    from console.model.review import Review


class EditVerbs(FluxVerbs):
    """Bound to one app."""

    def do_hold(self) -> None:
        """Hold it, asking why; or release it, where we hold it."""
        screen = self._app.screen
        update = screen.situation().update if isinstance(screen, Place) else None
        if update is None:
            self._app.tell("hold: no update here")
            return
        desk = self._app.desk
        if self._is_ours(update):
            self._app.work.ask("release", lambda: desk.plan_release(update.branch), self._planned)
            return
        title = f"Hold {update.branch}{'' if desk.writable else ', dry run'}"
        text = "Renovate leaves it alone until it is released.\nWith an end if you like: REASON until 2026-12-31"
        self._app.confirm(title, text, free=True, then=lambda word: self._hold(update, word))

    def _is_ours(self, update: Update) -> bool:
        state = self._repository
        return state is not None and any(hold.kind == "own" and hold.concerns(update) for hold in state.holds)

    def _hold(self, update: Update, word: str) -> None:
        reason, until = texts.held(word)
        desk = self._app.desk
        self._app.work.ask("hold", lambda: desk.plan_hold(update.branch, reason=reason, until=until), self._planned)

    def do_undo(self) -> None:
        """Take back what was approved here."""
        screen = self._app.screen
        commit = self._approved(screen) if isinstance(screen, Place) else ""
        if not commit:
            self._app.tell("undo: nothing of it was approved, as far as main's last commits tell")
            return
        self.revert(commit)

    def revert(self, commit: str) -> None:
        """Plan to take it back, then ask."""
        desk = self._app.desk

        def planned(ended: Ended) -> None:
            """What can't be taken back is said first; then why, for the commit and for the hold that goes with it."""
            intent: Intent | None = self._to_write(ended)
            if intent and not desk.writable:
                self._ask(intent)
            elif intent:
                title, text = texts.taking_back(intent)
                self._app.confirm(title, text, free=True, then=again)

        def again(reason: str) -> None:
            self._app.work.ask("revert", lambda: desk.plan_revert(commit, reason=reason), self._planned)

        self._app.work.ask("revert", lambda: desk.plan_revert(commit), planned)

    def _approved(self, screen: Place) -> str:
        """The commit that the screen is about; empty for none."""
        if screen.commit:
            return screen.commit
        state, situation = self._repository, screen.situation()
        if state is None:
            return ""
        for done in state.approvals:
            if situation.update and done.branch == situation.update.branch and situation.update.state == "applied":
                return done.commit
            # Of what is approved no branch may be left, then the row is the branch's name.
            if situation.key == (done.system,) or (situation.update is None and situation.key == (done.branch,)):
                return done.commit
        return ""

    @property
    def _repository(self) -> RepositoryState | None:
        found: RepositoryState | None = self._app.desk.snapshot()[Topic.REPOSITORY].items.get(("repository",))
        return found

    def _planned(self, ended: Ended) -> None:
        """Show exactly what will be written, and ask."""
        intent = self._to_write(ended)
        if intent:
            self._ask(intent)

    def _to_write(self, ended: Ended) -> "Intent | None":
        """What was planned, when there is something to write; else it is said why not. A dry run says it by itself."""
        if ended.error:
            self._app.refuse(ended.job.label, ended.error.message, ended.error.hint)
            return None
        intent: Intent = ended.result
        refusal = intent.review.refusal if intent.review else ""
        if intent.noop:
            self._app.tell(f"{intent.verb}: it is so already", "muted")
            return None
        if refusal and self._app.desk.writable:
            cure = import_module("console.operations.review").cure(refusal)
            self._app.refuse(intent.verb, f"{intent.verb}: {refusal}", cure)
            return None
        return intent

    def _ask(self, intent: "Intent") -> None:
        """As for an approval: blockers need a reason, and what reaches far its name. Read-only, its dry run is all."""
        label, desk, review = f"{intent.verb} {texts.called(intent)}", self._app.desk, intent.review
        if not desk.writable:
            self._app.open("dryrun", "DryRun", (intent,))
            return
        if review and review.unanswered:
            title, asked = label.capitalize(), texts.blockers(review)
            self._app.confirm(title, asked, free=True, then=lambda reason: self._overridden(intent, review, reason))
            return
        self._app.confirm(
            label.capitalize(),
            texts.intent(intent),
            typed=review.typed if review else "",
            then=lambda _: self.run(label, lambda stop: desk.carry_out(intent, stop)),
            shows=lambda: self._app.open("dryrun", "DryRun", (intent,)),
        )

    def _overridden(self, intent: "Intent", review: "Review", reason: str) -> None:
        """Blockers were answered with a reason, which goes into the commit."""
        answered = import_module("console.operations.review").overridden(review, reason)
        self._ask(replace(intent, review=answered))
