"""Questions that wait: sent again, handed over, and answers put right."""

from typing import Any

from prefect.client.schemas.objects import State

from acts import renewing
from acts.by_form import FormDesk, Told, account_place
from acts.confirmed_repairs import CORRECT, HAND_OVER
from flows.forms.fields import ACCOUNT, ACTING, MUNICIPALITY, REASON, Line, Text, asked
from flows.forms.shape import carry_out, form
from notifications.words import account_words


@form("Skicka brev igen")
async def send_again(
    account: Line = ACCOUNT,
    to: Line = asked("Till", "Arbetsadressen till den som frågan eller checklistan väntar på."),
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Skicka ett brev igen.**

    Den som väntar på ett brev, eller har slarvat bort det, får ett nytt med en egen länk. Det går bara
    till den som frågan har ställts till.
    """

    def act(desk: FormDesk) -> Told:
        desk.demand_member()
        found, person = desk.account(account), desk.someone(to)
        sent = renewing.send_again(desk.session, found, person, desk.by, desk.now)
        labels = ", ".join(dict.fromkeys(f"”{one.label}”" for one in sent))
        return Told(
            [f"Brevet om {account_words(found)} går igen till {person.email}: {labels}."],
            place=account_place(found),
        )

    return await carry_out(acting, municipality, act)


@form("Lämna över fråga")
async def hand_over(
    account: Line = ACCOUNT,
    to: Line = asked("Till", "Arbetsadressen till den som ska svara i stället."),
    question: Line = asked(
        "Fråga", "Vad frågan heter i brevet eller i portalen. Lämna tomt om bara en fråga väntar.", ""
    ),
    reason: Text = REASON,
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Lämna över en fråga till någon annan.**

    Det ändrar vem som beslutar, och sker när du har bekräftat det genom länken i ett brev. Den som har
    sökt eller redan avgjort något i ärendet kan inte göra det.
    """

    def act(desk: FormDesk) -> Told:
        found, person = desk.account(account), desk.someone(to)
        asked_now = desk.open_question(found, question)
        label = f"Frågan ”{asked_now.label}” om {account_words(found)} lämnas över"
        values = {"account": found.id, "task": asked_now.id, "person": person.id, "reason": reason.strip()}
        return desk.begin(HAND_OVER, label, f"task:{asked_now.id}", values)

    return await carry_out(acting, municipality, act)


@form("Rätta ett felklick")
async def correct(
    account: Line = ACCOUNT,
    question: Line = asked(
        "Fråga", "Vad den besvarade frågan heter. Lämna tomt för den som besvarades senast.", ""
    ),
    reason: Text = REASON,
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Rätta ett felklick.**

    Svaret tas tillbaka, det som följde görs ogjort och frågan ställs igen. Den som svarade kan göra det
    inom ångertiden, därefter kommunikationsenheten. Det sker när du har bekräftat det genom länken i
    ett brev.
    """

    def act(desk: FormDesk) -> Told:
        found = desk.account(account)
        answered = desk.answered_question(found, question)
        label = f"Svaret på ”{answered.label}” om {account_words(found)} tas tillbaka"
        values = {"account": found.id, "task": answered.id, "reason": reason.strip()}
        return desk.begin(CORRECT, label, f"task:{answered.id}", values)

    return await carry_out(acting, municipality, act)
