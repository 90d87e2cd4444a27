"""The conversation with an OpenID Connect provider: authorization code with PKCE, as Authlib speaks it.

What the provider says of itself and its keys is read anew each hour, and the keys also when a signature names
one that is not known. Tokens are read here and forgotten: they are neither stored nor logged.
"""

import hmac
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from ssl import SSLContext
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client import BaseApp, FrameworkIntegration, OAuth2Mixin, OpenIDMixin
from authlib.integrations.httpx_client import OAuth2Client
from joserfc.errors import JoseError

from runtime.sign_in import Provider

DISCOVERY = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures that only the provider can make: never one by a shared secret, and never none."""
CLOCK_SKEW_SECONDS = 120
ANSWER_SECONDS = 10
READ_ANEW = timedelta(hours=1)
SCOPE = "openid email profile"

# Authlib writes the proof of a sign-in that is under way to its log when asked for everything.
logging.getLogger("authlib").setLevel(logging.INFO)


@cache
def _trusted_authorities() -> SSLContext:
    """Read once: that takes longer than a whole conversation."""
    return httpx2.create_ssl_context()


class SignInFailed(Exception):
    """A sign-in came to nothing. The code says why, and nothing that is secret or personal."""

    def __init__(self, code: str) -> None:
        self.code = code
        """unreachable, broken_off, not_believed, too_weak, no_address or unverified."""
        super().__init__(code)


@dataclass(frozen=True)
class Begun:
    """A sign-in that is under way: where the browser goes, and what must come back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Proved:
    """What the provider vouches for."""

    issuer: str
    subject: str
    address: str
    acr: str
    amr: Sequence[str]


class _Client(OAuth2Mixin, OpenIDMixin, BaseApp):  # type: ignore[misc]
    """Authlib's client, on the HTTP client that the product uses."""

    client_cls = OAuth2Client


