"""A picture that can be uploaded."""

import io

from PIL import Image


def drawn_png() -> bytes:
    """A drawn page, as PNG."""
    content = io.BytesIO()
    picture = Image.new("RGB", (1200, 900), "#1d5c63")
    picture.paste((255, 255, 255), (100, 100, 1100, 800))
    picture.save(content, "PNG")
    return content.getvalue()
