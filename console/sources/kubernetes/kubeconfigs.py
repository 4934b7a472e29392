"""Where kubeconfigs are. Light to import: also who never asks the cluster looks whether they have changed."""

import os
from pathlib import Path

USUAL = Path("~/.kube/config")


def places(kubeconfig: Path | None) -> str:
    """The files to read, joined as in KUBECONFIG; empty when none was named and the usual one is not there."""
    named = str(kubeconfig) if kubeconfig else os.environ.get("KUBECONFIG", "")
    return named or (str(USUAL.expanduser()) if USUAL.expanduser().is_file() else "")
