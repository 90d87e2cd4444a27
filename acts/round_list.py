"""Every round there is, in the order of a day."""

from acts import chain_digest, documenting, watching, weeding
from acts.rounds import Round

ROUNDS: dict[str, Round] = {
    one.name: one
    for one in (
        watching.FOLD,
        documenting.WANT,
        weeding.ASK,
        weeding.ERASE,
        watching.ASK,
        watching.TELL,
        watching.END,
        chain_digest.TELL,
    )
}
"""By name. What finds comes before what tells: the morning letter is the last of the morning."""
