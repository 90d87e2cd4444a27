"""Which field of a form a refusal is about, so that it is told there and the page's summary leads to it."""

from collections.abc import Mapping, Sequence

from lifecycle.refusals import Refused

_ABOUT: Mapping[str, Sequence[str]] = {
    "reason": ("reason_missing", "text_too_long", "nothing_said", "advice_missing"),
    "person": (
        "person_unknown",
        "person_left",
        "same_person",
        "substitute_not_allowed",
        "already_administrator",
        "substitute_is_self",
        "receiver_missing",
        "successor_leaves",
    ),
    "instead": ("not_same_role",),
    "choice": ("outcome_unknown", "end_missing", "nothing_chosen"),
    "first_day": ("absence_past", "rest_dates"),
    "day": (
        "dates_wrong",
        "too_many_days",
        "rest_too_long",
        "rest_wrong",
        "end_past",
        "exemption_dates",
        "day_beyond",
        "last_day_wrong",
        "absence_order",
    ),
    "file": (
        "file_missing",
        "file_unusable",
        "file_too_large",
        "file_kind",
        "file_empty",
        "too_many_files",
        "evidence_kind",
        "evidence_missing",
    ),
    "number": ("number_missing", "number_too_long", "diary_number_missing", "diary_number_too_long"),
    "address": ("address_taken", "address_wrong", "address_same"),
    "unit": ("unit_same",),
    "duty": ("exemption_no_duty",),
    "way": ("way_missing",),
    "place": ("place_missing", "looks_like_secret"),
}
"""Kind of field → codes of the refusals that are about such a one."""
_KINDS = {code: kind for kind, codes in _ABOUT.items() for code in codes}


def field_blamed(refused: Refused | None, fields: Mapping[str, str]) -> str:
    """The id of the field at fault, of a form's fields by kind; empty when it is about none of them."""
    return fields.get(_KINDS.get(refused.code, ""), "") if refused is not None else ""
