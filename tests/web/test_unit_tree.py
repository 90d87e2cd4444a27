"""The units to choose among."""

from acts.work import work
from models import Unit
from runtime.database import reading
from tests.web.world import World
from web.unit_tree import INDENT, unit_choices


def names(world: World) -> list[str]:
    with reading(world.engine) as session:
        return [name for _, name in unit_choices(session, world.municipality_id)]


def put_below(world: World, unit: str, parent: str) -> None:
    with work(world.engine, world.now) as session:
        session.get_one(Unit, world.units[unit]).parent_id = world.units[parent]


def test_units_stand_below_their_parents(world: World) -> None:
    assert names(world) == [
        "Exempelby",
        f"{INDENT}Kommunikationsenheten",
        f"{INDENT}Kultur- och fritidsförvaltningen",
        f"{INDENT * 2}Biblioteket",
    ]


def test_units_in_a_loop_are_not_lost(world: World) -> None:
    put_below(world, "municipality", "culture")
    assert names(world) == [
        "Exempelby",
        f"{INDENT}Kommunikationsenheten",
        "Kultur- och fritidsförvaltningen",
        f"{INDENT}Biblioteket",
    ]


def test_a_unit_below_itself_is_not_lost(world: World) -> None:
    put_below(world, "office", "office")
    assert "Kommunikationsenheten" in names(world)
