"""What ``homeconsole doctor`` looks at: each thing that is needed, where it was found, how to fix it."""

import shlex
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from console.plain.doctor import Check, State
from console.settings import Settings
from console.sources.errors import HomeconsoleError, UsageError
from console.sources.stop import Stop
from console.store import Feeds, Store
from console.wiring import rights
from console.wiring.clusters import Clusters
from console.wiring.connection import TOPICS, Connection
from console.wiring.location import locate, standing
from console.wiring.rights import Right

if TYPE_CHECKING:
    from console.sources.git.identity import Identity
    from console.sources.kubernetes.cluster import KubernetesCluster

# What mends a check that is bad, where that is a command.
_READER = "talosctl config new --roles os:reader --crt-ttl 8760h reader.yaml && export TALOSCONFIG=$PWD/reader.yaml"
_COMMANDS = {
    "kubeconfig": "talosctl kubeconfig",
    "talosctl": "curl -sL https://talos.dev/install | sh",  # docs.siderolabs.com, Getting started
    "talosconfig": _READER,
    "talos certificate": _READER,
    "repository": "export HOMECONSOLE_REPOSITORY=URL",
    "identity": 'git config --global user.name "NAME" && git config --global user.email ADDRESS',
    "signing": "git config --show-origin --get-regexp 'gpg|signingkey'",
    "rights to look": "homeconsole manifests rights | kubectl apply -f -",
    "rights to act": "homeconsole manifests rights | kubectl apply -f -",
}
_CONTEXT = "kubectl config use-context NAME"
EARLY = timedelta(days=14)  # a certificate that ends sooner is worth a word
FIRST = 30.0  # seconds in which every kind must have been read once


def examine(settings: Settings) -> list[Check]:
    """Every check, one after the other. Writes nothing anywhere but into the state folder."""
    return list(_Examination(Clusters(settings).begun(settings)).checks())


