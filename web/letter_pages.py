"""Communications gives letters words of their own, sees them as they will be, and finds the way back."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlmodel import Session, col

from acts import wording as acts
from acts.appearance import logotype_named
from acts.list_words import LETTER_WORDS
from lifecycle.refusals import Refused
from models import LetterWording, Person
from notifications import wording
from notifications.letters import Letter, languages_of
from notifications.previewing import preview
from notifications.registry import NOTICES
from notifications.wording import Fault, Words
from web.desk import Desk, desk_of, go_to
from web.forms import Posted, PostedForm, demand_token
from web.my_view import member_visit
from web.turning import not_found
from web.visits import Visit, id_in

router = APIRouter()
FIELDS = {"subject": "Ämnesrad", "introduction": "Inledning", "closing": "Avslutning"}
_LETTER_ALONE = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'"
)
"""A letter shown by itself has its styles in it, as mail programs want them, and can do nothing."""


@dataclass(frozen=True)
class LetterLine:
    """One kind of letter in the list."""

    notice: str
    name: str
    own: Sequence[str]
    """Languages in which it has words of its own."""


@router.get("/{slug}/mina/{link_id}/brev")
def letters_page(request: Request) -> Response:
    """Every kind of letter, those with own words first."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = member_visit(session, request)
        lines = _lines(session, visit)
        return desk.show("mine/letters.html", municipality=visit.municipality, visit=visit, letters=lines)


def _lines(session: Session, visit: Visit) -> list[LetterLine]:
    rows = select(LetterWording).where(col(LetterWording.municipality_id) == visit.municipality.id)
    newest = {
        (one.notice, one.language): one
        for one in session.execute(rows.order_by(col(LetterWording.id))).scalars()
    }
    own = [key for key, one in newest.items() if one.is_own and key[1] in languages_of(key[0])]
    lines = [
        LetterLine(notice, name_of(notice), [language for of, language in own if of == notice])
        for notice in NOTICES
    ]
    return sorted(lines, key=lambda one: (not one.own, one.name))


def name_of(notice: str) -> str:
    """What a letter is called."""
    return LETTER_WORDS.get(notice, notice)


