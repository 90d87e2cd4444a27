"""The picture of the process for whoever shows it: the portal, the command line, an artifact in Prefect."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from lifecycle.law import Law, law_in_force
from lifecycle.process_numbers import numbers_of
from lifecycle.process_picture import process_shape
from lifecycle.process_text import as_paragraph
from lifecycle.working_days import calendar_of
from papers.bars import as_address
from papers.process_svg import NARROW, OVERVIEW, WIDE, draw_process
from policies.loading import Content, policy_from_content
from policies.process_shape import Numbers, ProcessShape

__all__ = ["OVERVIEW", "Picture", "picture_of", "picture_of_rules"]

_ZONE = "Europe/Stockholm"
"""Of rules that no municipality has yet."""


@dataclass(frozen=True)
class Picture:
    """A process that can be drawn and told; `numbers` where accounts are counted."""

    shape: ProcessShape
    numbers: Numbers | None = None

    def svg(self, *, narrow: bool = False, part: str = "") -> str:
        """The drawing as an SVG file: whole, at a glance (`OVERVIEW`), or one stage by its key.

        Narrow is for telephones. Raises KeyError for a stage that the process does not have.
        """
        sheet = NARROW if narrow else WIDE
        return draw_process(self.shape, self.says(part), numbers=self.numbers, sheet=sheet, part=part)

    def says(self, part: str = "") -> str:
        """What the drawing shows, in a paragraph: its alternative text."""
        if part == OVERVIEW:
            lives = [one for one in self.shape.stages if one.counted and not one.within]
            return as_paragraph(self.shape, self.numbers, [one.key for one in lives], in_short=True)
        return as_paragraph(self.shape, self.numbers, [part] if part else [])

    def address(self, *, narrow: bool = False, part: str = "") -> str:
        """The drawing as an address that holds it whole, for Markdown, which shows pictures by address.

        At a glance it is some 5 kB; whole, some 90.
        """
        return as_address(self.svg(narrow=narrow, part=part))


def picture_of(session: Session, municipality_id: int, now: datetime, *, numbered: bool) -> Picture:
    """The process under the rules in force, with the number of accounts at each step if wanted."""
    law = law_in_force(session, municipality_id, now)
    numbers = numbers_of(session, municipality_id) if numbered else None
    return Picture(process_shape(law, law.day_of(now)), numbers)


def picture_of_rules(content: Content, on: date | None = None) -> Picture:
    """The process of rules as they are stored or written in a file; `on` is else their first day."""
    policy = policy_from_content(content)
    law = Law(0, 0, policy, content, calendar_of(policy.settings, _ZONE))
    return Picture(process_shape(law, on or policy.valid_from))