class _Examination:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection = Connection(settings.named_kubeconfig, settings.context)

    def checks(self) -> Iterator[Check]:
        for check in self._checks():
            command = _COMMANDS.get(check.name, "") if check.state in {"bad", "warn"} and check.fix else ""
            yield replace(check, command=check.command or command)

    def _checks(self) -> Iterator[Check]:
        try:
            yield self._configuration()
            yield self._mode()
            yield from self._cluster()
            yield from self._talos()
            yield from self._git()
        finally:
            self._connection.close()

    def _configuration(self) -> Check:
        path = self._settings.config_file
        own = self._settings.own
        if own.keys or own.commands:
            from console.ui.mykeys import table  # noqa: PLC0415 - only where there are some; brings no Textual

            try:
                table(own)
            except UsageError as error:
                return replace(_bad("configuration", error), command=f"${{EDITOR:-vi}} {shlex.quote(str(path))}")
        none = f"none at {path}: the defaults hold; homeconsole config init writes one"
        return Check("configuration", "ok", str(path) if path.exists() else none)

    def _mode(self) -> Check:
        word = "write" if self._settings.write else "read-only"
        return Check("mode", "ok", word, self._settings.origin("write"))

    # Kubernetes

    def _cluster(self) -> Iterator[Check]:
        origin = self._settings.origin("kubeconfig")
        try:
            cluster = self._connection.cluster()
        except HomeconsoleError as error:
            cure = _CONTEXT if "context" in error.message else ""
            yield replace(_bad("kubeconfig", error, origin), command=cure)
            yield Check("kubernetes", "skipped", "no kubeconfig")
            return
        yield Check("kubeconfig", "ok", str(self._settings.kubeconfig), origin)
        yield Check("context", "ok", f"{cluster.context} at {cluster.host}", self._settings.origin("context"))
        try:
            served = cluster.kinds()
            looks = rights.missing(cluster, rights.wanted(rights.READ, rights.LOGS), served)
            acts = rights.missing(cluster, rights.wanted(rights.WRITE), served) if self._settings.write else ()
        except HomeconsoleError as error:
            yield _bad("kubernetes", error)
            return
        yield from _watched(cluster, looks)
        yield _rights("rights to look", looks)
        if self._settings.write:
            yield _rights("rights to act", acts)
        else:
            yield Check("rights to act", "skipped", "asked only in write mode")

    # Talos

    def _talos(self) -> Iterator[Check]:
        from console.sources.talos import client, talosconfig  # noqa: PLC0415 - late

        settings = self._settings
        yield _look("talosctl", lambda: self._client(client.client_version), settings.origin("talosctl"))
        origin = settings.origin("talosconfig")
        try:
            path = talosconfig.find(settings.named_talosconfig)
            config = talosconfig.read(path, settings.talos_context)
        except HomeconsoleError as error:
            yield _bad("talosconfig", error, origin)
            return
        where = f"{path}, context {config.context}, endpoints {', '.join(config.endpoints)}"
        yield Check("talosconfig", "ok", where, origin)
        yield self._certificate(config.expires, config.roles)

    def _client(self, version: Callable[[str], str]) -> str:
        from console.sources.talos.client import check_version  # noqa: PLC0415 - late

        found = version(self._settings.executable)
        check_version(found)
        return f"{self._settings.executable} {found}"

    def _certificate(self, expires: datetime | None, roles: tuple[str, ...]) -> Check:
        fix = "A new one, on a machine with admin rights:"
        if expires is None:
            return Check("talos certificate", "warn", "none: the context does not use one")
        left = expires - datetime.now(UTC)
        days = f"{left.days} days" if left > timedelta(0) else f"expired {(-left).days} days ago"
        text = f"{', '.join(roles) or 'no roles'}, until {expires:%Y-%m-%d}, {days}"
        state: State = "bad" if left <= timedelta(0) else "warn" if left < EARLY else "ok"
        return Check("talos certificate", state, text, "", "" if state == "ok" else fix)

    # git

    def _git(self) -> Iterator[Check]:
        from console.sources.git.runner import Git  # noqa: PLC0415 - late

        git = Git()

        def version() -> str:
            git.require()
            return ".".join(map(str, git.version()))

        checked = _look("git", version)
        yield checked
        if checked.state == "bad":
            yield Check("repository", "skipped", "no git that is new enough")
            return
        yield from self._repository()

    def _repository(self) -> Iterator[Check]:
        from console.sources.git.mirror import Mirror  # noqa: PLC0415 - late

        settings = self._settings
        origin = settings.origin("repository")
        try:
            url, origin = locate(settings, self._connection.cluster, standing())
            with tempfile.TemporaryDirectory(prefix="homeconsole-doctor-") as folder:
                # The console's own clone is kept; where there is none yet, one look leaves none behind.
                kept = settings.state / "repos"
                mirror = Mirror(url, settings.branch, settings.prefixes, kept if kept.exists() else Path(folder))
                yield Check("repository", "ok", mirror.url, origin)
                mirror.fetch(Stop())
                waiting = len(mirror.branches())
                text = (
                    f"{mirror.branch} at {mirror.head()[:12]}, {waiting} branches under {', '.join(settings.prefixes)}"
                )
                yield Check("branch", "ok", text, settings.origin("branch"))
                yield self._identity(mirror.identity)
                yield from self._signing(mirror.identity)
                yield self._push(mirror)
        except HomeconsoleError as error:
            yield _bad("repository", error, origin)

    def _identity(self, identity: Callable[[], object]) -> Check:
        found = _look("identity", lambda: str(getattr(identity(), "person", "")))
        if found.state == "bad" and not self._settings.write:
            return replace(found, state="warn")  # only an approval needs it
        return found

    def _signing(self, identity: "Callable[[], Identity]") -> Iterator[Check]:
        """As far as it is seen without signing. Without an identity that is told alone."""
        from console.operations.review import SIGNING  # noqa: PLC0415 - late

        with suppress(HomeconsoleError):
            who = identity()
            if who.unsignable:
                state: State = "bad" if self._settings.write else "warn"  # only an approval needs it
                yield Check("signing", state, f"{who.signature}: {who.unsignable}", "", SIGNING)
            else:
                yield Check("signing", "ok", who.signature or "commits are not signed")

    def _push(self, mirror: "object") -> Check:
        from console.sources.git.mirror import Mirror  # noqa: PLC0415 - late
        from console.sources.git.push import RefUpdate  # noqa: PLC0415 - late

        if not self._settings.write or not isinstance(mirror, Mirror):
            return Check("write access", "skipped", "asked only in write mode")
        head = mirror.head()
        name = "refs/heads/homeconsole/approve/doctor"
        pushed = mirror.push([RefUpdate(name, "", head)], dry_run=True, stop=Stop())
        if pushed.ok:
            return Check("write access", "ok", "git push --dry-run is accepted")
        return Check("write access", "bad", pushed.message, "", pushed.hint)


def _watched(cluster: "KubernetesCluster", known: Sequence[Right]) -> Iterator[Check]:
    """What the panes' own sources make of the cluster; what is ``known`` to be missing is not said twice."""
    store = Store()
    feeds = Feeds(store)
    try:
        for source in cluster.sources():
            feeds.start(source)
        in_time = store.wait(TOPICS, FIRST)
        told = [store.table(topic).freshness for topic in TOPICS]
    finally:
        feeds.stop()
    lacking = {right.title for right in known}
    problems = [p for fresh in told for p in (fresh.problem, *fresh.limits) if p]
    problems = [p for p in problems if p.kind != "forbidden" or not any(title in p.message for title in lacking)]
    if in_time and not problems:
        yield Check("kubernetes", "ok", "the API answers")
    if not in_time:
        yield Check("kubernetes", "bad", f"not everything could be read within {FIRST:.0f} s")
    for problem in dict.fromkeys(problems):
        yield Check("kubernetes", "bad", problem.message, "", problem.hint)


def _rights(name: str, lacking: Sequence[Right]) -> Check:
    if not lacking:
        return Check(name, "ok", "all that is asked for")
    fix = "As an administrator, or give this user the same verbs:"
    state: State = "bad" if any(right.needed for right in lacking) else "warn"
    return Check(name, state, f"may not {rights.listed(lacking)}", "", fix)


def _look(name: str, found: Callable[[], str], origin: str = "") -> Check:
    try:
        return Check(name, "ok", found(), origin)
    except HomeconsoleError as error:
        return _bad(name, error, origin)


def _bad(name: str, error: HomeconsoleError, origin: str = "") -> Check:
    return Check(name, "bad", error.message, origin, error.hint)
