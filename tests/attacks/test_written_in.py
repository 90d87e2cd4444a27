"""What people write is shown as it was written, and does nothing: in pages, letters, calendars and files.

REQUIREMENTS 4.1 and 5: templates, HTML, the headers of mails and answers, and names of files.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP, default
from pathlib import PurePosixPath, PureWindowsPath
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from acts import handing_out, yearly_report
from acts.desk_sheets import DeskOwner, pages_of, picture_of_owner
from acts.records import period_of
from acts.yearly_tables import report_of
from flows.desk_markdown import FormLink, as_markdown, escaped, picture_page, start_page
from lifecycle.law import law_in_force
from lifecycle.yearly_report import year_of
from models import Account, Attachment, LetterWording, Message, Municipality
from notifications.examples import CASES
from notifications.examples.world import LETTERHEAD, NOW, build
from notifications.letters import Letter, compose
from notifications.mail import as_mail
from notifications.outbox import queue_many
from notifications.previewing import preview
from notifications.wording import Words, faults_in
from policies.loading import load_policy
from runtime.database import reading, writing
from tests.attacks.fuzzing import in_turn
from tests.attacks.hostile import COUNTED, LINES, MARKUP, SUMS, TEXTS, faults_of_page, plant
from tests.attacks.tally import demand_none_through
from tests.attacks.town import Town
from web.desk import download

OF_A_LETTER = {
    *(
        "From",
        "To",
        "Subject",
        "Date",
        "Auto-Submitted",
        "Message-ID",
        "Reply-To",
        "MIME-Version",
        "Content-Type",
    ),
    "Content-Transfer-Encoding",
}
TO_A_MACHINE = {"X-Auto-Response-Suppress"}
"""And of a letter that answers somebody's mail, so that no machine answers it in turn."""


# ---------------------------------------------------------------- pages


@pytest.mark.parametrize("text", TEXTS)
def test_no_page_carries_out_what_people_wrote(town: Town, request: pytest.FixtureRequest, text: str) -> None:
    """Every page, by everybody who comes there, with the words of everybody made hostile."""
    pages = in_turn(request, town.pages, text)
    with writing(town.world.engine) as session:
        plant(session, text)
    through, shown = [], 0
    for way, path, before in pages:
        answer = way.client.get(path)
        assert answer.status_code == before.status_code, path
        shown += "attacker.example" in answer.text
        through += [(path, fault) for fault in faults_of_page(answer.text)]
        through += [(path, name) for name, value in answer.headers.items() if re.search(r"[\r\n]", value)]
    assert shown > len(pages) / 5, "many pages do show it"
    demand_none_through(f"Pages with {kind_of(text)}", len(pages), through)


def kind_of(text: str) -> str:
    names = ("markup", "sums for templates", "Markdown", "control characters")
    return names[TEXTS.index(text)]


@pytest.mark.parametrize("text", TEXTS)
def test_the_register_s_formats_hold_what_people_wrote_as_text(town: Town, text: str) -> None:
    with writing(town.world.engine) as session:
        plant(session, text)
    client = town.nobody.client
    feed = ElementTree.fromstring(client.get("/exempelby/konton.atom").text)
    names = {one.tag.rpartition("}")[2] for one in feed.iter()}
    known = {
        "feed",
        "id",
        "title",
        "link",
        "updated",
        "author",
        "name",
        "entry",
        "summary",
        "published",
        "uri",
        "content",
    }
    drawn = client.get("/exempelby/processen.svg")
    through = sorted(names - known) + [one for one in (COUNTED, "<script", "<iframe") if one in drawn.text]
    ElementTree.fromstring(drawn.text)
    assert client.get("/exempelby/konton.json").json()["accounts"]
    table = client.get("/exempelby/konton.csv").content.decode("utf-8-sig")
    widths = {len(row) for row in csv.reader(io.StringIO(table, newline=""), delimiter=";")}
    through += [] if len(widths) == 1 else [f"rows of {widths} cells"]
    demand_none_through(f"The register's formats with {kind_of(text)}", 4, through)


# ---------------------------------------------------------------- letters


@pytest.mark.parametrize("text", TEXTS)
def test_no_letter_is_more_than_it_was(
    sqlite_engine: Engine, request: pytest.FixtureRequest, text: str
) -> None:
    """No header, recipient or part comes from what people wrote, and nothing of it is worked out or run."""
    through: list[tuple[str, str]] = []
    names = in_turn(request, list(CASES), text)
    for name in names:
        with Session(sqlite_engine) as session:
            letter = _written(session, name, text)
        through += [(name, fault) for fault in _faults_of_letter(letter)]
    demand_none_through(f"Letters with {kind_of(text)}", len(names), through)


