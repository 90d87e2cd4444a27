"""The signs and colours of the process's picture; a sign stands in a square of 22 units."""

from policies.process_shape import Bpmn

_PERSON = '<circle cx="11" cy="8" r="3.2"/><path d="M5 17.5c0-3.4 2.7-5.3 6-5.3s6 1.9 6 5.3"/>'
_SIGNS = {
    Bpmn.START_EVENT: '<circle cx="11" cy="11" r="8.5"/>',
    Bpmn.END_EVENT: '<circle cx="11" cy="11" r="8" stroke-width="3.4"/>',
    Bpmn.USER_TASK: f'<rect x="1.5" y="1.5" width="19" height="19" rx="4"/>{_PERSON}',
    Bpmn.SEND_TASK: (
        '<rect x="1.5" y="4" width="19" height="14" rx="2.5" class="full"/>'
        '<path d="M2.5 6l8.5 6.5L19.5 6" class="on"/>'
    ),
    Bpmn.BUSINESS_RULE_TASK: (
        '<rect x="1.5" y="3" width="19" height="16" rx="2.5"/><path d="M1.5 8.2h19M1.5 13.4h19M8 8.2V19"/>'
    ),
    Bpmn.GATEWAY: '<path d="M11 .8L21.2 11 11 21.2.8 11z"/><path d="M7.6 7.6l6.8 6.8M14.4 7.6l-6.8 6.8"/>',
    Bpmn.TIMER_EVENT: (
        '<path d="M19.3 7.2A9.2 9.2 0 1 1 14.6 2.5M19.8 2.6v4.9h-4.9"/><path d="M11 6.4V11l3.2 1.9"/>'
    ),
    Bpmn.ESCALATION_EVENT: '<circle cx="11" cy="11" r="9"/><path d="M11 5.8v6.4M11 15.2v.6"/>',
    Bpmn.SIGNAL_EVENT: '<circle cx="11" cy="11" r="9"/><path d="M11 6.2l4.6 7.8H6.4z"/>',
}

MEANINGS = {
    Bpmn.GATEWAY: "någon avgör",
    Bpmn.USER_TASK: "någon gör",
    Bpmn.SEND_TASK: "någon får veta",
    Bpmn.TIMER_EVENT: "tiden har kommit",
    Bpmn.SIGNAL_EVENT: "något händer",
    Bpmn.BUSINESS_RULE_TASK: "prövas av sig självt",
    Bpmn.START_EVENT: "början",
    Bpmn.END_EVENT: "slut",
    Bpmn.ESCALATION_EVENT: "står still",
}
"""What the signs mean, for the reader."""


def symbol(kind: Bpmn, x: float, y: float) -> str:
    """The sign of a kind of node."""
    return f'<g transform="translate({x:.1f} {y:.1f})" class="s">{_SIGNS[kind]}</g>'


_LIGHT = """\
.ground{fill:#fbfaf7}.stage{fill:#f1efe8;stroke:#d8d6cd}.card{fill:#fff;stroke:#d8d6cd}
.bad{fill:#fbeae8;stroke:#d9a49e}.warm{fill:#fbf0da;stroke:#d9bd85}.calm{fill:#e7f0f1;stroke:#9dbfc3}
.h,.t{fill:#16282b}.p{fill:#3c474b}.c{fill:#555f63}.w{fill:#14575f}.o{fill:#7a4b00}.l{fill:#22282b}
.count{fill:#1d5c63}.n{fill:#fff}.s{stroke:#1d5c63}.s .full{fill:#1d5c63}.s .on{stroke:#fff}
.line{stroke:#5c7478}.head{fill:#5c7478}.band{fill:#1d5c63}.tag{fill:#f1efe8;stroke:#b9b5a6}
"""
_DARK = """\
.ground{fill:#15191b}.stage{fill:#1f2528;stroke:#363f43}.card{fill:#171c1e;stroke:#3d484c}
.bad{fill:#33201e;stroke:#7d453e}.warm{fill:#312716;stroke:#7a5f2a}.calm{fill:#1a2c2f;stroke:#3f6a70}
.h,.t{fill:#f0f3f3}.p{fill:#ccd3d4}.c{fill:#a7b1b4}.w{fill:#7fc6cd}.o{fill:#eec27a}.l{fill:#e6ebeb}
.count{fill:#7fc6cd}.n{fill:#10282b}.s{stroke:#7fc6cd}.s .full{fill:#7fc6cd}.s .on{stroke:#15191b}
.line{stroke:#8fa3a7}.head{fill:#8fa3a7}.band{fill:#5fb0b8}.tag{fill:#1f2528;stroke:#5a666a}
"""
STYLE = (
    "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Liberation Sans',Arial,"
    "'DejaVu Sans',sans-serif}.h,.t,.w,.n{font-weight:700}.o{font-style:italic}"
    ".s{fill:none;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}.line{fill:none;stroke-width:1.6}\n"
    f"{_LIGHT}@media screen and (prefers-color-scheme:dark){{\n{_DARK}}}\n"
)
"""Light unless the reader's screen is dark; paper is always light."""
