"""What runs as ``talosctl``: hands its arguments to the demo over a socket, and prints what comes back.

A console starts hundreds of these a minute, so only modules that cost nothing to import are used. ``install`` puts
this file, with a first line that starts it and the constants filled in, where PATH finds it.

Request: four bytes of length, then working folder, environment and arguments, each as ``name NUL value NUL``; closing
the connection before the answer is complete calls it off.
Answer: frames of one byte (1 stdout, 2 stderr, 0 exit code), four bytes of length, and that many bytes.
"""

import os
import sys
from _signal import SIGINT, SIGTERM, signal  # type: ignore[import-not-found]
from _socket import AF_UNIX, socket

PYTHON = ""  # the interpreter that has the demo's packages
PACKAGES = ""  # the folder that holds the package ``console``
EDITION = "1.13"
SOCKET = "talos.sock"  # in the demo's folder
MARK = b"# homeconsole demo: "  # at the beginning of a demo's talosconfig, before where it listens
ENVIRONMENT = ("TALOSCONFIG", "TALOS_HOME", "HOME")


def _aborted(_number: int, _frame: object) -> None:
    os.write(2, b"Signal received, aborting, press Ctrl+C once again to abort immediately...\n")
    os._exit(0)


def _address() -> bytes:
    """Of the demo whose talosconfig is used, else of the one that installed this."""
    flags = [word[14:] for word in sys.argv if word.startswith("--talosconfig=")]
    try:
        config = os.open(flags[0] if flags else os.environ.get("TALOSCONFIG", ""), os.O_RDONLY)
        first = os.read(config, 4096).partition(b"\n")[0]
    except OSError:
        first = b""
    if first.startswith(MARK):
        return first[len(MARK) :]
    return os.fsencode(os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + "/" + SOCKET)  # noqa: PTH100, PTH120


def _request() -> bytes:
    parts = [("cwd", os.getcwd())]  # noqa: PTH109
    parts += [(name, os.environ[name]) for name in ENVIRONMENT if name in os.environ]
    parts += [("", argument) for argument in sys.argv[1:]]
    body = b"".join(os.fsencode(name) + b"\0" + os.fsencode(value) + b"\0" for name, value in parts)
    return len(body).to_bytes(4, "big") + body


def _print(answer: socket) -> int:
    held = b""
    while True:
        chunk = answer.recv(65536)
        if not chunk:
            return 1
        held += chunk
        while len(held) >= 5 and len(held) >= 5 + (size := int.from_bytes(held[1:5], "big")):
            channel, payload, held = held[0], held[5 : 5 + size], held[5 + size :]
            if not channel:
                return int(payload)
            while payload:
                payload = payload[os.write(channel, payload) :]


def main() -> int:
    """Ask the demo. When it is gone, answer alone, as a client does whose cluster is gone."""
    signal(SIGTERM, _aborted)
    signal(SIGINT, _aborted)
    demo = socket(AF_UNIX)
    try:
        demo.connect(_address())
    except OSError:
        code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from console.demo.talosctl.alone import main; main()"
        os.execv(PYTHON, [PYTHON, "-c", code, PACKAGES, EDITION, *sys.argv[1:]])  # noqa: S606
    demo.sendall(_request())
    try:
        return _print(demo)
    except BrokenPipeError:
        return 1


if __name__ == "__main__":
    os._exit(main())
