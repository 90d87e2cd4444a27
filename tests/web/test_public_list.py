"""The public list of accounts: open and closed ones with their public facts, and no others."""

from tests.web.visitor import Portal, plain
from tests.web.world import World


def test_open_and_closed_accounts_are_listed_and_nothing_else(world: World, portal: Portal) -> None:
    """Tibro, section 2: purpose and target group are listed; a name only where the municipality says so."""
    world.active(name="Biblioteket", address="https://www.instagram.com/biblioteket")
    world.sent(name="Bokbussen", address="https://www.facebook.com/bokbussen")
    text = plain(portal.visitor().open("/exempelby/konton"))
    assert "Biblioteket , Instagram" in text
    assert "https://www.instagram.com/biblioteket" in text
    assert "Bokbussen" not in text
    assert "Anna Berg" not in text and "@exempelby" not in text.partition("Frågor?")[0]


def test_an_empty_list_says_so(world: World, portal: Portal) -> None:
    assert "Inget konto är listat." in plain(portal.visitor().open("/exempelby/konton"))