def _written(session: Session, name: str, text: str) -> Letter:
    ids = queue_many(session, [CASES[name](build(session))], NOW)
    session.flush()
    plant(session, text)
    message = session.get_one(Message, ids[0])
    letter = compose(session, message, LETTERHEAD, NOW)
    session.rollback()
    return letter


def _faults_of_letter(letter: Letter) -> Iterator[str]:
    mail = message_from_bytes(as_mail(letter).as_bytes(policy=SMTP), policy=default)
    known = OF_A_LETTER | (TO_A_MACHINE if letter.answers_mail else set())
    yield from (f"header {one}" for one in list(mail) if one not in known)
    yield from (f"twice {one}" for one in list(mail) if len(mail.get_all(one) or ()) > 1)
    for header, wanted in (("To", letter.to), ("From", letter.sender), ("Reply-To", letter.reply_to)):
        found = [one.addr_spec for one in mail[header].addresses] if mail[header] else []
        if found != ([wanted] if wanted else []):
            yield f"{header}: {found}"
    parts = [one.get_content_type() for one in mail.walk() if not one.is_multipart()]
    if parts[:2] != ["text/plain", "text/html"] or len(parts) != 2 + len(letter.enclosures) + bool(
        letter.mark
    ):
        yield f"parts {parts}"
    if len(letter.subject) > 119 or re.search(r"[\r\n]", letter.subject):
        yield f"subject {letter.subject!r}"
    yield from faults_of_page(letter.html, ("cid:", "https://kanalvakt.example.org"))
    if COUNTED in letter.text + letter.subject:
        yield "a sum was worked out in the text"


OWN_WORDS = (
    *("{{1337*3}}", "{% print(1337*3) %}", "{namn.__class__}", "{namn!r}", "{0}", "{}", "{konto:>99999999}"),
    *("{namn[0]}", "%(kommun)s", "${kommun}", "{{ self.__init__.__globals__ }}", "{dag}" * 3, MARKUP, SUMS),
    *("a" + LINES, "{%include '/etc/passwd'%}", "{# x #}", "\\{namn}", "{na\nmn}", "{{namn}}", "{namn}}"),
    *("{% for x in ().__class__.__mro__ %}{% endfor %}", "<a href='{kommun}'>x</a>", "\x00\x1b[2J\u202e"),
)


def test_a_municipality_s_own_words_are_no_language_of_templates(sqlite_engine: Engine) -> None:
    """What is not refused when it is written, and also what is refused, does nothing in the letter."""
    municipality = Municipality(slug="x", name="X", sender_address="kanalvakt@example.org")
    through: list[tuple[str, str]] = []
    for words in OWN_WORDS:
        refused = bool(faults_in("decision_asked", Words(words, words, words)))
        if re.search(r"\{\{|\{%|\{[^{}]*[^a-z{}][^{}]*\}|\{\}", words) and not refused:
            through.append((words, "not refused"))
        own = Words(words, words, words)
        letter = preview(municipality, None, "decision_asked", "sv", own, "https://kanalvakt.example.org")
        through += [(words, fault) for fault in _faults_of_letter(letter)]
        through += [(words, "code")] if re.search(r"<class|__globals__': |root:", letter.text) else []
    demand_none_through("Own words of letters (templates)", 2 * len(OWN_WORDS), through)


def test_own_words_are_read_as_text_in_every_letter(town: Town) -> None:
    """As communications writes them in the portal, and looks at them there."""
    way = next(one for one in town.ways if one.who == "disa")
    path, through = f"{way.base}/brev/my_page", []
    token = re.findall(r'name="form_token" value="([^"]+)"', way.client.get(path).text)[0]
    for words in OWN_WORDS:
        sent = {"form_token": token, "subject": words[:90], "introduction": words, "closing": words}
        for do in ("visa", "spara"):
            answer = way.client.post(path, data={**sent, "gor": do})
            through += [(words, fault) for fault in faults_of_page(answer.text)]
            through += [(words, str(answer.status_code))] if answer.status_code >= 500 else []
    with reading(town.world.engine) as session:
        kept = session.execute(select(col(LetterWording.introduction))).scalars().all()
    assert all("{{" not in one and "{%" not in one for one in kept)
    demand_none_through("Own words of letters (in the portal)", 2 * len(OWN_WORDS), through)


# ---------------------------------------------------------------- Prefect's pages and calendars

MARKED = MarkdownIt("commonmark", {"html": True}).enable("table")


