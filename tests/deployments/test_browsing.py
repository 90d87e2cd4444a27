"""The browser without a window, on pages that are harder than they look."""

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from deployments.browsing import Browser, File, NotOnPage, Page, PageBroke

PAGE = """
<title>En &amp; annan</title>
<div role="alert"><p>Fel: <a href="#f-namn">namn</a></p><br></div> <p>Inget fel.</p>
<a href="/annat?x=1#y">Annat</a>
<form method="post" action="/sidan/svar" enctype="{enctype}">
  <input type="hidden" name="shown" value="a"><input type="hidden" name="shown" value="b">
  <input name="namn" value="Å &quot;Ö&quot;"><input type="file" name="file:x">
  <input name="låst" value="1" disabled>
  <textarea name="text">
rad ett
rad två</textarea>
  <select name="enhet"><option value="">Ingen</option><option value="7">– – Biblioteket</option></select>
  <input type="radio" name="val" value="ja"><input type="radio" name="val" value="nej" checked>
  <input type="checkbox" name="kryss" value="ja">
  <button name="act" value="save">Spara</button><button name="act" value="send">Skicka <b>allt</b></button>
</form>
"""


@pytest.fixture(params=["", "multipart/form-data"])
def page(request: pytest.FixtureRequest, httpserver: HTTPServer) -> Page:
    def echo(posted: Request) -> Response:
        form = {name: posted.form.getlist(name) for name in sorted(posted.form)}
        return Response(repr(form), headers={"set-cookie": "kaka=1; Path=/sidan"})

    html = PAGE.replace("{enctype}", request.param)
    httpserver.expect_request("/sidan").respond_with_data(html, content_type="text/html; charset=utf-8")
    httpserver.expect_request("/sidan/svar", method="POST").respond_with_handler(echo)
    with Browser() as browser:
        return browser.open(httpserver.url_for("/sidan"))


def test_what_a_page_shows(page: Page) -> None:
    assert (page.title, page.alert) == ("En & annan", "Fel: namn")
    assert page.link_to("^/annat$").endswith("/annat?x=1#y")
    assert [one.label for one in page.form_to("/svar$").buttons] == ["Spara", "Skicka allt"]


def test_a_click_sends_what_a_browser_would(page: Page) -> None:
    form = page.form_to("/svar$")
    form.fill({"enhet": "Biblioteket", "val": "ja", "kryss": "ja"})
    assert form.sent_by(form.button("send")) == [
        ("shown", "a"),
        ("shown", "b"),
        ("namn", 'Å "Ö"'),
        ("text", "rad ett\r\nrad två"),
        ("enhet", "7"),
        ("val", "ja"),
        ("kryss", "ja"),
        ("act", "send"),
    ]


def test_what_is_left_alone_stays(page: Page) -> None:
    sent = dict(page.form_to("/svar$").sent_by(page.form_to("/svar$").button()))
    assert (sent["enhet"], sent["val"], sent["act"]) == ("", "nej", "save")
    assert "kryss" not in sent


@pytest.mark.parametrize("answers", [{"finns_inte": "x"}, {"val": "kanske"}, {"låst": "2"}, {"shown": "c"}])
def test_nobody_answers_what_is_not_asked(page: Page, answers: dict[str, str]) -> None:
    with pytest.raises(NotOnPage):
        page.form_to("/svar$").fill(answers)


def test_a_form_arrives_whole_and_with_its_origin(page: Page, httpserver: HTTPServer) -> None:
    with Browser() as browser:
        form = page.form_to("/svar$")
        browser.click(form, form.button("send"))
    posted, _ = httpserver.log[-1]
    assert posted.form.getlist("shown") == ["a", "b"]
    assert posted.form["namn"] == 'Å "Ö"'
    assert posted.headers["origin"] == httpserver.url_for("").rstrip("/")


def test_cookies_stay_with_their_browser_and_address(httpserver: HTTPServer) -> None:
    def told(asked: Request) -> Response:
        return Response(
            f"<title>{asked.cookies.get('kaka', '')}</title>",
            content_type="text/html",
            headers={"set-cookie": "kaka=1; Path=/sidan; HttpOnly"},
        )

    for path in ("/l/hemligt", "/sidan/1", "/annat"):
        httpserver.expect_request(path).respond_with_handler(told)
    with Browser() as mine, Browser() as another:
        mine.open(httpserver.url_for("/l/hemligt"))
        pages = [(mine, "/sidan/1"), (mine, "/annat"), (another, "/sidan/1")]
        assert [one.open(httpserver.url_for(path)).title for one, path in pages] == ["1", "", ""]


def test_a_fault_of_the_portal_is_not_read_as_a_page(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("<title>Något gick fel</title>", status=500)
    with Browser() as browser, pytest.raises(PageBroke, match="Något gick fel"):
        browser.open(httpserver.url_for("/"))


def test_a_chosen_file_arrives(httpserver: HTTPServer) -> None:
    def echo(posted: Request) -> Response:
        return Response(f"<title>{posted.files['file:x'].filename} {posted.files['file:x'].read()!r}</title>")

    html = PAGE.replace("{enctype}", "multipart/form-data")
    httpserver.expect_request("/sidan").respond_with_data(html, content_type="text/html; charset=utf-8")
    httpserver.expect_request("/sidan/svar", method="POST").respond_with_handler(echo)
    with Browser() as browser:
        form = browser.open(httpserver.url_for("/sidan")).form_to("/svar$")
        form.choose("file:x", File("bild.png", b"\x89PNG"))
        assert browser.click(form, form.button()).title == "bild.png b'\\x89PNG'"
        with pytest.raises(NotOnPage):
            form.choose("namn", File("bild.png", b""))
