"""``python -m tests.live.tools``: builds the real Kubernetes for ``pytest -m live``, where it is not there yet.

The versions are those of ``go.mod``, the sums those of ``go.sum``. What was built stays in the cache folder
(``tests.live.parts.built``); what the build needed on the way, some 3 GB, is removed again.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.live.parts import TOOLS, built, cache, find

PACKAGES = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
}
LONGEST = 1500  # seconds: cold, on two cores, it is a third of that


def main() -> int:
    """0 when all is there."""
    missing = [name for name in PACKAGES if find(name) is None]
    if not missing:
        return 0
    go = shutil.which("go")
    if go is None:
        print(f"{', '.join(missing)}: not here, and no Go toolchain to build it with", file=sys.stderr)
        return 1
    print(f"building {', '.join(missing)} into {built()}", file=sys.stderr)
    cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="build-", dir=cache()) as scratch:
        return max(build(go, Path(scratch), name) for name in missing)


def build(go: str, scratch: Path, name: str) -> int:
    """The exit code of Go. ``scratch`` holds modules and objects, so that HOME is not needed."""
    own = {"GOPATH": "path", "GOCACHE": "objects", "GOTMPDIR": "."}
    environment = {**os.environ, **{key: str(scratch / value) for key, value in own.items()}}
    environment |= {"CGO_ENABLED": "0", "GOFLAGS": "-modcacherw", "GOWORK": "off"}
    options = ["-trimpath", "-buildvcs=false", f"-ldflags=-s -w {_named()}"]
    command = [go, "build", *options, "-o", str(scratch / name), PACKAGES[name]]
    done = subprocess.run(command, cwd=TOOLS, env=environment, timeout=LONGEST, check=False)
    if done.returncode == 0:
        built().mkdir(parents=True, exist_ok=True)
        (scratch / name).replace(built() / name)
    return done.returncode


def _named() -> str:
    """Kubernetes' version as its own build writes it into the binaries, which otherwise call themselves v0.0.0."""
    found = re.search(r"k8s.io/kubernetes (v(\d+)\.(\d+)\S+)", (TOOLS / "go.mod").read_text())
    assert found
    values = dict(zip(("gitVersion", "gitMajor", "gitMinor"), found.groups(), strict=True))
    places = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return " ".join(f"-X {place}.{name}={value}" for place in places for name, value in values.items())


if __name__ == "__main__":
    sys.exit(main())
