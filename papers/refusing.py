"""Why a paper could not be written, said in Swedish to the one who can do something about it."""

from models.plain_errors import Tellable


class CannotWrite(Tellable):
    """This machine lacks a part, or a paper did not become what it should be; nothing of it is kept."""


class CannotUse(Exception):
    """A file somebody gave cannot be set into a paper.

    `code` says why to the program, `says` to the person, with what to do instead.
    """

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code
        self.says = says
