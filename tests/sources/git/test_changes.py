"""Versions found in every kind of file that the survey of real repositories saw; shapes as there, contents made up."""

import textwrap

import pytest

from console.sources.git.changes import file_versions

A, B = "a" * 64, "b" * 64
SHA, SHB = "1" * 39 + "a", "2" * 39 + "b"

Row = tuple[str, str, str, str]


def found(path: str, old: str, new: str) -> list[Row]:
    """Name, from, to and class of each change."""
    old, new = textwrap.dedent(old), textwrap.dedent(new)
    return [(c.name, c.old, c.new, c.type) for c in file_versions(path, old, new).changes]


def swapped(path: str, text: str, *pairs: tuple[str, str]) -> list[Row]:
    """The changes when ``text`` has some of its words replaced; nothing else may be left unexplained."""
    text = textwrap.dedent(text)
    new = text
    for before, after in pairs:
        assert before in new
        new = new.replace(before, after)
    versions = file_versions(path, text, new)
    assert versions.others == 0
    return [(c.name, c.old, c.new, c.type) for c in versions.changes]


OCI = """
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    metadata: {name: grafana}
    spec:
      ref:
        tag: 10.4.0
        digest: sha256:AAAA
      url: oci://ghcr.io/grafana/helm-charts/grafana
""".replace("AAAA", A)


class TestFlux:
    def test_tag_and_digest_of_an_oci_repository_are_one_change(self) -> None:
        assert swapped("a.yaml", OCI, ("10.4.0", "10.5.1"), (A, B)) == [
            ("ghcr.io/grafana/helm-charts/grafana", "10.4.0", "10.5.1", "minor")
        ]

    def test_a_digest_alone(self) -> None:
        assert swapped("a.yaml", OCI, (A, B)) == [
            ("ghcr.io/grafana/helm-charts/grafana", f"sha256:{A}", f"sha256:{B}", "digest")
        ]

    def test_chart_of_a_helm_release(self) -> None:
        text = """
            kind: HelmRelease
            metadata: {name: longhorn}
            spec:
              chart:
                spec:
                  chart: longhorn
                  version: 1.11.2
                  sourceRef: {kind: HelmRepository, name: longhorn}
        """
        assert swapped("hr.yaml", text, ("1.11.2", "1.12.0")) == [("longhorn", "1.11.2", "1.12.0", "minor")]

    def test_git_repository(self) -> None:
        text = "kind: GitRepository\nspec:\n  url: https://github.com/org/repo.git\n  ref:\n    tag: v1.0.0\n"
        assert swapped("g.yaml", text, ("v1.0.0", "v1.0.1")) == [("org/repo", "v1.0.0", "v1.0.1", "patch")]

    def test_artifact_of_a_flux_instance(self) -> None:
        text = "kind: FluxInstance\nspec:\n  distribution:\n    artifact: oci://ghcr.io/org/manifests:v0.58.0\n"
        assert swapped("f.yaml", text, ("v0.58.0", "v0.58.1")) == [
            ("ghcr.io/org/manifests", "v0.58.0", "v0.58.1", "patch")
        ]

    def test_substitution_with_a_comment(self) -> None:
        text = """
            kind: Kustomization
            spec:
              postBuild:
                substitute:
                  # renovate: datasource=docker depName=ghcr.io/siderolabs/installer
                  TALOS_VERSION: v1.13.7
        """
        versions = file_versions("ks.yaml", textwrap.dedent(text), textwrap.dedent(text).replace("13.7", "13.8"))
        assert [(c.name, c.datasource) for c in versions.changes] == [("ghcr.io/siderolabs/installer", "docker")]
        assert versions.systems == {"talos"}


