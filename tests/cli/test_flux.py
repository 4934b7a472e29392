"""One Flux object whole, where things come from, and many reconciled at once: against the embedded cluster."""

import re

from console.demo.thread import DemoThread
from tests.cli.conftest import Shell
from tests.cli.test_commands import keys


def pod_of(demo: DemoThread, namespace: str, name: str) -> str:
    pods = demo.call(lambda: demo.cluster.store.list("Pod", namespace))
    return next(str(pod["metadata"]["name"]) for pod in pods if pod["metadata"]["name"].startswith(name))


class TestOne:
    def test_is_told_whole(self, shell: Shell) -> None:
        ran = shell.run("flux", "HelmRelease/observability/grafana", "-o", "json")
        assert ran.code == 0, ran.err
        (found,) = ran.json["objects"]
        assert [c["type"] for c in found["conditions"]] == ["Ready", "Stalled", "Released"]
        assert found["history"][0]["outcome"] == "failed"
        assert found["history"][0]["release"] == 2
        assert found["events"][0]["reason"] == "UpgradeFailed"
        (deployment,) = found["tree"]["children"]
        assert (deployment["kind"], deployment["name"], deployment["status"]) == ("Deployment", "grafana", "Ready")
        assert [pod["kind"] for pod in deployment["children"]] == ["Pod"]
        assert [key for key in keys(ran.json) if not re.fullmatch(r"[a-z][a-zA-Z]*", key)] == []

    def test_the_commit_that_last_changed_it_is_named(self, shell: Shell) -> None:
        """Also while its Kustomization has not got well with it, so that the last applied revision is an older one."""
        trace = shell.run("flux", "HelmRelease/observability/grafana", "-o", "json").json["objects"][0]["trace"]
        assert trace["path"] == "kubernetes/apps/observability/grafana/app"
        assert trace["applied"]["id"] == shell.git("rev-parse", "main")
        newest = shell.git("log", "-1", "--format=%H %an %s", "main", "--", trace["path"])
        assert f"{trace['commit']['id']} {trace['commit']['author']} {trace['commit']['subject']}" == newest

    def test_so_is_its_pull_request(self, shell: Shell) -> None:
        trace = shell.run("flux", "Kustomization/media/immich", "-o", "json").json["objects"][0]["trace"]
        assert trace["commit"]["subject"].endswith(f"(#{trace['commit']['pull']})")
        assert trace["commit"]["author"] == "home-bot[bot]"

    def test_a_table_shows_the_same(self, shell: Shell) -> None:
        ran = shell.run("flux", "Kustomization/media/plex")
        assert ran.code == 0, ran.err
        for text in ("CONDITION", "HISTORY", "└─ OCIRepository/media/plex", "EVENTS", "commit  "):
            assert text in ran.out


class TestOrigin:
    def test_of_a_pod(self, shell: Shell, demo: DemoThread) -> None:
        ran = shell.run("flux", f"pod/media/{pod_of(demo, 'media', 'sonarr')}", "-o", "json")
        assert ran.code == 0, ran.err
        links = [(link["relation"], link["kind"], link["name"]) for link in ran.json["trace"]["links"]]
        assert links[1:4] == [
            ("owner", "Deployment", "sonarr"),
            ("applied by", "HelmRelease", "sonarr"),
            ("applied by", "Kustomization", "sonarr"),
        ]
        assert links[-1] == ("source", "OCIRepository", "flux-system")
        assert ran.json["trace"]["commit"]["id"]

    def test_of_what_is_not_there(self, shell: Shell) -> None:
        for ref in ("Pod/media/nobody", "Unicorn/media/nobody"):
            assert shell.run("flux", ref).code == 2


class TestMany:
    def test_everything_failing_ends_with_one_line_each(self, shell: Shell) -> None:
        ran = shell.run("reconcile", "--failing", "--write", "-o", "json")
        assert ran.code == 1, ran.err
        outcomes = {(o["kind"], o["name"]): (o["outcome"], o["message"]) for o in ran.json["objects"]}
        assert outcomes["HelmRelease", "grafana"][0] == "failed"
        assert outcomes["Kustomization", "loki"][0] == "skipped", outcomes
        assert "did not get well" in outcomes["Kustomization", "loki"][1]
        assert ran.json["outcome"] == "failed"
        assert not [o for o in outcomes if o[1] == "plex"]

    def test_several_by_name(self, shell: Shell) -> None:
        names = ("Kustomization/media/sonarr", "Kustomization/home/mosquitto")
        ran = shell.run("reconcile", *names, "--write")
        assert ran.code == 0, ran.err
        assert all(f"✔ {name}" in ran.err for name in names)
        assert "2 done" in ran.err

    def test_nothing_or_both_is_wrong_usage(self, shell: Shell) -> None:
        assert shell.run("reconcile", "--write").code == 2
        assert shell.run("reconcile", "Kustomization/media/sonarr", "--failing", "--write").code == 2

    def test_without_write_mode_it_is_refused(self, shell: Shell) -> None:
        ran = shell.run("reconcile", "--failing", "-o", "json")
        assert ran.code == 1
        assert ran.json["error"]["kind"] == "read-only"
