"""Links of ours that have died, of each kind in each of the ways in which it can (REQUIREMENTS 4.1)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from acts import answering, applying, calendars, confirming, leaving
from acts.work import work
from models import Account, LinkKind, Outcome
from notifications import links
from tests.web.visitor import Portal
from tests.web.world import World


@dataclass(frozen=True)
class Dead:
    """One dead link, and the truth that it has to tell."""

    why: str
    kind: LinkKind
    path: str
    tells: Sequence[str]
    """What stands on its page: who, what and when, as far as somebody decided."""
    status: int = 410


class Killing:
    """A town in which links die; of each kind and way, so many."""

    def __init__(self, world: World, each: int) -> None:
        self.world = world
        self.portal = Portal(world)
        self.each = each

    def task_links(self, task_id: int, who: str) -> list[str]:
        """Several letters about one thing: each has another token, and all die together."""
        return [self.world.task_link(task_id, who) for _ in range(self.each)]

    def links(self, kind: LinkKind, who: str, **bound: Any) -> list[str]:
        """Several letters of a kind to somebody."""
        return [self.world.link(kind, who, **bound) for _ in range(self.each)]

    def do(self, act: Callable[[Session], object]) -> None:
        """An act in its transaction."""
        with work(self.world.engine, self.world.now) as session:
            act(session)

    def application(self, name: str) -> int:
        """One that waits for its first decision."""
        return self.world.sent(name=name, platform="tiktok", address="")

    def with_communications(self, name: str) -> tuple[int, int]:
        """One that the unit's head has approved, and the question that Disa and Erik have."""
        account_id = self.application(name)
        self.world.answer(self.world.open_task(account_id), "bo")
        return account_id, self.world.open_task(account_id)


def killed(town: Killing) -> Iterator[Dead]:
    """Links about something that somebody has decided, withdrawn, handed over, changed, used or replaced."""
    for way in (*_QUESTIONS, *_OTHERS):
        yield from way(town)


def _deads(why: str, kind: LinkKind, paths: Sequence[str], *tells: str, status: int = 410) -> list[Dead]:
    return [Dead(why, kind, path, tells, status) for path in paths]


WHEN = "2 mars 2026 kl. 09.00"


def _answered(town: Killing) -> list[Dead]:
    _, task = town.with_communications("Besvarad")
    others, own = town.task_links(task, "erik"), town.task_links(task, "disa")
    town.world.answer(task, "disa")
    told = _deads(
        "answered by another", LinkKind.DECIDE, others, f"Disa Ek, kommunikatör, svarade {WHEN}: Godkänt"
    )
    return told + _deads("answered by oneself", LinkKind.DECIDE, own, "Godkänt", WHEN, status=200)


def _declined(town: Killing) -> list[Dead]:
    _, task = town.with_communications("Avslagen")
    paths = town.task_links(task, "erik")
    town.world.answer(task, "disa", Outcome.DECLINE, "Vi har inte folk.")
    return _deads(
        "declined by another", LinkKind.DECIDE, paths, f"Disa Ek, kommunikatör, svarade {WHEN}: Avslag"
    )


def _handed_over(town: Killing) -> list[Dead]:
    task = town.world.open_task(town.application("Överlämnad"))
    paths, bo, cilla = town.task_links(task, "bo"), town.world.people["bo"], town.world.email("cilla")
    now = town.world.now
    town.do(
        lambda session: answering.hand_over(
            session, now, task_id=task, person_id=bo, to_email=cilla, via="link"
        )
    )
    told = f"Bo Ceder, enhetschef, lämnade över frågan till Cilla Dahl, förvaltningschef, {WHEN}"
    return _deads("handed over", LinkKind.DECIDE, paths, told)


