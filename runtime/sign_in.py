"""The organisation's own sign-in: one provider for the installation, or one for each municipality."""

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from runtime.settings import InstallationSettings

FILE_ENDING = "-sign-in"
"""A municipality's own provider stands, as JSON, in a file by its slug among the secrets."""


class Provider(BaseModel):
    """An OpenID Connect provider, and what is asked of a sign-in there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str
    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    claim: str = Field(default="email", min_length=1)
    trusted: bool = False
    acr: str = ""
    amr: str = ""

    @field_validator("issuer")
    @classmethod
    def _is_an_address(cls, issuer: str) -> str:
        address = urlsplit(issuer)
        here = address.scheme == "http" and address.hostname in ("127.0.0.1", "localhost", "::1")
        if not address.hostname or not (address.scheme == "https" or here):
            raise ValueError("utfärdaren ska vara en adress som börjar med https://")
        return issuer

    @field_validator("client_secret")
    @classmethod
    def _is_said(cls, secret: SecretStr) -> SecretStr:
        if not secret.get_secret_value().strip() or not secret.get_secret_value().isascii():
            raise ValueError("hemligheten saknas eller har tecken som ingen hemlighet har")
        return SecretStr(secret.get_secret_value().strip())


class ProviderUnusable(ValueError):
    """The settings of a provider are begun and not whole; says what is wrong, in Swedish."""


def provider_of(settings: InstallationSettings, slug: str) -> Provider | None:
    """Where a municipality's people sign in; None when nowhere.

    Raises ProviderUnusable when the settings are not whole.
    """
    try:
        return _own(settings, slug) or _common(settings)
    except (ValidationError, OSError) as error:
        raise ProviderUnusable(_says(error)) from error


def _own(settings: InstallationSettings, slug: str) -> Provider | None:
    path = settings.secrets_dir / f"{slug}{FILE_ENDING}" if settings.secrets_dir else None
    if path is None or not path.is_file():
        return None
    return Provider.model_validate_json(path.read_bytes())


def _common(settings: InstallationSettings) -> Provider | None:
    if not settings.sign_in_issuer:
        return None
    return Provider(
        issuer=settings.sign_in_issuer,
        client_id=settings.sign_in_client_id,
        client_secret=settings.sign_in_client_secret,
        claim=settings.sign_in_claim,
        trusted=settings.sign_in_trusted,
        acr=settings.sign_in_acr,
        amr=settings.sign_in_amr,
    )


def _says(error: ValidationError | OSError) -> str:
    """What is wrong, without the value: it may be the secret."""
    if isinstance(error, OSError):
        return f"filen kan inte läsas ({type(error).__name__})"
    return ", ".join(
        f"{'.'.join(map(str, one['loc'])) or 'filen'}: {_why(one['msg'])}" for one in error.errors()
    )


def _why(message: str) -> str:
    own = message.removeprefix("Value error, ")
    return own if own != message else "saknas eller är skrivet på fel sätt"
