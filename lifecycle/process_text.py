"""The process in words: the same as its picture, for those who read or listen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policies.keys import Modality
from policies.naming import MODALITY_WORDS
from policies.process_shape import Node, Numbers, ProcessShape, Stage


@dataclass(frozen=True)
class ToldNode:
    """One node in words."""

    title: str
    says: str
    ways: str
    """What it leads to, where that is not simply the next."""
    grounds: str
    parts: Sequence[str]
    count: str


@dataclass(frozen=True)
class ToldStage:
    """One stage in words, with its nodes in the picture's order."""

    title: str
    says: str
    ways: str
    in_order: bool
    nodes: Sequence[ToldNode]
    ways_out: Sequence[ToldNode]
    """What it can come to besides the next stage."""
    count: str


def told(shape: ProcessShape, numbers: Numbers | None = None) -> list[ToldStage]:
    """The whole process in words; without `numbers` no accounts are counted."""
    return [_stage(shape, one, numbers) for one in shape.stages]


def _stage(shape: ProcessShape, stage: Stage, numbers: Numbers | None) -> ToldStage:
    nodes = [_node(shape, one, numbers) for one in stage.nodes]
    out = [_node(shape, one, numbers) for one in stage.ways_out]
    count = accounts_words(numbers, stage.counted)
    return ToldStage(stage.title, stage.says, _ways(shape, stage.key), stage.in_order, nodes, out, count)


def _node(shape: ProcessShape, node: Node, numbers: Numbers | None) -> ToldNode:
    weak = "" if node.modality is Modality.MUST else f" ({MODALITY_WORDS[node.modality]})"
    said = [node.when, node.who, *node.says, node.only]
    says = " ".join(_sentence(one) for one in said if one)
    grounds = f"Enligt {' · '.join(node.clauses)}." if node.clauses else ""
    count = accounts_words(numbers, node.counted) if numbers and numbers.get(node.counted) else ""
    return ToldNode(f"{node.title}{weak}", says, _ways(shape, node.key), grounds, node.parts, count)


def _sentence(text: str) -> str:
    ended = text if text[-1] in ".?!" else f"{text}."
    return ended[:1].upper() + ended[1:]


def _ways(shape: ProcessShape, key: str) -> str:
    """The ways that lead on, each with where to: "Ja: ställs i ordning"."""
    titles = {one.key: one.title for one in shape.nodes()} | {one.key: one.title for one in shape.stages}
    ways = [_way(flow.label, titles[flow.target].rstrip("?")) for flow in shape.flows_from(key) if flow.label]
    return "; ".join(dict.fromkeys(ways))


def _way(label: str, to: str) -> str:
    return label if label == to else f"{label} → {to[:1].lower()}{to[1:]}"


def accounts_words(numbers: Numbers | None, counted: str) -> str:
    """3 konton; nothing where accounts are not counted."""
    if numbers is None or not counted:
        return ""
    count = numbers.get(counted, 0)
    return f"{count} {'konto' if count == 1 else 'konton'}"


def as_paragraph(
    shape: ProcessShape,
    numbers: Numbers | None = None,
    only_stages: Sequence[str] = (),
    *,
    in_short: bool = False,
) -> str:
    """What the picture shows, in one paragraph: for those who cannot see it. In short: the stages alone."""
    stages = [one for one in shape.stages if not only_stages or one.key in only_stages]
    said = [_stage(shape, one, numbers) for one in stages]
    if in_short:
        return f"Ett kontos väg: {', '.join(_named(one) for one in said)}."
    whole = [] if only_stages else [f"{shape.name}, ett kontos väg uppifrån och ner."]
    return " ".join([*whole, *(_in_short(one) for one in said)])


def _named(stage: ToldStage) -> str:
    return f"{stage.title} ({stage.count})" if stage.count else stage.title


def _in_short(stage: ToldStage) -> str:
    heading = _named(stage)
    steps = ("; sedan " if stage.in_order else "; ").join(_in_short_node(one) for one in stage.nodes)
    said = [f": {steps}." if steps else "."]
    if stage.ways_out:
        said.append(f" Kan också bli: {'; '.join(_in_short_node(one) for one in stage.ways_out)}.")
    said.append(f" Härifrån: {stage.ways}." if stage.ways else "")
    return heading + "".join(said)


def _in_short_node(node: ToldNode) -> str:
    count = f", {node.count}" if node.count else ""
    ways = f", leder till: {node.ways.replace('; ', ' eller ')}" if node.ways else ""
    first = node.says.partition(". ")[0].rstrip(".")
    return f"{node.title}{f' ({first[:1].lower()}{first[1:]}{count})' if first or count else ''}{ways}"


def as_markdown(shape: ProcessShape) -> str:
    """The process as a numbered list, with the clauses."""
    return "\n".join(line.rstrip() for line in _markdown_lines(shape))


def _markdown_lines(shape: ProcessShape) -> Iterator[str]:
    for number, stage in enumerate(told(shape), start=1):
        yield f"{number}. **{stage.title}.** {stage.says}".rstrip()
        yield from (f"{' ' * len(f'{number}. ')}{line}" for line in _stage_lines(stage))


def _stage_lines(stage: ToldStage) -> Iterator[str]:
    if stage.ways:
        yield f"Härifrån: {stage.ways}."
    for place, node in enumerate(stage.nodes, start=1):
        yield f"{place}. {_markdown(node)}"
        yield from (f"{' ' * len(f'{place}. ')}- {part}" for part in node.parts)
    if stage.ways_out:
        yield from ("", "Kan också bli:", "")
    yield from (f"- {_markdown(node)}" for node in stage.ways_out)


def _markdown(node: ToldNode) -> str:
    ways = f"Leder till: {node.ways}." if node.ways else ""
    grounds = f"*{node.grounds}*" if node.grounds else ""
    title = node.title if node.title.endswith("?") else f"{node.title}."
    return " ".join(one for one in (f"**{title}**", node.says, ways, grounds) if one)