def _withdrawn(town: Killing) -> list[Dead]:
    account_id = town.application("Återtagen")
    paths, anna = town.task_links(town.world.open_task(account_id), "bo"), town.world.people["anna"]
    town.do(
        lambda session: applying.withdraw(
            session, session.get_one(Account, account_id), anna, "", town.world.now
        )
    )
    told = f"Anna Berg, bibliotekarie, tog tillbaka ansökan {WHEN}"
    return _deads("withdrawn", LinkKind.DECIDE, paths, "Ansökan är återtagen", told)


def _taken_back(town: Killing) -> list[Dead]:
    _, task = town.with_communications("Ångrad")
    paths, disa = town.task_links(task, "erik"), town.world.people["disa"]
    town.world.answer(task, "disa")
    town.do(
        lambda session: answering.take_back(
            session, town.world.now, task_id=task, person_id=disa, via="portal"
        )
    )
    return _deads("taken back", LinkKind.DECIDE, paths, f"Disa Ek, kommunikatör, tog tillbaka svaret {WHEN}")


def _plan_changed(town: Killing) -> list[Dead]:
    account_id, task = town.with_communications("Ändrad")
    paths = town.task_links(task, "erik")
    town.world.answer(task, "disa", Outcome.ASK_FOR_CHANGES, "Vad gör ni i juli?")
    town.world.write(account_id, name="Ändrad", platform="tiktok", address="", how_run="Gustav, i juli.")
    town.world.send(account_id)
    told = f"Disa Ek, kommunikatör, svarade {WHEN}: Ändringar begärda"
    return _deads("changes asked for, and made", LinkKind.DECIDE, paths, told)


def _consulted(town: Killing) -> list[Dead]:
    account_id = town.world.active(name="Råd", platform="vimeo", address="vimeo.com/rad")
    town.world.ask_to_close(account_id)
    [task] = town.world.questions(account_id)
    paths = town.task_links(task.id or 0, "erik")
    town.world.answer(task.id or 0, "disa", Outcome.ANSWERED, "Stäng i god ordning.")
    return _deads("consulted another", LinkKind.CONSULT, paths, f"Disa Ek, kommunikatör, svarade {WHEN}")


_QUESTIONS = (_answered, _declined, _handed_over, _withdrawn, _taken_back, _plan_changed, _consulted)


def ask_leaving(town: Killing, who: str) -> int:
    """Erik begins that somebody leaves; it waits to be confirmed."""
    world, asked = town.world, []
    by, person, on = world.people["erik"], world.people[who], world.now.date() + timedelta(days=60)
    town.do(
        lambda session: asked.append(
            leaving.ask(
                session,
                world.now,
                by_id=by,
                person_id=person,
                last_on=on,
                all_to=world.email("anna"),
                via="portal",
            ).id
        )
    )
    return asked[0] or 0


def _acts(town: Killing) -> Iterator[Dead]:
    for act, who, says in (
        (confirming.confirm, "gustav", ("Det är bekräftat", f"Du bekräftade det {WHEN}")),
        (confirming.drop, "hanna", ("Begäran är släppt", f"Du släppte den {WHEN}")),
    ):
        task = ask_leaving(town, who)
        [first, *paths] = [town.world.link(LinkKind.CONFIRM_ACT, "erik", task_id=task), *_of_act(town, task)]
        link = next(one for one in town.world.links() if one.token_sha256 == links.hash_of(first[3:]))
        erik, now = town.world.people["erik"], town.world.now
        town.do(lambda session: act(session, now, task_id=task, person_id=erik, link_id=link.id or 0))  # noqa: B023
        yield from _deads(says[0], LinkKind.CONFIRM_ACT, [first, *paths][: len(paths)], *says, status=200)
    before = _of_act(town, ask_leaving(town, "hanna"))
    ask_leaving(town, "hanna")
    yield from _deads(
        "begun anew", LinkKind.CONFIRM_ACT, before, "Länken är ersatt av en nyare", f"Den upphörde {WHEN}"
    )


