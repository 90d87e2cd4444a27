"""docs/tutorial.md followed by a browser: every click of it, by the words that stand on the pages.

Each stop leaves a picture. A page that changes its words stops the walk, and the tutorial has to follow.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx2
from playwright.sync_api import Locator, Page

from deployments.moved_clock import MovedClock
from deployments.round_runs import RoundRuns
from deployments.stack import Stack

DOMAIN = "exempelby.example.org"
BEGINS_AT = datetime(2027, 3, 1, 8, 20, tzinfo=ZoneInfo("Europe/Stockholm"))
"""A Monday morning."""

PLAN = {
    "name": "Kulturskolan spelar",
    "purpose": "Visa elevernas filmer och konserter.",
    "target_group": "Unga mellan tio och sexton år",
    "why_this_channel": "Hälften av eleverna säger att de hittar konserter där.",
    "goals": "Tjugo nya elever till hösten.",
    "key_figures": "Visningar och anmälningar till prova på-veckan.",
    "follow_up": "Vi läser av siffrorna i december och i juni.",
    "how_run": "En film i veckan. Två turas om, också på lov.",
    "responsible": f"henrik.soderberg@{DOMAIN}",
    "administrators": f"henrik.soderberg@{DOMAIN}\nmaria.kovacs@{DOMAIN}",
    "substitute": f"maria.kovacs@{DOMAIN}",
    "data_protection": "Elever visas bara med vårdnadshavarens ja.",
}

Keep = Callable[[Page, str, Locator | None], None]
"""Keeps a picture of a page, or of a part of it, under a name."""


@dataclass
class Newcomer:
    """Somebody who follows the tutorial in one window, with the mailbox at hand."""

    page: Page
    stack: Stack
    clock: MovedClock
    keep: Keep
    told: list[tuple[str, str]] = field(default_factory=list)
    """The pictures' names with what they show, in order."""

    def look(self, name: str, shows: str, part: Locator | None = None) -> None:
        """Keep what is in the window."""
        self.page.wait_for_load_state("networkidle")
        self.keep(self.page, name, part)
        self.told.append((name, shows))

    def open_letter(self, who: str, subject: str) -> None:
        """In the mailbox, as soon as it has come."""
        self.page.goto(f"{self.stack.mailbox_url}/?till={who}@{DOMAIN}")
        link = self.page.locator("main a", has_text=subject).first
        for _ in range(60):
            if link.count():
                break
            self.page.wait_for_timeout(500)
            self.page.reload()
        link.click()

    def follow(self) -> None:
        """Press the button of the letter in the window."""
        button = self.page.frame_locator("iframe").locator(f'a[href^="{self.stack.portal_url}"]').first
        button.wait_for()
        self.page.wait_for_load_state("networkidle")
        with self.page.expect_navigation(url=f"{self.stack.portal_url}/**"):
            button.click()

    def press(self, words: str) -> None:
        self.page.locator("main button:visible", has_text=words).first.click()
        self.page.wait_for_load_state()

    def own_page(self, who: str) -> None:
        """By a letter, as everybody comes to their own page."""
        self.page.goto(f"{self.stack.portal_url}/exempelby")
        self.page.locator("main a", has_text="Mina uppgifter").click()
        self.page.fill("input[type=email]", f"{who}@{DOMAIN}")
        self.press("Skicka länken")
        self.open_letter(who, "Din väg in till Kanalvakt")
        self.follow()
        self.press("")

    def rounds(self) -> RoundRuns:
        api = httpx2.Client(base_url=self.stack.prefect.address.api_url, trust_env=False)
        return RoundRuns(api, lambda seconds: self.page.wait_for_timeout(seconds * 1000))


def walk(new: Newcomer) -> None:
    """The whole tutorial."""
    for part in (decide, apply, set_up, morning, desk, register, close):
        part(new)


def decide(new: Newcomer) -> None:
    page = new.page
    new.open_letter("karin.akesson", "Ditt beslut behövs")
    page.goto(new.stack.mailbox_url)
    new.look("brevladan", "Brevlådan: alla brev som Kanalvakt har skickat, en hög för varje mottagare")
    new.open_letter("karin.akesson", "Ditt beslut behövs")
    new.look("beslut-brev", "Brevet till chefen: vad frågan gäller, varför hon får den och en knapp")
    new.follow()
    new.look("beslut-fraga", "Frågan i portalen, med planen och punkterna i riktlinjen")
    page.locator("label", has_text="Godkänn").first.click()
    new.look("beslut-svar", "Svaren att välja mellan, och vad som följer av vart och ett", _answer_form(page))
    _answer_form(page).locator("button").first.click()
    page.wait_for_load_state()
    new.look("beslut-svarat", "Kvittensen: vad som svarades, vad som händer nu och hur det tas tillbaka")
    new.open_letter("helena.sandberg", "Biblioteket i Exempelby")
    new.follow()
    page.locator("label", has_text="Godkänn").first.click()
    _answer_form(page).locator("button").first.click()