@pytest.mark.parametrize("text", TEXTS)
def test_no_page_of_the_desk_is_marked_up_by_what_people_wrote(town: Town, text: str) -> None:
    """Prefect draws Markdown: its links, pictures and headings are the product's own."""
    with writing(town.world.engine) as session:
        plant(session, text)
        session.get_one(Municipality, town.world.municipality_id).name = text[:120]
    engine, now = town.world.engine, town.world.now
    owner = DeskOwner(town.world.municipality_id, "exempelby", text, "Europe/Stockholm")
    pages = pages_of(engine, owner, now)
    form = FormLink(text, text, "6f0c2a52-0000-0000-0000-000000000000")
    picture = picture_of_owner(engine, owner, now)
    written = {name: as_markdown(name, page, owner, "http://testserver", "1") for name, page in pages.items()}
    written["processen"] = picture_page(picture, owner, "http://testserver", "1")
    written["start"] = start_page(
        owner, pages, dict.fromkeys(written, "1"), [form], "http://testserver", picture
    )
    written |= {f"form {number}": f"- {escaped(one)}" for number, one in enumerate(TEXTS)}
    through = [(name, fault) for name, page in written.items() for fault in _faults_of_markdown(page)]
    demand_none_through(f"Prefect's pages with {kind_of(text)}", len(written), through)


def _faults_of_markdown(page: str) -> Iterator[str]:
    drawn = MARKED.render(page)
    yield from faults_of_page(drawn)
    yield from re.findall(r"<(?:script|iframe|svg|code)\b", drawn)
    led = re.findall(r'(?:href|src)="([^"]*)"', drawn)
    own = ("http://testserver/exempelby/", "/v2/", "data:image/svg+xml;base64,")
    yield from (one for one in led if not one.startswith(own))
    if "<h1>g" in drawn:
        yield "a heading of somebody's own"


def test_no_calendar_holds_more_than_its_own_lines(town: Town) -> None:
    """RFC 5545: a line break in a text begins no line."""
    way = next(one for one in town.ways if one.who == "anna")
    page = way.client.get(f"{way.base}/kalender")
    token = re.findall(r'name="form_token" value="([^"]+)"', page.text)[0]
    made = way.client.post(f"{way.base}/kalender/ny", data={"form_token": token})
    [path] = set(re.findall(r"(/[^\s\"<>]*kalender/[\w-]{20,}[^\s\"<>]*)", made.text))
    path = path.partition("testserver")[2] or path
    through = []
    for text in TEXTS:
        with writing(town.world.engine) as session:
            plant(session, text)
        lines = town.nobody.client.get(path).text.replace("\r\n ", "").split("\r\n")
        assert lines[0] == "BEGIN:VCALENDAR" and any(one.startswith("SUMMARY") for one in lines)
        through += [one for one in lines if re.match(r"ATTACH|Bcc|Content-Type|QUIT|<b>|\.$", one)]
        through += [one for one in lines if "\n" in one or "\r" in one]
    demand_none_through("Calendars", len(TEXTS), through)


# ---------------------------------------------------------------- names of files

FILE_NAMES = (
    *(
        "../../etc/passwd",
        "..\\..\\windows\\win.ini",
        "/etc/passwd",
        "C:\\x.pdf",
        "..",
        ".",
        "",
        "con",
        "a/../../b",
    ),
    *(
        "x\r\nSet-Cookie: a=b",
        'x"; filename="y.exe',
        "x\x00.pdf",
        "\u202efdp.exe",
        "~/.ssh/x",
        "%2e%2e%2fx",
        "x;y",
    ),
    *("å" * 400, "a" * 5000, "-rf", "$(id)", "`id`", "|id", "x\ud800", "..／..／x", "file:///etc/passwd"),
)


def test_no_name_of_a_file_leads_out_of_its_folder(town: Town) -> None:
    """Names of accounts and of attached files, in what is handed out (zip) and in what is downloaded."""
    account_id = town.accounts["closing"]
    names = [one.encode("utf-8", "replace").decode().replace("\x00", "") for one in FILE_NAMES]
    with writing(town.world.engine) as session:
        account = session.get_one(Account, account_id)
        session.add_all(_attached(account_id, one, town.world.now) for one in names)
        session.flush()
        period, found = period_of("2020-01-01", "2030-01-01"), []
        for name in (names[0], names[-1], "å" * 120):
            account.name = name[:120]
            found.append(handing_out.bundle(session, account, period, town.world.now))
    packed = [zipfile.ZipFile(io.BytesIO(one.content)).namelist() for one in found]
    inside = [name for one in packed for name in one]
    assert all(len(set(one)) == len(one) > len(names) for one in packed)
    given = [download(one, b"", "x/y").headers["content-disposition"] for one in names]
    through = [one for one in inside if not all(map(_stays, one.split("/")))]
    through += [one.file_name for one in found if not _stays(one.file_name)]
    through += [one for one in given if not re.fullmatch(r"attachment; filename\*=UTF-8''[\w.~%-]*", one)]
    tried = len(inside) + len(found) + len(given)
    demand_none_through("Names of files (paths)", tried, through)


