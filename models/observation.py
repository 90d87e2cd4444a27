"""What a look at an account can show. What was seen is never the posts themselves, only when and where."""

from enum import StrEnum


class SightState(StrEnum):
    """How a look at an account ended.

    Only `ok` and `empty` say anything of how often is posted. `empty` is an account that was read and has
    nothing new; every other state is a look that failed, and a failed look is never "no posts".
    """

    OK = "ok"
    EMPTY = "empty"
    GONE = "gone"
    PRIVATE = "private"
    AUTH_EXPIRED = "auth_expired"
    NO_PERMISSION = "no_permission"
    RATE_LIMITED = "rate_limited"
    UNREACHABLE = "unreachable"
    MALFORMED = "malformed"


class IdentityChange(StrEnum):
    """What has become of an account whose address no longer leads where it did."""

    RENAMED = "renamed"
    """The account has another name; the old address is free for anyone to take."""
    TAKEN_OVER = "taken_over"
    """Another account has the address."""
    MOVED = "moved"
    """Its owner has moved it to another server."""
