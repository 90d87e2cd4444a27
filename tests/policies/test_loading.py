"""Policies from files and from stored versions: extending, merging, hashing, caching."""

from datetime import date, time
from pathlib import Path

import pytest

from policies.citing import OWN_DECISION, citation, citations
from policies.loading import (
    GUIDELINES,
    HERE,
    MUNICIPALITIES,
    content_of,
    guidelines_of,
    load_guideline,
    load_policy,
    names_in,
    policy_from_content,
    sha256_of,
)
from policies.source import NotLoadable

GUIDELINE = """
guideline: berga
title: Riktlinje för sociala medier
publisher: Berga kommun
edition: 2024
clauses:
  - {id: a, cite: punkt 1, title: Den första, lines: [3, 4]}
  - {id: b, cite: punkt 2, title: Den andra}
""".replace("2024", '"2024"')
PARENT = """
policy: parent
name: Kommunen
guidelines: [berga]
valid_from: 2026-01-01
rules:
  watch:
    - {days: all_days, clauses: ["berga:a"]}
  posting:
    - {a_week_at_least: 1, clauses: ["berga:a"]}
outside:
  - {clause: "berga:b", why: Förklarar ett ord.}
settings:
  link_days: 7
  work_ends: 16:30
"""
CHILD = """
policy: child
name: Enheten
guidelines: [berga]
valid_from: 2026-02-01
extends: parent
rules:
  watch:
    - days: weekdays
      decision: {decided_on: 2026-01-15, number: § 4, body: Nämnden}
      clauses: ["berga:a"]
settings:
  regret_minutes: 5
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "guidelines/berga.yaml", GUIDELINE)
    write(tmp_path, "municipalities/parent.yaml", PARENT)
    write(tmp_path, "municipalities/child.yaml", CHILD)
    return tmp_path


def write(folder: Path, file: str, text: str) -> None:
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_child_s_key_replaces_the_parent_s_whole_key_and_the_rest_is_inherited(folder: Path) -> None:
    child = load_policy("child", folder)

    assert [watch.days for watch in child.rules.watch] == ["weekdays"]
    assert child.rules.posting[0].a_week_at_least == 1
    assert (child.settings.regret_minutes, child.settings.link_days) == (5, 7)
    assert [one.clause for one in child.outside] == ["berga:b"]
    assert (child.name, child.valid_from) == ("Enheten", date(2026, 2, 1))


def test_a_policy_does_not_change_the_one_it_extends(folder: Path) -> None:
    load_policy("child", folder)

    assert load_policy("parent", folder).rules.watch[0].days == "all_days"


def test_policies_in_a_ring_are_refused(folder: Path) -> None:
    write(folder, "municipalities/parent.yaml", PARENT + "extends: child\n")

    with pytest.raises(NotLoadable, match="i ring: child → parent → child"):
        load_policy("child", folder)


def test_a_policy_that_extends_itself_is_refused(folder: Path) -> None:
    write(folder, "municipalities/parent.yaml", PARENT + "extends: parent\n")

    with pytest.raises(NotLoadable, match="i ring: parent → parent"):
        load_policy("parent", folder)


@pytest.mark.parametrize("name", ["chidl", "../municipalities/child", "", "/etc/passwd"])
def test_only_a_file_of_the_folder_is_loaded(folder: Path, name: str) -> None:
    with pytest.raises(NotLoadable, match="filen finns inte"):
        load_policy(name, folder)


def test_a_missing_file_is_told_with_the_nearest_name(folder: Path) -> None:
    with pytest.raises(NotLoadable, match='Menade du "child"'):
        load_policy("chidl", folder)


def test_what_yaml_would_turn_into_something_else_stays_what_it_says(folder: Path) -> None:
    assert load_policy("parent", folder).settings.work_ends == time(16, 30)
    assert load_guideline("berga", folder).edition == "2024"

    fields = 'rules: {plan: [{field: a, label: "1", kind: yes, clauses: ["berga:a"]}]}'
    write(folder, "municipalities/child.yaml", CHILD.split("rules:")[0] + fields)
    assert load_policy("child", folder).rules.plan[0].kind == "yes"


def test_a_policy_knows_its_guidelines(folder: Path) -> None:
    assert [one.title for one in guidelines_of(load_policy("child", folder), folder)] == [
        "Riktlinje för sociala medier"
    ]


def test_the_stored_content_is_enough_to_read_and_cite_without_files(folder: Path) -> None:
    content = content_of(load_policy("child", folder), folder)
    for path in folder.rglob("*.yaml"):
        path.unlink()

    watch = policy_from_content(content).rules.watch[0]

    assert citation(content, watch) == [
        {"ref": "berga:a", "cite": "punkt 1", "title": "Den första"},
        {
            "ref": OWN_DECISION,
            "cite": "Kommunens beslut 2026-01-15, § 4, Nämnden",
            "title": "Kommunens eget beslut",
        },
    ]
    assert citations(content, watch)[0].publisher == "Berga kommun"
    assert content["guidelines"]["berga"]["edition"] == "2024"


def test_a_stored_version_object_cites_as_its_content_does(folder: Path) -> None:
    class Version:
        def __init__(self) -> None:
            self.content = content_of(load_policy("child", folder), folder)

    version = Version()
    watch = policy_from_content(version.content).rules.watch[0]

    assert citation(version, watch) == citation(version.content, watch)


def test_the_stored_content_holds_only_the_clauses_that_are_named(folder: Path) -> None:
    write(folder, "municipalities/parent.yaml", PARENT.split("outside:")[0])

    assert list(content_of(load_policy("parent", folder), folder)["clauses"]) == ["berga:a"]


def test_the_stored_content_writes_every_default_out(folder: Path) -> None:
    stored = content_of(load_policy("child", folder), folder)["policy"]["settings"]

    assert stored["consultation_days"] == 10
    assert stored["ladder"] == {"first": 3, "every": 3, "at_most": 2, "then": "communications"}


def test_a_clause_that_is_nowhere_cannot_be_stored(folder: Path) -> None:
    write(folder, "municipalities/child.yaml", CHILD.replace("berga:a", "berga:z"))

    with pytest.raises(NotLoadable, match="berga:z"):
        content_of(load_policy("child", folder), folder)


def test_the_hash_does_not_depend_on_the_order_of_keys(folder: Path) -> None:
    content = content_of(load_policy("child", folder), folder)
    turned = {key: content[key] for key in reversed(content)}

    assert sha256_of(turned) == sha256_of(content)
    assert sha256_of(content) != sha256_of(content_of(load_policy("parent", folder), folder))


def test_a_stored_policy_is_read_once(folder: Path) -> None:
    content = content_of(load_policy("child", folder), folder)

    assert policy_from_content(content) is policy_from_content(dict(content), sha256_of(content))


@pytest.mark.parametrize("name", names_in(HERE, MUNICIPALITIES))
def test_each_policy_of_ours_comes_back_from_its_stored_content(name: str) -> None:
    policy = load_policy(name)

    assert policy_from_content(content_of(policy)) == policy


@pytest.mark.parametrize("name", names_in(HERE, GUIDELINES))
def test_each_guideline_of_ours_can_be_read(name: str) -> None:
    assert load_guideline(name).guideline == name


def test_a_file_that_may_not_be_read_is_told_with_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(NotLoadable, match=r"får inte läsas.*chmod"):
        load_policy("parent", folder)
