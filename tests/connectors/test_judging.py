"""REQUIREMENTS 3: a log-in form, a consent wall, an error page or not the account's name is no snapshot.

The pages are invented, built as the platforms build theirs.
"""

import pytest

from connectors.judging import PageFacts, Reason, Wall, judge

NAMES = ["Exempelby bibliotek", "@exempelbybibliotek"]
ADDRESS = "https://www.facebook.com/exempelbybibliotek"
POSTS = "\n".join(
    f"Exempelby bibliotek\n{day} november\nI dag läser vi sagor klockan tio. Välkommen! Gilla Kommentera Dela"
    for day in range(1, 25)
)
FEW_POSTS = "Exempelby bibliotek\n12 följare\nLogga in\nSkapa konto\nI dag öppnar vi klockan tio."
LOG_IN_DIALOG = (
    "Se mer från Exempelby bibliotek\nE-postadress eller mobilnummer\nLösenord\nLogga in\nGlömt det?"
)
CONSENT = (
    "Tillåt användning av cookies i den här webbläsaren?\nVi använder cookies och liknande teknik för att "
    "visa innehåll. Du kan läsa mer i vår policy för cookies.\nTillåt alla cookies\nNeka valfria cookies"
)
CONSENT_EN = (
    "Before you continue\nWe use cookies and data to deliver our services and measure how they are used. If "
    "you choose to accept all, we also use cookies to develop new ones.\nReject all\nAccept all\nMore options"
)


def page(
    title: str = "Exempelby bibliotek | Facebook",
    text: str = POSTS,
    *,
    headings: tuple[str, ...] = (),
    address: str = ADDRESS,
    asked: str = ADDRESS,
    status: int | None = 200,
    wall: Wall | None = None,
    form_share: float = 0.0,
    pictures: int = 5,
    one_colour: bool = False,
) -> PageFacts:
    return PageFacts(
        asked, address, status, title, text, headings, wall or Wall(), form_share, pictures, one_colour
    )


GOOD = {
    "facebook": page("(3) Exempelby bibliotek | Facebook"),
    "instagram": page("Exempelby bibliotek (@exempelbybibliotek) • Instagram-foton och -videoklipp"),
    "linkedin": page("Exempelby bibliotek | LinkedIn"),
    "x": page("Exempelby bibliotek (@exempelbybibliotek) / X"),
    "youtube": page("Exempelby bibliotek - YouTube", headings=("Exempelby bibliotek",)),
    "mastodon, by its handle": page("Bibblan (@exempelbybibliotek@social.example.org) - Mastodon"),
    "an emoji in the name": page("📚 Exempelby  Bibliotek 📚 – Facebook"),
    "the name written together": page("ExempelbyBibliotek • Instagram"),
    "the name only in the heading": page("Facebook", headings=("Exempelby bibliotek",)),
    "no title at all, the name first": page("", "Exempelby bibliotek\n" + POSTS),
    "a small link to log in": page(text="Logga in\nSkapa konto\n" + POSTS),
    "a small log-in form in the header": page(text="Lösenord\nLogga in\n" + POSTS, form_share=0.05),
    "a log-in box beside many posts": page(text="Lösenord\nLogga in\n" + POSTS, form_share=0.16),
    "a new account with little text": page(text=FEW_POSTS),
    "a new account, a log-in form in its header": page(text=FEW_POSTS, form_share=0.04),
    "a bar about cookies at the bottom": page(text=CONSENT + "\n" + POSTS, wall=Wall(0.1, CONSENT)),
    "a new account under a bar about cookies": page(text=FEW_POSTS + CONSENT, wall=Wall(0.1, CONSENT)),
    "a bar about logging in": page(wall=Wall(0.15, "Logga in Registrera dig")),
    "a page that lies in a fixed layer": page(text=POSTS, wall=Wall(1.0, POSTS)),
    "a fixed layer with a form in its header": page(
        text="Logga in\n" + POSTS, wall=Wall(1.0, "Logga in\n" + POSTS, log_in_field=True), form_share=0.04
    ),
    "a fixed layer with a bar about cookies": page(
        text=CONSENT + POSTS, wall=Wall(1.0, CONSENT + POSTS, log_in_field=False)
    ),
    "a picture opened over the page": page(wall=Wall(0.9, "Sommarbokslut på biblioteket\nStäng")),
    "a post about pages that are gone": page(text=POSTS + "\nSidan finns inte längre på den gamla webben."),
    "a post about cakes": page(text="Kakor till kaffet!\nNu är det godkänt att fika i läsesalen.\n" + POSTS),
    "a short page about cakes": page(text=FEW_POSTS + "\nI dag bjuder vi på kakor och saft klockan tre."),
    "a short page about what cannot wait": page(text=FEW_POSTS + "\nVi kan inte vänta till fredag!"),
    "a short page about a bus": page(
        text=FEW_POSTS + "\nNågot gick fel med bokbussen i dag. Den kommer i morgon."
    ),
    "a short page about a canal": page(text=FEW_POSTS + "\nKanalen är stängd för båtar till klockan tolv."),
    "a title that offers a log-in too": page(
        "Exempelby bibliotek - Logga in eller registrera dig | Facebook"
    ),
    "asked for by an address of a log-in": page(
        asked="https://blogg.example.org/login", address="https://blogg.example.org/login"
    ),
    "no status, as from a cache": page(status=None),
    "another path of the same account": page(address=ADDRESS + "/?locale=sv_SE"),
}

