"""REQUIREMENTS 4.7 and 5 (d): what the policy does not make public is on no public page, in no format."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel
from sqlmodel.sql.sqltypes import AutoString

from acts.work import work
from models import (
    Account,
    AccountClass,
    AccountRole,
    AccountRoleKind,
    AccountState,
    Case,
    FormerAddress,
    Person,
    Plan,
    Unit,
    VisitorReport,
)
from runtime.database import make_engine
from tests.web.visitor import Portal
from tests.web.world import World, content

BASE = "/exempelby/konton"
LISTED = (AccountState.ACTIVE, AccountState.CLOSING, AccountState.CLOSED)
FIELDS = ("address", "unit", "role", "person", "purpose", "target_group")
SECRETS = (
    *(("account", one) for one in ("closing_reason", "log_in_kept_at", "red_reason", "purpose", "name")),
    *(
        ("account", "target_group"),
        ("unit", "name"),
        ("unit", "code"),
        ("person", "name"),
        ("person", "title"),
    ),
    *(("person", "email"), ("account_case", "what"), ("plan", "answers"), ("visitor_report", "contact")),
)
"""What somebody may search for: some of it public under some rules, some of it never."""
PEOPLE = 7
"""With each account, in different roles: the first one is responsible now."""
EXAMPLES = settings.default.max_examples // 10
"""Ten, and a hundred in `make torture` (--hypothesis-profile=torture)."""
POLICIES = ("mall", "tomelilla", "haninge", "tibro", "nassjo", "skurup")
CLASSES = list(AccountClass)
Planted = tuple[World, dict[int, int]]
_VERSIONS = count()
_MARK = re.compile(r"q[0-9a-f]{14}q")


def mark(*of: object) -> str:
    """A value that stands nowhere else, and like no other."""
    return f"q{sha256(repr(of).encode()).hexdigest()[:14]}q"


def plant(row: SQLModel, number: int, **own: Any) -> SQLModel:
    """Every text of a row that is not its own becomes a mark."""
    for column in type(row).__table__.columns:  # type: ignore[attr-defined]
        if column.name in own:
            setattr(row, column.name, own[column.name])
        elif isinstance(column.type, sa.JSON):
            setattr(row, column.name, {"svar": mark(column.table.name, column.name, number)})
        elif isinstance(column.type, AutoString):
            setattr(row, column.name, mark(column.table.name, column.name, number)[: column.type.length])
    return row


@pytest.fixture(scope="module")
def planted(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Any
) -> Iterator[tuple[World, dict[int, int]]]:
    """One account in each state, with everything that can be known of one; and numbers by account."""
    path = tmp_path_factory.mktemp("leaks") / "kanalvakt.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = make_engine(f"sqlite:///{path}")
    world = World(engine)
    version = world.account(world.draft()).policy_version_id
    with work(engine, world.now) as session:
        numbers = dict(_account(session, world, version, number) for number in range(len(AccountState)))
    yield world, numbers
    engine.dispose()


def _account(session: Session, world: World, version: int, number: int) -> tuple[int, int]:
    state, today = list(AccountState)[number], world.now.date()
    of = {"municipality_id": world.municipality_id}
    unit = _add(session, plant(Unit(**of), number))
    address = f"https://www.instagram.com/{mark('account', 'address', number)}"
    account = _add(
        session,
        plant(
            Account(**of, state_since=world.now, policy_version_id=version),
            number,
            platform="instagram",
            account_class=CLASSES[number % len(CLASSES)],
            state=state,
            unit_id=unit.id,
            address=address,
            address_key=address.removeprefix("https://www."),
            opened_on=today - timedelta(days=90),
            closed_on=today if state is AccountState.CLOSED else None,
        ),
    )
    former = FormerAddress(**of, account_id=account.id, address_key="", address="", until_on=today)
    _add(session, plant(former, number, address=f"https://x.com/{mark('former', number)}"))
    _people(session, world, account, number)
    _add(session, plant(Plan(account_id=account.id, version=1, saved_at=world.now), number))
    case = _add(
        session, plant(Case(**of, account_id=account.id, opened_at=world.now, noticed_at=world.now), number)
    )
    _add(session, plant(VisitorReport(**of, case_id=case.id, received_at=world.now), number))
    return account.id, number


def _people(session: Session, world: World, account: Any, number: int) -> None:
    """Whoever is responsible now; others who are asked for, ended, refused, gone, or in another role."""
    now, today = world.now, world.now.date()
    responsible = {"kind": AccountRoleKind.RESPONSIBLE, "since_on": today - timedelta(days=9)}
    roles: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]] = (
        (responsible, {}),
        (responsible | {"since_on": None}, {}),
        (responsible | {"until_on": today}, {}),
        (responsible | {"refused_at": now}, {}),
        (responsible, {"left_on": today}),
        (responsible | {"kind": AccountRoleKind.ADMINISTRATOR}, {}),
        (responsible | {"kind": AccountRoleKind.SUBSTITUTE}, {}),
    )
    for place, (role, person) in enumerate(roles):
        key = number * 100 + place
        who = _add(session, plant(Person(municipality_id=world.municipality_id, **person), key))
        held = AccountRole(account_id=account.id, person_id=who.id, asked_at=now, **role)
        _add(session, plant(held, key))


def _add(session: Session, row: SQLModel) -> Any:
    session.add(row)
    session.flush()
    return row


conditions = st.lists(
    st.sampled_from([one.value for one in AccountClass]), min_size=1, max_size=3, unique=True
)
own_rules = st.lists(
    st.fixed_dictionaries(
        {"fields": st.lists(st.sampled_from(FIELDS), min_size=1, unique=True)},
        optional={"when": st.fixed_dictionaries({"classes": conditions})},
    ),
    max_size=3,
)
real_rules = st.sampled_from(POLICIES).map(lambda name: content(name)["policy"]["rules"]["public_register"])


def public_marks(rules: Sequence[Mapping[str, Any]], number: int) -> set[str]:
    """What the rules make public of an account that has been opened."""
    kind = CLASSES[number % len(CLASSES)].value
    ours = [one for one in rules if kind in (one.get("when") or {}).get("classes", [kind])]
    fields = {field for rule in ours for field in rule["fields"]}
    person = number * 100
    marks = {
        "address": {mark("account", "address", number), mark("former", number)},
        "unit": {mark("unit", "name", number)},
        "role": {mark("person", "title", person)},
        "person": {mark("person", "name", person)},
        "purpose": {mark("account", "purpose", number)},
        "target_group": {mark("account", "target_group", number)},
    }
    named = {mark("account", "name", number)} if ours else set()
    return named.union(*(marks[field] for field in fields))


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    rules=own_rules | real_rules,
    secret=st.sampled_from(SECRETS),
    place=st.integers(0, PEOPLE - 1),
)
def test_only_what_the_policy_makes_public(
    planted: Planted, rules: Sequence[Mapping[str, Any]], secret: tuple[str, str], place: int
) -> None:
    world, numbers = planted
    grounded = [{"clauses": ["tibro:2-forteckning"], **rule} for rule in rules]
    another = {
        "draft_days": 60 + next(_VERSIONS) % 300
    }  # Rules that were adopted before are not adopted again.
    world.adopt("2026-03-02", another, public_register=grounded)
    client = Portal(world).visitor().client
    listed = [number for number in numbers.values() if list(AccountState)[number] in LISTED]
    public = set().union(*(public_marks(rules, number) for number in listed))
    for path in ("", ".json", ".csv", ".atom", "/inbaddad", "/bygg-in", "?visa=avslutade", "/officiellt"):
        shown = marks_of(client.get(f"{BASE}{path}"))
        assert shown <= public, path
        if path in (".json", ".csv"):
            assert shown == public, path
    for account_id, number in numbers.items():
        own = public_marks(rules, number) if number in listed else set()
        assert marks_of(client.get(f"{BASE}/{account_id}")) == own
        assert marks_of(client.get(f"{BASE}/{account_id}/rapportera")) <= own
        for asked in (mark("account", "address", number), mark("former", number)):
            for path in ("/officiellt", "/officiellt.json"):
                said = client.get(f"{BASE}{path}", params={"adress": asked, "plattform": "instagram"})
                assert marks_of(said) - {asked} <= own
        sought = mark(*secret, number * 100 + place if secret[0] == "person" else number)
        assert found_by(client, "q", sought, own) == (1 if sought in own else 0)
        unit = mark("unit", "name", number)
        assert found_by(client, "enhet", unit, own) == (1 if unit in own else 0)


def found_by(client: Any, word: str, sought: str, own: set[str]) -> int:
    """How many are found by it, in each format; and that an answer says no more than what is public."""
    for path in (".csv", ".atom", "/inbaddad"):
        assert marks_of(client.get(f"{BASE}{path}", params={word: sought})) - {sought} <= own
    found: int = client.get(f"{BASE}.json", params={word: sought}).json()["total"]
    return found


def marks_of(answer: Any) -> set[str]:
    """In what was answered and in its headers."""
    return marks_in(answer.text) | marks_in(
        " ".join(f"{name}: {said}" for name, said in answer.headers.items())
    )


def marks_in(text: str) -> set[str]:
    """As they were planted; a page may write the first letter large."""
    return set(_MARK.findall(text.lower()))