class TestImages:
    VALUES = f"""
        kind: HelmRelease
        metadata: {{name: plex}}
        spec:
          values:
            controllers:
              plex:
                containers:
                  app:
                    image:
                      repository: ghcr.io/home-operations/plex
                      tag: 1.42.2.10156@sha256:{A}
    """

    def test_repository_and_tag_with_digest(self) -> None:
        assert swapped("hr.yaml", self.VALUES, (f"1.42.2.10156@sha256:{A}", f"1.42.3.10310@sha256:{B}")) == [
            ("ghcr.io/home-operations/plex", "1.42.2.10156", "1.42.3.10310", "patch")
        ]

    def test_another_repository_is_a_replacement(self) -> None:
        rows = swapped("hr.yaml", self.VALUES, ("ghcr.io/home-operations/plex", "docker.io/plexinc/pms"), (A, B))
        assert rows == [
            (
                "docker.io/plexinc/pms",
                f"ghcr.io/home-operations/plex:1.42.2.10156@sha256:{A}",
                f"docker.io/plexinc/pms:1.42.2.10156@sha256:{B}",
                "replacement",
            )
        ]

    def test_registry_beside_the_repository(self) -> None:
        text = "image:\n  registry: quay.io\n  repository: org/app\n  tag: v1.0.0\n"
        assert swapped("v.yaml", text, ("v1.0.0", "v1.1.0")) == [("quay.io/org/app", "v1.0.0", "v1.1.0", "minor")]

    def test_a_pin(self) -> None:
        text = "image:\n  repository: org/app\n  tag: 12.3.0\n"
        assert swapped("v.yaml", text, ("12.3.0", f"12.3.0@sha256:{A}")) == [
            ("org/app", "12.3.0", f"12.3.0@sha256:{A}", "pin")
        ]

    def test_image_string(self) -> None:
        text = f"containers:\n  - image: ghcr.io/org/app:1.0.0@sha256:{A}\n    name: app\n"
        assert swapped("d.yaml", text, ("1.0.0", "2.0.0"), (A, B)) == [("ghcr.io/org/app", "1.0.0", "2.0.0", "major")]

    def test_port_in_the_registry(self) -> None:
        text = "image: registry.local:5000/app:1.0.0\n"
        assert swapped("d.yaml", text, ("1.0.0", "1.0.1")) == [("registry.local:5000/app", "1.0.0", "1.0.1", "patch")]

    def test_anchored_tag(self) -> None:
        text = (
            "a:\n  image: {repository: org/hass, tag: &tag 2026.8.2}\nb:\n  image: {repository: org/hass, tag: *tag}\n"
        )
        assert swapped("v.yaml", text, ("2026.8.2", "2026.8.3")) == [("org/hass", "2026.8.2", "2026.8.3", "patch")]

    def test_kustomize_images(self) -> None:
        text = "images:\n  - name: app\n    newName: ghcr.io/org/app\n    newTag: v1.0.0\n"
        assert swapped("kustomization.yaml", text, ("v1.0.0", "v1.0.1")) == [
            ("ghcr.io/org/app", "v1.0.0", "v1.0.1", "patch")
        ]

    def test_two_images_in_one_file_keep_their_names(self) -> None:
        text = """
            server: {image: {repository: org/server, tag: v2.4.1}}
            worker:
              image:
                repository: org/worker
                tag: v2.4.1-cuda
        """
        assert swapped("v.yaml", text, ("v2.4.1", "v3.0.0")) == [
            ("org/server", "v2.4.1", "v3.0.0", "major"),
            ("org/worker", "v2.4.1-cuda", "v3.0.0-cuda", "major"),
        ]

    def test_an_image_inserted_before_another_moves_no_version(self) -> None:
        old = "images:\n  - image: org/b:1.0.0\n"
        new = "images:\n  - image: org/a:3.0.0\n  - image: org/b:1.0.0\n"
        assert found("v.yaml", old, new) == []


TALOS_UPGRADE = "kind: TalosUpgrade\nspec:\n  talos:\n    version: v1.13.7\n"
KUBERNETES_UPGRADE = "kind: KubernetesUpgrade\nspec:\n  kubernetes:\n    version: v1.36.2\n"
TALOSCTL = "spec:\n  talosctl:\n    image:\n      repository: ghcr.io/siderolabs/talosctl\n      tag: v1.13.7\n"
WORKFLOW = "env:\n  # renovate: datasource=github-releases depName=siderolabs/talos\n  V: v1.13.7\n"