def _attached(account_id: int, name: str, now: datetime) -> Attachment:
    return Attachment(
        account_id=account_id,
        field="goals",
        file_name=name[:200],
        media_type="application/pdf",
        content=b"%PDF x",
        size=6,
        sha256="0" * 64,
        added_at=now - timedelta(days=1),
    )


def _stays(name: str) -> bool:
    """One plain name, on every system."""
    parts = PurePosixPath(name).parts, PureWindowsPath(name).parts
    plain = all(len(one) == 1 for one in parts) and name not in ("", ".", "..")
    return plain and name.isprintable() and not re.search(r'[<>:"|?*\\/]', name) and len(name.encode()) <= 255


PATHS = (
    *("../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "....//....//etc/passwd", "%2e%2e/%2e%2e/app.py"),
    *("..\\..\\app.py", "%5c..%5capp.py", "/etc/passwd", "//etc/passwd", "portal.css%00.png", "~root", "."),
    *("%c0%ae%c0%ae/app.py", "..;/app.py", "portal.css/../../app.py", "file:/etc/passwd"),
)
PLACES = (
    *(
        "/static/{}",
        "/exempelby/logotyp/{}",
        "/exempelby/konton/{}",
        "/exempelby/oppna/{}",
        "/{}",
        "/exempelby/{}",
    ),
    *("/kalender/{}", "/l/{}"),
)


def test_no_path_leads_to_a_file_of_ours(town: Town) -> None:
    """Stylesheets, logotypes and whatever else is fetched by a name."""
    home = next(one for one in town.ways if one.who == "disa")
    paths = [place.format(one) for place in (*PLACES, f"{home.base}/brev/{{}}") for one in PATHS]
    through = []
    for path in paths:
        answer = home.client.get(f"http://testserver{path}")
        taken = "root:" in answer.text or "FastAPI(" in answer.text or answer.status_code >= 500
        through += [(path, answer.status_code)] if taken else []
    demand_none_through("Paths to files (traversal)", len(paths), through)


@pytest.mark.parametrize("name", [one for one in PATHS if "%" not in one])
def test_no_policy_is_read_from_elsewhere(name: str) -> None:
    with pytest.raises(Exception) as refused:
        load_policy(name)
    assert "root:" not in str(refused.value)


# ---------------------------------------------------------------- formulas

FORMULAS = (
    *(
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        '=HYPERLINK("https://attacker.example")',
    ),
    *(
        "=cmd|'/C calc'!A0",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(1)",
        " =1+1",
        "a;=1+1",
        'a";=1+1',
        "a\n=1+1",
        "'=1+1",
    ),
)
_BEGINS = re.compile(r"^\s*[=+\-@\t\r\n＝＋－＠]")


def test_no_table_holds_a_formula_of_somebody_s(town: Town) -> None:
    """The public table, those of what is handed out, and the year in numbers (CSV and XLSX injection)."""
    period = period_of("2020-01-01", "2030-01-01")
    tables, books = [handing_out.as_csv(["rubrik"], [[one] for one in FORMULAS])], []
    for formula in FORMULAS[:2]:
        with writing(town.world.engine) as session:
            plant(session, formula)
            account = session.get_one(Account, town.accounts["silent"])
            law = law_in_force(session, account.municipality_id, town.world.now)
            year = report_of(session, law, formula, year_of(law, 2026, town.world.now))
            books.append(yearly_report.as_workbook(year, town.world.now, "Europe/Stockholm"))
            tables += _tables_in(handing_out.bundle(session, account, period, town.world.now).content)
        tables.append(town.nobody.client.get("/exempelby/konton.csv").content)
        town.restore()
    cells = [cell for table in tables for cell in _cells(table)]
    assert len(cells) > 100
    through = [cell for cell in cells if _BEGINS.match(cell)]
    through += [cell for book in books for cell in _formulas_in(book)]
    tried = len(cells) + len(books)
    demand_none_through("Formulas in tables (CSV and XLSX)", tried, through)


def _tables_in(packed: bytes) -> Sequence[bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        return [files.read(name) for name in files.namelist() if name.endswith(".csv")]


def _cells(table: bytes) -> Iterator[str]:
    for row in csv.reader(io.StringIO(table.decode("utf-8-sig"), newline=""), delimiter=";"):
        yield from row


def _formulas_in(book: bytes) -> Iterator[str]:
    """A formula is an element of its own in the sheet's XML."""
    with zipfile.ZipFile(io.BytesIO(book)) as files:
        for name in files.namelist():
            if name.startswith("xl/worksheets/"):
                yield from re.findall(r"<f>.*?</f>", files.read(name).decode())
