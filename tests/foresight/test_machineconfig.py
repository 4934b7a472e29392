"""Machine configuration is found wherever a repository keeps it, and nothing else is taken for it."""

import pytest

from console.foresight.machineconfig import Part, parts, together

INSTALL = "machine:\n  install:\n    extraKernelArgs:\n      - a=b\n"
TALCONFIG = """
clusterName: home
endpoint: https://10.0.0.1:6443
nodes:
  - hostname: one
    patches:
      - |-
        machine:
          network:
            hostname: one
      - "@./patches/one.yaml"
patches:
  - "@./patches/global/install.yaml"
  - |
    - op: add
      path: /machine/kubelet/extraArgs/feature-gates
      value: A=true
controlPlane:
  patches: ["@./patches/planes.yaml"]
""".lstrip()


def found(files: dict[str, str]) -> list[Part]:
    return list(parts({path: text.encode() for path, text in files.items()}))


def paths(part: Part) -> list[str]:
    return [".".join(s.path) for s in part.settings]


class TestTalhelper:
    def test_patches_inline_and_by_file_are_read_for_whom_they_are(self) -> None:
        made = found(
            {
                "talos/talconfig.yaml": TALCONFIG,
                "talos/patches/one.yaml": INSTALL,
                "talos/patches/global/install.yaml": INSTALL,
                "talos/patches/planes.yaml": INSTALL,
            }
        )
        assert [(p.document.file.rpartition("/")[2], p.lane) for p in made] == [
            ("talconfig.yaml", ("", "")),
            ("talconfig.yaml", ("node", "one")),  # its own keys
            ("talconfig.yaml", ("node", "one")),  # its patch
            ("talconfig.yaml", ("", "")),
            ("one.yaml", ("node", "one")),
            ("install.yaml", ("", "")),
            ("planes.yaml", ("role", "control-plane")),
        ]

    @pytest.mark.parametrize("name", ["#{ file | basename }#", "{{ file }}", "{{ file }}.yaml"])
    def test_a_name_that_a_template_makes_stands_for_every_file_of_its_folder(self, name: str) -> None:
        talconfig = f'clusterName: a\nnodes: []\nworker:\n  patches:\n    - "@./patches/{name}"\n'
        made = found(
            {
                "talos/talconfig.yaml.j2": talconfig,
                "talos/patches/files.yaml.j2": INSTALL,
                "talos/other/files.yaml.j2": INSTALL,
            }
        )
        assert [(p.document.file, p.lane) for p in made if not p.kind] == [
            ("talos/patches/files.yaml.j2", ("role", "worker"))
        ]

    def test_keys_of_two_nodes_are_never_combined(self) -> None:
        nodes = "".join(f"  - hostname: {name}\n    installDisk: /dev/{name}\n" for name in ("one", "two"))
        made = found({"talos/talconfig.yaml": f"clusterName: a\nnodes:\n{nodes}"})
        one, two = (p for p in made if any(s.path[-1] == "installDisk" for s in p.settings))
        assert not together(one, two)
        assert together(made[0], one)

    def test_a_line_inside_an_inline_patch_is_the_files_own(self) -> None:
        made = found({"talos/talconfig.yaml": TALCONFIG})
        (hostname,) = [s for p in made for s in p.settings if s.path == ("machine", "network", "hostname")]
        assert TALCONFIG.splitlines()[hostname.line - 1].strip() == "hostname: one"

    def test_a_json_patch_sets_what_it_points_at(self) -> None:
        made = found({"talos/talconfig.yaml": TALCONFIG})
        assert "machine.kubelet.extraArgs.feature-gates" in [path for p in made for path in paths(p)]

    def test_a_patch_that_is_not_named_reaches_no_node(self) -> None:
        made = found({"talos/talconfig.yaml": TALCONFIG, "talos/patches/old.yaml": INSTALL})
        assert "talos/patches/old.yaml" not in {p.document.file for p in made}

    def test_what_it_renders_is_not_read_again(self) -> None:
        assert not found({"talos/clusterconfig/home-one.yaml": INSTALL})


class TestOthers:
    @pytest.mark.parametrize(
        ("path", "text", "kind"),
        [
            ("talos/machineconfig.yaml.j2", "{% if x %}\n" + INSTALL + "{% endif %}\n", ""),
            ("talos/machineconfig.yaml.j2", "version: v1alpha1\nmachine:\n  install:\n    image: {{ image }}\n", ""),
            ("talos/all/x.yaml", "apiVersion: v1alpha1\nkind: HostnameConfig\nauto: stable\n", "HostnameConfig"),
            ("talos/topf.yaml", "clusterName: home\nnodes:\n  - host: one\n", "topf"),
            ("talos/patch.yaml", '- op: replace\n  path: "/cluster/proxy/disabled"\n  value: true\n', ""),
        ],
    )
    def test_each_way_to_keep_it_is_known(self, path: str, text: str, kind: str) -> None:
        assert [p.kind for p in found({path: text})] == [kind]

    def test_documents_after_one_another_are_each_read(self) -> None:
        text = INSTALL + "---\napiVersion: v1alpha1\nkind: UserVolumeConfig\nname: x\n"
        assert [p.kind for p in found({"talos/a.yaml": text})] == ["", "UserVolumeConfig"]

    @pytest.mark.parametrize(
        "text",
        [
            "cluster:\n  instances: 3\n",  # values of a chart
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  machine: x\n",
            "machine:\n  install: {}\nother: 1\n",
            "cluster: [a, b]\n",
            "- op: add\n  path: spec.x\n  value: 1\n",
        ],
    )
    def test_what_only_looks_like_it_is_left_alone(self, text: str) -> None:
        assert not found({"apps/values.yaml": text})


class TestTogether:
    def part(self, path: str) -> Part:
        return found({path: INSTALL})[0]

    @pytest.mark.parametrize(
        ("one", "other", "may"),
        [
            ("talos/nodes/a.yaml", "talos/nodes/b.yaml", False),
            ("talos/nodes/10.0.0.1.yaml.j2", "talos/nodes/10.0.0.2.yaml.j2", False),
            ("talos/nodes/a.yaml", "talos/all.yaml", True),
            ("talos/worker/a.yaml", "talos/controlplane/b.yaml", False),
            ("talos/worker/a.yaml", "talos/nodes/b.yaml", True),
            ("clusters/one/talos/a.yaml", "clusters/two/talos/a.yaml", False),
        ],
    )
    def test_patches_of_different_nodes_are_no_pair(self, one: str, other: str, *, may: bool) -> None:
        assert together(self.part(one), self.part(other)) is may


def test_two_whole_configurations_side_by_side_are_never_combined() -> None:
    whole = "version: v1alpha1\nmachine:\n  type: worker\ncluster:\n  clusterName: a\n"
    made = found(
        {
            "talos/machineconfig.yaml.j2": whole,
            "talos/machineconfig.v1.14.yaml.j2": f"{whole}---\napiVersion: v1alpha1\nkind: KubeletConfig\n",
            "talos/nodes/one.yaml.j2": INSTALL,
        }
    )
    now, later, document, patch = made
    assert not together(now, document)
    assert together(later, document)
    assert together(now, patch)
