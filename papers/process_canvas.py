"""Text, boxes and arrows of a drawing that grows downwards."""

from dataclasses import dataclass

from markupsafe import escape

from papers.measuring import lines_of, width_of

_LEADING = 1.36


@dataclass(frozen=True)
class Letters:
    """A way of writing: its class in the style sheet, and its size."""

    style: str
    size: float
    bold: bool = False


class Canvas:
    """What has been drawn, and how far down."""

    def __init__(self, y: float = 0) -> None:
        self.parts: list[str] = []
        self.y = y

    def text(self, x: float, words: str, letters: Letters, room: float) -> float:
        """Write a text in as many lines as it takes; returns how wide the last one is."""
        lines = lines_of(words, letters.size, room, bold=letters.bold)
        for line in lines:
            self.y += letters.size * _LEADING
            self.line(x, self.y - letters.size * 0.32, line, letters)
        return width_of(lines[-1], letters.size, bold=letters.bold) if lines else 0

    def line(self, x: float, y: float, words: str, letters: Letters, anchor: str = "start") -> None:
        """Write on one line, whose letters stand on `y`."""
        end = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" class="{letters.style}" font-size="{letters.size:g}"{end}>'
            f"{escape(words)}</text>"
        )

    def box(
        self, x: float, y: float, width: float, height: float, style: str, radius: float = 8, key: str = ""
    ) -> None:
        """A rectangle with round corners, named by what it shows."""
        named = f' data-key="{escape(key)}"' if key else ""
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius:g}" '
            f'class="{style}"{named}/>'
        )

    def arrow_down(self, x: float, length: float, key: str) -> None:
        """From here downwards, named by what it shows; moves down."""
        end, named = self.y + length, f'data-key="{escape(key)}"'
        self.parts.append(f'<path d="M{x:.1f} {self.y + 1:.1f}V{end - 6:.1f}" class="line" {named}/>')
        self.parts.append(f'<path d="M{x:.1f} {end:.1f}l-4.5-8h9z" class="head"/>')
        self.y = end

    def arrow_right(self, x: float, y: float, length: float) -> None:
        """From a place to the right."""
        self.parts.append(f'<path d="M{x + 1:.1f} {y:.1f}h{length - 6:.1f}" class="line"/>')
        self.parts.append(f'<path d="M{x + length:.1f} {y:.1f}l-7-4v8z" class="head"/>')

    def over(self, other: "Canvas") -> None:
        """Put another drawing on top of this one."""
        self.parts += other.parts
        self.y = max(self.y, other.y)