class TestSystems:
    @pytest.mark.parametrize(
        ("path", "text", "old", "new", "system"),
        [
            ("u.yaml", TALOS_UPGRADE, "13.7", "13.8", "talos"),
            ("u.yaml", KUBERNETES_UPGRADE, "36.2", "36.3", "kubernetes"),
            ("talos/talenv.yaml", "talosVersion: v1.13.7\n", "13.7", "13.8", "talos"),
            ("talos/talconfig.yaml", "kubernetesVersion: v1.36.2\n", "36.2", "36.3", "kubernetes"),
            ("m.yaml.j2", "{% if a %}\n  image: ghcr.io/siderolabs/kubelet:v1.36.2\n", "36.2", "36.3", "kubernetes"),
            (
                "m.yaml.j2",
                "{% if a %}\n  image: factory.talos.dev/metal-installer/{{ ENV.SCHEMATIC }}:v1.13.7\n",
                "13.7",
                "13.8",
                "talos",
            ),
            ("c.yaml", "image: registry.k8s.io/kube-apiserver:v1.36.2\n", "36.2", "36.3", "kubernetes"),
            (
                "versions.env",
                "# renovate: datasource=docker depName=ghcr.io/siderolabs/installer\nTALOS_VERSION=v1.13.7\n",
                "13.7",
                "13.8",
                "talos",
            ),
            (".mise.toml", '[tools]\n"aqua:siderolabs/talos" = "1.13.7"\n', "13.7", "13.8", None),
            (".mise.toml", "[tools]\ntalosctl = '1.13.7'\n", "13.7", "13.8", None),
            (".mise.toml", '[tools]\n"aqua:kubernetes/kubernetes/kubectl" = "1.36.2"\n', "36.2", "36.3", None),
            ("t.yaml", TALOSCTL, "13.7", "13.8", None),
            (".github/workflows/x.yaml", WORKFLOW, "13.7", "13.8", None),
            ("a.yaml", "image: ghcr.io/org/kube-state-metrics:v2.0.0\n", "v2.0.0", "v2.1.0", None),
        ],
    )
    def test_what_moves_the_version_of_nodes(
        self, path: str, text: str, old: str, new: str, system: str | None
    ) -> None:
        versions = file_versions(path, text, text.replace(old, new))
        assert versions.changes
        assert versions.systems == ({system} if system else set())


