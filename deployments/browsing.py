"""A browser without a window: opens pages, fills in forms, clicks, follows where it leads, keeps cookies."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urljoin, urlsplit

import httpx2

_SECONDS = 30.0
_CHOSEN_KINDS = ("radio", "checkbox", "option")


class NotOnPage(LookupError):
    """The page has no such link, form, field or answer."""


class PageBroke(RuntimeError):
    """The portal answered with a fault of its own."""


@dataclass
class Control:
    """One thing in a form that can be filled in, ticked, chosen or clicked."""

    name: str
    kind: str
    """`type` of an input; or "textarea", "option", "button"."""
    value: str = ""
    label: str = ""
    """What stands on an option or a button."""
    chosen: bool = False

    @property
    def is_sent(self) -> bool:
        """Whether a click sends it along as text."""
        if not self.name or self.kind == "file":
            return False
        return self.chosen or self.kind not in _CHOSEN_KINDS

    def is_called(self, answer: str) -> bool:
        """Whether this is the choice meant, by its value or by what a person reads."""
        return answer in (self.value, self.label)


@dataclass(frozen=True)
class File:
    """A file of the person's own."""

    name: str
    content: bytes


@dataclass
class Form:
    """A form, and what stands in it."""

    address: str
    by_post: bool
    multipart: bool
    controls: list[Control] = field(default_factory=list)
    buttons: list[Control] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    """Chosen files by field."""

    @property
    def path(self) -> str:
        """Where a click leads."""
        return urlsplit(self.address).path

    def asks_for(self, name: str) -> bool:
        """Whether a person can answer a field of that name."""
        return any(one.name == name and one.kind != "hidden" for one in self.controls)

    def fill(self, answers: Mapping[str, str]) -> None:
        """Write or choose the answers; everything else stays as it stands."""
        for name, answer in answers.items():
            asked = [one for one in self.controls if one.name == name and one.kind != "hidden"]
            if not asked:
                raise NotOnPage(f"{self.path}: no field {name}")
            self._answer(asked, answer)

    def _answer(self, asked: Sequence[Control], answer: str) -> None:
        kind = asked[0].kind
        if kind in ("radio", "option"):
            wanted = next((one for one in asked if one.is_called(answer)), None)
            if wanted is None:
                raise NotOnPage(f"{self.path}: {asked[0].name} has no choice {answer}")
            for one in asked:
                one.chosen = one is wanted
        elif kind == "checkbox":
            asked[0].chosen = bool(answer)
        else:
            asked[0].value = answer

    def choose(self, name: str, file: File) -> None:
        """Choose a file."""
        if not any(one.name == name and one.kind == "file" for one in self.controls):
            raise NotOnPage(f"{self.path}: no file field {name}")
        self.files[name] = file

    def button(self, value: str | None = None) -> Control:
        """The button with that value, or the first."""
        for one in self.buttons:
            if value is None or one.value == value:
                return one
        raise NotOnPage(f"{self.path}: no button {value or ''}")

    def sent_by(self, button: Control) -> list[tuple[str, str]]:
        """What a click on the button sends."""
        controls = [one for one in self.controls if one.is_sent]
        controls += [button] if button.name else []
        return [(one.name, one.value.replace("\n", "\r\n")) for one in controls]


@dataclass(frozen=True)
class Page:
    """A page as it was answered."""

    address: str
    status: int
    title: str
    alert: str
    """What is read out at once: what went wrong."""
    links: Sequence[str]
    forms: Sequence[Form]

    @property
    def path(self) -> str:
        """Where it lies."""
        return urlsplit(self.address).path

    def forms_to(self, pattern: str) -> list[Form]:
        """The forms whose path has the pattern in it."""
        return [one for one in self.forms if re.search(pattern, one.path)]

    def form_to(self, pattern: str) -> Form:
        """The first of them."""
        for one in self.forms_to(pattern):
            return one
        raise NotOnPage(f"{self}: no form to {pattern}")

    def links_to(self, pattern: str) -> list[str]:
        """The links whose path has the pattern in it."""
        return [one for one in self.links if re.search(pattern, urlsplit(one).path)]

    def link_to(self, pattern: str) -> str:
        """The first of them."""
        for one in self.links_to(pattern):
            return one
        raise NotOnPage(f"{self}: no link to {pattern}")

    def __str__(self) -> str:
        return f"{self.path} ({self.status}, {self.title})"


