"""An OpenID Connect provider as a process of its own, by the server side of Authlib: discovery, keys that are
changed, a form to sign in by, tokens, what is said of the one signed in, and a way out.

`/_told` is where a test says what the provider is to do: which clients it knows, and what it is to say in its
next ID tokens that no provider should.
"""

import hmac
import json
import logging
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Error, TokenMixin, grants
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import AuthorizationCodeMixin, UserInfo, UserInfoEndpoint
from authlib.oidc.core.grants import OpenIDCode
from authlib.oidc.rpinitiated import EndSessionEndpoint
from flask import Flask, Response, redirect, request, session
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

PASSWORD = "rätt häst"
app = Flask(__name__)
app.secret_key = secrets.token_bytes(16)
app.config["SESSION_COOKIE_NAME"] = "idp"


@dataclass
class Client(ClientMixin):
    client_id: str
    client_secret: str
    redirect_uris: list[str]
    client_metadata: dict[str, Any] = field(default_factory=dict)

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uris[0]

    def get_allowed_scope(self, scope: str) -> str:
        return " ".join(one for one in scope.split() if one in ("openid", "email", "profile"))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(self.client_secret, client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):
    code: str
    client_id: str
    redirect_uri: str
    scope: str
    user: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    auth_time: int = field(default_factory=lambda: int(time.time()))

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time

    def get_acr(self) -> str:
        return told["acr"]

    def get_amr(self) -> list[str]:
        return list(told["amr"])


@dataclass
class Token(TokenMixin):
    access_token: str
    client_id: str
    user: str
    scope: str

    def get_scope(self) -> str:
        return self.scope

    def get_user(self) -> str:
        return self.user

    def get_client(self) -> Client:
        return clients[self.client_id]

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return False


USUAL: dict[str, Any] = {
    "acr": "urn:example:password",
    "amr": ["pwd"],
    "email_verified": True,
    "email_in_token": True,
    "claims": {},
    "signed": "",
    "metadata": {},
    "jwks": True,
}
told: dict[str, Any] = dict(USUAL)
clients: dict[str, Client] = {}
codes: dict[str, Code] = {}
tokens: dict[str, Token] = {}
answers: list[dict[str, Any]] = []
"""What the token endpoint has answered, whole: a test looks for it where it must not be."""


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(8), "use": "sig", "alg": "RS256"})


keys = [new_key()]


def issuer() -> str:
    return f"http://{request.host}"


def said_of(user: str, scope: str) -> UserInfo:
    said = UserInfo(sub=f"sub-{user.partition('@')[0]}", name=user.partition("@")[0])
    if "email" in scope:
        said |= {"email": user, "email_verified": told["email_verified"]}
    return said


class OpenID(OpenIDCode):
    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return any(one.nonce == nonce for one in codes.values())

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        return keys[0]

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": issuer()}

    def get_encode_header(self, client: Client) -> dict[str, Any]:
        return {"alg": "RS256", "kid": keys[0].kid}

    def generate_user_info(self, user: str, scope: str) -> UserInfo:
        said = said_of(user, scope)
        return said if told["email_in_token"] else UserInfo(sub=said["sub"])

    def encode_id_token(self, token: Any, request: Any) -> str:
        whole = super().encode_id_token(token, request)
        claims = jwt.decode(whole, keys[0], ["RS256"]).claims
        if not told["claims"] and not told["signed"]:
            return str(whole)
        claims = {name: one for name, one in {**claims, **told["claims"]}.items() if one is not None}
        return forged(claims)


def _part(of_token: dict[str, Any]) -> bytes:
    return urlsafe_b64encode(json.dumps(of_token).encode()).rstrip(b"=")


