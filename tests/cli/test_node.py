"""``homeconsole nodes NAME``: the row, and below it what a close look tells."""

from tests.cli.conftest import Shell


class TestOneNode:
    def test_its_detail_is_json_beside_its_row(self, shell: Shell) -> None:
        answer = shell.run("nodes", "k8s-control-1", "-o", "json").json
        (row,), detail = answer["nodes"], answer["detail"]
        assert (answer["schema"], row["name"], row["schematic"]) == (
            *("homeconsole/nodes/v1", "k8s-control-1"),
            detail["schematic"],
        )
        kubelet = next(each for each in detail["services"] if each["name"] == "kubelet")
        assert (kubelet["state"], kubelet["health"]) == ("Running", "OK")
        assert [each["path"] for each in detail["disks"] if each["system"]] == ["/dev/nvme0n1"]
        assert detail["volumes"][0]["used"] > 0
        assert "talos.platform=metal" in detail["kernelArguments"]

    def test_what_the_role_may_not_read_is_marked_and_nothing_fails(self, shell: Shell) -> None:
        ran = shell.run("nodes", "k8s-control-1", "-o", "json")
        assert ran.code == 0
        assert [(each["part"], each["needs"]) for each in ran.json["detail"]["missing"]] == [
            ("kubelet image", "os:admin")
        ]

    def test_as_tables(self, shell: Shell) -> None:
        text = shell.run("nodes", "k8s-control-1").out
        for part in ("SERVICE", "EXTENSION", "DISK", "VOLUME", "EPHEMERAL", "kernel arguments", "needs os:admin"):
            assert part in text