class TestLines:
    @pytest.mark.parametrize(
        ("path", "line", "old", "new", "name"),
        [
            (".mise.toml", '"aqua:helm/helm" = "4.1.3"', "4.1.3", "4.2.0", "aqua:helm/helm"),
            (".mise.toml", "node = '24'", "24", "25", "node"),
            (".mise.toml", 'uv = { version = "0.11.1" }', "0.11.1", "0.12.0", "uv"),
            (".tool-versions", "terraform 1.9.0", "1.9.0", "1.10.0", "terraform"),
            ("requirements.txt", "zensical==0.0.45", "0.0.45", "0.0.53", "zensical"),
            ("pyproject.toml", 'dependencies = ["mkdocs-material==9.7.1", "x"]', "9.7.1", "9.7.2", "mkdocs-material"),
            ("package.json", '    "@types/node": "22.5.2",', "22.5.2", "22.5.3", "@types/node"),
            ("package.json", '    "@types/node": "^18",', "18", "24.0.0", "@types/node"),
            (
                "Dockerfile",
                "FROM docker.io/library/alpine:3.22.0 AS build",
                "3.22.0",
                "3.22.1",
                "docker.io/library/alpine",
            ),
            ("go.mod", "\tgithub.com/org/mod v1.2.3", "v1.2.3", "v1.3.0", "github.com/org/mod"),
            (
                "kustomization.yaml",
                "  - https://github.com/org/crds/releases/download/v1.2.0/all.yaml",
                "v1.2.0",
                "v1.3.0",
                "org/crds",
            ),
            (
                "plugins.txt",
                "https://download.example.net/1663/loader/Thing-Bukkit-5.5.76.jar",
                "5.5.76",
                "5.5.77",
                "download.example.net",
            ),
            (".renovaterc.json5", '  extends: ["github>org/presets#7.0.0"],', "7.0.0", "8.1.0", "org/presets"),
            ("x.sh", 'curl -L "https://github.com/org/tool/archive/v1.0.0.tar.gz"', "1.0.0", "1.1.0", "org/tool"),
        ],
    )
    def test_name_and_versions(self, path: str, line: str, old: str, new: str, name: str) -> None:
        rows = swapped(path, line + "\n", (old, new))
        assert [(n, o.lstrip("v"), w.lstrip("v")) for n, o, w, _ in rows] == [(name, old.lstrip("v"), new.lstrip("v"))]

    def test_a_range_written_with_another_gap(self) -> None:
        found = file_versions(
            "main.tf", 'source = "org/kms"\nversion = "~>5.2"\n', 'source = "org/kms"\nversion = "~> 7.0"\n'
        )
        assert [(c.name, c.old, c.new, c.type) for c in found.changes] == [("org/kms", "5.2", "7.0", "major")]

    def test_section_of_a_tool(self) -> None:
        text = '[tools."github:org/tool"]\nversion = "1.2.3"\n'
        assert swapped(".mise.toml", text, ("1.2.3", "1.2.4")) == [("github:org/tool", "1.2.3", "1.2.4", "patch")]

    def test_oci_repository_in_a_template_is_named_by_the_url_below(self) -> None:
        text = "#% if x %#\nspec:\n  ref:\n    tag: 0.41.1\n  url: oci://ghcr.io/org/charts/app\n"
        assert swapped("o.yaml.j2", text, ("0.41.1", "0.43.0")) == [
            ("ghcr.io/org/charts/app", "0.41.1", "0.43.0", "minor")
        ]

    @pytest.mark.parametrize(
        "comment",
        [
            "# renovate: datasource=github-releases depName=org/tool",
            "# renovate: depName=org/tool datasource=github-releases extractVersion=^v(?<version>.*)$",
            '# renovate: datasource="github-releases" depName="org/tool"',
            "## renovate: datasource=github-releases packageName=org/tool",
            "// renovate: datasource=github-releases depName=org/tool",
            "{# renovate: datasource=github-releases depName=org/tool #}",
            "<!-- renovate: datasource=github-releases depName=org/tool -->",
        ],
    )
    def test_comment_above_names_it(self, comment: str) -> None:
        text = f"{comment}\nsome_thing: 'v1.2.3'\n"
        versions = file_versions("x.j2", text, text.replace("1.2.3", "1.2.4"))
        assert [(c.name, c.datasource, c.line) for c in versions.changes] == [("org/tool", "github-releases", 2)]

    def test_comment_behind_names_it(self) -> None:
        text = "VERSION=1.2.3 # renovate: datasource=pypi depName=thing\n"
        assert swapped("x.env", text, ("1.2.3", "1.3.0")) == [("thing", "1.2.3", "1.3.0", "minor")]

    def test_dashboard_below_its_comment(self) -> None:
        text = 'dashboards:\n  a:\n    # renovate: depName="Node Exporter"\n    gnetId: 1860\n    revision: 41\n'
        assert swapped("hr.yaml", text, ("41", "42")) == [("Node Exporter", "41", "42", "major")]

    @pytest.mark.parametrize(
        "line", ["memory: 512Mi", "interval: 15m", "replicas: 1", "port: 8080", "SMTP_PORT: 25", "timeout-minutes: 15"]
    )
    def test_settings_are_no_versions(self, line: str) -> None:
        new = (
            line.replace("512", "768")
            .replace("15", "30")
            .replace(": 1", ": 2")
            .replace("8080", "8081")
            .replace("25", "26")
        )
        assert line != new
        versions = file_versions("a.yaml", line + "\n", new + "\n")
        assert (versions.changes, versions.others) == ([], 2)

    def test_lines_below_an_insertion_are_paired_by_shape(self) -> None:
        old = "{% x %}\nimage: org/a:1.0.0\n"
        new = "{% x %}\nextra: true\nimage: org/a:1.1.0\n"
        versions = file_versions("x.j2", old, new)
        assert [(c.name, c.new, c.line) for c in versions.changes] == [("org/a", "1.1.0", 3)]
        assert versions.others == 1


