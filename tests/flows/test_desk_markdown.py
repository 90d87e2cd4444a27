"""An overview as Prefect shows it: all that is seen is also said, and rows lead on (REQUIREMENTS 4.11)."""

from acts.desk_sheets import DeskOwner
from acts.overview_pages import IN_PREFECT, Cell, Chart, Page
from flows.desk_markdown import as_markdown

OWNER = DeskOwner(1, "exempelby", "Exempelby kommun", "Europe/Stockholm")
PORTAL = "https://portal.example.org"
BARS = Chart("Konton: aktiva 4, prövas 1.", [("Aktiva", 4), ("Prövas", 1)])
UNDER = Page("Ronderna.", ("Rond",), [[Cell("Gallring", bad=True)]], 1, "")


def page(rows: int, total: int, chart: Chart | None = BARS) -> Page:
    one = [Cell("Biblioteket", "konto/12"), Cell("Nu", bad=True), Cell("Körning", run_id="7c-d")]
    columns = ("Konto", "Senast", IN_PREFECT)
    return Page("Så många konton.", columns, [one] * rows, total, "Inga konton.", chart, UNDER)


def markdown(shown: Page) -> list[str]:
    return as_markdown("register", shown, OWNER, PORTAL, "9a").splitlines()


def test_a_row_leads_to_the_account_in_the_portal_and_to_its_run() -> None:
    account = f"[Biblioteket]({PORTAL}/exempelby/oppna/konto/12)"
    run = "[Körning](/v2/runs/flow-run/7c-d)"
    assert f"| {account} | **Nu** | {run} |" in markdown(page(1, 1))


def test_the_page_leads_to_the_start_page_and_to_the_whole_list() -> None:
    whole = f"[Hela listan i portalen]({PORTAL}/exempelby/oppna/oversikt/register)"
    said = markdown(page(1, 1))
    assert said[0] == "# Register · Exempelby kommun"
    assert said[2] == f"[Start](/v2/artifacts/artifact/9a) · {whole}"


def test_a_chart_says_in_words_what_it_shows() -> None:
    [picture] = [line for line in markdown(page(1, 1)) if line.startswith("![")]
    assert picture.startswith("![Konton: aktiva 4, prövas 1.](data:image/svg+xml")


def test_a_table_that_is_cut_says_how_many_there_are() -> None:
    assert "De 200 första av 205 visas." in markdown(page(200, 205))
    assert "Den första av 2 visas." in markdown(page(1, 2))
    assert not any("visas" in line for line in markdown(page(200, 200)))


def test_without_rows_it_says_so_and_the_table_below_still_stands_there() -> None:
    said = markdown(page(0, 0, chart=None))
    assert "Inga konton." in said and "Så många konton." not in said
    assert "Ronderna." in said and "| **Gallring** |" in said
