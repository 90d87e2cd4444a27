"""How pages that are no account's page begin their lines, in Swedish and English, in small letters.

Platforms change their words. A phrase is added here together with a page in the tests.
"""

import re


def _any_of(*parts: str) -> str:
    return f"(?:{'|'.join(parts)})"


LOG_IN_PLACES = frozenset(
    [
        *("login", "login.php", "log-in", "log_in", "signin", "sign-in", "sign_in", "signup", "sign-up"),
        *("logga-in", "loggain", "inloggning", "authwall", "checkpoint", "uas", "sso", "servicelogin"),
        *("oauth", "authorize"),
    ]
)
"""Parts of an address, or its host's first name, that a visitor is sent to for logging in."""
CONSENT_PLACES = frozenset(["consent", "cookie-consent", "cookieconsent", "consentcheck", "samtycke"])

_ASKED_IN = _any_of("logga in", "log in", "login", "sign in", "sign up")
_NEW_ACCOUNT = _any_of(r"skapa (ett )?(nytt )?konto", r"create (a |an )?(new )?account", "join now")
LOG_IN = re.compile(rf"\b{_any_of(_ASKED_IN, _NEW_ACCOUNT)}\b")
LOG_IN_HEADLINE = re.compile(
    _any_of(
        _ASKED_IN,
        *("inloggning", "registrera dig", "happening now", "join today"),
        rf"{_ASKED_IN} (på|till|to|for|on|eller|or) \S.{{0,40}}",
        r"(log into|join) \S.{0,40}",
    )
)

CONSENT_WORD = re.compile(
    r"\b" + _any_of("cookies?", "kakor", r"samtyck\w*", "consent", r"personuppgift\w*", "privacy") + r"\b"
)
CONSENT_ANSWER = re.compile(
    r"\b"
    + _any_of(
        *(r"godkänn\w*", r"acceptera\w*", r"tillåt\w*", r"neka\w*", r"avvisa\w*", r"avböj\w*"),
        *("accept", "agree", "allow", "reject", "decline"),
    )
    + r"\b"
)

_SIGHS = r"(?:(?:tyvärr|hoppsan|oj|fel|sorry|oops|hmm|error|http|404)\W+)*"
_THING = _any_of("sidan", "profilen", "kontot", "kanalen", "användaren", "innehållet", "länken")
_IS_AWAY = _any_of(
    *("finns inte", "kunde inte", "hittades inte", "hittas inte", "kan inte", "går inte att"),
    *("är (för närvarande |just nu )?inte", "är borttag", "är avstäng", "existerar inte"),
    *("har tagits bort", "har stängts", "har inaktiverats"),
)
_THING_EN = _any_of("page", "content", "account", "profile", "channel", "user", "link")
_IS_AWAY_EN = _any_of(
    *("isn't", "is not", "is no longer", "is unavailable", "is currently", "doesn't", "does not"),
    *("can't", "cannot", "could not", "couldn't", "may have been", "may be", "was not", "no longer"),
    "has been (removed|deleted|suspended)",
)
ERROR = re.compile(
    _SIGHS
    + _any_of(
        rf"(den här |denna )?{_THING}( du \w+( efter)?)? {_IS_AWAY}",
        r"det här innehållet är (för närvarande |just nu )?inte",
        r"det (har )?(uppstod|uppstått|inträffade|inträffat) ett fel",
        r"ett (oväntat )?fel (har )?(inträffa|uppst)",
        r"(något|nånting) gick (fel|snett)\s?([.!,–]|$)",
        r"vi (kunde inte hitta|hittar inte|hittade inte) (den här |denna )?(sidan|kontot|profilen)",
        rf"(this|the|that) {_THING_EN}( you \w+( \w+){{0,4}})? {_IS_AWAY_EN}",
        rf"{_THING_EN} (not found|isn't available|unavailable|suspended|doesn't exist)",
        r"(something|things) went wrong\s?([.!,–]|$)",
        r"an (unexpected )?error (has )?occurred",
        r"we (couldn't|can't|could not) find (this|that|the) (page|account|profile)",
        r"not found\b",
        r"(internal )?server error\b",
        r"(service|temporarily) unavailable\b",
        r"404$",
    )
)
CHALLENGE = re.compile(
    _any_of(
        *("just a moment", "one more step", "attention required", "checking your browser"),
        r"(please )?verify (that )?you are",
        "are you (a robot|human)",
        "i'm not a robot",
        "security (check|verification)",
        "(our systems have detected )?unusual traffic",
        "(please )?enable javascript",
        "javascript is (not available|disabled|required)",
        "(your|this) browser is (not|no longer) supported",
        "jag är (inte en robot|en människa)",
        "bekräfta att du (är|inte är) en",
        "säkerhetskontroll$",
        "(våra system har upptäckt )?ovanlig trafik från",
        "aktivera javascript",
        "din webbläsare stöds",
    )
)
MAINTENANCE = re.compile(
    _any_of(
        r"(planerat |pågående )?underhåll(sarbete)?( pågår)?[.!]?$",
        r"vi är (snart tillbaka|strax tillbaka)",
        r"(site |scheduled |planned |down for |under )?maintenance( mode)?[.!]?$",
        r"we('ll| will) be (right )?back",
    )
)
"""Whole lines, since streets are maintained too. Of pages that were led to; not of pictures of accounts."""
