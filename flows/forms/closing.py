"""Closing an account."""

from typing import Any

from prefect.client.schemas.objects import State

from acts.by_form import FormDesk, Told
from acts.confirmed_changes import CLOSE
from flows.forms.fields import ACCOUNT, ACTING, MUNICIPALITY, REASON, Line, Text
from flows.forms.shape import carry_out, form
from languages.speaking import capital
from notifications.words import account_words


@form("Avsluta konto")
async def close_account(
    account: Line = ACCOUNT,
    reason: Text = REASON,
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Avsluta ett konto.**

    Avslutet begärs i ditt namn när du har bekräftat det genom länken i ett brev. Därefter beslutar de
    som riktlinjen pekar ut, och kontot avslutas i god ordning.
    """

    def act(desk: FormDesk) -> Told:
        found = desk.account(account)
        label = f"{capital(account_words(found))} ska avslutas"
        return desk.begin(
            CLOSE, label, f"account:{found.id}", {"account": found.id, "reason": reason.strip()}
        )

    return await carry_out(acting, municipality, act)
