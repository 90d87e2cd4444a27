"""What can be read on a page that was fetched and not opened: its title, its headings and its text."""

from html.parser import HTMLParser

_UNREAD = ("script", "style", "template", "noscript")
_INLINE = ("a", "b", "em", "i", "span", "strong")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: dict[str, list[str]] = {"title": [], "h1": [], "": []}
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in (*_UNREAD, "title", "h1"):
            self._within.append(tag)
        if tag not in _INLINE:
            self.parts[""].append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._within:
            del self._within[self._within.index(tag) :]

    def handle_data(self, data: str) -> None:
        if any(tag in _UNREAD for tag in self._within):
            return
        within = self._within[-1] if self._within else ""
        self.parts[within].append(data)
        if within == "h1":
            self.parts[""].append(data)


def words_of(html: str) -> tuple[str, str, str]:
    """The title, the heading of the first level and the text, its blocks on lines of their own."""
    reader = _Words()
    reader.feed(html)
    title, heading = (" ".join("".join(reader.parts[one]).split()) for one in ("title", "h1"))
    lines = (" ".join(line.split()) for line in "".join(reader.parts[""]).splitlines())
    return title, heading, "\n".join(line for line in lines if line)
