"""The file by which clients find the server."""

import base64
import json


def kubeconfig(cluster: str, url: str, authority: bytes, user: str, token: str) -> str:
    """One context, ``user@cluster``. JSON, which is YAML too, and needs no YAML library."""
    return document(cluster, url, authority, user, {"token": token})


def document(cluster: str, url: str, authority: bytes, user: str, credentials: dict[str, str]) -> str:
    """With any credentials: ``token``, or ``client-certificate-data`` and ``client-key-data``."""
    context = f"{user}@{cluster}"
    trusted = {"server": url, "certificate-authority-data": base64.b64encode(authority).decode()}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": cluster, "cluster": trusted}],
            "users": [{"name": context, "user": credentials}],
            "contexts": [{"name": context, "context": {"cluster": cluster, "user": context, "namespace": "default"}}],
            "current-context": context,
        },
        indent=2,
    )
