"""For an auditor: an answer to each control question, in a paper and tables, and a sample with its papers.

The sample follows from a word that the auditor chooses: it can be drawn again, and by nobody's liking.
What is left out of the sampled accounts' papers is what is left out when records are handed out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select
from sqlmodel import Session, col

from acts.handing_out import INDEX, as_csv, bundle, packed_files, plain_name
from acts.overview_words import STATES
from acts.records import Period
from languages.speaking import capital
from lifecycle.evaluation_facts import facts_of_period
from lifecycle.events import By, EventKind
from lifecycle.invariants import violations
from lifecycle.inventory import gaps_of
from lifecycle.journal import Verdict, record, verify
from lifecycle.law import Law, law_in_force
from lifecycle.policy_versions import versions_of
from lifecycle.refusals import Refused
from lifecycle.yearly_report import LIVED
from models import Account, AccountRole, Municipality, Paper, PaperKind, Person, Snapshot, Unit
from notifications import words
from papers.documents import moment
from papers.lists import Lists, Table, one_line, write_lists
from policies.coverage import HOW_WORDS, account_for

MOST_SAMPLED = 50
Rows = list[Sequence[str]]


@dataclass(frozen=True)
class Control:
    """A control question: what is asked, what was found in a sentence, and the table that shows it."""

    question: str
    found: str
    file: str
    columns: Sequence[str]
    rows: Rows


@dataclass(frozen=True)
class Pack:
    """The whole, packed."""

    file_name: str
    content: bytes
    sampled: Sequence[int]
    """The accounts that were drawn, in the order in which they were."""

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Audited:
    """What is audited: a municipality's accounts in a period."""

    session: Session
    law: Law
    municipality: Municipality
    period: Period
    now: datetime
    accounts: Sequence[Account]
    """Those that have been open at some time, by their number."""

    @property
    def zone(self) -> str:
        return self.municipality.time_zone

    def name(self, person_id: int | None) -> str:
        return words.person_words(self.session.get(Person, person_id)) if person_id is not None else ""


def pack(
    session: Session, municipality: Municipality, period: Period, now: datetime, *, sample: int, word: str
) -> Pack:
    """Make it; changes nothing.

    Raises Refused `sample_wrong`, and CannotWrite when this machine cannot write PDF.
    """
    if not 0 <= sample <= MOST_SAMPLED:
        raise Refused("sample_wrong", most=MOST_SAMPLED)
    law = law_in_force(session, municipality.id or 0, now)
    rows = select(Account).where(
        col(Account.municipality_id) == municipality.id, col(Account.state).in_(LIVED)
    )
    accounts = list(session.execute(rows.order_by(col(Account.id))).scalars())
    audited = Audited(session, law, municipality, period, now, accounts)
    drawn = draw(accounts, sample, word)
    controls = list(_controls(audited))
    files = [(one.file, as_csv(one.columns, one.rows)) for one in controls]
    for account in drawn:
        files += _papers_of(session, account, period, now)
    index = _index(audited, controls, drawn, word, files)
    day = law.day_of(now).isoformat()
    name = f"{day} revision {plain_name(municipality.slug)}.zip"
    return Pack(name, packed_files([(INDEX, index), *files]), [one.id or 0 for one in drawn])


def draw(accounts: Sequence[Account], count: int, word: str) -> list[Account]:
    """So many accounts, as their numbers and the word say together: the same word draws the same ones."""
    return sorted(accounts, key=lambda one: sha256(f"{word}:{one.id}".encode()).hexdigest())[:count]


def record_pack(session: Session, now: datetime, municipality_id: int, made: Pack) -> None:
    """Keep in the log that it was handed out, and of which accounts all papers were."""
    facts = {"sha256": made.sha256, "sampled": list(made.sampled)}
    by = By(None, "cli")
    record(session, EventKind.HANDED_OUT, now, municipality_id=municipality_id, by=by, facts=facts)


def _papers_of(
    session: Session, account: Account, period: Period, now: datetime
) -> Iterator[tuple[str, bytes]]:
    """A sampled account's papers in a file of their own; nothing where there are none."""
    try:
        papers = bundle(session, account, period, now)
    except Refused as refused:
        if refused.code != "hand_out_empty":
            raise
        return
    yield f"urval/{account.id} {plain_name(papers.file_name)}", papers.content


# ---------------------------------------------------------------- the questions


def _controls(audited: Audited) -> Iterator[Control]:
    yield _guidelines(audited)
    yield _clauses(audited)
    yield _purposes(audited)
    yield _supervision(audited)
    yield _roles(audited)
    yield _gaps(audited)
    yield _archived(audited)
    yield _decided(audited)
    yield _log(audited)


