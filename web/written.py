"""What somebody wrote in a form that came too late: shown to them to be copied, and never acted on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from web.forms import FORM_TOKEN, Posted

_CHOSEN = re.compile(r"[a-z0-9_.:-]*")
"""What our own choices, numbers and days look like, which nobody has to write again."""


@dataclass(frozen=True)
class Written:
    """The texts of a form, in its order."""

    texts: Sequence[str] = ()
    with_files: bool = False


NOTHING = Written()


def written_in(posted: Posted) -> Written:
    """What people wrote, each text once; nothing that proves who they are, and no files."""
    values = [one.strip() for name, all_of in posted.values.items() if name != FORM_TOKEN for one in all_of]
    texts = dict.fromkeys(one for one in values if not _CHOSEN.fullmatch(one))
    return Written(tuple(texts), bool(posted.files))
