"""What stands around the manifests: tools, Renovate's configuration, workflows, documentation."""

from console.demo.repository.fake import RECIPIENT
from console.demo.repository.files import File


def files(source: str) -> dict[str, File]:
    """The files by path. Only a repository that is published as an artifact has the workflow that does it."""
    texts = dict(_TEXTS)
    if source == "OCIRepository":
        texts[".github/workflows/push-artifact.yaml"] = _PUSH_ARTIFACT
    return {path: File(text) for path, text in texts.items()}


_MISE = """[env]
KUBECONFIG = "{{config_root}}/kubeconfig"
SOPS_AGE_KEY_FILE = "{{config_root}}/age.key"
TALOSCONFIG = "{{config_root}}/talos/clusterconfig/talosconfig"

[tools]
"aqua:budimanjojo/talhelper" = "«mise.talhelper»"
"aqua:fluxcd/flux2" = "«mise.flux»"
"aqua:getsops/sops" = "«mise.sops»"
"aqua:helm/helm" = "«mise.helm»"
"aqua:kubernetes/kubectl" = "«mise.kubectl»"
"aqua:mikefarah/yq" = "«mise.yq»"
"aqua:yannh/kubeconform" = "«mise.kubeconform»"
jq = "1.8.1"
python = "3.14.0"
talosctl = "«mise.talosctl»"
task = "3.45.4"
"""

_SOPS = f"""---
creation_rules:
  - path_regex: talos/.*\\.sops\\.ya?ml
    mac_only_encrypted: true
    age: {RECIPIENT}
  - path_regex: (bootstrap|kubernetes)/.*\\.sops\\.ya?ml
    encrypted_regex: "^(data|stringData)$"
    age: {RECIPIENT}
stores:
  yaml:
    indent: 2
"""

_RENOVATE = """{
  $schema: "https://docs.renovatebot.com/renovate-schema.json",
  extends: [
    "config:recommended",
    "helpers:pinGitHubActionDigestsToSemver",
    ":dependencyDashboard",
    ":semanticCommits",
    "github>home-operator/home-ops//.renovate/managers.json5",
    "github>home-operator/home-ops//.renovate/groups.json5",
    "github>home-operator/home-ops//.renovate/labels.json5",
    // The last one wins: node upgrades wait for a person.
    "github>home-operator/home-ops//.renovate/upgradeBlock.json5",
  ],
  flux: { «renovate.matchers»: ["/(^|/)kubernetes/.+\\\\.ya?ml$/"] },
  kubernetes: { «renovate.matchers»: ["/(^|/)kubernetes/.+\\\\.ya?ml$/"] },
  ignorePaths: ["**/*.sops.*"],
  timezone: "Europe/Berlin",
}
"""

_MANAGERS = """{
  customManagers: [
    {
      // Versions under a comment that says what they are
      customType: "regex",
      managerFilePatterns: ["/(^|/)(kubernetes|talos)/.+\\\\.ya?ml(\\\\.j2)?$/"],
      matchStrings: [
        "# renovate: datasource=(?<datasource>\\\\S+) depName=(?<depName>\\\\S+)\\\\n.+?: (?<currentValue>\\\\S+)",
      ],
    },
  ],
  customDatasources: {
    "talos-factory": {
      defaultRegistryUrlTemplate: "https://factory.talos.dev/versions",
      transformTemplates: ['{ "releases": $map($, function($v) { { "version": $v } }) }'],
    },
  },
}
"""

_GROUPS = """{
  packageRules: [
    {
      groupName: "flux-operator",
      matchPackageNames: ["/flux-operator/", "/flux-instance/"],
      group: { commitMessageTopic: "{{{groupName}}} group" },
    },
    { groupName: "immich", matchPackageNames: ["/immich-app/"] },
    { groupName: "mise tools", matchManagers: ["mise"], matchPackageNames: ["!talosctl"] },
  ],
}
"""

_LABELS = """{
  packageRules: [
    { matchUpdateTypes: ["major"], labels: ["type/major"] },
    { matchUpdateTypes: ["minor"], labels: ["type/minor"] },
    { matchUpdateTypes: ["patch"], labels: ["type/patch"] },
    { matchUpdateTypes: ["digest"], labels: ["type/digest"] },
  ],
}
"""

