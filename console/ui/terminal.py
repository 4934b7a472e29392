"""What comes from the terminal: keys, and its answers to questions that nobody here has asked. Beside frame.py,
inorder.py and onterminal.py the file that leans on Textual's insides (8.2.8).

Textual takes for typing what it does not know: a terminal's answer to a program that ran before, or to tmux, would
stand in the line in which one types, or press keys. Forms of answers: ECMA-48 §5.4 and §5.6, xterm's ctlseqs (DA,
DECRQM, DSR, XTVERSION, XTGETTCAP, OSC 4, 10, 11, 52).
"""

import contextlib
import os
import re
import select
import selectors
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from typing import Any

from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.constants import ESCAPE_DELAY
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

# Textual asks for the modes 2026 and 2048 itself, and knows a window's size (48 t) and the cursor's place (R).
_ANSWER = re.compile(
    r"\x1b(?:\[[?>=](?!20(?:26|48);)[\d;:]*[ -/]*[@-~]"
    r"|\[(?!48;)\d*(?:;\d*)*(?:[cnt]|\$y)"
    r"|(?:P[\d>!$]|\]\d|_G)[^\x07\x1b]*(?:\x07|\x1b\\))"
)
# The same, not at its end yet; a key's sequence may begin alike.
_BEGUN = re.compile(r"\x1b(?:\[[?>=<]?[\d;:]*[ -/]*|(?:P(?:[\d>!$]|\Z)|\](?:\d|\Z)|_(?:G|\Z))[^\x07\x1b]*\x1b?)?\Z")
_PASTE, _END = "\x1b[200~", "\x1b[201~"
_ENDING = re.compile(r"\x1b(?:\[(?:2(?:0(?:1)?)?)?)?\Z")
_LONGEST = 8192  # characters: clipboards answer too, but nobody asked for that either
_PIECES = 1.0  # seconds between two pieces of one answer; Escape alone, or with a key, is waited for as Textual does


class Answers(XTermParser):
    """Takes the answers out, also those that come in pieces, before keys are looked for. A paste comes as one text,
    whatever is in it: Textual presses keys for a sequence in it."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = ""
        self._until = 0.0
        self._pasting = False

    def feed(self, data: str) -> Iterable[Message]:
        """See Parser."""
        text, self._begun = self._begun + data, ""
        found = ""
        while text:
            piece, mark, text = text.partition(_END if self._pasting else _PASTE)
            found += (_pasted if self._pasting else _typed)(piece if mark else self._whole(piece)) + mark
            self._pasting ^= bool(mark)
        self._until = get_time() + (_PIECES if self._is_answer else ESCAPE_DELAY)
        return super().feed(found) if found or not data else ()

    def _whole(self, piece: str) -> str:
        """Without what has only begun at its end."""
        begun = (_ENDING if self._pasting else _BEGUN).search(piece if self._pasting else _typed(piece))
        if begun is None:
            return piece
        self._begun = begun.group() if len(begun.group()) <= _LONGEST else ""
        return begun.string[: begun.start()]

    @property
    def _is_answer(self) -> bool:
        """Whether what has begun can be no key any more."""
        return not self._pasting and len(self._begun) > 2 and (self._begun[1] != "[" or self._begun[2] in "?>=")

    def tick(self) -> Iterator[Message]:
        """See Parser. What did not go on was a key, or the beginning of a lost answer."""
        if self._begun and get_time() >= self._until:
            key, self._begun = "" if self._is_answer else self._begun, ""
            if self._pasting:
                yield from super().feed(_pasted(key))
            elif key:
                yield from super().feed(key)
                self._timeout_time = 0.0  # it was waited for here
        yield from super().tick()


def _typed(text: str) -> str:
    return _ANSWER.sub("", text)


def _pasted(text: str) -> str:
    """Terminals send the key for a new line; whoever reads a paste looks for a new line."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x1b", "␛")


class Terminal(LinuxDriver):
    """Textual's driver with this parser. Bytes that are no UTF-8 (an old terminal's letters) do not end it."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        # Python's own has no buffer under PYTHONUNBUFFERED: what is left of a write into which a signal came (the
        # window has another size) would be lost.
        if said := self._file:
            self._file = open(  # noqa: SIM115 - as long as the process
                said.fileno(), "w", encoding=said.encoding, errors=said.errors, closefd=False
            )

    def run_input_thread(self) -> None:
        """See LinuxDriver."""
        parser, decode = Answers(), getincrementaldecoder("utf-8")("replace").decode
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    try:
                        read = os.read(self.fileno, 4096)
                    except OSError:  # the terminal is gone, which the app sees by itself
                        return
                    if not read:
                        return
                    if text := decode(read):  # nothing yet, when it ends within a letter
                        self._pass(parser.feed(text))
                self._pass(parser.tick())

    def write(self, data: str) -> None:
        """See Driver. While the terminal is lent nothing is drawn there; what is ours is drawn whole afterwards."""
        if self._writer_thread and self._writer_thread.is_alive():
            super().write(data)

    def tell(self, sequence: str) -> None:
        """Write what draws nothing, also to a terminal that is lent: in one piece, between two of its writes.

        Dropped when that one takes nothing now (ctrl-s): the loop would wait for it.
        """
        if self._writer_thread and self._writer_thread.is_alive():
            super().write(sequence)
        else:
            with contextlib.suppress(OSError):  # the terminal is gone, which the app sees by itself
                if select.select([], [2], [], 0)[1]:
                    os.write(2, sequence.encode())  # where LinuxDriver writes

    def _pass(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)
