"""The same over HTTP: logins, refusals, and nobody to ask."""

import pytest

from console.sources.errors import Forbidden, NotConfigured, Unauthorized
from console.sources.git.push import RefUpdate
from tests.sources.git.forge import forge
from tests.sources.git.workshop import OPERATOR, Workshop, oci

FILE = "app/ocirepository.yaml"


@pytest.fixture
def held(workshop: Workshop) -> Workshop:
    main = workshop.commit("main", {FILE: oci("1.0.0")}, by=OPERATOR)
    head = workshop.commit("renovate/a", {FILE: oci("1.1.0")}, "feat: a", onto=main)
    workshop.git("update-ref", "refs/pull/4/head", head)
    return workshop


def squash(workshop: Workshop, url: str) -> tuple[RefUpdate, str]:
    """An approval by squash, pushed; what came of it."""
    mirror = workshop.mirror(url)
    mirror.fetch()
    base = mirror.head()
    tree = mirror.merge_tree(base, mirror.branches()["renovate/a"]).tree
    update = RefUpdate("refs/heads/main", base, mirror.commit_tree(tree, [base], "x", committer=mirror.identity()))
    return update, mirror.push([update]).outcome


def test_fetch_scan_and_push(held: Workshop) -> None:
    with forge(held) as url:
        update = held.scanned(held.mirror(url))["renovate/a"]
        assert (update.state, update.pull) == ("ready", 4)
        pushed, outcome = squash(held, url)
    assert outcome == "pushed"
    assert held.tip("main") == pushed.new


def test_a_login_in_the_address_works_and_is_never_shown(held: Workshop) -> None:
    with forge(held, login="me:secret") as url:
        mirror = held.mirror(url.replace("//", "//me:secret@"))
        mirror.fetch()
        state, _ = mirror.scan()
        assert squash(held, url.replace("//", "//me:secret@"))[1] == "pushed"
    assert state.url == url
    assert not any("secret" in p.read_text(errors="replace") for p in mirror.path.rglob("*") if p.is_file())


def test_a_password_is_not_among_the_words_that_others_can_see(held: Workshop) -> None:
    words = held.folder / "words"
    wrapper = held.folder / "git"
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> {words}\nexec git "$@"\n')
    wrapper.chmod(0o755)
    with forge(held, login="me:secret") as url:
        mirror = held.mirror(url.replace("//", "//me:secret@"))
        mirror._git.executable = str(wrapper)
        mirror.fetch()
        mirror.fetch()
    assert url in words.read_text()
    assert "secret" not in words.read_text()


def test_a_credential_helper_of_the_operator_is_asked(held: Workshop) -> None:
    held.configure("credential.helper", "!f() { echo username=me; echo password=secret; }; f")
    with forge(held, login="me:secret") as url:
        assert held.scanned(held.mirror(url))
    kept = [path for path in (held.folder / "state").rglob("*") if path.is_file()]
    assert kept
    assert [path for path in kept if b"password=" in path.read_bytes() or b"me:secret" in path.read_bytes()] == []


def test_without_a_login_nobody_is_asked(held: Workshop) -> None:
    with forge(held, login="me:secret") as url, pytest.raises(Unauthorized, match="asks for a login"):
        held.mirror(url).fetch()


def test_a_wrong_login_is_told(held: Workshop) -> None:
    with forge(held, login="me:secret") as url, pytest.raises(Unauthorized) as caught:
        held.mirror(url.replace("//", "//me:wrong@")).fetch()
    assert "wrong" not in caught.value.message


def test_one_that_may_only_read_is_told_when_it_pushes(held: Workshop) -> None:
    before = held.tip("main")
    with forge(held, writable=False) as url:
        _, outcome = squash(held, url)
    assert (outcome, held.tip("main")) == ("forbidden", before)


def test_a_repository_that_is_not_there(held: Workshop) -> None:
    with forge(held) as url, pytest.raises((NotConfigured, Forbidden)) as caught:
        held.mirror(url + "x").fetch()
    assert caught.value.kind == "no-repository"