class Browser:
    """One person's browser. Its cookies are its own."""

    def __init__(self) -> None:
        # Plain HTTP on this machine: reading the machine's certificates would take most of a second.
        self._client = httpx2.Client(
            follow_redirects=True,
            timeout=_SECONDS,
            verify=False,
            trust_env=False,
            headers={"accept": "text/html"},
        )

    def open(self, address: str) -> Page:
        """Follow a link."""
        return _page_of(self._client.get(address))

    def click(self, form: Form, button: Control) -> Page:
        """Send a form as it is filled in."""
        sent, headers = form.sent_by(button), {"origin": _origin(form.address)}
        if not form.by_post:
            return self.open(f"{form.address}?{urlencode(sent)}")
        if form.multipart:
            texts = [(name, (None, value)) for name, value in sent]
            files = [(name, (one.name, one.content)) for name, one in form.files.items()]
            return _page_of(self._client.post(form.address, files=[*texts, *files], headers=headers))
        headers["content-type"] = "application/x-www-form-urlencoded"
        return _page_of(self._client.post(form.address, content=urlencode(sent), headers=headers))

    def close(self) -> None:
        """End its connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _page_of(response: httpx2.Response) -> Page:
    reader = _Reader(str(response.url))
    reader.feed(response.text)
    reader.close()
    page = Page(
        address=str(response.url),
        status=response.status_code,
        title=_tidy(reader.title),
        alert=_tidy(reader.alert),
        links=reader.links,
        forms=reader.forms,
    )
    if page.status >= 500:
        raise PageBroke(str(page))
    return page


def _tidy(text: str) -> str:
    return " ".join(text.split())


class _Reader(HTMLParser):
    """Picks links, forms, title and alerts out of a page."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.title, self.alert = "", ""
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._open: list[str] = []
        self._alert_depth = 0
        self._form: Form | None = None
        self._select = ""
        self._text_of: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append(tag)
        if given.get("role") == "alert" and not self._alert_depth:
            self._alert_depth = len(self._open)
        if tag == "a" and "href" in given:
            self.links.append(urljoin(self.address, given["href"]))
        elif tag == "form":
            self._begin_form(given)
        elif self._form is not None and "disabled" not in given:
            self._control(self._form, tag, given)

    def _begin_form(self, given: Mapping[str, str]) -> None:
        self._form = Form(
            address=urljoin(self.address, given.get("action", "")).partition("#")[0],
            by_post=given.get("method", "").lower() == "post",
            multipart=given.get("enctype") == "multipart/form-data",
        )
        self.forms.append(self._form)

    def _control(self, form: Form, tag: str, given: Mapping[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "input":
            kind = given.get("type", "text")
            value = given.get("value", "on" if kind in ("radio", "checkbox") else "")
            form.controls.append(Control(name, kind, value, chosen="checked" in given))
        elif tag == "button":
            self._text_of = Control(name, "button", value)
            form.buttons.append(self._text_of)
        elif tag == "select":
            self._select = name
        elif tag in ("textarea", "option"):
            named = name if tag == "textarea" else self._select
            self._text_of = Control(named, tag, value, chosen="selected" in given)
            form.controls.append(self._text_of)

    def handle_data(self, data: str) -> None:
        if "title" in self._open:
            self.title += data
        if self._alert_depth:
            self.alert += f" {data}"
        if self._text_of is not None:
            self._text_of.label += data

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        while self._open.pop() != tag:
            pass
        if len(self._open) < self._alert_depth:
            self._alert_depth = 0
        if tag in ("textarea", "option", "button") and self._text_of is not None:
            _finish(self._text_of)
            self._text_of = None
        elif tag == "select" and self._form is not None:
            _choose_first(self._form, self._select)
        elif tag == "form":
            self._form = None


_VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})


def _finish(control: Control) -> None:
    """A text area holds its text, without the line end that only begins it; the rest are read as words."""
    if control.kind == "textarea":
        control.value, control.label = control.label.removeprefix("\n"), ""
    else:
        control.label = _tidy(control.label).lstrip("– ")


def _choose_first(form: Form, name: str) -> None:
    """A list where nothing is chosen stands on its first choice."""
    options = [one for one in form.controls if one.name == name and one.kind == "option"]
    if options and not any(one.chosen for one in options):
        options[0].chosen = True
