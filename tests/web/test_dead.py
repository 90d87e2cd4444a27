"""Dead links of ours (REQUIREMENTS 4.1): who decided what and when, thirty days long; then nothing."""

from tests.attacks.dead import no_dead_link_is_accepted
from tests.web.world import World


def test_a_dead_link_of_every_kind_tells_the_truth_and_takes_nothing(world: World) -> None:
    """One of each here; a thousand in the long proof."""
    no_dead_link_is_accepted(world, 20)