_UPGRADE_BLOCK = """{
  packageRules: [
    {
      description: "Node upgrades hold for a review",
      matchPackageNames: ["ghcr.io/siderolabs/kubelet", "siderolabs/talos"],
      matchUpdateTypes: ["minor", "patch"],
      automerge: false,
      labels: ["system-upgrade"],
    },
    {
      description: "A new major is not even a branch before it was asked for",
      matchPackageNames: ["ghcr.io/siderolabs/kubelet", "siderolabs/talos"],
      matchUpdateTypes: ["major"],
      dependencyDashboardApproval: true,
      labels: ["system-upgrade"],
    },
  ],
}
"""

_VALIDATE = """---
name: Validate

on:
  pull_request:
    branches: [main]

permissions:
  contents: read

jobs:
  flate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@«action.checkout»
      - id: changed
        uses: tj-actions/changed-files@«action.changed-files»
        with:
          files: kubernetes/**
      - uses: jdx/mise-action@«action.mise»
      - if: steps.changed.outputs.any_changed == 'true'
        run: task kubernetes:validate
"""

_DOCS = """---
name: Documentation

on:
  push:
    branches: [main]
    paths: ["docs/**"]

permissions:
  contents: read
  pages: write

jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@«action.checkout»
      - uses: actions/setup-python@«action.python»
      - run: uv run --directory docs mkdocs build --strict
"""

_PUSH_ARTIFACT = """---
name: Push artifact

on:
  push:
    branches: [main]
    paths: ["kubernetes/**"]

permissions:
  contents: read
  packages: write

jobs:
  push:
    runs-on: ubuntu-latest
    env:
      REPOSITORY: oci://ghcr.io/${{ github.repository_owner }}/home-ops
    steps:
      - uses: actions/checkout@«action.checkout»
      - uses: jdx/mise-action@«action.mise»
      - run: |
          flux push artifact "${REPOSITORY}:main-${GITHUB_SHA::8}" --path=. \\
            --source="${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}" --revision="main@sha1:${GITHUB_SHA}"
          flux tag artifact "${REPOSITORY}:main-${GITHUB_SHA::8}" --tag latest
"""

_README = """# home-ops

The cluster at home: Talos on bare metal, Flux, and a bot that proposes updates.

- `talos/` is what the machines are made of (talhelper).
- `kubernetes/apps/<namespace>/<app>` is what runs on them.
- New versions arrive as branches under `renovate/`. Those of Talos and Kubernetes wait for a review; then tuppr
  takes them to the nodes.
"""

_TASKFILE = """---
version: "3"

tasks:
  talos:generate-config:
    desc: Render the machine configs
    dir: talos
    cmd: talhelper genconfig

  kubernetes:validate:
    desc: Check every manifest
    cmd: kubeconform -strict -ignore-missing-schemas kubernetes
"""

_PYPROJECT = """[project]
name = "home-ops-docs"
version = "0.0.0"
requires-python = ">=3.13"
dependencies = ["mkdocs-material==«docs.material»"]
"""

_UV_LOCK = """version = 1
revision = 3
requires-python = ">=3.13"

[[package]]
name = "home-ops-docs"
version = "0.0.0"
source = { virtual = "." }
dependencies = [{ name = "mkdocs-material" }]

[[package]]
name = "mkdocs-material"
version = "«docs.material»"
source = { registry = "https://packages.home.example/simple" }
dependencies = [{ name = "jinja2" }, { name = "pygments" }, { name = "requests" }]

[[package]]
name = "pygments"
version = "«lock.pygments»"
source = { registry = "https://packages.home.example/simple" }

[[package]]
name = "requests"
version = "«lock.requests»"
source = { registry = "https://packages.home.example/simple" }
"""

_TEXTS = {
    ".gitignore": "age.key\nkubeconfig\ntalos/clusterconfig/\n",
    ".mise.toml": _MISE,
    ".renovaterc.json5": _RENOVATE,
    ".renovate/managers.json5": _MANAGERS,
    ".renovate/groups.json5": _GROUPS,
    ".renovate/labels.json5": _LABELS,
    ".renovate/upgradeBlock.json5": _UPGRADE_BLOCK,
    ".sops.yaml": _SOPS,
    ".github/workflows/validate.yaml": _VALIDATE,
    ".github/workflows/docs.yaml": _DOCS,
    "README.md": _README,
    "Taskfile.yaml": _TASKFILE,
    "docs/mkdocs.yml": "site_name: home-ops\ndocs_dir: content\ntheme:\n  name: material\n",
    "docs/content/index.md": "# home-ops\n\n«docs.index»\n",
    "docs/pyproject.toml": _PYPROJECT,
    "docs/uv.lock": _UV_LOCK,
}
