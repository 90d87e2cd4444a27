"""The drawing of the process: all of it is there, nothing overflows or overlaps, and it can be read."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from xml.etree import ElementTree

import pytest
from PIL import ImageFont

from acts.process_pictures import Picture, picture_of_rules
from papers.lettering import BOLD, FONTS, REGULAR
from papers.process_symbols import STYLE
from policies.loading import HERE, MUNICIPALITIES, content_of, load_policy, names_in
from policies.process_shape import Flow, ProcessShape

SVG = "{http://www.w3.org/2000/svg}"
BOLD_STYLES = ("h", "t", "w", "n")
Box = tuple[float, float, float, float]


@cache
def picture_of(name: str) -> Picture:
    shape = picture_of_rules(content_of(load_policy(name))).shape
    counted = [one.counted for one in (*shape.stages, *shape.nodes()) if one.counted]
    return Picture(shape, {key: 7 + 40 * number for number, key in enumerate(counted)})


@pytest.fixture(
    params=[(name, narrow) for name in names_in(HERE, MUNICIPALITIES) for narrow in (False, True)]
)
def drawn(request: pytest.FixtureRequest) -> tuple[Picture, ElementTree.Element]:
    name, narrow = request.param
    return picture_of(name), svg_of(name, narrow)


@cache
def svg_of(name: str, narrow: bool) -> ElementTree.Element:
    return ElementTree.fromstring(picture_of(name).svg(narrow=narrow))


@cache
def font(bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / (BOLD if bold else REGULAR), 100)


def boxes(svg: ElementTree.Element, *styles: str) -> Iterator[tuple[str, Box]]:
    """What each box shows, and its left, top, right and bottom."""
    for rect in svg.iter(f"{SVG}rect"):
        if rect.get("class") in styles:
            x, y, width, height = (float(rect.get(one, "0")) for one in ("x", "y", "width", "height"))
            yield rect.get("data-key", ""), (x, y, x + width, y + height)


def texts(svg: ElementTree.Element) -> Iterator[tuple[str, Box]]:
    """Each line, and the room it takes as a picture library of others measures it."""
    for one in svg.iter(f"{SVG}text"):
        size, x, y = (float(one.get(key, "0")) for key in ("font-size", "x", "y"))
        width = font(one.get("class") in BOLD_STYLES).getlength(one.text or "") * size / 100
        left = x - width / 2 if one.get("text-anchor") == "middle" else x
        yield one.text or "", (left, y - size * 0.8, left + width, y + size * 0.25)


def inside(one: Box, other: Box, slack: float = 0.6) -> bool:
    return (
        one[0] >= other[0] - slack
        and one[1] >= other[1] - slack
        and one[2] <= other[2] + slack
        and one[3] <= other[3] + slack
    )


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def drawn_as(shape: ProcessShape, flow: Flow) -> Iterator[str]:
    """A way is drawn by itself, by its card in the same stage, or as what leads on from the last step."""
    yield f"{flow.source}>{flow.target}"
    for stage in shape.stages:
        if stage.key == flow.source and flow.target in {out.key for out in stage.ways_out}:
            yield flow.target
        if stage.in_order and stage.nodes and flow.source == stage.nodes[-1].key:
            yield f"{stage.within or stage.key}>{flow.target}"


CARDS, PILLS = ("card", "bad", "warm"), ("calm", "bad", "warm")


def test_every_stage_node_and_way_is_drawn(drawn: tuple[Picture, ElementTree.Element]) -> None:
    picture, svg = drawn
    keys = {one.get("data-key") for one in svg.iter()}
    shape = picture.shape
    assert {one.key for one in (*shape.stages, *shape.nodes())} <= keys
    missing = [flow for flow in shape.flows if not keys & set(drawn_as(shape, flow))]
    assert missing == []


def test_no_text_leaves_the_box_it_stands_in(drawn: tuple[Picture, ElementTree.Element]) -> None:
    _, svg = drawn
    all_boxes = [box for _, box in boxes(svg, *CARDS, *PILLS, "stage", "count", "tag")]
    whole = (0.0, 0.0, float(svg.get("width", "0")), float(svg.get("height", "0")))
    outside = []
    for text, room in texts(svg):
        start = (room[0] + 0.5, room[1] + 2, room[0] + 0.6, room[3] - 2)
        holding = [box for box in all_boxes if inside(start, box)]
        tightest = min(holding, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]), default=whole)
        if not inside(room, tightest):
            outside.append(text)
    assert outside == []


def test_no_lines_of_text_lie_upon_each_other(drawn: tuple[Picture, ElementTree.Element]) -> None:
    lines = sorted(texts(drawn[1]), key=lambda one: one[1][1])
    near = [
        (one, other)
        for number, one in enumerate(lines)
        for other in lines[number + 1 : number + 12]
        if overlap(one[1], other[1])
    ]
    assert near == []


def test_no_cards_and_no_signs_of_ways_overlap(drawn: tuple[Picture, ElementTree.Element]) -> None:
    picture, svg = drawn
    nodes = {one.key for one in picture.shape.nodes()}
    cards = [one for one in boxes(svg, *CARDS) if one[0] in nodes]
    pills = [one for one in boxes(svg, *PILLS) if ">" in one[0]]
    stages = list(boxes(svg, "stage"))
    for kind in (cards, pills, stages):
        assert [(a[0], b[0]) for a, b in combinations(kind, 2) if overlap(a[1], b[1])] == []
    assert [key for key, box in [*cards, *pills] if not any(inside(box, stage) for _, stage in stages)] == []


def test_the_file_needs_nothing_else_and_says_what_it_shows(
    drawn: tuple[Picture, ElementTree.Element],
) -> None:
    picture, svg = drawn
    assert svg.get("role") == "img" and svg.get("aria-labelledby") == "namn text"
    title, text = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert title is not None and picture.shape.name in (title.text or "")
    assert text is not None and text.text == picture.says()
    assert not {one.tag for one in svg.iter()} & {f"{SVG}{tag}" for tag in ("script", "image", "use", "a")}
    assert not [one for one in svg.iter() if any("href" in key for key in one.attrib)]
    assert "url(" not in STYLE and "@import" not in STYLE


def test_a_part_is_one_stage_and_there_are_no_others() -> None:
    picture = picture_of("mall")
    svg = ElementTree.fromstring(picture.svg(part="state:closing"))
    assert [key for key, _ in boxes(svg, "stage")] == ["state:closing"]
    glance = ElementTree.fromstring(picture.svg(part="overview"))
    assert list(boxes(glance, "stage")) == [] and "Ställs i" in "".join(glance.itertext())
    with pytest.raises(KeyError):
        picture.svg(part="state:gone")


def test_the_same_rules_give_the_same_picture() -> None:
    content = content_of(load_policy("tibro"))
    assert picture_of_rules(content).svg() == picture_of_rules(content).svg()


def test_without_numbers_no_account_is_counted() -> None:
    plain = picture_of_rules(content_of(load_policy("mall")))
    assert 'class="count"' not in plain.svg()
    assert not re.search(r"\d+ konton?\b", plain.svg())
    assert plain.address(narrow=True).startswith("data:image/svg+xml;base64,")


def colours(sheet: str) -> dict[str, str]:
    """Each class's fill."""
    return {
        name: fill
        for names, fill in re.findall(r"((?:\.[a-z]+,?)+)\{fill:(#[0-9a-f]+)", sheet)
        for name in re.findall(r"\.([a-z]+)", names)
    }


def brightness(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * one for one in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((brightness(one), brightness(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_letters_stand_out_from_every_ground(dark: bool) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1."""
    light, night = STYLE.split("@media")
    of = colours(night if dark else light)
    grounds = ("ground", "stage", "card", "bad", "warm", "calm", "tag")
    pairs = [(letters, ground) for letters in "htpcwol" for ground in grounds] + [("n", "count")]
    assert [pair for pair in pairs if contrast(of[pair[0]], of[pair[1]]) < 4.5] == []
