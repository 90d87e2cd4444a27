"""Every round there is, in the order of a day."""

from acts import documenting, watching
from acts.rounds import Round

ROUNDS: dict[str, Round] = {
    one.name: one
    for one in (
        watching.FOLD,
        documenting.WANT,
        watching.ASK,
        watching.TELL,
        watching.END,
    )
}
"""By name. What finds comes before what tells: the morning letter is the last of the morning."""
