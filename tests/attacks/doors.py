"""Every way into the portal: who may come in, whether it changes anything, and what protects it.

`tests/web/test_doors.py` compares the list with the application: a new address, or a new kind of link, fails
it until somebody has said here whose it is.
"""

from dataclasses import dataclass
from enum import StrEnum

from models import LinkKind


class Guard(StrEnum):
    """What stands between a form and the database."""

    ORIGIN = "own origin"
    """The browser's word that the form stood on a page of ours."""
    COOKIE = "cookie"
    """Of the link, for the link's own addresses."""
    TOKEN = "form token"
    """Of the link's own pages."""
    ONCE = "once only"
    """The link is used up."""
    PROVIDER = "the organisation's sign-in"
    """There is one, and it says who this is, once, to the browser that asked; tried in test_sign_in.py and
    test_sign_in_to_decide.py."""
    BEARER = "the installation's token for figures"
    LINKS_AN_HOUR = "so many links an hour"
    REPORTS_AN_HOUR = "so many reports an hour"


class Only(StrEnum):
    """Who may come in, of all who have a link of the right kind."""

    ALL = ""
    THEIR_OWN = "whom it was put to, whose it is, or whom it concerns"
    COMMUNICATIONS = "the communications unit"
    REGISTRY = "the registry and the communications unit"


@dataclass(frozen=True)
class Door:
    """One method at one address."""

    method: str
    path: str
    kinds: tuple[LinkKind, ...] = ()
    """By which links one comes in; none where anybody may."""
    only: Only = Only.ALL
    changes: bool = False
    guards: tuple[Guard, ...] = ()


CONFIRM_ADDRESS, MY_PAGE, DRAFT = LinkKind.CONFIRM_ADDRESS, LinkKind.MY_PAGE, LinkKind.DRAFT
QUESTION = (LinkKind.DECIDE, LinkKind.CONSULT)
DIGEST, MORNING, CONFIRM_ACT = LinkKind.DIGEST, LinkKind.MORNING, LinkKind.CONFIRM_ACT
OPENED_BY_LETTERS = (CONFIRM_ADDRESS, MY_PAGE, DRAFT, *QUESTION, DIGEST, MORNING, CONFIRM_ACT)
LINK_KINDS = {
    **dict.fromkeys(OPENED_BY_LETTERS, "opens pages"),
    LinkKind.CALENDAR: "is read by a program, opens no page and takes no answer",
}
"""Every kind of link, and what it is good for."""

ANYBODY: tuple[LinkKind, ...] = ()
MINE = (MY_PAGE,)
MEMBERS, REGISTRY, OWN = Only.COMMUNICATIONS, Only.REGISTRY, Only.THEIR_OWN
FORM = (Guard.ORIGIN, Guard.COOKIE, Guard.TOKEN)


def page(path: str, kinds: tuple[LinkKind, ...] = ANYBODY, only: Only = Only.ALL) -> Door:
    """What is looked at: it changes nothing, whoever looks, and needs no more than its cookie."""
    return Door("GET", path, kinds, only, guards=(Guard.COOKIE,) if kinds else ())


def behind_sign_in(path: str, kinds: tuple[LinkKind, ...] = ANYBODY, only: Only = Only.ALL) -> Door:
    """What is there only where the organisation has a sign-in of its own."""
    return Door("GET", path, kinds, only, guards=(*((Guard.COOKIE,) if kinds else ()), Guard.PROVIDER))


def form(
    path: str,
    kinds: tuple[LinkKind, ...],
    only: Only = Only.ALL,
    *more: Guard,
    changes: bool = True,
) -> Door:
    """What is posted from a page of a link's."""
    return Door("POST", path, kinds, only, changes, (*FORM, *more))


def public_form(path: str, limit: Guard) -> Door:
    """What anybody may post."""
    return Door("POST", path, changes=True, guards=(Guard.ORIGIN, limit))


DAY, CASE = "/{slug}/idag/{link_id}", "arende/{case_id}"
HOME = "/{slug}/mina/{link_id}"
ACCOUNT, REPAIR, ABSENCE = f"{HOME}/konto/{{account_id}}", f"{HOME}/ratta/{{account_id}}", f"{HOME}/franvaro"
APPLICATION, LETTER = f"{HOME}/ansokan/{{account_id}}", f"{HOME}/brev/{{notice}}"
ASKED, WRITTEN = "/{slug}/fraga/{link_id}", "/{slug}/ansokan/{link_id}"
ASKED_AT_HOME, FILE = f"{HOME}/fraga/{{task_id}}", "bilaga/{attachment_id}"
ONCE = Guard.ONCE

