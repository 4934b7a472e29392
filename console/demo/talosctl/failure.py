"""How talosctl ends when something is wrong, in the words of the real one (gRPC status texts, go-multierror)."""

FOREIGN = (
    "failed to verify certificate: x509: certificate signed by unknown authority "
    '(possibly because of \\"x509: Ed25519 verification failure\\" while trying to verify candidate '
    'authority certificate \\"talos\\")'
)


class Failure(Exception):  # noqa: N818
    """``text`` goes to stderr; the exit code is 1. Some texts are followed by the usage."""

    def __init__(self, text: str, exit_code: int = 1) -> None:
        super().__init__(text)
        self.text = text
        self.exit_code = exit_code

    @property
    def shows_usage(self) -> bool:
        """talosctl guesses from the words whether the arguments were to blame (cmd/talosctl/cmd/root.go)."""
        return any(word in self.text for word in ("arg(s)", "flag", "command"))


class RpcFailure(Failure):
    """One call to one node failed: ``code`` is the gRPC status."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"rpc error: code = {code} desc = {description}")
        self.code = code


def connection(description: str) -> RpcFailure:
    """The client got no connection, or lost it."""
    return RpcFailure("Unavailable", f'connection error: desc = "{description}"')


def dialing(address: str, reason: str) -> RpcFailure:
    """TCP did not come about."""
    place = address if address.count(":") == 1 else f"[{address}]:50000" if ":" in address else f"{address}:50000"
    return connection(f"transport: Error while dialing: dial tcp {place}: connect: {reason}")


def handshake(reason: str) -> RpcFailure:
    """The client did not like the server's certificate."""
    return connection(f"transport: authentication handshake failed: tls: {reason}")


def preface(alert: str) -> RpcFailure:
    """The server did not like the client's certificate: TLS 1.3 tells so after the handshake."""
    return connection(f"error reading server preface: remote error: tls: {alert}")
