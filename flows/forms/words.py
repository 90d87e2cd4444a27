"""What can be chosen in the forms, in the words that the choices are shown by."""

from enum import StrEnum
from typing import Annotated

from flows.forms.fields import one_of
from models import AccountRoleKind
from policies.keys import Platform


class RoleChange(StrEnum):
    """What is to happen with somebody's role."""

    ADD = "Lägg till"
    GUEST = "Gäst några dagar"
    END = "Avsluta rollen"


ChosenRoleChange = Annotated[RoleChange, one_of(RoleChange)]


class RoleWord(StrEnum):
    """A role for an account."""

    RESPONSIBLE = "Ansvarig"
    ADMINISTRATOR = "Administratör"
    SUBSTITUTE = "Ersättare"

    @property
    def kind(self) -> AccountRoleKind:
        return AccountRoleKind[self.name]


class RepairWord(StrEnum):
    """What communications puts right in an application."""

    REOPEN = "Öppna ett besvarat steg igen"
    SKIP = "Hoppa över ett steg"
    ASK = "Ställ ett steg utan mottagare till någon"
    END_APPLICATION = "Avsluta ansökan"
    RESUME = "Låt ett förfallet godkännande gälla igen"


ChosenRepair = Annotated[RepairWord, one_of(RepairWord)]


class PlatformWord(StrEnum):
    """A platform."""

    FACEBOOK = "Facebook"
    INSTAGRAM = "Instagram"
    LINKEDIN = "LinkedIn"
    YOUTUBE = "YouTube"
    X = "X"
    TIKTOK = "TikTok"
    THREADS = "Threads"
    MASTODON = "Mastodon"
    BLUESKY = "Bluesky"
    FLICKR = "Flickr"
    VIMEO = "Vimeo"
    PODCAST = "Podd"
    BLOG = "Blogg"
    SNAPCHAT = "Snapchat"
    OTHER = "Annan plattform"

    @property
    def platform(self) -> Platform:
        return Platform[self.name]


ChosenPlatform = Annotated[PlatformWord, one_of(PlatformWord)]


class CaseWord(StrEnum):
    """What may have happened on an account. The policy's own kinds are chosen in the portal."""

    CRIMINAL = "Brottsligt innehåll"
    SECRET = "Sekretess eller känsliga uppgifter"
    PERSONAL_DATA = "Personuppgifter"
    RULES = "Strider mot sidans regler"
    INDIVIDUAL = "Enskilt ärende"
    VIEW = "Klagomål eller synpunkt"
    PRIVATE_MESSAGE = "Privat meddelande"
    HARD_QUESTION = "Svår fråga"
    FACTUAL_ERROR = "Fel i sak"
    COMMON_CHANNEL = "Vårt inlägg i en gemensam kanal"
    TAKEN_OVER = "Kontot är kapat eller låst"
    OTHER = "Något annat"


ChosenCase = Annotated[CaseWord, one_of(CaseWord)]


class ImportWord(StrEnum):
    """What is imported."""

    UNITS = "Enheter"
    PEOPLE = "Personer"
    ACCOUNTS = "Konton"


ChosenImport = Annotated[ImportWord, one_of(ImportWord)]


class SizeWord(StrEnum):
    """How much the rules change."""

    SMALL = "Mindre ändring"
    LARGE = "Större ändring"


ChosenSize = Annotated[SizeWord, one_of(SizeWord)]
