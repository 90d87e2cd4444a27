"""The headers of a mail that hold what people have written, each folded by us.

The standard library's way loses a space where two encoded parts meet, takes the quotation marks from a long
name, so that what stands in it reads as addresses, and works out what only looks like an encoded word, line
breaks too. So a name that is long, or not plain, is encoded as a whole.
"""

from email.header import Header
from email.headerregistry import Address
from email.policy import Policy

_LONGEST_PLAIN = 60
"""Characters of a name that stands on the header's own line."""


class Subject(str):
    """A subject, on one line as it is read."""

    name = "Subject"

    def fold(self, *, policy: Policy) -> str:
        """The whole line, encoded as a whole when it must be."""
        return f"{self.name}: {_coded(self, self.name, policy)}{policy.linesep}"


class Mailbox(str):
    """One address and whose it is. Raises ValueError for what cannot be an address."""

    name: str
    _called: str
    _address: str

    def __new__(cls, header: str, called: str, address: str) -> "Mailbox":
        local, _, domain = address.rpartition("@")
        spec = Address("", local, domain).addr_spec
        made = super().__new__(cls, f"{called} <{spec}>" if called else spec)
        made.name, made._called, made._address = header, called, spec
        return made

    def fold(self, *, policy: Policy) -> str:
        """The whole line: the name in quotation marks, or encoded as a whole, before the address."""
        if not self._called:
            return f"{self.name}: {self._address}{policy.linesep}"
        if _is_plain(self._called) and len(self._called) <= _LONGEST_PLAIN:
            called = str(Address(self._called, "x", "x")).removesuffix("<x@x>")
        else:
            coded = Header(self._called, "utf-8", header_name=self.name).encode(linesep=policy.linesep)
            called = f"{coded}{policy.linesep} "
        return f"{self.name}: {called}<{self._address}>{policy.linesep}"


def _coded(text: str, header: str, policy: Policy) -> str:
    charset = "us-ascii" if _is_plain(text) else "utf-8"
    return Header(str(text), charset, header_name=header).encode(linesep=policy.linesep)


def _is_plain(text: str) -> bool:
    """Whether it can stand as it is: a mail reader would work out what looks encoded."""
    return text.isascii() and text.isprintable() and "=?" not in text