def forged(claims: dict[str, Any]) -> str:
    """An ID token that says what the test wants, signed as it wants."""
    header = {"alg": "RS256", "kid": keys[0].kid}
    if told["signed"] == "none":
        return b".".join(_part(one) for one in ({"alg": "none"}, claims)).decode() + "."
    if told["signed"] == "with the client's secret":
        secret = OctKey.import_key(next(iter(clients.values())).client_secret)
        return jwt.encode({"alg": "HS256", "kid": keys[0].kid}, claims, secret, ["HS256"])
    if told["signed"] == "with the public key as a secret":
        body = b".".join(_part(one) for one in ({"alg": "HS256", "kid": keys[0].kid}, claims))
        signature = hmac.digest(keys[0].as_pem(private=False), body, "sha256")
        return f"{body.decode()}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    if told["signed"] == "by a stranger":
        stranger = RSAKey.generate_key(2048, {"kid": keys[0].kid})
        return jwt.encode(header, claims, stranger, ["RS256"])
    return jwt.encode(header, claims, keys[0], ["RS256"])


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def save_authorization_code(self, code: str, request: Any) -> None:
        given = request.payload
        codes[code] = Code(
            code,
            request.client.client_id,
            given.redirect_uri,
            given.scope,
            request.user,
            given.data["nonce"],
            given.data.get("code_challenge", ""),
            given.data.get("code_challenge_method", ""),
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        found = codes.get(code)
        return found if found and found.client_id == client.client_id else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        del codes[authorization_code.code]

    def authenticate_user(self, authorization_code: Code) -> str:
        return authorization_code.user


class Issuer(IssuerParameter):
    def get_issuer(self) -> str:
        return issuer()


class Bearer(BearerTokenValidator):
    def authenticate_token(self, token_string: str) -> Token | None:
        return tokens.get(token_string)


class About(UserInfoEndpoint):
    def generate_user_info(self, user: str, scope: str) -> UserInfo:
        return UserInfo({**said_of(user, scope), **told.get("userinfo", {})})


class WayOut(EndSessionEndpoint):
    def get_server_jwks(self) -> KeySet:
        return KeySet(keys)

    def is_post_logout_redirect_uri_legitimate(
        self, request: Any, post_logout_redirect_uri: str, client: Client, logout_hint: Any
    ) -> bool:
        return True

    def end_session(self, end_session_request: Any) -> None:
        session.clear()


def save_token(token: dict[str, Any], request: Any) -> None:
    saved = Token(token["access_token"], request.client.client_id, request.user, token["scope"])
    tokens[saved.access_token] = saved


server = AuthorizationServer(app, query_client=clients.get, save_token=save_token)
server.register_grant(CodeGrant, [OpenID(require_nonce=True), CodeChallenge(required=True)])
server.register_extension(Issuer())
protector = ResourceProtector()
protector.register_token_validator(Bearer())
server.register_endpoint(About(resource_protector=protector))
server.register_endpoint(WayOut)


@app.get("/.well-known/openid-configuration")
def discovery() -> dict[str, Any]:
    here = issuer()
    said = {
        "issuer": here,
        "authorization_endpoint": f"{here}/authorize",
        "token_endpoint": f"{here}/token",
        "userinfo_endpoint": f"{here}/userinfo",
        "jwks_uri": f"{here}/jwks",
        "end_session_endpoint": f"{here}/logout",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "authorization_response_iss_parameter_supported": True,
    }
    return {name: one for name, one in {**said, **told["metadata"]}.items() if one is not None}


@app.get("/jwks")
def jwks() -> Any:
    return KeySet(keys).as_dict(private=False) if told["jwks"] else Response("", 503)


FORM = """<!doctype html><html lang="sv"><title>Organisationens inloggning</title><main>
<h1>Organisationens inloggning</h1>{fault}
<form method="post"><label>Adress <input name="user" value="{hint}"></label>
<label>Lösenord <input name="password" type="password"></label><button>Logga in</button></form></main>
</html>"""


@app.route("/authorize", methods=["GET", "POST"])
def authorize() -> Any:
    user, fault = session.get("user"), ""
    if request.method == "POST":
        user = request.form["user"] if request.form["password"] == PASSWORD else None
        fault = "" if user else "<p>Fel lösenord.</p>"
        if user:
            session["user"] = user
    try:
        grant = server.get_consent_grant(end_user=user)
    except OAuth2Error as error:
        return error.error, 400
    asked_anew = request.method == "GET" and request.args.get("prompt") == "login"
    if not user or asked_anew:
        return FORM.format(hint=request.args.get("login_hint", ""), fault=fault)
    return server.create_authorization_response(grant_user=user, grant=grant)


@app.post("/token")
def token() -> Any:
    answer = server.create_token_response()
    answers.append(json.loads(answer.get_data()))
    return answer


@app.get("/userinfo")
def userinfo() -> Any:
    return server.create_endpoint_response("userinfo")


@app.get("/logout")
def logout() -> Any:
    return server.create_endpoint_response("end_session") or redirect("/")


@app.post("/_told")
def be_told() -> dict[str, Any]:
    """What a test wants; an empty object: to be as usual again."""
    wanted: dict[str, Any] = request.get_json()
    if "client" in wanted:
        client = Client(**wanted.pop("client"))
        clients[client.client_id] = client
    if wanted.pop("new_key", False):
        keys[:] = [new_key()]
    if wanted.pop("usual", False):
        told.clear()
        told.update(USUAL)
    told.update(wanted)
    return {"answers": answers[-3:], "codes": len(codes)}


if __name__ == "__main__":
    from werkzeug.serving import make_server

    here = make_server("127.0.0.1", 0, app, threaded=True)
    print(here.server_port, flush=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    here.serve_forever()
