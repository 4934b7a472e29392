"""What talosctl's error texts mean, and what to do. Texts: grpc-go and Go's crypto/tls, the same in 1.12 to 1.14."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from console.sources.errors import (
    Forbidden,
    Malformed,
    NotConfigured,
    SourceError,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from console.sources.talos.talosconfig import NEW_CERTIFICATE

# Told by every node alike: not one node's trouble but ours.
OURS = frozenset({"certificate-expired", "unauthorized", "wrong-ca", "forbidden", "not-configured", "unknown-context"})
# About the question, not about the node.
QUESTION = frozenset({"forbidden", "not-registered", "not-here", "malformed", "source"})


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: str
    error: Callable[..., SourceError]
    kind: str
    message: str
    hint: str = ""


_SAME_NETWORK = "Is the machine on, and its network reachable from here? Talos listens on port 50000."
_RULES = (
    _Rule(
        r"code = PermissionDenied",
        Forbidden,
        "forbidden",
        "The role in our certificate may not ask this.",
        "os:reader is enough for every row. " + NEW_CERTIFICATE,
    ),
    _Rule(
        r"tls: expired certificate",
        Unauthorized,
        "certificate-expired",
        "Talos refuses our certificate: it expired.",
        NEW_CERTIFICATE,
    ),
    _Rule(
        r"tls: unknown certificate authority",
        Unauthorized,
        "unauthorized",
        "Talos refuses our certificate: another cluster's authority signed it.",
        "Take the talosconfig of this cluster. " + NEW_CERTIFICATE,
    ),
    _Rule(
        r"tls: (certificate required|bad certificate)",
        Unauthorized,
        "unauthorized",
        "Talos refuses our certificate, or there is none in the talosconfig.",
        NEW_CERTIFICATE,
    ),
    _Rule(
        r"certificate signed by unknown authority",
        Unauthorized,
        "wrong-ca",
        "{node} shows a certificate that the CA in our talosconfig did not sign.",
        "Either it belongs to another cluster (take that cluster's talosconfig), or the node is in maintenance mode "
        "(look at its screen; talosctl apply-config brings it back).",
    ),
    _Rule(
        r"certificate has expired or is not yet valid",
        Unauthorized,
        "server-certificate-expired",
        "The certificate of {node} is not valid now.",
        "Compare the clocks of this machine and the node: talosctl time.",
    ),
    _Rule(
        r"certificate is valid for ([^,\"]+(?:, [^,\"]+)*), not ([^\s\"]+)",
        Unauthorized,
        "wrong-address",
        "The certificate of {node} is not made for this address.",
        "Use another endpoint, or add the address to machine.certSANs.",
    ),
    _Rule(
        r"does not look like a TLS handshake",
        Unreachable,
        "not-talos",
        "Something else than Talos answers at {at}.",
        "Correct the endpoints in the talosconfig.",
    ),
    _Rule(r"connect: connection refused", Unreachable, "unreachable", "{at} refuses the connection.", _SAME_NETWORK),
    _Rule(r"no route to host", Unreachable, "unreachable", "No route to {at}.", _SAME_NETWORK),
    _Rule(r"network is unreachable", Unreachable, "unreachable", "No network leads to {at}.", _SAME_NETWORK),
    _Rule(
        r"zero addresses|no such host",
        Unreachable,
        "dns",
        "The name of an endpoint can't be resolved.",
        "Use addresses as endpoints in the talosconfig.",
    ),
    _Rule(
        r"i/o timeout|DeadlineExceeded|deadline exceeded", TimedOut, "timeout", "{at} does not answer.", _SAME_NETWORK
    ),
    _Rule(
        r"failed to determine endpoints|talos config file is empty|no context is set",
        NotConfigured,
        "not-configured",
        "The talosconfig is empty, or its context names no endpoints.",
        "talosctl config info shows what is used.",
    ),
    _Rule(
        r"context \"[^\"]*\" (not found|is not defined)",
        NotConfigured,
        "unknown-context",
        "The talosconfig has no such context.",
        "talosctl config contexts lists them.",
    ),
    _Rule(r"is not registered", SourceError, "not-registered", "This Talos does not know the question."),
    _Rule(r"code = Unimplemented", SourceError, "not-here", "Only control-plane nodes answer this."),
    _Rule(r"unknown (shorthand )?(flag|command)", Malformed, "malformed", "This talosctl does not know the question."),
    _Rule(r"code = Unavailable", Unreachable, "unreachable", "{at} can't be reached.", _SAME_NETWORK),
)


def classify(stderr: str, node: str) -> SourceError:
    """The error that ``stderr`` of a failed talosctl means, asked about ``node``."""
    text = re.sub(r"^WARNING: .*$", "", stderr, flags=re.MULTILINE)
    dialed = re.search(r"dial tcp \[?([^\s\"\]]+?)\]?:\d+", text)
    at = dialed[1] if dialed else node
    for rule in _RULES:
        if re.search(rule.pattern, text):
            return rule.error(rule.message.format(node=node, at=at), rule.hint, kind=rule.kind)
    first = next((line.strip() for line in text.splitlines() if line.strip()), "talosctl failed without a word.")
    return SourceError(first)
