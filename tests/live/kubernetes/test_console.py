"""The console on a real API server: what it shows, what it changes, with the README's rights and no more."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from console.model.flux import FluxKey
from console.model.flux_kinds import REQUESTED_AT
from console.model.snapshot import Life, Topic
from console.model.step import Step, StepState
from console.settings import load
from console.sources.errors import Forbidden, HomeconsoleError, Refused
from console.sources.stop import Stop
from console.wiring import Console
from console.wiring.connection import TOPICS
from tests.cli.conftest import Ran, Shell
from tests.cli.test_doctor import checks
from tests.cli.test_life import waited
from tests.cli.test_rights import keys
from tests.demo.api.target import KUSTOMIZATIONS, Api
from tests.live.apiserver import RealServer
from tests.live.kubernetes.conftest import Account, apply_the_readme

pytestmark = pytest.mark.xdist_group("twin")

SONARR = FluxKey("Kustomization", "media", "sonarr")
PATH = f"{KUSTOMIZATIONS}/namespaces/media/kustomizations/sonarr"
WRITERS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/homeconsole-write"
# What differs between two servers with the same objects: when they were made and written, and when they were asked.
# The embedded one tells no managedFields, from which the time of a pass is known where nothing else says it.
VOLATILE = {"at", "createdAt", "creationTimestamp", "resourceVersion", "uid", "managedFields"}
VOLATILE |= {"lastReconciledAt", "nextReconcileAt"}

Opened = Callable[..., Console]


def lasting(value: Any) -> Any:
    """Without what is of one server only."""
    if isinstance(value, dict):
        return {key: lasting(item) for key, item in value.items() if key not in VOLATILE}
    return [lasting(item) for item in value] if isinstance(value, list) else value


@pytest.fixture
def opened(shell: Shell) -> Iterator[Opened]:
    """A desk in write mode; every topic of the cluster is live."""
    desks: list[Console] = []

    def desk(kubeconfig: Path, *topics: Topic) -> Console:
        environment = {**shell.environment, "KUBECONFIG": str(kubeconfig), "HOMECONSOLE_WRITE": "true"}
        console = Console(load({}, environment), folder=shell.folder)
        desks.append(console)
        console.start(topics or TOPICS)
        for topic in topics or TOPICS:
            assert waited(console, lambda topic=topic: life(console, topic) is Life.LIVE), topic  # type: ignore[misc]
        return console

    yield desk
    for each in desks:
        each.stop()


def life(desk: Console, topic: Topic) -> Life:
    return desk.snapshot()[topic].freshness.life


@contextmanager
def controller(admin: Api, path: str) -> Iterator[None]:
    """Does what kustomize-controller does when it is asked for a pass: handles the request and says so."""
    over = threading.Event()

    def handle() -> None:
        while not over.wait(0.05):
            found = admin.get(path).json
            asked = found["metadata"].get("annotations", {}).get(REQUESTED_AT)
            if asked and asked != found["status"].get("lastHandledReconcileAt"):
                handled = {"lastHandledReconcileAt": asked, "observedGeneration": found["metadata"]["generation"]}
                admin.patch(f"{path}/status", {"status": handled})

    thread = threading.Thread(target=handle)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(30)


def outcome(steps: Iterator[Step]) -> Step:
    *_, last = steps
    return last


class TestShows:
    @pytest.mark.parametrize(
        "words",
        [
            ["status"],
            ["flux"],
            ["flux", "ks/media/sonarr"],
            ["flux", "hr/observability/grafana"],
            ["nodes"],
            ["upgrades"],
        ],
        ids=" ".join,
    )
    def test_a_command_says_of_both_servers_the_same(
        self, shell: Shell, twin: RealServer, tmp_path: Path, words: list[str]
    ) -> None:
        real = tmp_path / "kubeconfig-of-the-real-one"
        real.write_text(twin.kubeconfig("admin", {"token": twin.target.admin}))
        told: list[Ran] = [shell.run(*words, "-o", "json", extra=extra) for extra in ({}, {"KUBECONFIG": str(real)})]
        assert told[0].code == told[1].code, told[1].err
        assert lasting(told[1].json) == lasting(told[0].json)


class TestWithTheRightsOfTheReadme:
    def test_everything_is_seen_and_done_and_nothing_refused(
        self, twin: RealServer, admin: Api, account: Account, opened: Opened
    ) -> None:
        before = len(twin.audited())
        desk = opened(account.kubeconfig, *TOPICS, Topic.REPOSITORY, Topic.UPDATES)
        assert not [limit for topic in TOPICS for limit in desk.snapshot()[topic].freshness.limits]
        with controller(admin, PATH):
            assert outcome(desk.reconcile(SONARR, with_source=False, stop=Stop())).state is StepState.DONE
            for resume in (False, True):
                assert outcome(desk.suspend(SONARR, resume=resume, reason="a try", stop=Stop())).state is StepState.DONE
                assert admin.get(PATH).json["spec"].get("suspend", False) is not resume
        assert desk.inspect(SONARR).events
        pods = [key for key in keys(desk.tree(SONARR)) if key.kind == "Pod"]
        assert desk.trace(pods[0]).applied
        with pytest.raises(HomeconsoleError) as caught:  # there is no kubelet; we were let through to it
            next(desk.logs(SONARR, Stop()))
        assert not isinstance(caught.value, Forbidden)
        asked = twin.audited()[before:]
        assert len(asked) > len(TOPICS)
        refused = [event["objectRef"] for event in asked if event["responseStatus"]["code"] in {401, 403}]
        assert {about["resource"] for about in refused} <= {"secrets"}  # whose state is Unknown, as the manifest says

    def test_doctor_has_nothing_to_say(self, account: Account, shell: Shell) -> None:
        ran = shell.run("doctor", "--kubeconfig", str(account.kubeconfig), "--write", "-o", "json")
        found = checks(ran.json)
        assert {found[name]["state"] for name in ("kubernetes", "rights to look", "rights to act")} == {"ok"}

    @pytest.mark.parametrize("verb", ["reconcile", "suspend"])
    def test_without_the_writing_role_a_write_is_refused_by_its_name(
        self, admin: Api, account: Account, opened: Opened, tmp_path: Path, verb: str
    ) -> None:
        admin("DELETE", WRITERS)
        try:
            desk = opened(account.kubeconfig, Topic.FLUX)
            steps = (
                desk.reconcile(SONARR, with_source=False, stop=Stop())
                if verb == "reconcile"
                else desk.suspend(SONARR, resume=False, reason="", stop=Stop())
            )
            with pytest.raises(Refused) as caught:
                next(steps)
        finally:
            apply_the_readme(account.server, tmp_path)
        assert caught.value.kind == "forbidden"
        assert '"patch" on kustomizations.kustomize.toolkit.fluxcd.io' in caught.value.hint

    def test_without_an_account_nothing_is_told(self, twin: RealServer, shell: Shell, tmp_path: Path) -> None:
        stranger = tmp_path / "kubeconfig-of-nobody"
        stranger.write_text(twin.kubeconfig("nobody", {"token": "nobody"}))
        ran = shell.run("flux", "--kubeconfig", str(stranger), "-o", "json")
        assert ran.code != 0
        assert "sonarr" not in ran.out
        assert ran.json["error"]["kind"] == "unauthorized"


class TestLives:
    def test_a_change_is_seen(self, admin: Api, account: Account, opened: Opened) -> None:
        desk = opened(account.kubeconfig, Topic.FLUX)
        told = {"type": "Ready", "status": "False", "reason": "BuildFailed", "message": "as it is on the real one"}
        kept = admin.get(PATH).json["status"]["conditions"]
        admin.patch(
            f"{PATH}/status", {"status": {"conditions": [told | {"lastTransitionTime": "2026-11-22T12:00:00Z"}]}}
        )
        assert waited(desk, lambda: "as it is on the real one" in message(desk))
        admin.patch(f"{PATH}/status", {"status": {"conditions": kept}})
        assert waited(desk, lambda: "as it is on the real one" not in message(desk))

    def test_a_new_server_that_remembers_nothing_is_read_anew(
        self, twin: RealServer, admin: Api, account: Account, opened: Opened
    ) -> None:
        """After a restart every revision is too old (410), and what happened meanwhile came by no stream."""
        desk = opened(account.kubeconfig, Topic.FLUX)
        name = "while-it-was-away"
        made = admin.get(PATH).json
        twin.stop()
        assert waited(desk, lambda: life(desk, Topic.FLUX) is not Life.LIVE)
        twin.start()
        metadata = {"name": name, "namespace": "media"}
        admin.made(
            PATH.rpartition("/")[0], {key: made[key] for key in ("apiVersion", "kind", "spec")} | {"metadata": metadata}
        )
        assert waited(desk, lambda: FluxKey("Kustomization", "media", name) in desk.snapshot()[Topic.FLUX].items)
        assert waited(desk, lambda: life(desk, Topic.FLUX) is Life.LIVE)
        admin("DELETE", PATH.replace("sonarr", name))
        assert waited(desk, lambda: FluxKey("Kustomization", "media", name) not in desk.snapshot()[Topic.FLUX].items)

    def test_a_renewed_token_is_taken_from_its_file(
        self, twin: RealServer, admin: Api, account: Account, opened: Opened
    ) -> None:
        """Open streams are not asked again who they are: a restart makes all of them ask."""
        desk = opened(account.kubeconfig, Topic.FLUX)
        account.make_anew()
        account.renew()
        twin.stop()
        assert waited(desk, lambda: life(desk, Topic.FLUX) is not Life.LIVE)
        twin.start()
        assert waited(desk, lambda: life(desk, Topic.FLUX) is Life.LIVE)
        assert outcome(desk.suspend(SONARR, resume=False, reason="", stop=Stop())).state is StepState.DONE
        with controller(admin, PATH):
            assert outcome(desk.suspend(SONARR, resume=True, reason="", stop=Stop())).state is StepState.DONE


def message(desk: Console) -> str:
    found = desk.snapshot()[Topic.FLUX].items[SONARR]
    return str(getattr(found, "message", ""))
