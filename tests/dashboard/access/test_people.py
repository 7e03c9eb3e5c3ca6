"""People, their passwords and roles."""

import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dashboard.access import passwords
from dashboard.access.people import People, Person, Role
from trainer.errors import ConfigError

_PASSWORD = "correct horse battery"


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path / "people.yaml")


def test_person_signs_in_with_the_password_alone(people: People) -> None:
    assert people.put("anna@example.org", Role.RUN, _PASSWORD)

    assert people.signed_in("anna@example.org", _PASSWORD) == Person("anna@example.org", Role.RUN)
    assert people.signed_in("anna@example.org", _PASSWORD + " ") is None
    assert people.signed_in("anna@example.org", "") is None
    assert people.signed_in("bob", _PASSWORD) is None
    assert _PASSWORD not in people.path.read_text()
    assert stat.S_IMODE(people.path.stat().st_mode) == 0o600


def test_role_and_password_change_by_themselves(people: People) -> None:
    people.put("anna", Role.LOOK, _PASSWORD)
    before = people.fingerprint("anna")
    assert not people.put("anna", Role.ADMINISTER)
    assert people.signed_in("anna", _PASSWORD) == Person("anna", Role.ADMINISTER)
    assert people.fingerprint("anna") == before

    people.put("anna", Role.ADMINISTER, "another password")
    assert people.signed_in("anna", _PASSWORD) is None
    assert people.fingerprint("anna") != before


def test_removed_person_is_gone(people: People) -> None:
    people.put("bob", Role.LOOK, _PASSWORD)
    people.put("anna", Role.LOOK, _PASSWORD)
    assert [each.name for each in people] == ["anna", "bob"]
    people.remove("bob")
    assert [each.name for each in people] == ["anna"]
    assert (people.get("bob"), people.fingerprint("bob")) == (None, "")
    with pytest.raises(ConfigError, match=r"'bob' is not in .*people\.yaml; `fitboard person list`"):
        people.remove("bob")


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [
        ("", _PASSWORD, r"The name '' is not valid"),
        (" anna", _PASSWORD, r"The name ' anna' is not valid; expected 1 to 100 printable characters"),
        ("a\nb", _PASSWORD, r"is not valid; expected"),
        ("a" * 101, _PASSWORD, r"is not valid; expected"),
        ("anna", "short", r"The password has 5 characters; expected 10 to 1,000"),
    ],
)
def test_bad_names_and_passwords_are_refused(people: People, name: str, password: str | None, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        people.put(name, Role.LOOK, password)
    assert not people.path.exists()


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "- a",
        "a: administer",
        "a: {role: king, password: a$b$c}",
        "a: {}",
        "a: {role: run, password: x}",
        "a: {role: run, sessions_ended: now}",
    ],
)
def test_damaged_file_lets_no_one_in(people: People, text: str) -> None:
    people.path.write_text(text)
    with pytest.raises(ConfigError, match=r"people\.yaml is not"):
        people.signed_in("anna", _PASSWORD)


def test_person_without_password_cannot_sign_in_with_one(people: People) -> None:
    people.put("anna@example.org", Role.RUN)
    assert people.get("anna@example.org") == Person("anna@example.org", Role.RUN)
    assert people.signed_in("anna@example.org", "") is None
    assert people.fingerprint("anna@example.org") == ""


def test_roles_include_those_before_them() -> None:
    assert [[role.includes(other) for other in Role] for role in Role] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


def test_case_of_an_e_mail_address_is_ignored_but_not_that_of_a_name(people: People) -> None:
    assert people.put("Anna@Example.org", Role.RUN, _PASSWORD)
    assert not people.put("anna@example.ORG", Role.LOOK)
    assert [each.name for each in people] == ["Anna@Example.org"]
    assert people.signed_in("ANNA@EXAMPLE.ORG", _PASSWORD) == Person("Anna@Example.org", Role.LOOK)
    assert people.put("anna", Role.LOOK)
    assert people.put("Anna", Role.RUN)
    people.remove("aNNA@example.org")
    assert [each.name for each in people] == ["Anna", "anna"]


def test_two_entries_for_one_address_are_refused(people: People) -> None:
    people.path.write_text("Anna@example.org: {role: run}\nanna@example.org: {role: administer}\n")
    with pytest.raises(ConfigError, match="two entries for one e-mail address"):
        people.get("anna@example.org")


def test_accents_are_the_same_however_they_are_typed(people: People) -> None:
    people.put("Zo\u00eb", Role.RUN, _PASSWORD)
    assert people.signed_in("Zoe\u0308", _PASSWORD) == Person("Zo\u00eb", Role.RUN)


def test_file_is_read_once_until_it_changes(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    people.put("anna", Role.RUN)
    # An answer about a file that was written a moment ago is not kept.
    later = time.time_ns() + 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    assert people.get("anna") is not None
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", lambda *_, **__: pytest.fail("the file was read again"))
        assert people.get("anna") == Person("anna", Role.RUN)
        assert people.get("bob") is None
    people.put("anna", Role.LOOK)
    assert people.get("anna") == Person("anna", Role.LOOK)


def test_changes_at_the_same_time_are_all_kept(people: People) -> None:
    people.put("anna", Role.RUN, _PASSWORD)
    names = [f"person {number:02}" for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: people.put(name, Role.LOOK), names))
    assert [each.name for each in people] == ["anna", *names]


def test_password_is_changed_for_someone_who_is_there(people: People) -> None:
    people.put("anna", Role.ADMINISTER, _PASSWORD)
    before = people.fingerprint("anna")
    people.set_password("anna", "another password")
    assert people.signed_in("anna", "another password") == Person("anna", Role.ADMINISTER)
    assert people.fingerprint("anna") != before
    with pytest.raises(ConfigError, match="has 5 characters"):
        people.set_password("anna", "short")
    with pytest.raises(ConfigError, match="'bob' is not in"):
        people.set_password("bob", "another password")
    with pytest.raises(ConfigError, match="'bob' is not in"):
        people.end_sessions("bob")


def test_unknown_name_costs_the_same_hash_as_a_known_one(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    people.put("anna", Role.RUN, _PASSWORD)
    asked = list[str]()
    monkeypatch.setattr(passwords, "check_password_hash", lambda hashed, _: asked.append(hashed) or True)
    assert people.signed_in("anna", "x" * 10) is not None
    # Not even a password that had the hash of nobody would do.
    assert people.signed_in("bob", "x" * 10) is None
    (known, unknown) = (each.split("$") for each in asked)
    assert (known[0], len(known[2])) == (unknown[0], len(unknown[2]))