class TestWorkflows:
    def test_commit_with_version_behind_it(self) -> None:
        text = f"jobs:\n  a:\n    steps:\n      - uses: actions/checkout@{SHA} # v4.3.1\n"
        assert swapped(".github/workflows/a.yaml", text, (SHA, SHB), ("v4.3.1", "v7.0.0")) == [
            ("actions/checkout", "v4.3.1", "v7.0.0", "major")
        ]

    def test_the_same_version_elsewhere_is_a_digest(self) -> None:
        text = f"steps:\n  - uses: actions/checkout@{SHA} # v4\n"
        assert swapped(".github/workflows/a.yaml", text, (SHA, SHB)) == [("actions/checkout", SHA, SHB, "digest")]

    def test_a_tag_that_is_pinned(self) -> None:
        text = "steps:\n  - uses: actions/setup-python@v6\n"
        assert swapped(".github/workflows/a.yaml", text, ("@v6", f"@{SHA} # v6.1.0")) == [
            ("actions/setup-python", "v6", SHA, "pin")
        ]

    def test_what_is_versioned_is_the_repository(self) -> None:
        text = f"steps:\n  - uses: github/codeql-action/init@{SHA} # v4.37.6\n"
        rows = swapped(".github/workflows/a.yaml", text, (SHA, SHB), ("v4.37.6", "v4.37.7"))
        assert rows == [("github/codeql-action", "v4.37.6", "v4.37.7", "patch")]

    def test_another_action_is_a_replacement(self) -> None:
        text = "steps:\n  - uses: old/action@v1\n"
        assert swapped(".github/workflows/a.yaml", text, ("old/action@v1", "new/action@v2")) == [
            ("new/action", "old/action@v1", "new/action@v2", "replacement")
        ]


class TestOthers:
    def test_helmfile(self) -> None:
        text = "releases:\n  - name: cilium\n    chart: oci://quay.io/cilium/charts/cilium\n    version: 1.19.6\n"
        assert swapped("helmfile.yaml", text, ("1.19.6", "1.20.0")) == [
            ("quay.io/cilium/charts/cilium", "1.19.6", "1.20.0", "minor")
        ]

    def test_helm_charts_of_kustomize(self) -> None:
        text = "helmCharts:\n  - name: cilium\n    repo: https://helm.cilium.io\n    version: 1.19.4\n"
        assert swapped("kustomization.yaml", text, ("1.19.4", "1.19.5")) == [("cilium", "1.19.4", "1.19.5", "patch")]

    def test_pre_commit(self) -> None:
        text = "repos:\n  - repo: https://github.com/org/hooks\n    rev: v1.0.0\n"
        assert swapped(".pre-commit-config.yaml", text, ("v1.0.0", "v1.1.0")) == [
            ("org/hooks", "v1.0.0", "v1.1.0", "minor")
        ]

    def test_galaxy(self) -> None:
        text = "collections:\n  - name: community.general\n    version: 12.0.0\n"
        assert swapped("requirements.yml", text, ("12.0.0", "12.0.1")) == [
            ("community.general", "12.0.0", "12.0.1", "patch")
        ]

    def test_terraform(self) -> None:
        text = (
            'terraform {\n  required_providers {\n    x = {\n      source = "org/x"\n      version = "1.2.3"\n    }\n'
        )
        assert swapped("main.tf", text, ("1.2.3", "1.3.0")) == [("org/x", "1.2.3", "1.3.0", "minor")]

    def test_block_of_text_in_yaml(self) -> None:
        text = "kind: ConfigMap\ndata:\n  values.yaml: |\n    image: ghcr.io/org/app:1.0.0\n    x: y\n"
        assert swapped("cm.yaml", text, ("1.0.0", "1.0.1")) == [("ghcr.io/org/app", "1.0.0", "1.0.1", "patch")]

    @pytest.mark.parametrize(
        "path", ["package-lock.json", "a/uv.lock", "mise.lock", ".terraform.lock.hcl", "flake.lock"]
    )
    def test_lock_files_have_no_versions_of_their_own(self, path: str) -> None:
        assert found(path, 'version = "1.0.0"\n', 'version = "1.1.0"\n') == []

    def test_documents_are_told_apart_by_name_not_by_order(self) -> None:
        one = "kind: HelmChart\nmetadata: {name: a}\nspec: {chart: a, version: 1.0.0}\n"
        two = "kind: HelmChart\nmetadata: {name: b}\nspec: {chart: b, version: 2.0.0}\n"
        assert found("x.yaml", one + "---\n" + two, two.replace("2.0.0", "2.1.0") + "---\n" + one) == [
            ("b", "2.0.0", "2.1.0", "minor")
        ]

    def test_path_and_line_say_where(self) -> None:
        change = file_versions(
            "a.yaml", textwrap.dedent(OCI), textwrap.dedent(OCI).replace("10.4.0", "10.5.0")
        ).changes[0]
        assert (change.file, change.path, change.line) == ("a.yaml", "spec.ref.tag", 7)
