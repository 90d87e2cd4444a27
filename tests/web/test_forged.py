"""Tokens that no letter ever held (REQUIREMENTS 4.1): an unknown one says nothing, whatever it looks like."""

from tests.attacks.refused import no_forged_token_is_accepted
from tests.web.world import World

SO_MANY = 600
"""A hundred thousand are tried in the long proof."""


def test_forged_and_cut_tokens_all_get_the_same_page(world: World, sqlite_url: str) -> None:
    no_forged_token_is_accepted(world, sqlite_url, SO_MANY)
