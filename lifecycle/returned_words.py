"""Why a letter did not arrive, in words: RFC 3463 numbers the reasons."""

from models import ReturnedAs

_CAUSES = {
    "1.1": "Adressen finns inte hos mottagarens e-postserver",
    "1.2": "Mottagarens domän finns inte",
    "1.3": "Adressen är felskriven",
    "1.10": "Adressen finns inte hos mottagarens e-postserver",
    "2.0": "Mottagarens brevlåda tar inte emot brev",
    "2.1": "Mottagarens brevlåda är avstängd",
    "2.2": "Mottagarens brevlåda är full",
    "2.3": "Brevet är större än mottagarens brevlåda tar emot",
    "3.4": "Brevet är större än mottagarens server tar emot",
    "4.1": "Mottagarens server svarar inte",
    "4.4": "Mottagarens domän har ingen e-postserver",
    "4.6": "Brevet gick runt mellan servrar",
    "4.7": "Mottagarens server gick inte att nå på flera dygn",
    "4.310": "Mottagarens domän finns inte",
    "7.1": "Mottagarens server tog inte emot brevet, av säkerhetsskäl eller som skräppost",
    "7.26": "Mottagarens server litade inte på avsändarens domän (SPF, DKIM eller DMARC)",
}


def cause_of(status: str, kind: ReturnedAs) -> str:
    """The reason in a sentence's beginning; one that is not known is said to be so."""
    named = _CAUSES.get(status.partition(".")[2])
    if named is not None:
        return named
    if kind is ReturnedAs.BOUNCED:
        return "Mottagarens server tog inte emot brevet"
    return (
        "Brevet har inte kommit fram än" if kind is ReturnedAs.DELAYED else "Brevet kom inte fram den gången"
    )
