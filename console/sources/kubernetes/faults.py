"""What can go wrong on the way to the Kubernetes API, said so that the operator knows what to do."""

import errno
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime

from urllib3 import exceptions as http

from console.model.unstructured import decoded, number, text
from console.sources.errors import (
    Forbidden,
    HomeconsoleError,
    Malformed,
    Refused,
    SourceError,
    TimedOut,
    Unauthorized,
    Unreachable,
)

LONGEST_PAUSE = 60.0


class Gone(SourceError):  # noqa: N818
    """410: the resourceVersion is too old; list again. Never leaves this folder."""

    kind = "gone"


class Unsupported(SourceError):  # noqa: N818
    """The server does not do what was asked (a streamed list). Never leaves this folder."""

    kind = "unsupported"


class Cut(Unreachable):
    """A connection that worked broke; as a rule the next one works at once."""


class Busy(Unreachable):
    """The server asks to come back later, after ``pause`` seconds."""

    kind = "busy"

    def __init__(self, message: str, pause: float) -> None:
        super().__init__(message, "It recovers by itself; nothing to do unless it lasts.")
        self.pause = min(max(pause, 0.0), LONGEST_PAUSE)


class Missing(Refused):
    """404."""

    kind = "not-found"


def network(error: Exception, host: str, context: str, expiry: datetime | None = None) -> SourceError:
    """A failure below HTTP as the SourceError that it is. ``expiry`` is the client certificate's notAfter, if known."""
    if isinstance(error, http.SSLError | ssl.SSLError):
        return _tls(str(error), host, context, expiry)
    if isinstance(error, http.TimeoutError | TimeoutError) and not isinstance(error, http.NewConnectionError):
        return TimedOut(
            f"The Kubernetes API at {host} does not answer in time",
            "Is the control plane up, and the way to it open (VPN, firewall)?",
        )
    way = _way(error, host, context)
    if way:
        return Unreachable(*way)
    if expiry and expiry <= datetime.now(UTC):  # servers that check it in TLS may just hang up
        return _client_certificate(host, context, expiry)
    return Cut(
        f"The connection to the Kubernetes API at {host} broke: {_innermost(error)}", "It is opened again by itself."
    )


def _way(error: Exception, host: str, context: str) -> tuple[str, str] | None:
    """(what is wrong, what to do) where no connection came about; None when one did, and broke."""
    if isinstance(error, http.NameResolutionError):
        return (
            f"The name of the Kubernetes API at {host} is not known",
            f"Check `server:` of context {context} in the kubeconfig, the network, the VPN and DNS.",
        )
    if isinstance(error, http.ProxyError):
        return (f"The proxy on the way to {host} does not answer", "Check HTTPS_PROXY, NO_PROXY and `proxy-url:`.")
    if _has(error, errno.ECONNREFUSED):
        return (
            f"The Kubernetes API at {host} refuses connections",
            "Is the control plane up? While the only one reboots, this is normal for some minutes.",
        )
    if _has(error, errno.ENETUNREACH, errno.EHOSTUNREACH):
        return (f"There is no way to the Kubernetes API at {host}", "Check the network and the VPN.")
    return None


def _tls(message: str, host: str, context: str, expiry: datetime | None) -> SourceError:
    lower = message.lower()
    if "alert" in lower and "certificate" in lower:
        return _client_certificate(host, context, expiry)
    if "certificate has expired" in lower or "not yet valid" in lower:
        return Unauthorized(
            f"The certificate of the Kubernetes API at {host} is not valid now",
            "Check the clock here and there; Talos renews it when the control plane restarts.",
            kind="certificate-expired",
        )
    if "hostname mismatch" in lower or "ip address mismatch" in lower or "doesn't match" in lower:
        return Unauthorized(
            f"The certificate of the Kubernetes API is not for {host}",
            f"Use a name or address that is in it (Talos: cluster.apiServer.certSANs) for context {context}.",
            kind="wrong-name",
        )
    if "certificate verify failed" in lower or "self-signed" in lower or "unable to get" in lower:
        return Unauthorized(
            f"The certificate of the Kubernetes API at {host} is not from the authority in the kubeconfig",
            f"The cluster was rebuilt, or context {context} is another's: `talosctl kubeconfig` writes a new one.",
            kind="wrong-ca",
        )
    if "wrong version number" in lower or "http request" in lower or "record layer" in lower:
        return Malformed(f"{host} does not speak TLS", f"Check `server:` of context {context} in the kubeconfig.")
    return Unreachable(f"TLS with the Kubernetes API at {host} failed: {message[:300]}", "It is tried again.")


def _client_certificate(host: str, context: str, expiry: datetime | None) -> Unauthorized:
    if expiry and expiry <= datetime.now(UTC):
        days = (datetime.now(UTC) - expiry).days
        return Unauthorized(
            f"The client certificate of context {context} expired {days} days ago ({expiry:%Y-%m-%d})",
            "`talosctl kubeconfig` writes a new one; this recovers by itself.",
            kind="certificate-expired",
        )
    return Unauthorized(
        f"The Kubernetes API at {host} does not accept the client certificate of context {context}",
        "`talosctl kubeconfig` writes a new one.",
    )


def unauthorized(host: str, context: str, expiry: datetime | None, complaint: str = "") -> Unauthorized:
    """401. ``complaint`` is what the credential plugin said, if there is one."""
    if expiry and expiry <= datetime.now(UTC):
        return _client_certificate(host, context, expiry)
    return Unauthorized(
        f"The Kubernetes API at {host} does not know the user of context {context}"
        + (f": {complaint}" if complaint else ""),
        "The token or certificate is not valid (any more): renew it; it is read again by itself.",
    )


def answered(status: int, body: bytes, headers: Mapping[str, str], doing: str) -> HomeconsoleError:
    """An HTTP answer that is an error. ``doing`` is ``verb resource.group`` for the operator's RBAC rules."""
    said = said_by(body)
    message = text(said, "message") or body[:300].decode("utf-8", "replace").strip() or f"HTTP {status}"
    after = headers.get("retry-after", "")
    if status == 429 or (status >= 500 and after.isdecimal()):
        wanted = number(said, "details", "retryAfterSeconds")
        return Busy(f"The Kubernetes API is busy: {message}", float(after) if after.isdecimal() else float(wanted or 1))
    if status >= 500:
        return Unreachable(f"The Kubernetes API answers {status}: {message}", "It is tried again.", kind="server-error")
    return _refusal(status, message, doing)


def _refusal(status: int, message: str, doing: str) -> HomeconsoleError:
    if status == 403:
        return Forbidden(f"Not allowed to {doing}: {message}", f"Give this user the verb in a ClusterRole: {doing}.")
    if status == 404:
        return Missing(message)
    if status == 410:
        return Gone(message)
    if status == 409:
        return Refused(message, "Somebody else changed it at the same time; try again.", kind="conflict")
    return Refused(message, kind="invalid")


def said_by(body: bytes) -> object:
    """The Status object in an answer, or an empty one."""
    try:
        return decoded(body)
    except ValueError:
        return {}


def _has(error: BaseException | None, *numbers: int) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in numbers:
            return True
        for part in error.args:
            if isinstance(part, OSError) and part.errno in numbers:
                return True
        error = error.__cause__ or error.__context__
    return False


def _innermost(error: BaseException) -> str:
    """What happened, without the wrapping."""
    while True:
        inner = error.__cause__ or next((part for part in error.args if isinstance(part, BaseException)), None)
        if inner is None:
            return str(error)[:300] or type(error).__name__
        error = inner
