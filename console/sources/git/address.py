"""Where the repository is: what may be an address, what is shown of it, and what a path stands for."""

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from console.model.redaction import anonymous, redacted
from console.sources.errors import NotConfigured, UsageError

_SCHEMES = ("https", "http", "ssh", "git+ssh", "file")
_SCP = re.compile(r"^(?!-)(?:[\w.+~-]+@)?(?!-)[\w.-]+:(?!:)(?!//)\S")
_HELPER = re.compile(r"^[A-Za-z0-9+.\-]*::")  # a program that git would run
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Address:
    """``url`` as git takes it; ``checkout`` is the operator's own working copy when a path to one was given."""

    url: str
    checkout: Path | None = None

    @property
    def shown(self) -> str:
        """The URL without credentials."""
        return anonymous(self.url)  # git is asked by it: nothing else of it may change

    @property
    def private(self) -> tuple[tuple[str, str], ...]:
        """The git settings that turn ``shown`` into ``url``: a password has no place among a command's words."""
        return () if self.shown == self.url else ((f"url.{self.url}.insteadOf", self.shown),)

    @property
    def local(self) -> Path | None:
        """The folder, when the repository is on this machine."""
        if self.url.startswith("/"):
            return Path(self.url)
        if self.url.startswith("file://"):
            return Path(unquote(urlsplit(self.url).path))
        return None

    @property
    def host(self) -> str:
        """The host's name, empty for a folder. For ``git@host:path`` too."""
        if self.local:
            return ""
        if "://" in self.url:
            return urlsplit(self.url).hostname or ""
        return self.url.split(":", 1)[0].rsplit("@", 1)[-1]


def resolve(text: str) -> Address:
    """What ``--repo`` stands for: a URL for itself; a path for its remote ``origin`` if it has one, else for itself.

    A path may be anywhere inside a checkout. UsageError for what git must never be given (``ext::``, a leading
    ``-``, control characters); NotConfigured for a path without a repository.
    """
    if not text.strip() or _CONTROL.search(text):
        raise UsageError(f"{text!r} is no repository address", "Give a URL or a path.")
    if "://" in text or _HELPER.match(text) or _is_scp(text):
        return Address(_allowed(text))
    return _of_path(Path(text).expanduser())


def _is_scp(text: str) -> bool:
    with contextlib.suppress(OSError):  # too long for a path
        return bool(_SCP.match(text)) and not Path(text).exists()
    return False


def _allowed(url: str) -> str:
    scheme = url.split("://", 1)[0].lower() if "://" in url else "ssh"
    if _HELPER.match(url):
        scheme = url.split("::", 1)[0]
    if scheme not in _SCHEMES or _HELPER.match(url):
        raise UsageError(
            f"{redacted(url)}: git may not be asked over {scheme!r}", f"Use one of {', '.join(_SCHEMES)}, or a path."
        )
    try:
        host = urlsplit(url).hostname if "://" in url else ""
    except ValueError as error:
        raise UsageError(f"{redacted(url)} is no repository address: {error}", "Check the address.") from None
    if host is not None and host.startswith("-"):
        raise UsageError(f"{redacted(url)}: a host does not begin with -", "Check the address.")
    return url


def _of_path(path: Path) -> Address:
    if str(path).startswith("-"):
        raise UsageError(f"{path}: a path does not begin with -", f"Write ./{path}.")
    try:
        folder = path.resolve()
        is_there = folder.is_dir()
    except OSError as error:  # no name of a folder at all
        raise UsageError(f"{str(path)[:40]}…: {error.strerror}", "Give a URL or a path.") from None
    if not is_there:
        raise NotConfigured(f"{folder} is not a folder", "Give the URL or the path of the repository.")
    repository, origin = _opened(folder)
    if not origin:
        return Address(str(repository))
    if "://" in origin or _HELPER.match(origin) or _is_scp(origin):
        return Address(_allowed(origin), folder)
    # A relative remote is relative to the checkout's top, as git has it.
    top = repository.parent if repository.name == ".git" else repository
    target = (top / Path(origin).expanduser()).resolve()
    return Address(str(target), folder)


def _opened(folder: Path) -> tuple[Path, str]:
    """The git folder, and the URL of ``origin`` or an empty text. Reads files only: nothing of the checkout runs."""
    from console.sources.git.objects import opened  # noqa: PLC0415 - GitPython is slow to import

    with opened(folder, search=True) as repository:
        origin = repository.config_reader("repository").get_value('remote "origin"', "url", default="")
        return Path(repository.common_dir).resolve(), str(origin)