def _of_act(town: Killing, task_id: int) -> list[str]:
    return town.links(LinkKind.CONFIRM_ACT, "erik", task_id=task_id)


def _replaced(town: Killing) -> Iterator[Dead]:
    account_id = town.world.setting_up(name="Lista", platform="threads", address="")
    for kind, who, bound in (
        (LinkKind.DIGEST, "anna", {"account_id": account_id}),
        (LinkKind.MORNING, "anna", {}),
    ):
        paths = town.links(kind, who, **bound)
        anna, now = town.world.people["anna"], town.world.now
        town.do(lambda session: links.kill(session, now=now, why="replaced", person_id=anna, kind=kind))  # noqa: B023
        yield from _deads(
            "a newer letter", kind, paths, "Länken är ersatt av en nyare", f"Den upphörde {WHEN}"
        )


def _used(town: Killing) -> Iterator[Dead]:
    for kind, who in ((LinkKind.CONFIRM_ADDRESS, "anna"), (LinkKind.MY_PAGE, "disa")):
        paths = town.links(kind, who)
        for path in paths:
            visitor = town.portal.visitor()
            visitor.open(path)
            visitor.post("" if kind is LinkKind.CONFIRM_ADDRESS else "oppna")
        yield from _deads("used", kind, paths, "Länken är redan använd", f"Den användes {WHEN}")


def _calendars(town: Killing) -> list[Dead]:
    tokens: list[str] = []
    bo, now = town.world.people["bo"], town.world.now
    for _ in range(town.each):
        town.do(lambda session: tokens.append(calendars.subscribe(session, now, person_id=bo, via="portal")))
    town.do(lambda session: calendars.unsubscribe(session, now, person_id=bo, via="portal"))
    paths = [f"/exempelby/kalender/{token}.ics" for token in tokens]
    return _deads("replaced and revoked", LinkKind.CALENDAR, paths, "Adressen gäller inte längre")


_OTHERS: tuple[Callable[[Killing], Any], ...] = (_acts, _replaced, _used, _calendars)


def expiring(town: Killing) -> list[Dead]:
    """Links that nobody answers: 22 days later they have expired, and say where a fresh one is sent."""
    decided = town.world.open_task(town.application("Utgången"))
    closing = town.world.active(name="Rådlös", platform="vimeo", address="vimeo.com/radlos")
    town.world.ask_to_close(closing)
    [consulted] = town.world.questions(closing)
    account_id = town.world.setting_up(name="Utgången lista", platform="threads", address="")
    anna, asked = town.world.email("anna"), _of_act(town, ask_leaving(town, "disa"))
    expired: list[tuple[LinkKind, list[str], str]] = [
        (LinkKind.DECIDE, town.task_links(decided, "bo"), town.world.email("bo")),
        (LinkKind.CONSULT, town.task_links(consulted.id or 0, "erik"), town.world.email("erik")),
        (LinkKind.CONFIRM_ACT, asked, town.world.email("erik")),
        (LinkKind.DIGEST, town.links(LinkKind.DIGEST, "anna", account_id=account_id), anna),
        (LinkKind.CONFIRM_ADDRESS, town.links(LinkKind.CONFIRM_ADDRESS, "anna"), anna),
        (LinkKind.MY_PAGE, town.links(LinkKind.MY_PAGE, "anna"), anna),
        (LinkKind.MORNING, town.links(LinkKind.MORNING, "gustav"), town.world.email("gustav")),
    ]
    return [
        dead
        for kind, paths, address in expired
        for dead in _deads("expired", kind, paths, "Länken har gått ut", address)
    ]


def drafts(town: Killing) -> list[Dead]:
    """The links to an application that nobody has gone on with for 60 days."""
    paths = town.links(LinkKind.DRAFT, "anna", account_id=town.world.draft())
    return _deads("expired", LinkKind.DRAFT, paths, "Länken har gått ut", town.world.email("anna"))
