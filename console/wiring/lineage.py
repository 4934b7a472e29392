"""The repository as a trace asks it: commits by name, and what last touched a folder."""

from console.sources.errors import SourceError
from console.sources.git.mirror import Mirror
from console.sources.git.objects import Commit
from console.sources.git.runner import Git


class MirrorLineage:
    """See ``operations.ports.Lineage``; reads the mirror's clone, as far as it was fetched."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._git = Git()

    def commit(self, oid: str) -> Commit:
        """See Lineage."""
        return self._mirror.commit(oid)

    def newest(self, commit: str, path: str) -> str:
        """See Lineage."""
        inside = (f":(top,literal){path}",) if path else ()
        arguments = ("rev-list", "--max-count=1", "--first-parent", commit, "--", *inside)
        done = self._git.run(*arguments, repository=self._mirror.path)
        if done.end != "exited" or done.code:
            raise SourceError(f"git can't say what touched {path}: {done.err.strip()}")
        return done.out.decode("ascii").strip()
