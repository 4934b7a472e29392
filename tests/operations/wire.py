"""The line between a machine and a remote: over HTTP, over ssh. It may die when the remote has taken a push, and before
it says so."""

import contextlib
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import pytest

from tests.live.sshd import Sshd
from tests.operations.remote import Remote
from tests.sources.git.forge import Forge, serving

# The same test on a folder, and over ssh in the second tier.
everywhere = pytest.mark.parametrize(
    "remote", ["file", pytest.param("ssh", marks=[pytest.mark.live, pytest.mark.needs("sshd")])], indirect=True
)


class Wire(Protocol):
    """``url`` is the remote's address for a machine that is made from now on."""

    url: str

    def cut(self, *, away: bool = False) -> None:
        """The line dies before the next answer to a push that was carried out. ``away``: so does the server."""

    def cuts(self) -> int:
        """How often that has happened."""

    def back(self) -> None:
        """The server is there again."""

    def only_reads(self) -> None:
        """We may not push."""


@dataclass
class OverHttp:
    """See Wire."""

    forge: Forge
    url: str

    def cut(self, *, away: bool = False) -> None:
        self.forge.cuts, self.forge.away_after_cut = "git-receive-pack", away

    def cuts(self) -> int:
        return self.forge.cut

    def back(self) -> None:
        self.forge.away = False

    def only_reads(self) -> None:
        self.forge.writable = False


@contextlib.contextmanager
def over_http(remote: Remote) -> Iterator[Wire]:
    with serving(remote.bare, login="ada:s3cret") as forge:
        yield OverHttp(forge, forge.url.replace("//", "//ada:s3cret@"))


# In a hook: the process that serves its connection is killed.
DIES = """\
up=$PPID
until case $name in *sshd*) true ;; *) false ;; esac; do
  self=$up
  read -r _ name _ up _ < /proc/$self/stat
done
kill -KILL $self
"""
# Once, when main has moved. ``listener`` is ended before it when there is one.
_CUT = """\
[ "$1" = committed ] && grep -q refs/heads/main || exit 0
[ -n "{listener}" ] && kill {listener}
{dies}
echo cut >> {cuts}
rm "$0"
"""


@dataclass
class OverSsh:
    """See Wire."""

    remote: Remote
    sshd: Sshd
    url: str

    def cut(self, *, away: bool = False) -> None:
        listener = self.sshd.box.process.pid if away and self.sshd.box.process else ""
        cuts = shlex.quote(str(self.remote.bare / "cuts"))
        self.remote.hook("reference-transaction", _CUT.format(listener=listener, dies=DIES, cuts=cuts))

    def cuts(self) -> int:
        told = self.remote.bare / "cuts"
        return len(told.read_text().splitlines()) if told.exists() else 0

    def back(self) -> None:
        self.sshd.start()

    def only_reads(self) -> None:
        self.url = self.url.replace("//box/", "//reader/")


def over_ssh(remote: Remote, sshd: Sshd, monkeypatch: pytest.MonkeyPatch) -> Wire:
    sshd.start()  # an earlier test may have left it away
    monkeypatch.setenv("GIT_SSH_COMMAND", shlex.join(sshd.command))
    return OverSsh(remote, sshd, f"ssh://box{remote.bare}")
