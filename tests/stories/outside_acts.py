"""What is done in a running stack so that every kind of value is in hand, also when things break."""

import io
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import select, text
from sqlmodel import col

from deployments.browsing import Browser, File, Form, Page, PageBroke
from deployments.demo_driver import DemoDriver, Surroundings
from deployments.stack import Stack
from deployments.storyline import Story, address_of, domain_of, load_world
from models import Account, AccountState, Municipality
from runtime.database import reading, writing
from tests.stories.marks import mark

B = {
    what: mark(what)
    for what in (
        "report",
        "contact",
        "case",
        "post",
        "copied",
        "evidence",
        "added",
        "broken case",
        "broken zone",
    )
}
"""Of citizens and of cases (REQUIREMENTS 5 b)."""
C = {what: mark(what) for what in ("newcomer", "nobody")}
"""Names and addresses of employees (REQUIREMENTS 5 c)."""
PATIENCE_SECONDS = 60.0
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def picture(words: str) -> bytes:
    """A picture in which something stands."""
    said, written = PngInfo(), io.BytesIO()
    said.add_text("Comment", words)
    Image.new("RGB", (40, 40), "white").save(written, "PNG", pnginfo=said)
    return written.getvalue()


@dataclass
class Life:
    """One municipality's people, who do what values are needed for."""

    stack: Stack
    around: Surroundings
    story: Story
    driver: DemoDriver
    kept: dict[str, bytes] = field(default_factory=dict)
    """What was handed out, by name."""
    public: dict[str, bytes] = field(default_factory=dict)

    def address(self, who: str) -> str:
        return address_of(load_world(), self.story, who)

    @property
    def base(self) -> str:
        return f"{self.around.portal_url}/{self.story.story}"

    @property
    def account_id(self) -> int:
        rows = (
            select(col(Account.id))
            .join(Municipality, col(Municipality.id) == col(Account.municipality_id))
            .where(col(Municipality.slug) == self.story.story, col(Account.state) == AccountState.ACTIVE)
        )
        with reading(self.around.engine) as session:
            found: int = session.execute(rows).scalars().one()
            return found

    def own(self, who: str) -> str:
        """Where somebody's own pages lie, once they have signed in."""
        found = re.match(r".*/mina/\d+", self.driver._account_page(who).address)
        assert found
        return found.group()

    # What people do

    def visitor_reports(self) -> None:
        with Browser() as browser:
            page = browser.open(f"{self.base}/konton/{self.account_id}/rapportera")
            form = page.form_to("/rapportera$")
            chosen = next(one.value for one in form.controls if one.name == "galler")
            form.fill({"galler": chosen, "vad": B["report"], "kontakt": f"{B['contact']}@example.com"})
            assert browser.click(form, form.button()).path.startswith(f"/{self.story.story}/konton/kvitto/")

    def opens_case(self, who: str) -> Page:
        page = self.driver._open(who, f"{self.own(who)}/idag/handelse?konto={self.account_id}")
        form = page.form_to("/handelse$")
        kinds = [one.value for one in form.controls if one.name == "kind"]
        form.fill(
            {
                "kind": next(one for one in kinds if one == "criminal") if "criminal" in kinds else kinds[0],
                "what": B["case"],
                "post_address": f"https://example.com/{B['post']}",
                "copied": B["copied"],
            }
        )
        form.choose("files", File(f"{B['evidence']}.png", picture(B["evidence"])))
        return self.clicked(who, form)

    def adds_evidence(self, who: str, page: Page) -> None:
        """And does the first thing that the case asks for."""
        form = page.form_to("/bevis$")
        form.fill({"copied": B["added"]})
        page = self.clicked(who, form)
        assert not page.alert, page.alert
        if steps := page.forms_to(r"/steg/\d+$"):
            self.clicked(who, steps[0])
        self.driver._settle()

    def imports(self, who: str) -> None:
        """Two people and an account, confirmed by the letter."""
        email = f"{C['newcomer']}@{domain_of(load_world(), self.story)}"
        rows = f"namn;e-post;titel;enhet\n{C['newcomer']} Person;{email};handläggare;bibliotek\n"
        page = self.driver._open(who, f"{self.own(who)}/import")
        form = page.form_to("/import$")
        form.fill({"vad": "people"})
        form.choose("fil", File("personer.csv", rows.encode()))
        page = self.clicked(who, form)
        assert not page.alert, page.alert
        self.driver._settle()
        page = self.driver._open_letter(who, "confirm_act")
        self.clicked(who, page.forms[0])

    def clicked(self, who: str, form: Form) -> Page:
        return self.driver._browser(who).click(form, form.button())

    # By Prefect's forms, and what breaks there

    def fills_in(self, form: str, **fields: Any) -> str:
        """A form of the desk; the name of the state its run comes to rest in."""
        return self._run(form, {**fields, "municipality": self.story.story})

    def goes(self, deployment: str) -> str:
        return self._run(deployment, {"as_of": self.around.clock.now().isoformat()})

    def _run(self, name: str, parameters: dict[str, Any]) -> str:
        with httpx2.Client(base_url=self.around.prefect_api, verify=False, trust_env=False) as prefect:
            [found] = prefect.post(
                "/deployments/filter", json={"deployments": {"name": {"any_": [name]}}}
            ).json()
            asked = prefect.post(
                f"/deployments/{found['id']}/create_flow_run", json={"parameters": parameters}
            )
            asked.raise_for_status()
            deadline = time.monotonic() + PATIENCE_SECONDS
            while True:
                state = prefect.get(f"/flow_runs/{asked.json()['id']}").json()["state"]
                if state["type"] in (*ENDED, "PAUSED"):
                    return str(state["name"])
                assert time.monotonic() < deadline, state
                time.sleep(0.1)

    def breaks_the_case(self) -> None:
        """A row that cannot be read any more, with a citizen's words in it."""
        with writing(self.around.engine) as session:
            wrong = {"outcomes": f'[{{"{B["broken case"]}": 1}}, "{B["broken case"]}"]'}
            session.execute(text("UPDATE account_case SET outcomes = :outcomes, state = 'open'"), wrong)

    def breaks_everything(self) -> None:
        """Nothing can be reckoned any more, and the error quotes what was in hand."""
        with writing(self.around.engine) as session:
            session.execute(text("UPDATE municipality SET time_zone = :zone"), {"zone": B["broken zone"]})
            session.execute(text("UPDATE account SET news = news + 1"))

    def run_fails(self) -> str:
        """What the account's run says of itself, when it has ended."""
        with reading(self.around.engine) as session:
            run = session.get_one(Account, self.account_id).flow_run_id
        deadline = time.monotonic() + PATIENCE_SECONDS
        with httpx2.Client(base_url=self.around.prefect_api, verify=False, trust_env=False) as prefect:
            while True:
                state = prefect.get(f"/flow_runs/{run}").json()["state"]
                if state["type"] in ENDED:
                    return str(state["message"])
                assert time.monotonic() < deadline, state
                time.sleep(0.1)

    def opens(self, who: str, address: str) -> bool:
        """Whether a page comes."""
        try:
            self.driver._open(who, address)
        except (PageBroke, httpx2.TransportError):
            return False
        return True

    def is_shown_by_the_machine(self, blocks: str = "/block_documents/filter") -> None:
        """What other programs see: our processes' command lines, and Prefect's blocks as all its users do."""
        for part in self.stack.parts.values():
            assert part.process is not None
            line = Path(f"/proc/{part.process.pid}/cmdline").read_bytes()
            self.public[f"command line of {part.name}"] = line
        with httpx2.Client(base_url=self.around.prefect_api, verify=False, trust_env=False) as prefect:
            self.public["blocks"] = prefect.post(blocks, json={"limit": 100}).content
        assert b"larm" in self.public["blocks"]

    # What is handed out

    def is_seen_by_everybody(self) -> None:
        number = self.account_id
        paths = ["", "/konton", "/konton.json", "/konton.csv", "/konton.atom", "/konton/inbaddad"]
        paths += ["/konton/bygg-in", f"/konton/{number}", f"/konton/{number}/rapportera", "/processen"]
        paths += ["/konton/officiellt", "/tillganglighet", "/mina-uppgifter", "/ansok", "/processen.svg"]
        with httpx2.Client(base_url=self.base, verify=False, trust_env=False) as anybody:
            self.public |= {path: anybody.get(path).content for path in paths}

    def hands_out(self, who: str) -> None:
        """The records of the account, the year in numbers, and what is kept about oneself."""
        own = self.own(who)
        page = self.driver._open(who, f"{own}/lamna-ut/{self.account_id}")
        self._keep(who, "handed out", page.form_to(r"/lamna-ut/\d+$"))
        page = self.driver._open(who, f"{own}/om-mig")
        for form in page.forms_to("/om-mig/"):
            self._keep(who, form.path.rpartition("/")[2], form)
        for kind in ("pdf", "csv", "json"):
            year = self.around.clock.now().year
            self.kept[f"{year}.{kind}"] = self._client(who).get(f"{own}/arsrapport/{year}.{kind}").content

    def _client(self, who: str) -> httpx2.Client:
        return self.driver._browser(who)._client

    def _keep(self, who: str, name: str, form: Form) -> None:
        sent = dict(form.sent_by(form.button()))
        headers = {"origin": self.around.portal_url}
        self.kept[name] = self._client(who).post(form.address, data=sent, headers=headers).content