@dataclass
class IdentityProvider:
    """One provider, with what it last said of itself."""

    chosen: Provider
    redirect_uri: str
    """The only address that a sign-in comes back to."""
    client: Any = field(init=False)

    def __post_init__(self) -> None:
        self.client = _Client(
            FrameworkIntegration("kanalvakt"),
            client_id=self.chosen.client_id,
            client_secret=self.chosen.client_secret.get_secret_value(),
            server_metadata_url=self.chosen.issuer.rstrip("/") + DISCOVERY,
            client_kwargs={
                "scope": SCOPE,
                "code_challenge_method": "S256",
                "timeout": ANSWER_SECONDS,
                "follow_redirects": False,
                "verify": _trusted_authorities(),
            },
        )

    def metadata(self) -> Mapping[str, Any]:
        """What the provider says of itself. Raises SignInFailed when it does not answer, or not sanely."""
        said: dict[str, Any] = _asked(self.client.load_server_metadata)
        if faults_in_metadata(said, self.chosen.issuer):
            raise SignInFailed("unreachable")
        said["id_token_signing_alg_values_supported"] = _algorithms(said)
        self.client.client_kwargs["token_endpoint_auth_method"] = _way_to_prove_client(said)
        return said

    def faults(self) -> list[str]:
        """What keeps it from being used, in Swedish: for whoever looks after the installation."""
        try:
            said = _asked(self.client.load_server_metadata)
        except SignInFailed:
            return [f"{self.chosen.issuer.rstrip('/')}{DISCOVERY} svarar inte, eller inte med JSON"]
        if found := faults_in_metadata(said, self.chosen.issuer):
            return found
        try:
            keys = _asked(lambda: self.client.fetch_jwk_set()["keys"])
        except SignInFailed:
            keys = []
        return [] if keys else [f"{said['jwks_uri']} ger inga nycklar"]

    def begin(self, *, hint: str = "", anew: bool = False) -> Begun:
        """Where the browser goes to sign in; `anew` asks even somebody who is signed in there."""
        self.metadata()
        more = {"login_hint": hint} if hint else {}
        more |= {"prompt": "login"} if anew else {}
        more |= {"acr_values": self.chosen.acr} if self.chosen.acr else {}
        made = self.client.create_authorization_url(self.redirect_uri, **more)
        return Begun(made["url"], made["state"], made["nonce"], made["code_verifier"])

    def finish(self, begun: Begun, answer: Mapping[str, str]) -> Proved:
        """What the provider answered, checked: its code is exchanged once, and its word is weighed."""
        self._demand_own_answer(begun, answer)
        self.metadata()
        token = _asked(
            lambda: self.client.fetch_access_token(
                self.redirect_uri, code=answer.get("code", ""), code_verifier=begun.verifier
            )
        )
        claims = self._claims(token, begun.nonce)
        self._demand_strength(claims)
        address = self._address(claims, token)
        return Proved(self.chosen.issuer, claims["sub"], address, _text(claims.get("acr")), _ways(claims))

    def _demand_own_answer(self, begun: Begun, answer: Mapping[str, str]) -> None:
        """The answer to this very question, from this very provider (RFC 9207)."""
        if not hmac.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
            raise SignInFailed("not_believed")
        says_who = self.metadata().get("authorization_response_iss_parameter_supported") is True
        if answer.get("iss", "" if says_who else self.chosen.issuer) != self.chosen.issuer:
            raise SignInFailed("not_believed")
        if "error" in answer or not answer.get("code"):
            raise SignInFailed("broken_off")

    def _claims(self, token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """The ID token, with its signature, issuer, audience, time and nonce checked by Authlib."""
        if "id_token" not in token:
            raise SignInFailed("not_believed")
        options = {
            "iss": {"essential": True, "value": self.chosen.issuer},
            "aud": {"essential": True, "value": self.chosen.client_id},
            "exp": {"essential": True},
            "sub": {"essential": True},
        }
        claims: Mapping[str, Any] = _asked(
            lambda: self.client.parse_id_token(
                token, nonce, claims_options=options, leeway=CLOCK_SKEW_SECONDS
            )
        )
        return claims

    def _demand_strength(self, claims: Mapping[str, Any]) -> None:
        acr, amr = self.chosen.acr.split(), self.chosen.amr.split()
        if (acr and claims.get("acr") not in acr) or set(amr) - set(_ways(claims)):
            raise SignInFailed("too_weak")

    def _address(self, claims: Mapping[str, Any], token: Mapping[str, Any]) -> str:
        """The work address, by the ID token or else by what the provider says of the one signed in."""
        if not claims.get(self.chosen.claim) and "userinfo_endpoint" in self.metadata():
            said = _asked(lambda: self.client.userinfo(token=dict(token)))
            if said.get("sub") != claims["sub"]:
                raise SignInFailed("not_believed")
            claims = said
        address = _text(claims.get(self.chosen.claim)).strip().lower()
        if "@" not in address:
            raise SignInFailed("no_address")
        if not self.chosen.trusted and claims.get("email_verified") is not True:
            raise SignInFailed("unverified")
        return address

    def way_out(self, back_to: str) -> str:
        """Where the browser goes to sign out at the provider too; empty when it has no such place."""
        if not self.metadata().get("end_session_endpoint"):
            return ""
        client_id = self.chosen.client_id
        made = self.client.create_logout_url(post_logout_redirect_uri=back_to, client_id=client_id)
        return str(made["url"])


def _asked(ask: Any) -> Any:
    """What the provider answered, with whatever went wrong under one of our codes."""
    try:
        return ask()
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise SignInFailed("unreachable") from error
    except (AuthlibBaseError, JoseError, ValueError, KeyError, TypeError) as error:
        raise SignInFailed("not_believed") from error


def _algorithms(metadata: Mapping[str, Any]) -> list[str]:
    said = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    return [one for one in said if one in ALGORITHMS]


def _way_to_prove_client(metadata: Mapping[str, Any]) -> str:
    """How the portal proves itself: as every provider takes it, or else within the form."""
    ways = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _ways(claims: Mapping[str, Any]) -> list[str]:
    amr = claims.get("amr")
    return [one for one in amr if isinstance(one, str)] if isinstance(amr, list) else []


def faults_in_metadata(metadata: Mapping[str, Any], issuer: str) -> list[str]:
    """What keeps a provider from being used, in Swedish; it must call itself what the settings call it."""
    faults = []
    if metadata.get("issuer") != issuer:
        faults.append(f"den kallar sig {metadata.get('issuer')} och inte {issuer}")
    faults += [
        f"{one} saknas eller är inte krypterad" for one in ENDPOINTS if not _safe(metadata.get(one), issuer)
    ]
    if not _algorithms(metadata):
        faults.append("den signerar inte på något sätt som tas emot (RS256, ES256 eller starkare)")
    methods = metadata.get("code_challenge_methods_supported")
    if methods is not None and "S256" not in methods:
        faults.append("den kan inte PKCE med S256")
    return faults


def _safe(address: object, issuer: str) -> bool:
    """Over TLS, but for a provider on this very computer."""
    parts = urlsplit(_text(address))
    return bool(parts.hostname) and parts.scheme in ("https", urlsplit(issuer).scheme)


@dataclass
class IdentityProviders:
    """The providers that one portal has spoken to, each read anew after an hour."""

    _known: dict[Provider, tuple[datetime, IdentityProvider]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def at(self, chosen: Provider, redirect_uri: str, now: datetime) -> IdentityProvider:
        """The provider as it was last read, or a new one."""
        with self._lock:
            found = self._known.get(chosen)
            if found is None or not found[0] <= now < found[0] + READ_ANEW:
                found = self._known[chosen] = (now, IdentityProvider(chosen, redirect_uri))
            return found[1]
