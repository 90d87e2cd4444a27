"""The Swedish words for what the schema names in English."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal

from languages.speaking import said, swedish
from policies.keys import AccountKind, Modality, Platform, Role, Signing
from policies.policy import Policy
from policies.rules import CaseEnd, CaseStep, Counted, FieldKind, Place, StepAct

Form = Literal["indefinite", "definite"]

ROLE_NAMES = {
    Role.LINE_MANAGER: ("chef", "chefen"),
    Role.HEAD_OF_OPERATION: ("verksamhetschef", "verksamhetschefen"),
    Role.HEAD_OF_DEPARTMENT: ("förvaltningschef", "förvaltningschefen"),
    Role.COMMUNICATIONS_DIRECTOR: ("kommunikationschef", "kommunikationschefen"),
    Role.COMMUNICATIONS: ("kommunikationsenhet", "kommunikationsenheten"),
    Role.APPLICANT: ("sökande", "den sökande"),
    Role.RESPONSIBLE: ("kontoansvarig", "den kontoansvariga"),
    Role.ADMINISTRATOR: ("administratör", "administratören"),
    Role.REGISTRY: ("registrator", "registratorn"),
    Role.CRISIS_ORGANISATION: ("krisorganisation", "krisorganisationen"),
    Role.WORKING_COMMITTEE: ("kommunstyrelsens arbetsutskott", "kommunstyrelsens arbetsutskott"),
    Role.EXECUTIVE_BOARD: ("kommunstyrelse", "kommunstyrelsen"),
}
PLATFORM_NAMES = {
    Platform.FACEBOOK: "Facebook",
    Platform.INSTAGRAM: "Instagram",
    Platform.LINKEDIN: "LinkedIn",
    Platform.YOUTUBE: "YouTube",
    Platform.X: "X",
    Platform.TIKTOK: "TikTok",
    Platform.THREADS: "Threads",
    Platform.MASTODON: "Mastodon",
    Platform.BLUESKY: "Bluesky",
    Platform.FLICKR: "Flickr",
    Platform.VIMEO: "Vimeo",
    Platform.PODCAST: "podd",
    Platform.BLOG: "blogg",
    Platform.SNAPCHAT: "Snapchat",
    Platform.OTHER: "annan plattform",
}
CLASS_NAMES = {
    AccountKind.COMMON: "gemensamt konto",
    AccountKind.UNIT: "enhetens konto",
    AccountKind.PROJECT: "projektkonto",
    AccountKind.CAMPAIGN: "kampanjkonto",
    AccountKind.LEADER: "ledares konto",
}
CASE_STEP_WORDS = {
    CaseStep.SAVE: "spara",
    CaseStep.REGISTER: "diarieför",
    CaseStep.REMOVE: "ta bort",
    CaseStep.REPORT: "polisanmäl",
    CaseStep.TELL_WRITER: "underrätta den som skrev",
    CaseStep.CONSULT: "rådfråga",
    CaseStep.SETTLE: "ta hand om",
    CaseStep.WATCH: "bevaka inlägget",
    CaseStep.REPORT_PLATFORM: "anmäl till plattformen",
    CaseStep.CHANGE_LOG_IN: "byt inloggningen",
    CaseStep.TELL_PEOPLE: "berätta för dem det rör",
}
CASE_END_WORDS = {
    CaseEnd.ANSWERED: "besvarat",
    CaseEnd.FORWARDED: "lämnat vidare",
    CaseEnd.REDIRECTED: "hänvisat",
    CaseEnd.CORRECTED: "rättat",
    CaseEnd.HANDED_OUT: "utlämnat",
}
MODALITY_WORDS = {Modality.MUST: "ska", Modality.SHOULD: "bör", Modality.MAY: "får"}
_ENUM_WORDS: dict[type[StrEnum], Mapping[Any, str]] = {
    Platform: PLATFORM_NAMES,
    AccountKind: CLASS_NAMES,
    Modality: MODALITY_WORDS,
    StepAct: {
        StepAct.DECIDE: "beslutar",
        StepAct.CONSULT: "rådfrågas",
        StepAct.INFORM: "underrättas",
    },
    FieldKind: {
        FieldKind.LINE: "en rad",
        FieldKind.TEXT: "fri text",
        FieldKind.CHOICE: "ett val",
        FieldKind.YES: "ett ja",
        FieldKind.DATE: "ett datum",
        FieldKind.PERSONS: "personer",
        FieldKind.FILE: "bifogade filer",
    },
    Signing: {
        Signing.LINK: "med brevets länk",
        Signing.SIGN_IN: "med brevets länk och en inloggning",
    },
    CaseStep: CASE_STEP_WORDS,
    CaseEnd: CASE_END_WORDS,
    Counted: {
        Counted.CLOCK: "i klocktimmar, alla dagar",
        Counted.WEEKDAYS: "bara vardagar räknas",
    },
    Place: {
        Place.PLAN: "i ansökan",
        Place.DECISION: "vid beslutet",
        Place.SETTING_UP: "när kontot ställs i ordning",
        Place.ACKNOWLEDGEMENT: "när administratören kvitterar",
        Place.ACTIVE: "medan kontot är öppet",
        Place.CLOSING: "vid avslut",
    },
}
PROFILE_NAMES = {"pdf": "PDF", "pdfa-1b": "PDF/A-1b", "pdfa-2b": "PDF/A-2b"}
"""What a kind of PDF is called."""

LITERAL_WORDS = {
    "any": "det räcker att en svarar",
    "all": "alla ska svara",
    "administrator": "administratörer",
    "responsible": "ansvariga",
    "substitute": "ersättare",
    "weekdays": "vardagar",
    "all_days": "alla dagar",
    "always": "alltid",
    "when_needed": "vid behov",
    "monday": "måndag",
    "tuesday": "tisdag",
    "wednesday": "onsdag",
    "thursday": "torsdag",
    "friday": "fredag",
    "days": "dagar",
    "working_days": "arbetsdagar",
    "weeks": "veckor",
    "months": "månader",
    "posts": "inlägg",
    "watch": "bevakning",
    "continue": "kontot fortsätter",
    "rest": "kontot vilar",
    "red": "kontot står still tills någon svarar",
    "assess": "kontot bedöms",
    "close": "kontot avslutas",
    "year": "varje år",
    "half_year": "varje halvår",
    "continually": "löpande",
    "channel_end": "när kanalen avslutas",
    "document_plan": "enligt dokumenthanteringsplanen",
    "picture": "bild",
    "pdf": "PDF",
    "pdfa-1b": "PDF/A-1b",
    "pdfa-2b": "PDF/A-2b",
    "address": "adress",
    "unit": "enhet",
    "role": "roll",
    "person": "personens namn",
    "purpose": "syfte",
    "target_group": "målgrupp",
}


def role_name(policy: Policy, role: Role, form: Form = "indefinite") -> str:
    """What the municipality calls a role; its own name is used as written, in both forms."""
    own = policy.settings.role_names.get(role)
    indefinite, definite = ROLE_NAMES[role]
    if own:
        return swedish(own)
    return said(definite) if form == "definite" else said(indefinite)


def platform_name(platform: Platform) -> str:
    """As it stands within a sentence."""
    return said(PLATFORM_NAMES[platform])


def class_name(kind: AccountKind) -> str:
    """As it stands within a sentence."""
    return said(CLASS_NAMES[kind])


def enum_word(value: StrEnum) -> str:
    """The word for a value of an enum, a role excepted (`role_name`)."""
    return _ENUM_WORDS[type(value)][value]


def listed(words: list[str]) -> str:
    """a, b och c"""
    if len(words) < 2:
        return "".join(words)
    return said("%(first)s och %(last)s", first=", ".join(words[:-1]), last=words[-1])


def either(words: Sequence[str]) -> str:
    """a, b eller c, in a text that there is in Swedish only"""
    return " eller ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
