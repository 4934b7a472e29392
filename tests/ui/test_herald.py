"""Told without looking: what is written to which terminal, once, and nothing that is not safe."""

from dataclasses import replace

import pytest

from console.model.news import News
from console.model.rollout import Outcome, Rollout
from console.model.step import Step, StepState
from console.ui.herald import GIVE_TITLE_BACK, KEEP_TITLE, Herald, announcement


def way(outcome: Outcome, note: str = "", commit: str = "a") -> Rollout:
    return Rollout(commit, "renovate/talos", "Talos v1.13.8", outcome, note=note)


class TestNews:
    def test_is_each_end_once_and_each_halt_whenever_it_went_on_in_between(self) -> None:
        news = News()
        told = [
            [each.outcome for each in news.of([way(outcome)])]
            for outcome in ("stuck", "stuck", "running", "stuck", "stuck", "failed", "failed", "running", "failed")
        ]
        assert told == [[], [], [], ["stuck"], [], ["failed"], [], [], ["failed"]]
        assert [bool(news.of([way(outcome)])) for outcome in ("done", "running", "done")] == [True, False, False]

    def test_is_a_halt_at_another_node_too(self) -> None:
        def at(node: str) -> Rollout:
            return replace(way("stuck"), nodes=((node, (Step("drain", StepState.RUNNING),)),))

        news = News()
        news.of([way("running")])
        assert [bool(news.of([at(node)])) for node in ("k8s-1", "k8s-1", "k8s-2", "k8s-2")] == [
            True,
            False,
            True,
            False,
        ]

    def test_is_nothing_that_stood_so_at_the_first_look(self) -> None:
        news = News()
        assert news.of([way("done"), way("stuck", commit="b")]) == []
        assert news.of([way("done"), way("stuck", commit="b")]) == []

    def test_is_nothing_that_something_newer_took_the_place_of(self) -> None:
        news = News()
        news.of([way("running")])
        assert news.of([way("superseded")]) == []


@pytest.mark.parametrize(
    ("environment", "notice"),
    [
        ({"TERM": "xterm-256color"}, ""),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "\x1b]9;home: Talos v1.13.8 done\x1b\\"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "\x1b]9;home: Talos v1.13.8 done\x1b\\"),
        ({"TERM": "xterm-ghostty"}, "\x1b]777;notify;homeconsole;home: Talos v1.13.8 done\x1b\\"),
        ({"TERM": "foot"}, "\x1b]777;notify;homeconsole;home: Talos v1.13.8 done\x1b\\"),
        ({"TERM": "xterm-kitty"}, "\x1b]99;;home: Talos v1.13.8 done\x1b\\"),
        (
            {"TERM": "tmux-256color", "TMUX": "x", "LC_TERMINAL": "iTerm2"},
            "\x1bPtmux;\x1b\x1b]9;home: Talos v1.13.8 done\x1b\x1b\\\x1b\\",
        ),
    ],
)
def test_a_terminal_gets_the_bell_the_title_and_the_notification_that_it_knows(
    environment: dict[str, str], notice: str
) -> None:
    written = announcement("home", way("done"), environment)
    assert written == f"\a\x1b]2;homeconsole home: Talos v1.13.8 done\x1b\\{notice}"


def test_text_from_outside_ends_no_sequence() -> None:
    hostile = way("failed", "no\x1b\\\x07\x9c\nspace; rm")
    written = announcement("ho\x1bme", hostile, {"TERM": "foot"})
    assert written.count("\x1b") == 4
    assert written.count("\a") == 1
    assert "\x9c" not in written
    assert written.endswith("␊space, rm\x1b\\")


def test_the_title_that_was_there_comes_back() -> None:
    written: list[str] = []
    herald = Herald(written.append, {})
    herald.look("home", [way("running")])
    herald.leave()
    assert written == [f"{KEEP_TITLE}\x1b]2;homeconsole home\x1b\\", GIVE_TITLE_BACK]
    herald.look("home", [way("stuck")])
    herald.look("home", [way("done")])
    herald.leave()
    herald.leave()
    assert [text.startswith(KEEP_TITLE) for text in written[2:4]] == [True, False]
    assert written[4:] == [GIVE_TITLE_BACK]


def test_the_title_names_the_cluster_and_what_stands_so_in_another_is_no_news() -> None:
    written: list[str] = []
    herald = Herald(written.append, {})
    herald.look("home", [way("running")])
    herald.look("lab", [way("stuck"), way("done", commit="b")])
    assert written[1:] == ["\x1b]2;homeconsole lab\x1b\\"]
    herald.look("lab", [way("done")])
    assert "homeconsole lab: Talos v1.13.8 done" in written[2]