def _guidelines(audited: Audited) -> Control:
    """Which rules have held, from when, and who approved them."""
    rows: Rows = [
        (
            one.policy,
            one.in_force_from.isoformat() if one.in_force_from else "väntar på godkännande",
            moment(one.approved_at, audited.zone) if one.approved_at else "",
            audited.name(one.approved_by_id) or "den som installerade",
            one.sha256,
        )
        for one in versions_of(audited.session, audited.municipality.id or 0)
    ]
    editions = "; ".join(one["title"] for one in audited.law.content["guidelines"].values())
    return Control(
        "Riktlinjer: vilka gäller, från när, och vem har godkänt dem?",
        f"{len(rows)} versioner av reglerna. Riktlinjer: {editions}.",
        "riktlinjer.csv",
        ("Regler", "Gäller från", "Godkända", "Av", "SHA-256"),
        rows,
    )


def _clauses(audited: Audited) -> Control:
    """What becomes of each clause of the guidelines."""
    accounts = account_for(audited.law.policy)
    rows: Rows = [(one.cite, one.title, HOW_WORDS[one.how], ", ".join(one.by), one.why) for one in accounts]
    counted = {how: sum(row[2] == how for row in rows) for how in dict.fromkeys(row[2] for row in rows)}
    told = ", ".join(f"{count} {how}" for how, count in counted.items()) or "inga klausuler"
    return Control(
        "Interna regler: hur uppfylls varje punkt i riktlinjen?",
        f"{len(rows)} punkter: {told}.",
        "punkter.csv",
        ("Punkt", "Innebär", "Hur", "Regler", "Varför inte"),
        rows,
    )


def _purposes(audited: Audited) -> Control:
    """What each account is for."""
    units = {one.id: one.name for one in audited.session.execute(select(Unit)).scalars()}
    rows: Rows = [
        (
            str(one.id),
            capital(words.account_words(one)),
            one.address,
            units.get(one.unit_id, "Gemensamt för kommunen"),
            STATES[one.state],
            _day(one.opened_on),
            _day(one.closed_on),
            one.purpose,
            one.target_group,
        )
        for one in audited.accounts
    ]
    without = sum(not one.purpose for one in audited.accounts)
    return Control(
        "Syfte: vad är varje konto till för, och för vem?",
        f"{len(rows)} konton, varav {without} utan angivet syfte.",
        "konton.csv",
        ("Nummer", "Konto", "Adress", "Enhet", "Tillstånd", "Öppnat", "Avslutat", "Syfte", "Målgrupp"),
        rows,
    )


def _supervision(audited: Audited) -> Control:
    """How each account was looked after in the period."""
    until_on = min(audited.period.last_on, audited.law.day_of(audited.now)) + timedelta(days=1)
    rows: Rows = []
    missed = late = 0
    for one in audited.accounts:
        from_on = max(audited.period.first_on, one.opened_on or audited.period.first_on)
        facts = facts_of_period(audited.session, audited.law, one, from_on, max(from_on, until_on))
        missed, late = missed + facts.watch.missed, late + facts.late_cases
        watch = (facts.watch.asked, facts.watch.confirmed, facts.watch.missed, facts.watch.explained)
        cases = (sum(facts.cases.values()), facts.late_cases)
        rows.append((str(one.id), *map(str, (*watch, *cases, facts.posts.count))))
    return Control(
        "Uppsikt: bevakas kontona, och tas det som händer om hand i tid?",
        f"{missed} missade bevakningar och {late} försenade ärenden.",
        "uppsikt.csv",
        (
            "Nummer",
            "Begärda bevakningar",
            "Bekräftade",
            "Missade",
            "Förklarade",
            "Ärenden",
            "Försenade",
            "Inlägg",
        ),
        rows,
    )


def _roles(audited: Audited) -> Control:
    """Who has answered for and run each account, on whose assignment."""
    ids = [one.id for one in audited.accounts]
    held = select(AccountRole).where(
        col(AccountRole.account_id).in_(ids), col(AccountRole.since_on).is_not(None)
    )
    roles = audited.session.execute(held.order_by(col(AccountRole.account_id), col(AccountRole.id))).scalars()
    rows: Rows = [
        (
            str(one.account_id),
            audited.name(one.person_id),
            words.ROLES[one.kind],
            _day(one.since_on),
            _day(one.until_on),
            audited.name(one.assigned_by_id),
            _day(one.assigned_on),
            moment(one.acknowledged_at, audited.zone) if one.acknowledged_at else "",
            one.acknowledged,
        )
        for one in roles
    ]
    now_held = [row for row in rows if not row[4]]
    return Control(
        "Roller: vem svarar för och sköter varje konto, på vems uppdrag?",
        f"{len(now_held)} uppdrag pågår, varav {sum(not row[7] for row in now_held)} utan kvittens.",
        "roller.csv",
        ("Nummer", "Person", "Roll", "Från", "Till", "Uppdrag av", "Uppdrag den", "Kvitterat", "Dokument"),
        rows,
    )


def _gaps(audited: Audited) -> Control:
    """What the policy asks of each open account and it has not."""
    on = audited.law.day_of(audited.now)
    rows: Rows = [
        (str(one.id), gap.says, "ska" if gap.must else "bör")
        for one in audited.accounts
        if one.closed_on is None
        for gap in gaps_of(audited.session, audited.law, one, on)
    ]
    return Control(
        "Brister: vad kräver reglerna som kontona inte har i dag?",
        f"{sum(row[2] == 'ska' for row in rows)} krav är inte uppfyllda.",
        "brister.csv",
        ("Nummer", "Saknas", "Kraft"),
        rows,
    )


