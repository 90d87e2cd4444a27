"""The organisation's own sign-in: does the provider answer, and as it should? Do the rules need one?"""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session

from acts.identity_provider import IdentityProvider
from cli.doctor.at_work import in_time
from cli.doctor.findings import Finding, fault, ok
from lifecycle.identifying import steps_with_sign_in, wants_anybody_to_sign_in
from lifecycle.law import law_in_force
from models import Municipality
from runtime.settings import InstallationSettings
from runtime.sign_in import Provider, ProviderUnusable, provider_of

SIGN_IN = "Inloggningen"
_GUIDE = "Se docs/how-to/sign-in.md."


def sign_in(session: Session, settings: InstallationSettings, now: datetime) -> Iterator[Finding]:
    """Each municipality's provider, and each provider once."""
    providers: dict[Provider, list[str]] = {}
    for one in in_time(session):
        try:
            chosen = provider_of(settings, one.slug)
        except ProviderUnusable as unusable:
            yield fault(SIGN_IN, f"för {one.name} går inte att använda: {unusable}.", _GUIDE)
            continue
        if chosen is None:
            yield from _needed(session, one, now)
        else:
            providers.setdefault(chosen, []).append(one.name)
    for chosen, names in providers.items():
        yield from _provider(chosen, ", ".join(names), settings)
    if not providers:
        yield ok(SIGN_IN, "ingen är inställd, och alla använder brevens länkar.")


def _needed(session: Session, municipality: Municipality, now: datetime) -> Iterator[Finding]:
    policy = law_in_force(session, municipality.id or 0, now).policy
    if wants_anybody_to_sign_in(policy):
        what = next((f" (”{one}”)" for one in steps_with_sign_in(policy)), "")
        says = f"{municipality.name}s regler kräver den{what}, och ingen är inställd: ingen kan svara."
        yield fault(SIGN_IN, says, f"Ställ in KANALVAKT_SIGN_IN_ISSUER och de andra. {_GUIDE}")


def _provider(chosen: Provider, names: str, settings: InstallationSettings) -> Iterator[Finding]:
    found = IdentityProvider(chosen, settings.portal_url).faults()
    for one in found:
        yield fault(SIGN_IN, f"hos {chosen.issuer} ({names}): {one}.", _GUIDE)
    if not found:
        yield ok(SIGN_IN, f"hos {chosen.issuer} svarar och har nycklar ({names}).")
