"""Every round there is, in the order of a day."""

from acts import (
    absences,
    cases,
    chain_digest,
    checking,
    documenting,
    evaluating,
    guideline_review,
    handles,
    inactivity,
    inventory,
    leaving,
    posting,
    renewals,
    resting,
    returned_mail,
    staff_list,
    watching,
    weeding,
)
from acts.rounds import Round

PRESENCE = (leaving.LEAVE, absences.COVER, resting.RESTS, resting.ENDS, inventory.ASK)
"""Who is there and which accounts rest or end, before anybody is asked anything that morning."""

ROUNDS: dict[str, Round] = {
    one.name: one
    for one in (
        checking.CHECK,
        watching.FOLD,
        staff_list.READ,
        weeding.ERASE,
        returned_mail.FOLLOW,
        *PRESENCE,
        documenting.WANT,
        weeding.ASK,
        evaluating.EVALUATE,
        guideline_review.REVIEW_GUIDELINE,
        renewals.RENEW,
        posting.CHECK,
        handles.CHECK,
        inactivity.SETTLE,
        cases.HOURS,
        watching.ASK,
        watching.TELL,
        inactivity.END,
        watching.END,
        chain_digest.TELL,
    )
}
"""By name. What finds comes before what tells: the morning letter is the last of the morning."""
