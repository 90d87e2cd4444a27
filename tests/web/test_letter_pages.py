"""Communications writes its own words in letters, sees the letter, and finds the way back."""

from sqlalchemy import select
from sqlmodel import col

from models import AuditEvent, LetterWording
from runtime.database import reading
from tests.web.test_my_pages import at_home, home_of
from tests.web.visitor import Portal, Visitor, plain
from tests.web.world import World

OWN = {"text": "sv", "subject": "Till {chef}", "introduction": "Hej från {kommun}!", "closing": "Sist."}


def at_letter(world: World, portal: Portal, who: str = "disa") -> tuple[Visitor, str]:
    visitor = at_home(world, portal, who)
    path = f"{home_of(visitor)}/brev/decision_asked"
    visitor.open(path)
    return visitor, path


def versions(world: World) -> list[LetterWording]:
    with reading(world.engine) as session:
        return list(session.execute(select(LetterWording).order_by(col(LetterWording.id))).scalars())


def test_the_letter_is_seen_before_it_is_saved(world: World, portal: Portal) -> None:
    visitor, path = at_letter(world, portal)
    page = visitor.post(path, {**OWN, "gor": "visa"})
    assert "Så blir brevet, om du sparar" in plain(page)
    assert "Till Per Holm" in plain(page) and "Hej från Exempelby!" in plain(page)
    assert "Inget avgörs av att du öppnar länken." in plain(page), "the product's own text is there"
    assert 'value="Till {chef}"' in page.text, "nothing written is lost"
    assert versions(world) == []


def test_words_are_saved_dated_and_named_and_restored(world: World, portal: Portal) -> None:
    visitor, path = at_letter(world, portal)
    assert "Texten är sparad." in plain(visitor.post(path, {**OWN, "gor": "spara"}))
    world.wait(minutes=5)
    visitor.post(path, {**OWN, "subject": "Ny", "gor": "spara"})
    page = plain(visitor.open(path))
    assert "2 mars 2026 kl. 09.05, Disa Ek Gäller nu" in page and "2 mars 2026 kl. 09.00, Disa Ek" in page
    first, _ = versions(world)
    visitor.post(f"{path}/version/{first.id}")
    assert [one.subject for one in versions(world)] == ["Till {chef}", "Ny", "Till {chef}"]
    visitor.post(f"{path}/version/0", {"text": "sv"})
    assert not versions(world)[-1].is_own
    assert "Kanalvakts egen text" in plain(visitor.open(path))
    with reading(world.engine) as session:
        rows = select(AuditEvent).where(col(AuditEvent.kind) == "letter_worded").order_by(col(AuditEvent.id))
        told = [
            (one.actor_id, one.facts["notice"], one.facts["own"]) for one in session.execute(rows).scalars()
        ]
    disa = world.people["disa"]
    assert told == [(disa, "decision_asked", own) for own in (True, True, True, False)]


def test_the_same_words_are_not_saved_twice(world: World, portal: Portal) -> None:
    visitor, path = at_letter(world, portal)
    for _ in range(2):
        visitor.post(path, {**OWN, "gor": "spara"})
    assert len(versions(world)) == 1


def test_faults_are_listed_at_once_and_what_was_written_is_kept(world: World, portal: Portal) -> None:
    visitor, path = at_letter(world, portal)
    for what in ("visa", "spara"):
        page = visitor.post(path, {**OWN, "introduction": "Hej {rektor}!", "closing": "Sist {", "gor": what})
        assert page.status_code == 422 and "Hej {rektor}!" in page.text and "Sist {" in page.text
        assert "{rektor} är inget som Kanalvakt kan fylla i" in plain(page)
        assert "En klammer saknar sin andra hälft" in plain(page)
        assert 'href="#f-introduction"' in page.text and 'href="#f-closing"' in page.text
    assert versions(world) == []


def test_the_languages_are_apart(world: World, portal: Portal) -> None:
    visitor, path = at_letter(world, portal)
    visitor.post(path, {**OWN, "text": "en", "introduction": "Hello from {kommun}!", "gor": "spara"})
    assert "Hello from" in visitor.open(f"{path}?text=en").text
    assert "Hello from" not in visitor.open(path).text
    assert "Egen text på engelska" in plain(visitor.open(f"{home_of(visitor)}/brev"))


def test_a_letter_that_is_always_swedish_takes_no_english_words(world: World, portal: Portal) -> None:
    """The letters to those who run accounts are sent in Swedish only: English words would never be read."""
    visitor, _ = at_letter(world, portal)
    path = f"{home_of(visitor)}/brev/case_asked"
    page = visitor.open(f"{path}?text=en")
    assert "Brevet skickas bara på svenska." in plain(page) and "text=en" not in page.text
    english = {**OWN, "text": "en", "subject": "", "introduction": "Hello there!", "gor": "spara"}
    refused = visitor.post(path, english)
    assert refused.status_code == 422 and "Skriv texten på svenska." in plain(refused)
    assert "Hello there!" in refused.text and 'name="text" value="sv"' in refused.text
    assert versions(world) == []
    visitor.post(path, {**english, "text": "sv", "introduction": "Hej där!"})
    assert [one.language for one in versions(world)] == ["sv"]


def test_the_letter_by_itself_can_do_nothing(world: World, portal: Portal) -> None:
    visitor, path = at_letter(world, portal)
    alone = visitor.post(f"{path}/som-html", {**OWN, "introduction": "<script>x()</script>"})
    policy = alone.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "script-src" not in policy
    assert "&lt;script&gt;" in alone.text and "<script" not in alone.text


def test_every_letter_has_its_page(world: World, portal: Portal) -> None:
    visitor, _ = at_letter(world, portal)
    assert visitor.open(f"{home_of(visitor)}/brev/finns_inte").status_code == 404
    assert visitor.open(f"{home_of(visitor)}/brev/morning").status_code == 200
    listed = visitor.open(f"{home_of(visitor)}/brev").text
    assert listed.count("/brev/") >= 50


def test_another_municipality_s_version_is_not_restored(world: World, portal: Portal) -> None:
    visitor, path = at_letter(world, portal)
    visitor.post(path, {**OWN, "gor": "spara"})
    other = World(world.engine, slug="provstad", now=world.now)
    stranger = at_home(other, portal, "disa")
    theirs = f"{home_of(stranger)}/brev/decision_asked"
    stranger.open(theirs)
    assert "Till {chef}" not in stranger.open(theirs).text
    assert stranger.post(f"{theirs}/version/{versions(world)[0].id}").status_code == 404
    assert len(versions(world)) == 1
