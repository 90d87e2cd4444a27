"""Every round there is, in the order of a day."""

from acts import documenting, inactivity, posting, watching, weeding
from acts.rounds import Round

ROUNDS: dict[str, Round] = {
    one.name: one
    for one in (
        watching.FOLD,
        documenting.WANT,
        weeding.ASK,
        weeding.ERASE,
        posting.CHECK,
        inactivity.SETTLE,
        watching.ASK,
        watching.TELL,
        inactivity.END,
        watching.END,
    )
}
"""By name. What finds comes before what tells: the morning letter is the last of the morning."""
