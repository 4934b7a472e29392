"""A certificate authority of one server's own: made at its first start, gone with its folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """Signs what the server shows and what clients show to it."""

    def __init__(self, name: str = "kubernetes") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _subject(name, ())
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        self._certificate = (
            _builder(self._name, self._name, self._key.public_key(), datetime.now(UTC) + 10 * _YEAR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def certificate(self) -> bytes:
        """What clients must trust, PEM."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def server(self) -> Pair:
        """For 127.0.0.1 and localhost."""
        names = x509.SubjectAlternativeName(
            [x509.IPAddress(IPv4Address("127.0.0.1")), x509.DNSName("localhost"), x509.DNSName("kubernetes")]
        )
        return self._issue("kube-apiserver", (), ExtendedKeyUsageOID.SERVER_AUTH, datetime.now(UTC) + _YEAR, names)

    def client(self, user: str, groups: Sequence[str] = (), until: datetime | None = None) -> Pair:
        """For a user (common name) in groups (organizations), valid ``until`` then or for a year."""
        return self._issue(user, groups, ExtendedKeyUsageOID.CLIENT_AUTH, until or datetime.now(UTC) + _YEAR, None)

    def _issue(
        self,
        user: str,
        groups: Sequence[str],
        use: x509.ObjectIdentifier,
        until: datetime,
        names: x509.SubjectAlternativeName | None,
    ) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            _builder(_subject(user, groups), self._name, key.public_key(), until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
            .add_extension(issuer, critical=False)
        )
        if names:
            builder = builder.add_extension(names, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return Pair(certificate.public_bytes(serialization.Encoding.PEM), private)


def _subject(user: str, groups: Sequence[str]) -> x509.Name:
    organizations = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    return x509.Name([*organizations, x509.NameAttribute(NameOID.COMMON_NAME, user)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, until: datetime
) -> x509.CertificateBuilder:
    # From well before now: a clock that was set back, and expired ones for tests, must stay valid input.
    begin = min(datetime.now(UTC), until) - timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(until)
    )


def write(pair: Pair, folder: Path, name: str) -> tuple[Path, Path]:
    """``name.crt`` and ``name.key`` in ``folder``, readable by their owner only."""
    paths = folder / f"{name}.crt", folder / f"{name}.key"
    for path, content in zip(paths, (pair.certificate, pair.key), strict=True):
        path.touch(mode=0o600)
        path.write_bytes(content)
    return paths