@router.get("/{slug}/mina/{link_id}/brev/{notice}")
def letter_page(request: Request, notice: str) -> Response:
    """One kind of letter: its own words, what it looks like, and its earlier versions."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = member_visit(session, request)
        language = _offered(_known(notice), request.query_params.get("text", "sv"))
        newest = wording.in_force(session, visit.municipality.id or 0, notice, language)
        done = request.query_params.get("klart", "")
        return _page(session, desk, visit, notice, language, _words_of(newest), done=done)


def _known(notice: str) -> str:
    if notice not in NOTICES:
        raise not_found()
    return notice


def _language(written: str) -> str:
    return written if written in wording.LANGUAGES else wording.LANGUAGES[0]


def _offered(notice: str, written: str) -> str:
    """The language asked for, where the letter is ever sent in it; Swedish otherwise."""
    return written if written in languages_of(notice) else languages_of(notice)[0]


def _words_of(version: LetterWording | None) -> Words:
    return Words(version.subject, version.introduction, version.closing) if version else Words()


def _posted_words(posted: Posted) -> Words:
    return Words(
        " ".join(posted.text("subject").split()),
        posted.text("introduction").strip(),
        posted.text("closing").strip(),
    )


def _page(
    session: Session,
    desk: Desk,
    visit: Visit,
    notice: str,
    language: str,
    own: Words,
    *,
    faults: Sequence[Fault] = (),
    unsaved: bool = False,
    done: str = "",
) -> Response:
    language = _offered(notice, language)
    kept = wording.versions(session, visit.municipality.id or 0, notice, language)
    return desk.show(
        "mine/letter.html",
        status=422 if faults else 200,
        municipality=visit.municipality,
        visit=visit,
        notice=notice,
        name=name_of(notice),
        language=language,
        is_swedish_only=len(languages_of(notice)) == 1,
        own=own,
        faults=[{"field": one.field, "label": FIELDS[one.field], "says": one.says} for one in faults],
        placeholders=wording.placeholders_of(notice),
        letter=_letter(session, desk, visit, notice, language, Words() if faults else own),
        versions=[(one, session.get_one(Person, one.written_by_id).name) for one in kept],
        unsaved=unsaved,
        done=done,
    )


def _letter(session: Session, desk: Desk, visit: Visit, notice: str, language: str, own: Words) -> Letter:
    municipality = visit.municipality
    logotype = logotype_named(session, municipality, municipality.logotype)
    return preview(municipality, logotype, notice, language, own, desk.settings.portal_url)


@router.post("/{slug}/mina/{link_id}/brev/{notice}")
def word_letter(request: Request, notice: str, posted: PostedForm) -> Response:
    """Show what was written, or save it."""
    language, own = _language(posted.text("text")), _posted_words(posted)
    if posted.text("gor") == "visa":
        return _shown(request, _known(notice), language, own, posted)
    return _saved(request, _known(notice), language, own, posted)


def _shown(request: Request, notice: str, language: str, own: Words, posted: Posted) -> Response:
    desk = desk_of(request)
    with desk.reads() as session:
        visit = member_visit(session, request)
        demand_token(posted, request, visit)
        faults = wording.faults_in(notice, own)
        return _page(session, desk, visit, notice, language, own, faults=faults, unsaved=True)


def _saved(request: Request, notice: str, language: str, own: Words, posted: Posted) -> Response:
    desk = desk_of(request)
    try:
        with desk.works(desk.now()) as session:
            visit = member_visit(session, request)
            demand_token(posted, request, visit)
            _write(session, visit, notice, language, own)
    except acts.Faulty as faulty:
        with desk.reads() as session:
            visit = member_visit(session, request)
            return _page(session, desk, visit, notice, language, own, faults=faulty.faults, unsaved=True)
    return go_to(f"{visit.base}/brev/{notice}?text={language}&klart=sparat#klart")


def _write(session: Session, visit: Visit, notice: str, language: str, own: Words) -> None:
    by_id = visit.someone.id or 0
    acts.write(session, visit.now, by_id=by_id, notice=notice, language=language, own=own, via="portal")


@router.post("/{slug}/mina/{link_id}/brev/{notice}/version/{version_id}")
def restore(request: Request, notice: str, posted: PostedForm) -> Response:
    """Back to an earlier version, or with number 0 to the product's own words: a new version of its own."""
    desk, version_id = desk_of(request), id_in(request, "version_id")
    with desk.works(desk.now()) as session:
        visit = member_visit(session, request)
        demand_token(posted, request, visit)
        version = session.get(LetterWording, version_id) if version_id else None
        if version_id and (version is None or not _is_of(version, visit, notice)):
            raise not_found()
        language = version.language if version else _language(posted.text("text"))
        try:
            _write(session, visit, _known(notice), language, _words_of(version))
        except Refused:
            raise not_found() from None
    return go_to(f"{visit.base}/brev/{notice}?text={language}&klart=aterstallt#klart")


def _is_of(version: LetterWording, visit: Visit, notice: str) -> bool:
    return version.municipality_id == visit.municipality.id and version.notice == notice


@router.post("/{slug}/mina/{link_id}/brev/{notice}/som-html")
def shown_alone(request: Request, notice: str, posted: PostedForm) -> Response:
    """The letter's HTML as a mail program shows it, with example values."""
    desk, language, own = desk_of(request), _language(posted.text("text")), _posted_words(posted)
    with desk.reads() as session:
        visit = member_visit(session, request)
        demand_token(posted, request, visit)
        faultless = Words() if wording.faults_in(_known(notice), own) else own
        letter = _letter(session, desk, visit, notice, language, faultless)
    return HTMLResponse(_alone(letter), headers={"content-security-policy": _LETTER_ALONE})


def _alone(letter: Letter) -> str:
    """With its logotype in the page itself, which may fetch nothing."""
    if letter.mark is None:
        return letter.html
    picture = b64encode(letter.mark.content).decode()
    return letter.html.replace(
        f"cid:{letter.mark.content_id}", f"data:{letter.mark.media_type};base64,{picture}"
    )
