"""The Kubernetes API: one cluster's objects, watched, asked and patched.

Light to import: what is heavy comes with ``connect``.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from console.sources.stop import Stop

if TYPE_CHECKING:
    from console.sources.kubernetes.cluster import KubernetesCluster


def connect(
    kubeconfig: Path | None = None, context: str | None = None, stop: Stop | None = None
) -> "KubernetesCluster":
    """The cluster that the kubeconfig names (KUBECONFIG, ~/.kube/config, a pod's account). Asks it nothing yet.

    A credential plugin may take its time; ``stop`` ends it. Raises SourceError when nothing usable is configured.
    """
    from console.sources.kubernetes.cluster import KubernetesCluster  # noqa: PLC0415

    return KubernetesCluster(kubeconfig, context, stop)