def _answer_form(page: Page) -> Locator:
    return page.locator('main form[action$="/svar"]')


def apply(new: Newcomer) -> None:
    page = new.page
    page.goto(f"{new.stack.portal_url}/exempelby")
    new.look("ansok", "Portalens förstasida, med vägen till en ansökan")
    page.locator("main a", has_text="Ansök om konto").click()
    page.fill("input[type=email]", f"henrik.soderberg@{DOMAIN}")
    new.press("Skicka länken")
    new.open_letter("henrik.soderberg", "Bekräfta din arbetsadress")
    new.follow()
    new.press("")
    page.select_option("[name=platform]", "tiktok")
    page.select_option("[name=unit]", label=_unit(page, "Kulturskolan"))
    page.select_option("[name=account_class]", "unit")
    for name, text in PLAN.items():
        page.fill(f"[name={name}]", text)
    new.look("ansok-plan", "Planen: en fråga för varje sak som riktlinjen vill veta")
    page.locator("button[value=send]").click()
    page.wait_for_load_state()
    new.look("ansok-skickad", "Ansökan är skickad, och sidan säger vem som prövar den nu")


def _unit(page: Page, name: str) -> str:
    labels = page.locator("[name=unit] option").all_inner_texts()
    return next(one for one in labels if one.strip() == name)


def set_up(new: Newcomer) -> None:
    page = new.page
    for who in ("maria.kovacs", "henrik.soderberg", "helena.sandberg"):
        new.open_letter(who, "Ställ i ordning: TikTok-kontot ”Gymnasievalet")
        new.follow()
        if who == "maria.kovacs":
            new.look("iordning", "Checklistan för den som ställer i ordning kontot")
        while page.locator("main form button:visible", has_text="Bekräfta").count():
            _fill_place(page)
            new.press("Bekräfta")
        if page.locator("main form button:visible", has_text="Jag har läst").count():
            new.press("Jag har läst")
    new.look("iordning-klar", "Listan när den sista punkten är bekräftad: vem som bekräftade vad, och när")


def _fill_place(page: Page) -> None:
    for one in page.locator("main input[name=place]:visible").all():
        one.fill("Kommunikationsenhetens lösenordsvalv")


def morning(new: Newcomer) -> None:
    new.rounds().go("morgonbrev", new.clock.now())
    new.open_letter("amina.warsame", "Titta till")
    new.look("morgon-brev", "Morgonbrevet: allt som väntar i dag, med en enda knapp")
    new.follow()
    new.look("morgon-idag", "Dagens sida: kontona att titta till, och en knapp för alla")
    new.press("Jag har tittat till")
    new.look("morgon-klart", "Bevakningen är bekräftad för i dag")


def desk(new: Newcomer) -> None:
    page = new.page
    page.set_viewport_size({"width": 1300, "height": 700})
    page.goto(f"{new.stack.portal_url}/tavlan")
    page.wait_for_selector("text=Alla konton, ett i taget")
    new.look("tavlan", "Tavlan: kommunikationsenhetens startsida i Prefect, med vägar till allt")
    accounts = page.get_by_role("link", name="Alla konton, ett i taget").get_attribute("href")
    assert accounts is not None
    page.goto(f"{new.stack.prefect_url}{accounts}")
    page.wait_for_selector("text=Biblioteket")
    new.look("prefect-konton", "Prefects lista: en rad för varje konto, med det som kontot väntar på")
    page.goto(f"{new.stack.portal_url}/tavlan")
    page.click("text=Lämna över fråga")
    page.wait_for_selector("text=Din arbetsadress")
    new.look("tavlan-formular", "Ett formulär på tavlan")
    page.set_viewport_size({"width": 900, "height": 700})


def register(new: Newcomer) -> None:
    new.page.goto(f"{new.stack.portal_url}/exempelby/konton")
    new.look("forteckning", "Den offentliga förteckningen över kommunens konton")


def close(new: Newcomer) -> None:
    page = new.page
    new.own_page("amina.warsame")
    new.look("mina-uppgifter", "Mina uppgifter: det som väntar, mina konton och mina ansökningar")
    page.locator("main a", has_text="Podd ”Biblioteket läser”").click()
    page.wait_for_load_state()
    page.locator("main summary", has_text="Begär att kontot avslutas").click()
    page.fill("#f-a-reason", "Vi samlar poddarna på regionbibliotekets sida.")
    new.look("avsluta", "Att begära att ett konto avslutas, med skäl", page.locator("#form-avsluta"))
    new.press("Begär avslut")
    new.look("avsluta-begart", "Begäran är inlagd, och sidan säger vad som händer nu")