BAD = {
    # a log-in form
    "facebook's dialog over the page": (
        page(wall=Wall(1.0, LOG_IN_DIALOG, log_in_field=True), form_share=0.2),
        Reason.LOG_IN,
    ),
    "instagram's dialog without a field": (
        page(wall=Wall(1.0, "See photos, videos and more from exempelbybibliotek\nSign up\nLog in")),
        Reason.LOG_IN,
    ),
    "a dialog with nothing behind it": (
        page(text="Log in\nSign up", wall=Wall(1.0, "Log in\nSign up")),
        Reason.LOG_IN,
    ),
    "a log-in page that names the account": (page(text=LOG_IN_DIALOG, form_share=0.14), Reason.LOG_IN),
    "a log-in page in a fixed layer": (
        page("Logga in", LOG_IN_DIALOG, wall=Wall(1.0, LOG_IN_DIALOG, log_in_field=True), form_share=0.3),
        Reason.LOG_IN,
    ),
    "a large form beside a long text": (page(form_share=0.4), Reason.LOG_IN),
    "x without a field": (
        page("X. Nu händer det", "Happening now\nJoin today.\nCreate account", headings=("Happening now",)),
        Reason.LOG_IN,
    ),
    "an e-mail address is asked for first": (
        page("Sign in to LinkedIn", "Sign in\nEmail or phone\nContinue", headings=("Sign in",)),
        Reason.LOG_IN,
    ),
    "log in to the account's own place": (
        page("Logga in på Exempelby bibliotek", "Logga in på Exempelby bibliotek\nE-post\nFortsätt"),
        Reason.LOG_IN,
    ),
    "the platform's front page with a log-in": (
        page("Facebook – logga in eller registrera dig", "Facebook hjälper dig att hålla kontakten."),
        Reason.LOG_IN,
    ),
    # sent to one
    "facebook sends to a log-in": (
        page("Log into Facebook", LOG_IN_DIALOG, address="https://www.facebook.com/login/?next=x"),
        Reason.LOG_IN_REDIRECT,
    ),
    "instagram sends to a log-in": (
        page("Login • Instagram", address="https://www.instagram.com/accounts/login/?next=%2Fexempelby%2F"),
        Reason.LOG_IN_REDIRECT,
    ),
    "linkedin's wall": (
        page("Sign Up | LinkedIn", address="https://www.linkedin.com/authwall?trk=x"),
        Reason.LOG_IN_REDIRECT,
    ),
    "x sends to a log-in": (page(address="https://x.com/i/flow/login"), Reason.LOG_IN_REDIRECT),
    "a host for logging in": (page(address="https://login.example.org/start"), Reason.LOG_IN_REDIRECT),
    # consent
    "youtube's consent page": (
        page("Innan du fortsätter", CONSENT, address="https://consent.youtube.com/m?continue=x"),
        Reason.CONSENT,
    ),
    "a question about cookies over the page": (page(wall=Wall(1.0, CONSENT)), Reason.CONSENT),
    "the same in English": (page(wall=Wall(0.7, CONSENT_EN)), Reason.CONSENT),
    "a consent page under the account's title": (page(text=CONSENT, wall=Wall(1.0, CONSENT)), Reason.CONSENT),
    "a consent page without a layer": (page(text=CONSENT_EN), Reason.CONSENT),
    "a long question about cookies over a page": (
        page(text=POSTS + CONSENT_EN * 4, wall=Wall(1.0, CONSENT_EN * 4)),
        Reason.CONSENT,
    ),
    # errors with a status
    "gone": (page(status=404), Reason.HTTP_ERROR),
    "forbidden": (page(status=403), Reason.HTTP_ERROR),
    "linkedin's own status": (page(status=999), Reason.HTTP_ERROR),
    "broken": (page(status=503), Reason.HTTP_ERROR),
    # errors that answer 200
    "facebook": (
        page("Facebook", "Det här innehållet är inte tillgängligt just nu\nOftast beror det på …"),
        Reason.ERROR_PAGE,
    ),
    "facebook in English": (
        page("Facebook", "This content isn't available right now\nUsually because the owner …"),
        Reason.ERROR_PAGE,
    ),
    "instagram": (
        page("Instagram", "Sorry, this page isn't available.\nThe link may be broken."),
        Reason.ERROR_PAGE,
    ),
    "instagram, another year": (page("Instagram", "Profile isn't available\nThe link …"), Reason.ERROR_PAGE),
    "instagram in Swedish": (
        page("Instagram", "Tyvärr, den här sidan är inte tillgänglig.\nLänken kan vara trasig."),
        Reason.ERROR_PAGE,
    ),
    "x, with the handle on it": (
        page("Profil / X", "@exempelbybibliotek\nThis account doesn’t exist\nTry another."),
        Reason.ERROR_PAGE,
    ),
    "x, suspended": (page("Profil / X", "@exempelbybibliotek\nAccount suspended\nWhy?"), Reason.ERROR_PAGE),
    "x, broken under the account's name": (
        page("Exempelby bibliotek (@exempelbybibliotek) / X", "Something went wrong. Try reloading.\nRetry"),
        Reason.ERROR_PAGE,
    ),
    "x in Swedish": (page("Profil / X", "@exempelbybibliotek\nKontot finns inte"), Reason.ERROR_PAGE),
    "youtube": (page("YouTube", "This page isn't available. Sorry about that."), Reason.ERROR_PAGE),
    "youtube in Swedish": (page("YouTube", "Den här sidan är inte tillgänglig."), Reason.ERROR_PAGE),
    "linkedin": (page("LinkedIn", "This page doesn’t exist\nPlease check your URL"), Reason.ERROR_PAGE),
    "linkedin, by its title": (page("Page Not Found | LinkedIn", "Uh oh\n" + POSTS), Reason.ERROR_PAGE),
    "the page you requested": (
        page("Exempelby bibliotek", "The page you are looking for doesn't exist.\nHome"),
        Reason.ERROR_PAGE,
    ),
    "a municipality's own": (
        page("Sidan finns inte | Exempelby bibliotek", POSTS, headings=("Sidan finns inte",)),
        Reason.ERROR_PAGE,
    ),
    "by its heading": (
        page("Exempelby bibliotek", POSTS, headings=("Sidan hittades inte",)),
        Reason.ERROR_PAGE,
    ),
    "the page you look for": (
        page("Exempelby bibliotek", "Hoppsan! Sidan du söker finns inte\nTill startsidan"),
        Reason.ERROR_PAGE,
    ),
    "a bare server": (page("404 Not Found", "404 Not Found\nnginx"), Reason.ERROR_PAGE),
    "in a dialog": (page(wall=Wall(1.0, "Kontot har tagits bort\nOK")), Reason.ERROR_PAGE),
    # is there a human?
    "a check of the browser": (page("Just a moment...", "Checking your browser before …"), Reason.CHALLENGE),
    "a robot?": (page("Exempel", "Bekräfta att du är en människa\nJag är inte en robot"), Reason.CHALLENGE),
    "no script": (page("X", "JavaScript is not available.\nWe’ve detected …"), Reason.CHALLENGE),
    # nothing
    "nothing at all": (page("Exempelby bibliotek", "", pictures=0), Reason.EMPTY),
    "one colour": (page(one_colour=True), Reason.EMPTY),
    # another
    "another account": (
        page("Grannby bibliotek | Facebook", "Grannby bibliotek\n" + POSTS),
        Reason.OTHER_PAGE,
    ),
    "another account that names ours at the top": (
        page("Grannby kommun | Facebook", "Grannby kommun\nGillas av Exempelby bibliotek\n" + POSTS),
        Reason.OTHER_PAGE,
    ),
    "the beginning of a longer word": (page("Exempelby biblioteksvänner | Facebook"), Reason.OTHER_PAGE),
    "the platform's front page": (page("Facebook", "Det här är Facebook …" * 80), Reason.OTHER_PAGE),
}


@pytest.mark.parametrize("facts", GOOD.values(), ids=GOOD)
def test_an_account_page_is_taken(facts: PageFacts) -> None:
    assert judge(facts, NAMES) is None


@pytest.mark.parametrize(("facts", "reason"), BAD.values(), ids=BAD)
def test_a_page_that_is_none_is_refused(facts: PageFacts, reason: Reason) -> None:
    assert judge(facts, NAMES) is reason


def test_names_are_compared_by_their_letters() -> None:
    assert judge(page("Ung i Åmåla 🎉 • Instagram"), ["UNG I ÅMÅLA"]) is None
    assert judge(page("Ung i Amala • Instagram"), ["Ung i Åmåla"]) is Reason.OTHER_PAGE
    assert judge(page("exempelby.bibliotek – Threads"), ["exempelby_bibliotek"]) is None


@pytest.mark.parametrize("names", [[], [""], ["🎉"]])
def test_without_a_name_nothing_can_be_judged(names: list[str]) -> None:
    with pytest.raises(ValueError, match="expected_names"):
        judge(page(), names)
