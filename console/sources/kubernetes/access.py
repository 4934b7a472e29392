"""Where the cluster is and who we are there: the kubeconfig, read by the official client."""

import base64
import contextlib
import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from cryptography import x509
from kubernetes.client import Configuration
from kubernetes.config import kube_config, load_incluster_config
from kubernetes.config.config_exception import ConfigException
from kubernetes.config.kube_config import ConfigNode, KubeConfigLoader, KubeConfigMerger

from console.model.unstructured import Raw, mapping, text, texts
from console.sources.errors import NotConfigured
from console.sources.kubernetes import plugin
from console.sources.kubernetes.kubeconfigs import USUAL, places
from console.sources.stop import Stop

_EARLY = timedelta(seconds=10)


@dataclass(slots=True)
class Access:
    """One reading of the kubeconfig. ``expiry`` is when the credential ends (UTC), if it says so."""

    name: str  # of the cluster
    context: str
    configuration: Configuration
    impersonation: dict[str, str] = field(default_factory=dict)
    expiry: datetime | None = None
    tls: ssl.SSLContext | None = None
    certificate_expiry: datetime | None = None

    @property
    def host(self) -> str:
        """The server's URL, without a slash at the end, and without credentials."""
        return str(self.configuration.host).rstrip("/")

    def headers(self) -> dict[str, str]:
        """Who we are, for one request."""
        token = self.configuration.get_api_key_with_prefix("BearerToken", alias="authorization")
        return {**self.impersonation, **({"authorization": " ".join(token.split())} if token else {})}

    def expired(self) -> bool:
        """Whether the credential says of itself that it is no longer valid."""
        return self.expiry is not None and datetime.now(UTC) >= self.expiry - _EARLY


def read(kubeconfig: Path | None, context: str | None, stop: Stop | None = None) -> Access:
    """The way to the cluster. Raises NotConfigured, or what a credential plugin raises, which ``stop`` ends.

    Writes nothing.

    Order: what is named, then KUBECONFIG, then ~/.kube/config, then the service account of a pod.
    """
    files = places(kubeconfig)
    try:
        access = _of_files(files, context, stop or Stop()) if files else _of_pod()
        access.tls, access.certificate_expiry = _tls(access.configuration)
    except (ConfigException, yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, OSError) as error:
        said = " ".join(str(error).split())[:300]
        raise NotConfigured(
            f"The kubeconfig {files or 'of the pod'} can't be used: {said or type(error).__name__}",
            "`kubectl config view` shows what kubectl makes of it.",
        ) from error
    return access


def _of_files(files: str, context: str | None, stop: Stop) -> Access:
    merged = KubeConfigMerger(files).config  # type: ignore[no-untyped-call]
    if merged is None:
        raise NotConfigured(f"There is no kubeconfig at {files}", "Set KUBECONFIG, or use --kubeconfig.")
    chosen = _context(merged, context, files)
    user, base = _named(merged, "users", text(chosen, "context", "user"))
    expiry = _identify(user, base, stop)
    configuration = Configuration()
    loader = KubeConfigLoader(  # type: ignore[no-untyped-call]
        merged, active_context=text(chosen, "name"), config_base_path=None
    )
    loader.load_and_set(configuration)  # type: ignore[no-untyped-call]
    host = urlsplit(configuration.host).hostname or ""
    if host == "localhost" or host.startswith("127.") or host == "::1":
        configuration.proxy = None  # the client would take HTTPS_PROXY even to the loopback
    name = text(chosen, "context", "cluster") or text(chosen, "name")
    return Access(name, text(chosen, "name"), configuration, _impersonation(user), expiry)


def _of_pod() -> Access:
    if not os.environ.get("KUBERNETES_SERVICE_HOST"):
        raise NotConfigured(
            "No kubeconfig was found", f"Put one at {USUAL} (`talosctl kubeconfig`), or set KUBECONFIG."
        )
    configuration = Configuration()
    load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
    return Access("in-cluster", "in-cluster", configuration)


def _context(merged: ConfigNode, wanted: str | None, files: str) -> Raw:
    known = [_plain(row) for row in merged.value.get("contexts") or []]
    name = wanted or merged.value.get("current-context") or ""
    for row in known:
        if row.get("name") == name:
            return row
    names = ", ".join(text(row, "name") for row in known) or "none"
    if not name:
        raise NotConfigured(f"No context is chosen in {files}", f"Choose one with --context: {names}.")
    raise NotConfigured(f"There is no context {name} in {files}", f"There are: {names}.")


def _named(merged: ConfigNode, part: str, name: str) -> tuple[dict[str, Any], Path]:
    """(the user itself, not a copy; the folder that its relative paths start from)."""
    for row in merged.value.get(part) or []:
        if _plain(row).get("name") == name:
            found = _plain(row).get("user")
            path = getattr(row, "path", None)
            return (found if isinstance(found, dict) else {}), Path(path or ".").absolute().parent
    return {}, Path()


def _plain(row: object) -> dict[str, Any]:
    value = getattr(row, "value", row)
    return value if isinstance(value, dict) else {}


def _identify(user: dict[str, Any], base: Path, stop: Stop) -> datetime | None:
    """Put the credential itself into ``user`` where the client would fetch it in a way that harms; gives its end."""
    if isinstance(user.get("tokenFile"), str):
        # The client sends the newline at the file's end too, and never reads the file again.
        user["token"] = (base / user["tokenFile"]).read_text("utf-8").strip()
    asked = mapping(user, "exec")
    if not asked or user.get("token"):
        return None
    found, expiry = plugin.run(asked, base, stop)
    del user["exec"]
    if "token" in found:
        user["token"] = found["token"]
    if "certificate" in found:
        user["client-certificate-data"] = base64.b64encode(found["certificate"].encode()).decode()
        user["client-key-data"] = base64.b64encode(found["key"].encode()).decode()
    return expiry


def _impersonation(user: Raw) -> dict[str, str]:
    """The client does not read these keys; without them we would have more rights than was meant."""
    if not text(user, "as"):
        return {}
    groups = texts(user, "as-groups")
    return {"impersonate-user": text(user, "as"), **({"impersonate-group": groups[0]} if groups else {})}


def _tls(configuration: Configuration) -> tuple[ssl.SSLContext | None, datetime | None]:
    """The TLS side, made once for all connections, and the client certificate's end.

    The client leaves certificate and key in temporary files until the process ends; they go at once.
    """
    if not str(configuration.host).startswith("https"):
        return None, None
    with _temporary_files_gone():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if not configuration.verify_ssl:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif configuration.ssl_ca_cert:
            context.load_verify_locations(configuration.ssl_ca_cert)
        else:
            context.load_default_certs()
        if not configuration.cert_file:
            return context, None
        context.load_cert_chain(configuration.cert_file, configuration.key_file)
        return context, _not_after(Path(configuration.cert_file).read_bytes())


@contextlib.contextmanager
def _temporary_files_gone() -> Iterator[None]:
    try:
        yield
    finally:
        # What it does at exit, without waiting for the exit.
        kube_config._cleanup_temp_files()  # type: ignore[no-untyped-call]  # noqa: SLF001


def _not_after(pem: bytes) -> datetime | None:
    try:
        return x509.load_pem_x509_certificate(pem).not_valid_after_utc
    except ValueError:
        return None
