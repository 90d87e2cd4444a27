"""What must hold of every token that no letter ever held."""

from collections.abc import Sequence

from tests.attacks.forging import Answers, asked, asked_side_by_side, is_accepted
from tests.attacks.within import SECTION
from tests.figures import prove
from tests.web.test_links import all_kinds
from tests.web.visitor import Portal, cookie_at, everything_in
from tests.web.world import World

HARDLY = 0.1
"""How much better than chance one answer's time may tell two kinds of token apart: a tenth, of a half."""


def no_forged_token_is_accepted(world: World, url: str, count: int, processes: int = 1) -> None:
    """All of them get one page, byte for byte, with one set of headers and in one time; nothing changes."""
    genuine = [path.removeprefix("/l/") for path in all_kinds(world).values()]
    ids = [link.id or 0 for link in world.links()]
    _demand_that_a_signed_cookie_is_read(world, url, genuine)
    before = everything_in(world.engine)
    if processes > 1:
        answers = asked_side_by_side(url, world.now, genuine, ids, count, processes)
    else:
        answers = asked(url, world.now, genuine, ids, seed=7, count=count)
    assert everything_in(world.engine) == before
    _demand_one_page(answers, count)


def _demand_that_a_signed_cookie_is_read(world: World, url: str, genuine: Sequence[str]) -> None:
    """Forged ones that nobody looks at would prove nothing."""
    for token in genuine:
        visitor = Portal(world).visitor()
        visitor.open(f"/l/{token}")
        [cookie] = [one.value for one in visitor.client.cookies.jar if one.name == cookie_at(visitor.path)]
        assert is_accepted(url, world.now, visitor.path, cookie or ""), visitor.path


def _demand_one_page(answers: Answers, count: int) -> None:
    """One at the letters' address, one at the calendars', and one for a cookie that nobody signed."""
    pages = {area: status for area, status, _ in answers.seen}
    prove(
        SECTION,
        f"forged and cut tokens and cookies accepted, of {answers.seen.total():,}",
        answers.accepted,
        0,
    )
    prove(
        SECTION, "different answers to them, at each of three kinds of address", answers.kinds_of_page / 3, 1
    )
    apart = answers.told_apart()
    prove(SECTION, "better than chance at telling kinds of token apart by the time (0 to 0.5)", apart, HARDLY)
    assert answers.seen.total() == count and answers.accepted == 0, answers.seen
    assert pages == {"l": 404, "kalender": 404, "fraga": 403} and answers.kinds_of_page == 3, answers.seen
    assert apart <= HARDLY