def _archived(audited: Audited) -> Control:
    """Which pictures of the accounts were kept, when and as what."""
    since, until = audited.period.instants(audited.law)
    ids = [one.id for one in audited.accounts]
    columns = (Snapshot.account_id, Snapshot.due_on, Snapshot.taken_at, Snapshot.profile, Snapshot.sha256)
    kept = (
        select(*map(col, columns))
        .where(col(Snapshot.account_id).in_(ids), col(Snapshot.taken_at) >= since)
        .where(col(Snapshot.taken_at) < until)
        .order_by(col(Snapshot.account_id), col(Snapshot.taken_at))
    )
    rows: Rows = [
        (str(account), due_on.isoformat(), moment(taken_at, audited.zone), profile, digest)
        for account, due_on, taken_at, profile, digest in audited.session.execute(kept)
    ]
    pictured = len({row[0] for row in rows})
    return Control(
        "Arkivering: sparas bilder av kontona, i vilket format?",
        f"{len(rows)} bilder av {pictured} konton.",
        "bilder.csv",
        ("Nummer", "Skulle tas", "Togs", "Format", "SHA-256"),
        rows,
    )


def _decided(audited: Audited) -> Control:
    """Which decisions went to the diary, and under which numbers."""
    since, until = audited.period.instants(audited.law)
    decided = (
        select(Paper.account_id, Paper.title, Paper.made_at, Paper.diary_number, Paper.sha256)  # type: ignore[call-overload]
        .where(
            col(Paper.municipality_id) == audited.municipality.id,
            col(Paper.kind) == PaperKind.DECISION,
            col(Paper.made_at) >= since,
            col(Paper.made_at) < until,
        )
        .order_by(col(Paper.id))
    )
    rows: Rows = [
        (str(account or ""), title, moment(made_at, audited.zone), number, digest)
        for account, title, made_at, number, digest in audited.session.execute(decided)
    ]
    return Control(
        "Diarieföring: har varje beslut en handling och ett nummer?",
        f"{len(rows)} beslut, varav {sum(not row[3] for row in rows)} utan diarienummer.",
        "beslut.csv",
        ("Nummer", "Beslut", "Handlingen gjord", "Diarienummer", "SHA-256"),
        rows,
    )


def _log(audited: Audited) -> Control:
    """Whether the log holds, and what must always hold does."""
    of = audited.municipality.id or 0
    verdict, broken = verify(audited.session, of), violations(audited.session, of, audited.now)
    rows: Rows = [
        *(
            (f"händelse {number}", f"gallrad enligt regel {rule}", day)
            for number, rule, day in verdict.weeded
        ),
        *((f"händelse {one.number}", f"håller inte: {one.code}", "") for one in verdict.breaks),
        *((one.subject, f"villkor bryts: {one.truth}", "") for one in broken),
    ]
    return Control(
        "Spårbarhet: är händelseloggen hel, och stämmer uppgifterna med varandra?",
        f"{_said_of(verdict)} {len(broken)} villkor bryts.",
        "loggen.csv",
        ("Vad", "Hur", "Dag"),
        rows,
    )


def _said_of(verdict: Verdict) -> str:
    state = f"bruten på {len(verdict.breaks)} ställen" if verdict.breaks else "hel"
    return f"{verdict.events} händelser, kedjan {state}. Sista kontrollsumma {verdict.last_digest}."


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""


# ---------------------------------------------------------------- the paper


def _index(
    audited: Audited,
    controls: Sequence[Control],
    drawn: Sequence[Account],
    word: str,
    files: Sequence[tuple[str, bytes]],
) -> bytes:
    questions = [(one.question, one.found, one.file) for one in controls]
    sampled = [(str(one.id), capital(words.account_words(one)), one.address) for one in drawn]
    listed = [(name, one_line(sha256(content).hexdigest())) for name, content in files]
    lists = Lists(
        municipality=audited.municipality.name,
        kind="Underlag för revision",
        title=f"Konton i sociala medier, {audited.period.words(audited.zone)}",
        lead="Ett svar på varje kontrollfråga, med tabellen som visar det, och ett urval av konton med alla "
        "deras handlingar.",
        facts=[("Sammanställt", moment(audited.now, audited.zone)), ("Urvalets ord", word)],
        tables=[
            Table("Kontrollfrågor", ("Fråga", "Svar", "Visas i"), questions, widths=(38, 44, 18)),
            Table(
                "Urval",
                ("Nummer", "Konto", "Adress"),
                sampled,
                "Urvalet följer av ordet och kontonas nummer: samma ord ger samma konton.",
            ),
            Table("Filer", ("Fil", "SHA-256"), listed, widths=(51, 49)),
        ],
    )
    which = f"kanalvakt:audit:{audited.municipality.id}:{audited.now.isoformat()}"
    identifier = uuid5(NAMESPACE_URL, which).hex
    return write_lists(lists, created_at=audited.now, identifier=identifier)
