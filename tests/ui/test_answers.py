"""What a terminal says beside keys: answers are taken out, in whatever pieces they come, and no key is lost."""

import pytest
from textual import events
from textual.message import Message

from console.ui import terminal
from console.ui.terminal import Answers

ANSWERS = (
    "\x1b[?62;22c",  # DA1
    "\x1b[>41;354;0c",  # DA2
    "\x1bP!|7E565445\x1b\\",  # DA3
    "\x1b[?1016;2$y",  # DECRQM
    "\x1b[4;1$y",
    "\x1b[0n",  # DSR
    "\x1b[?997;1n",
    "\x1b[?0u",  # the keyboard protocol's flags
    "\x1b[8;24;80t",
    "\x1b]11;rgb:0000/0000/0000\x1b\\",
    "\x1b]10;rgb:ffff/ffff/ffff\x07",
    "\x1b]52;c;cXFx\x07",
    "\x1bP>|XTerm(388)\x1b\\",
    "\x1bP1+r544e=787465726d\x1b\\",
    "\x1bP0+r\x1b\\",
    "\x1b_Gi=1;OK\x1b\\",
)
KEYS = {
    "q": ["q"],
    "\x1b[A": ["up"],
    "\x1bOP": ["f1"],
    "\x1b[15~": ["f5"],
    "\x1b[1;5C": ["ctrl+right"],
    "é": ["é"],
    "\r": ["enter"],
}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time in seconds, to be set."""
    now = [100.0]
    monkeypatch.setattr(terminal, "get_time", lambda: now[0])
    monkeypatch.setattr("textual._parser.get_time", lambda: now[0])
    return now


def keys(messages: list[Message]) -> list[str]:
    return [message.key for message in messages if isinstance(message, events.Key)]


def heard(*pieces: str) -> list[Message]:
    parser = Answers()
    return [message for piece in pieces for message in (*parser.feed(piece), *parser.tick())]


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_no_key_wherever_it_is_cut(answer: str) -> None:
    for at in range(len(answer)):
        assert keys(heard("a" + answer[:at], answer[at:] + "b")) == ["a", "b"], at


@pytest.mark.parametrize(("sent", "wanted"), KEYS.items())
def test_a_key_is_a_key_wherever_it_is_cut_and_among_answers(sent: str, wanted: list[str], clock: list[float]) -> None:
    del clock  # it stands
    for at in range(len(sent)):
        assert keys(heard(ANSWERS[0] + sent[:at], sent[at:] + ANSWERS[9])) == wanted, at


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        ("\x1b", "escape"),
        ("\x1bx", "alt+x"),
        ("\x1bP", "alt+shift+p"),
        ("\x1b]", "right_square_bracket"),
        ("\x1b[", "left_square_bracket"),
    ],
)
def test_what_could_begin_an_answer_is_a_key_when_nothing_follows(sent: str, wanted: str, clock: list[float]) -> None:
    parser = Answers()
    assert [*parser.feed(sent), *parser.tick()] == []
    clock[0] += 0.2
    assert keys(list(parser.tick())) == [wanted]
    assert keys(list(parser.feed("q"))) == ["q"]


def test_an_answer_whose_end_is_lost_takes_no_key_with_it(clock: list[float]) -> None:
    parser = Answers()
    assert list(parser.feed("\x1bP>|XTe")) == []
    clock[0] += 5
    assert keys(list(parser.tick())) == []
    assert keys(list(parser.feed("q"))) == ["q"]


def test_what_textual_asks_for_gets_there() -> None:
    names = [type(message).__name__ for message in heard("\x1b[?2026;2$y", "\x1b[3;7R", "\x1b[<0;3;4M")]
    assert names == ["TerminalSupportsSynchronizedOutput", "CursorPosition", "MouseDown"]


def test_what_is_pasted_is_text_whatever_it_holds_and_wherever_it_is_cut() -> None:
    sent = "\x1b[200~one\rtwo\r\n\x1b[2J\x1b]11;?\x07\x1bP\x1b[A and more than thirty-two characters\x1b\x1b[201~q"
    wanted = "one\ntwo\n␛[2J␛]11;?\x07␛P␛[A and more than thirty-two characters␛"
    for at in range(1, len(sent)):
        found = heard(sent[:at], sent[at:])
        assert keys(found) == ["q"], at
        (paste,) = (each for each in found if isinstance(each, events.Paste))
        assert paste.text.replace("\n\n", "\n") == wanted, at
