"""What is said between the one who wants a picture of a page and the process that takes it."""

from dataclasses import dataclass

ANSWER = "answer.json"
PICTURE = "page.png"


@dataclass(frozen=True)
class Order:
    """What to take a picture of, and within what."""

    address: str
    expected_names: list[str]
    folder: str
    browser_path: str
    seconds: float
    allowed_origins: list[str]


@dataclass(frozen=True)
class Answer:
    """What became of it: a picture in the folder, or the reason why not."""

    reason: str | None
    address: str = ""
    title: str = ""
    text: str = ""
    status: int | None = None
    browser: str = ""
    cut: bool = False
    """Whether the page went on below the picture."""
