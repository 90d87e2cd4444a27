"""No kind of task may be asked of somebody who then finds no page to answer on."""

from pathlib import Path

import web
from models import TaskKind
from web.duty_pages import DUTY_PAGES

BY_A_LINK_OF_THEIR_OWN = {
    TaskKind.DECIDE,
    TaskKind.CONSULT,
    TaskKind.INFORM,
    TaskKind.REVISE_PLAN,
    TaskKind.CONFIRM_ITEM,
    TaskKind.ACKNOWLEDGE,
    TaskKind.CONFIRM_ACT,
}
ON_THE_PAGE_OF_THE_DAY = {TaskKind.WATCH, TaskKind.INVENTORY, TaskKind.HANDLE}
TEMPLATES = Path(web.__file__).parent / "templates"


def test_each_kind_is_answered_in_one_way() -> None:
    elsewhere = BY_A_LINK_OF_THEIR_OWN | ON_THE_PAGE_OF_THE_DAY
    assert not elsewhere & DUTY_PAGES.keys()
    assert elsewhere | DUTY_PAGES.keys() == set(TaskKind)


def test_each_page_has_its_template() -> None:
    assert [one.template for one in DUTY_PAGES.values() if not (TEMPLATES / one.template).exists()] == []
