"""What stands on the screen is explained without one too."""

from tests.cli.conftest import Shell


def test_a_state_is_explained_wherever_it_occurs(nowhere: Shell) -> None:
    ran = nowhere.run("explain", "failed")
    assert ran.code == 0
    assert ran.out.startswith("flux: Failed\n  Its last pass failed")
    assert "upgrades: failed\n" in ran.out
    assert "fluxcd.io/" in ran.out


def test_a_rule_is_explained_with_its_severity_and_source(nowhere: Shell) -> None:
    (word,) = nowhere.run("explain", "matrix", "-o", "json").json["words"]
    assert (word["kind"], word["word"]) == ("rule", "matrix")
    assert word["says"].startswith("Checks: ")
    assert "When it applies: " in word["says"]
    assert word["does"]
    assert word["documented"]


def test_how_far_an_update_moves_is_explained_as_it_is_printed(nowhere: Shell) -> None:
    words = nowhere.run("explain", "major!", "-o", "json").json["words"]
    assert [(word["kind"], word["word"]) for word in words] == [("update", "major"), ("update", "breaking")]


def test_without_a_word_all_of_them(nowhere: Shell) -> None:
    words = nowhere.run("explain", "-o", "json").json["words"]
    assert {word["kind"] for word in words} >= {"nodes", "flux", "updates", "upgrades", "rollout", "finding", "source"}


def test_what_is_not_called_so_is_told_with_what_there_is(nowhere: Shell) -> None:
    ran = nowhere.run("explain", "mauve")
    assert (ran.code, "Suspended" in ran.err, "homeconsole rules" in ran.err) == (2, True, True)