DOORS = (
    # For anybody
    *(
        page(path)
        for path in (
            "/",
            "/health",
            "/tavlan",
            "/tillganglighet",
            "/mina-uppgifter",
            "/ansok",
            "/l/{token:whole}",
        )
    ),
    *(
        page(f"/{{slug}}{path}")
        for path in ("", "/tavlan", "/processen", "/processen.svg", "/tillganglighet")
    ),
    *(page(f"/{{slug}}{path}") for path in ("/utseende.css", "/logotyp/{file_name}", "/oppna/{place:path}")),
    *(page(f"/{{slug}}/konton{path}") for path in ("", ".json", ".csv", ".atom", "/openapi.json")),
    *(page(f"/{{slug}}/konton/{path}") for path in ("officiellt", "officiellt.json", "inbaddad", "bygg-in")),
    *(page(f"/{{slug}}/konton/{path}") for path in ("{account_id}", "kvitto/{code}", "rapportera")),
    page("/{slug}/konton/{account_id}/rapportera"),
    public_form("/{slug}/konton/rapportera", Guard.REPORTS_AN_HOUR),
    public_form("/{slug}/konton/{account_id}/rapportera", Guard.REPORTS_AN_HOUR),
    *(page(f"/{{slug}}/{path}") for path in ("ansok", "ansok/skickat")),
    *(page(f"/{{slug}}/{path}") for path in ("mina-uppgifter", "mina-uppgifter/skickat")),
    public_form("/{slug}/ansok", Guard.LINKS_AN_HOUR),
    public_form("/{slug}/mina-uppgifter", Guard.LINKS_AN_HOUR),
    # For a program
    Door("GET", "/metrics", guards=(Guard.BEARER,)),
    page("/{slug}/kalender/{token}.ics"),
    # Whatever the link
    form("/{slug}/{area}/{link_id}/ny-lank", OPENED_BY_LETTERS),
    page("/{slug}/{area}/{link_id}/ny-lank-skickad", OPENED_BY_LETTERS),
    # A confirmed address
    page("/{slug}/adress/{link_id}", (CONFIRM_ADDRESS,)),
    form("/{slug}/adress/{link_id}", (CONFIRM_ADDRESS,), Only.ALL, ONCE),
    # An application
    *(page(f"{WRITTEN}{path}", (DRAFT,)) for path in ("", "/plan", "/granska", "/aterta", f"/{FILE}")),
    *(page(f"{APPLICATION}{path}", MINE, OWN) for path in ("", "/plan", "/granska", "/aterta", f"/{FILE}")),
    *(form(f"{WRITTEN}/{path}", (DRAFT,)) for path in ("plan", "aterta")),
    *(form(f"{APPLICATION}/{path}", MINE, OWN) for path in ("plan", "aterta")),
    # A question
    *(page(f"{ASKED}{path}", QUESTION) for path in ("", f"/{FILE}")),
    *(page(f"{ASKED_AT_HOME}{path}", MINE, OWN) for path in ("", f"/{FILE}")),
    *(form(f"{ASKED}/{path}", QUESTION, Only.ALL, ONCE) for path in ("svar", "lamna-over")),
    *(form(f"{ASKED_AT_HOME}/{path}", MINE, OWN) for path in ("svar", "lamna-over", "angra")),
    form(f"{ASKED}/angra", QUESTION),
    # A checklist
    page("/{slug}/lista/{link_id}", (DIGEST,)),
    form("/{slug}/lista/{link_id}/punkt/{item_id}", (DIGEST,)),
    page(f"{DAY}/lista/{{account_id}}", (MORNING,)),
    form(f"{DAY}/lista/{{account_id}}/punkt/{{item_id}}", (MORNING,)),
    page(f"{HOME}/lista/{{account_id}}", MINE, OWN),
    form(f"{HOME}/lista/{{account_id}}/punkt/{{item_id}}", MINE, OWN),
    # The day, its duties and its cases
    *(page(f"{DAY}{path}", (MORNING,)) for path in ("", "/inventering", "/handelse")),
    *(page(f"{HOME}/idag{path}", MINE) for path in ("", "/inventering", "/handelse")),
    *(form(f"{DAY}/{path}", (MORNING,)) for path in ("bevakning", "inventering", "handelse")),
    *(form(f"{HOME}/idag/{path}", MINE) for path in ("bevakning", "inventering", "handelse")),
    page(f"{DAY}/uppgift/{{task_id}}", (MORNING,), OWN),
    page(f"{HOME}/idag/uppgift/{{task_id}}", MINE, OWN),
    *(form(f"{DAY}/{path}/{{task_id}}", (MORNING,), OWN) for path in ("uppgift", "missad")),
    *(form(f"{HOME}/idag/{path}/{{task_id}}", MINE, OWN) for path in ("uppgift", "missad")),
    *(page(f"{DAY}/{CASE}{path}", (MORNING,), OWN) for path in ("", "/bevis/{evidence_id}")),
    *(page(f"{HOME}/idag/{CASE}{path}", MINE, OWN) for path in ("", "/bevis/{evidence_id}")),
    *(form(f"{DAY}/{CASE}/{path}", (MORNING,), OWN) for path in ("steg/{task_id}", "bevis", "avsluta")),
    *(form(f"{HOME}/idag/{CASE}/{path}", MINE, OWN) for path in ("steg/{task_id}", "bevis", "avsluta")),
    # An act to confirm
    page("/{slug}/bekrafta/{link_id}", (CONFIRM_ACT,)),
    form("/{slug}/bekrafta/{link_id}/{answer}", (CONFIRM_ACT,), Only.ALL, ONCE),
    behind_sign_in(f"{HOME}/bekrafta/{{task_id}}", MINE, OWN),
    form(f"{HOME}/bekrafta/{{task_id}}/{{answer}}", MINE, OWN, Guard.PROVIDER),
    # One's own page
    page(HOME, MINE),
    *(form(f"{HOME}/{path}", MINE, Only.ALL, ONCE) for path in ("oppna", "avsluta")),
    form(f"{HOME}/sprak", MINE),
    *(page(f"{HOME}/{path}", MINE) for path in ("om-mig", "kalender", "slutar", "franvaro")),
    form(f"{HOME}/om-mig/{{form}}", MINE),
    *(form(f"{HOME}/kalender/{path}", MINE) for path in ("ny", "aterkalla")),
    form(ABSENCE, MINE),
    page(f"{ABSENCE}/forslag/{{returned_id}}", MINE, OWN),
    *(form(f"{ABSENCE}/{{absence_id}}{path}", MINE, OWN) for path in ("", "/avsluta")),
    form(f"{HOME}/slutar", MINE, changes=False),
    page(f"{HOME}/slutar/{{person_id}}", MINE, OWN),
    form(f"{HOME}/slutar/{{person_id}}", MINE, OWN),
    # An account
    page(ACCOUNT, MINE, OWN),
    form(f"{ACCOUNT}/{{form}}", MINE, OWN),
    *(page(f"{ACCOUNT}/bild/{{snapshot_id}}{path}", MINE, OWN) for path in ("", "/original")),
    page(f"{ACCOUNT}/handling/{{paper_id}}", MINE, OWN),
    # For the communications unit
    *(page(f"{HOME}/{path}", MINE, MEMBERS) for path in ("konton", "oversikt", "oversikt/{name}", "arenden")),
    *(page(f"{HOME}/{path}", MINE, MEMBERS) for path in ("inventering", "processen", "processen.svg")),
    *(page(f"{HOME}/{path}", MINE, MEMBERS) for path in ("arsrapport", "arsrapport/{number}.{form}")),
    *(page(f"{HOME}/{path}", MINE, MEMBERS) for path in ("riktlinjen", "utseende", "import", "kris", "brev")),
    *(form(f"{HOME}/{path}", MINE, MEMBERS) for path in ("riktlinjen", "utseende", "import", "kris/{what}")),
    page(LETTER, MINE, MEMBERS),
    *(form(f"{LETTER}{path}", MINE, MEMBERS) for path in ("", "/version/{version_id}")),
    form(f"{LETTER}/som-html", MINE, MEMBERS, changes=False),
    page(REPAIR, MINE, MEMBERS),
    form(f"{REPAIR}/{{form}}", MINE, MEMBERS),
    page(f"{HOME}/skicka-igen/{{account_id}}/{{person_id}}", MINE, MEMBERS),
    form(f"{HOME}/skicka-igen/{{account_id}}/{{person_id}}", MINE, MEMBERS),
    # Signing in
    Door("GET", "/inloggning/klar", changes=True, guards=(Guard.PROVIDER,)),
    *(behind_sign_in(f"/{{slug}}/inloggning{path}") for path in ("", "/ut", "/ut/vidare")),
    behind_sign_in("/{slug}/inloggning/till/{place:path}"),
    behind_sign_in("/{slug}/inloggning/gick-inte/{why}"),
    *(behind_sign_in(f"{ASKED}/{path}", QUESTION) for path in ("inloggning", "till-inloggning")),
    *(behind_sign_in(f"{ASKED_AT_HOME}/{path}", MINE) for path in ("inloggning", "till-inloggning")),
    behind_sign_in(f"{ASKED}/inloggning/gick-inte/{{why}}", QUESTION),
    behind_sign_in(f"{ASKED_AT_HOME}/inloggning/gick-inte/{{why}}", MINE),
    # For the registry
    *(page(f"{HOME}/{path}", MINE, REGISTRY) for path in ("diariet", "diariet/{paper_id}/fil")),
    form(f"{HOME}/diariet/{{paper_id}}", MINE, REGISTRY),
    *(page(f"{HOME}/lamna-ut{path}", MINE, REGISTRY) for path in ("", "/{account_id}")),
    form(f"{HOME}/lamna-ut/{{account_id}}", MINE, REGISTRY),
)
