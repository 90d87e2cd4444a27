"""Which columns of which tables name a person, and what of such a row is about that person."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import SQLModel

from models import (
    Absence,
    Account,
    AccountRole,
    AuditEvent,
    Case,
    CaseEvidence,
    CaseWatcher,
    Crisis,
    Exemption,
    LetterWording,
    Link,
    Message,
    Observation,
    Paper,
    Person,
    PolicyVersion,
    PostHolder,
    ReturnedMail,
    Snapshot,
    TaskHolder,
    Unit,
    UserTask,
)


@dataclass(frozen=True)
class Kept:
    """One table that names people."""

    heading: str
    table: type[SQLModel]
    by: Mapping[str, str]
    """Columns that name the person, and what the person then is."""
    shown: Mapping[str, str]
    """What of a row is about the person. `account` and `task` are what the row's ids point to."""


KEPT: tuple[Kept, ...] = (
    Kept("Enheter du leder", Unit, {"line_manager_id": "chef"}, {"name": "Enhet"}),
    Kept("Uppdrag i kommunen", PostHolder, {"person_id": "innehavare"}, {"role": "Uppdrag"}),
    Kept("Du är ersättare för", Person, {"substitute_id": "ersättare"}, {"name": "Namn"}),
    Kept(
        "Roller på konton",
        AccountRole,
        {"person_id": "egen roll", "asked_by_id": "begärde rollen", "assigned_by_id": "gav uppdraget"},
        {
            "account": "Konto",
            "kind": "Roll",
            "asked_at": "Begärd",
            "since_on": "Från",
            "until_on": "Till",
            "assigned_on": "Uppdrag",
            "acknowledged_at": "Kvitterad",
        },
    ),
    Kept(
        "Ansökningar och avslut",
        Account,
        {"applicant_id": "sökande", "closing_asked_by_id": "begärde avslut"},
        {"account": "Konto", "approved_at": "Godkänt", "closing_asked_at": "Avslut begärt"},
    ),
    Kept(
        "Konton du håller ögonen på",
        CaseWatcher,
        {"person_id": "håller ögonen på"},
        {"account": "Konto", "from_on": "Från", "until_on": "Till"},
    ),
    Kept(
        "Regler du har godkänt", PolicyVersion, {"approved_by_id": "godkände"}, {"valid_from": "Gäller från"}
    ),
    Kept(
        "Frågor till dig",
        TaskHolder,
        {"person_id": "tillfrågad", "instead_of_id": "företrädd"},
        {"account": "Konto", "task": "Fråga"},
    ),
    Kept(
        "Dina svar",
        UserTask,
        {"answered_by_id": "svarade", "on_behalf_of_id": "företrädd"},
        {
            "account": "Konto",
            "label": "Fråga",
            "answered_at": "Besvarad",
            "outcome": "Svar",
            "reason": "Skäl",
        },
    ),
    Kept(
        "Brev till dig",
        Message,
        {"person_id": "mottagare", "email": "mottagare"},
        {"account": "Konto", "notice": "Brev", "queued_at": "Skrivet", "sent_at": "Skickat", "state": "Läge"},
    ),
    Kept(
        "E-post som kommit tillbaka",
        ReturnedMail,
        {"person_id": "mottagare eller avsändare"},
        {"kind": "Slag", "read_at": "Läst", "status": "Kod", "says": "Text", "until_on": "Åter"},
    ),
    Kept(
        "Länkar i brev",
        Link,
        {"person_id": "mottagare", "email": "mottagare"},
        {"kind": "Till", "minted_at": "Gjord", "expires_at": "Gäller till", "used_at": "Använd"},
    ),
    Kept(
        "Frånvaro",
        Absence,
        {"person_id": "frånvarande", "substitute_id": "ersättare", "entered_by_id": "lade in"},
        {"from_on": "Från", "until_on": "Åter", "entered_at": "Inlagd", "ended_at": "Avslutad"},
    ),
    Kept(
        "Undantag du beslutat",
        Exemption,
        {"decided_by_id": "beslutade"},
        {
            "account": "Konto",
            "from_on": "Från",
            "until_on": "Till",
            "reason": "Skäl",
            "decided_at": "Beslutat",
        },
    ),
    Kept(
        "Krislägen",
        Crisis,
        {"began_by_id": "började", "ended_by_id": "avslutade"},
        {"began_at": "Började", "ended_at": "Upphörde", "message": "Meddelande"},
    ),
    Kept(
        "Svar om inlägg",
        Observation,
        {"by_id": "svarade"},
        {"account": "Konto", "checked_at": "Tid", "state": "Resultat", "count": "Antal", "says": "Svar"},
    ),
    Kept(
        "Bilder du lämnat in",
        Snapshot,
        {"by_id": "lämnade in"},
        {"account": "Konto", "taken_at": "Tid", "address": "Adress", "sha256": "SHA-256"},
    ),
    Kept(
        "Ärenden du öppnat",
        Case,
        {"opened_by_id": "öppnade"},
        {"account": "Konto", "label": "Slag", "opened_at": "Öppnat", "closed_at": "Avslutat"},
    ),
    Kept(
        "Underlag du sparat i ärenden",
        CaseEvidence,
        {"added_by_id": "sparade"},
        {"media_type": "Slag", "added_at": "Sparat", "sha256": "SHA-256"},
    ),
    Kept(
        "Handlingar du gjort för utlämnande",
        Paper,
        {"person_id": "gjorde"},
        {"account": "Konto", "title": "Handling", "made_at": "Gjord"},
    ),
    Kept(
        "Brev du skrivit kommunens text i",
        LetterWording,
        {"written_by_id": "skrev"},
        {"notice": "Brev", "written_at": "Skrivet"},
    ),
    Kept(
        "Händelser i loggen",
        AuditEvent,
        {"actor_id": "handlade", "on_behalf_of_id": "företrädd"},
        {
            "number": "Nummer",
            "at": "Tid",
            "kind": "Händelse",
            "via": "Genom",
            "account": "Konto",
            "written": "Du skrev",
        },
    ),
)
"""Every table that points to a person: a test holds this against the database's own foreign keys."""
