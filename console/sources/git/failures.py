"""What git says when something is wrong, as one of our errors with what to do about it.

The texts are those of git 2.38–2.52 with LC_ALL=C.UTF-8, of OpenSSH, libcurl, and the large forges.
"""

import re

from console.model.redaction import redacted
from console.sources.errors import (
    Forbidden,
    Malformed,
    MissingTool,
    NotConfigured,
    SourceError,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from console.sources.process import Done

_NOISE = re.compile(
    r"^(?:remote: *$|hint:|warning: Permanently added|Warning: Permanently added|From |To )"
    # What follows whatever ssh said of the cause.
    r"|^fatal: Could not read from remote repository|^Please make sure you have the correct access rights"
    r"|^and the repository exists\.|^kex_exchange_identification:|^Connection closed by UNKNOWN port"
)
# So ssh calls who closed a connection that another ssh made for it (ProxyJump). That one was let in by the jump host
# when it says that forwarding failed.
_BEFORE = re.compile(r"^Connection closed by UNKNOWN port", re.MULTILINE)
_FORWARDING = "stdio forwarding failed"

# What ssh says of a host key that has changed: the new one, and where which host has the old one.
_KEYS = {
    "key": (re.compile(r"^(SHA256:[\w+/=]+)", re.MULTILINE), "a new one"),
    "file": (re.compile(r"^Offending \S+ key in ([^'\n]+):\d", re.MULTILINE), "~/.ssh/known_hosts"),
    "name": (re.compile(r"^Host key for ([^'\s]+) has changed", re.MULTILINE), "{host}"),
}

# The first that is found in what git said. For the names in braces see ``_names``.
_RULES: tuple[tuple[str, type[SourceError], str, str, str], ...] = (
    (
        r"repository corruption on the remote side",
        Malformed,
        "missing-objects",
        "{url} is damaged: it lacks objects that it should have",
        "Ask its host to repair it: git fsck.",
    ),
    (
        r"IDENTIFICATION HAS CHANGED",
        Unauthorized,
        "host-key",
        "{where} shows another host key than before, {key}",
        "If that is the forge's new key: ssh-keygen -f '{file}' -R '{name}', then once by hand: ssh -T {host}. "
        "If not, someone stands between.",
    ),
    (
        r"no matching host key",
        Unauthorized,
        "host-key",
        "{where} has no host key of a kind that ssh accepts",
        "Renew the host's key, or allow its kind in ~/.ssh/config: HostKeyAlgorithms.",
    ),
    (
        r"Host key verification failed",
        Unauthorized,
        "host-key",
        "{where} shows a host key that ssh does not know",
        "Compare it with the forge's and take it, once by hand: ssh -T {host}",
    ),
    (
        r"Permission denied \(|Too many authentication failures|agent refused operation|sign_and_send_pubkey",
        Unauthorized,
        "unauthorized",
        "{where} does not accept our ssh key",
        "A key with a passphrase needs an agent: ssh-add -l tells what it has (in tmux SSH_AUTH_SOCK may be stale). "
        "Try by hand: ssh -T {host}",
    ),
    (
        r"Authentication failed|HTTP Basic: Access denied|returned error: 401|Invalid username or (?:password|token)",
        Unauthorized,
        "unauthorized",
        "{url} does not accept our login",
        "Renew the token or password that git's credential helper gives. Try by hand: git ls-remote {url}",
    ),
    (
        r"could not read (?:Username|Password)|terminal prompts disabled",
        Unauthorized,
        "unauthorized",
        "{url} asks for a login that git does not have",
        "Give git a credential helper, or use the ssh address. Try by hand: git ls-remote {url}",
    ),
    (
        r"Could not resolve host|Temporary failure in name resolution|Name or service not known|nodename nor servname",
        Unreachable,
        "dns",
        "The name of {host} can't be resolved",
        "Check the address and the network. What is here is shown with its age.",
    ),
    (
        r"SSL certificate problem|server certificate verification failed|SSL_ERROR|certificate has expired",
        Unauthorized,
        "wrong-ca",
        "{host} shows a certificate that is not trusted here",
        "Set http.sslCAInfo in your git configuration, or renew the certificate.",
    ),
    (
        r"Connection timed out|Operation timed out|Operation too slow|Timeout, server|timed out after",
        TimedOut,
        "timeout",
        "{where} does not answer",
        "Check the network. What is here is shown with its age.",
    ),
    (
        r"Connection refused|Failed to connect|Couldn't connect|No route to host|Network is unreachable"
        r"|Connection reset|Connection closed by|returned error: 5\d\d|unexpected disconnect|send disconnect"
        r"|Connection to \S+ closed by remote host",
        Unreachable,
        "unreachable",
        "{where} can't be reached",
        "Check the network and the address. What is here is shown with its age.",
    ),
    (
        r"returned error: 403|Write access to repository not granted|not allowed to (?:push|read|upload)"
        r"|deny updating|access denied|You don't have permission|^ERROR: .*read.only",
        Forbidden,
        "forbidden",
        "{url} does not let us in",
        "Ask for access, or use another key or token.",
    ),
    (
        r"dubious ownership",
        Forbidden,
        "ownership",
        "{url} belongs to another user of this machine, so git does not read it",
        "If it is yours: git config --global --add safe.directory {url}",
    ),
    (
        r"No space left on device|Disk quota exceeded",
        SourceError,
        "disk-full",
        "The disk is full: the private clone can't grow",
        "Make room in the state folder.",
    ),
    (
        r"Read-only file system|insufficient permission for adding an object|unable to create temporary file"
        r"|Permission denied$",
        Forbidden,
        "read-only",
        "The private clone can't be written",
        "Check the rights of the state folder.",
    ),
    (
        r"couldn't find remote ref",
        NotConfigured,
        "no-branch",
        "{url} has no such branch",
        "Name the branch that Flux follows: --branch.",
    ),
    (
        r"does not appear to be a git repository|not a git repository|Repository not found|repository '.*' not found"
        r"|returned error: 404|project you were looking for could not be found|does not exist",
        NotConfigured,
        "no-repository",
        "{url} is no git repository, or it is hidden from us",
        "Check the address and the rights: git ls-remote {url}",
    ),
    (
        r"transport '.*' not allowed|unable to find remote helper",
        NotConfigured,
        "no-repository",
        "{url}: git may not be asked that way",
        "Use https, ssh or a path.",
    ),
    (
        r"mismatched algorithms|unknown object format|unsupported hash",
        Malformed,
        "malformed",
        "{url} uses SHA-256 object names, which the console can't read yet",
        "Use a repository with SHA-1 object names.",
    ),
    (
        r"[Uu]nrelated histories",
        Malformed,
        "unrelated",
        "It has no common ancestor with the main branch",
        "It can't be merged. Was main rewritten?",
    ),
    (
        r"bad object|unable to read (?:tree|sha1|commit)|missing (?:blob|tree|commit|object)"
        r"|Could not read (?!from remote repository)"
        r"|invalid object|unable to find [0-9a-f]{40}|not a (?:commit|valid object|tree object)|bad revision"
        r"|unknown revision|could not (?:parse|get) |packfile .* (?:truncated|corrupt)"
        r"|object file .* is empty|loose object .* is corrupt",
        Malformed,
        "missing-objects",
        "Objects are missing from the repository",
        "A shallow clone lacks them: git fetch --unshallow. Else remove the private clone; it is made anew.",
    ),
    (
        r"fsck error|Invalid (?:object|index-pack)|bad pack header|protocol error|expected (?:packfile|wait-for-done)"
        r"|early EOF|index-pack failed|the remote end hung up unexpectedly|bad line length|not valid: is this a git",
        Malformed,
        "malformed",
        "{url} answers something that git does not accept",
        "Try by hand: git ls-remote {url}",
    ),
)


def failure(done: Done, url: str = "", host: str = "") -> SourceError:
    """The error that ``done`` (which did not end well) stands for. ``url`` without credentials."""
    said = last_words(done.err)
    if done.end == "expired":
        return TimedOut(f"{host or url or 'git'} did not answer in time", "Check the network; the next try is soon.")
    if done.end == "stopped":
        return SourceError("Stopped", kind="stopped")
    if done.end == "overflow":
        return Malformed(f"{url or 'git'} answered more than we take", "Is this the right repository?")
    for pattern, error, kind, message, hint in _RULES:
        if re.search(pattern, done.err, re.MULTILINE):
            names = _names(done.err, url, host)
            text = message.format(**names)
            return error(f"{text} ({said})" if said else text, hint.format(**names), kind=kind)
    return SourceError(
        f"git failed: {said or f'exit code {done.code}'}", "Try by hand: git ls-remote " + url if url else ""
    )


def _names(said: str, url: str, host: str) -> dict[str, str]:
    """``host`` is what the operator gives to ssh; ``where`` is who refused: a host on the way to it may have."""
    host = host or url or "the host"
    before = _BEFORE.search(said) and _FORWARDING not in said
    names = {"url": url or "the repository", "host": host, "where": f"the jump host before {host}" if before else host}
    for name, (pattern, default) in _KEYS.items():
        found = pattern.search(said)
        names[name] = found.group(1) if found else default.format(host=host)
    return names


def missing(executable: str) -> MissingTool:
    """There is no git."""
    return MissingTool(f"{executable} is not installed", "Install git 2.38 or newer.", kind="missing-tool")


def last_words(err: str) -> str:
    """The line of standard error that tells most: the last ``fatal:`` or ``error:``, else the last one."""
    lines = [line.strip() for line in redacted(err).splitlines()]
    lines = [line for line in lines if line and not _NOISE.match(line)] or [line for line in lines if line][:1]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "ssh:", "! "))]
    return (telling or lines or [""])[-1][:300]
