"""The throw-away certificates of the embedded cluster, as ``talosctl gen config`` would make them: ed25519, PEM."""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import NameOID

LIFETIME = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Authority:
    """The Talos API's certificate authority: PEM certificate and its key."""

    certificate: bytes
    key: Ed25519PrivateKey


def authority(now: datetime) -> Authority:
    """A new authority, valid ten years from ``now``."""
    key = Ed25519PrivateKey.generate()
    certificate = _certificate(("talos",), key.public_key(), key, now + LIFETIME, ca=True)
    return Authority(certificate, key)


def client(
    signer: Authority, now: datetime, *, roles: tuple[str, ...], valid: timedelta = LIFETIME
) -> tuple[bytes, bytes]:
    """PEM certificate and key of a client; its roles are the organisations of the subject."""
    key = Ed25519PrivateKey.generate()
    certificate = _certificate(roles, key.public_key(), signer.key, now + valid, ca=False)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate, private


def _certificate(
    roles: tuple[str, ...], public: Ed25519PublicKey, signer: Ed25519PrivateKey, until: datetime, *, ca: bool
) -> bytes:
    names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, role) for role in roles]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(names))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "talos")]))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - LIFETIME - timedelta(hours=1))
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    return builder.sign(signer, None).public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True, slots=True)
class Client:
    """What a client certificate says of itself, and whether ``authority`` signed it."""

    roles: tuple[str, ...]
    not_after: datetime
    signed: bool


@lru_cache(maxsize=32)
def read_client(encoded: str, authority_pem: bytes) -> Client:
    """The certificate of a talosconfig (base64 of PEM). Raises ValueError when it is none."""
    certificate = x509.load_pem_x509_certificate(base64.b64decode(encoded))
    roles = tuple(
        str(attribute.value) for attribute in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    )
    return Client(roles, certificate.not_valid_after_utc, _signed(certificate, authority_pem))


def _signed(certificate: x509.Certificate, authority_pem: bytes) -> bool:
    if not authority_pem:
        return False
    key = x509.load_pem_x509_certificate(authority_pem).public_key()
    if not isinstance(key, Ed25519PublicKey):
        return False
    try:
        key.verify(certificate.signature, certificate.tbs_certificate_bytes)
    except InvalidSignature:
        return False
    return True
