"""Takes a picture of an account's page, or says why there is none."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from connectors.addresses import AddressRefused, demand_public
from connectors.capture_order import ANSWER, PICTURE, Answer, Order
from connectors.judging import Reason
from connectors.processes import Family
from models.plain_errors import Tellable

INSTALL_BROWSER = "apt-get install --no-install-recommends chromium fonts-dejavu-core"
BROWSER = Path("/usr/bin/chromium")
MOST_MEMORY = 1_500_000_000
"""Bytes for the browser with all its processes."""

_UPLOAD = "Ta en bild själv och ladda upp den."
SAYS: Mapping[Reason, str] = {
    Reason.LOG_IN: f"Sidan visar en inloggning i stället för kontot. {_UPLOAD}",
    Reason.LOG_IN_REDIRECT: f"Plattformen skickade vidare till en inloggning. {_UPLOAD}",
    Reason.CONSENT: "Sidan täcks av en fråga om kakor eller samtycke. Kanalvakt samtycker inte åt någon. "
    f"{_UPLOAD}",
    Reason.HTTP_ERROR: "Sidan svarade med ett fel. Kontrollera att kontots adress stämmer.",
    Reason.ERROR_PAGE: "Sidan säger att den inte finns eller inte kan visas. Kontrollera att kontots adress "
    "stämmer.",
    Reason.CHALLENGE: f"Plattformen ville se att det var en människa som besökte sidan. {_UPLOAD}",
    Reason.OTHER_PAGE: "Kontots namn står varken i sidans titel eller rubrik: det kan vara en annan sida. "
    "Kontrollera kontots adress och namn.",
    Reason.EMPTY: f"Sidan var tom. {_UPLOAD}",
    Reason.DOWNLOAD: "Adressen leder till en fil, inte till en sida. Kontrollera kontots adress.",
    Reason.TOO_SLOW: f"Sidan blev inte klar i tid. Försök igen senare. Går det inte då: {_UPLOAD.lower()}",
    Reason.TOO_HEAVY: f"Sidan krävde för mycket minne. {_UPLOAD}",
    Reason.UNREACHABLE: "Sidan gick inte att nå. Kontrollera att kontots adress stämmer, eller försök "
    "igen senare.",
    Reason.ADDRESS_REFUSED: "Adressen leder inte till det öppna internet. Kontrollera kontots adress.",
    Reason.BROWSER_BROKE: f"Webbläsaren gick sönder på sidan. {_UPLOAD}",
}

_ERRORS = "errors.txt"
_SECONDS_TO_CLOSE = 3.0
_SECONDS_BETWEEN_LOOKS = 0.2
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV")


class NoBrowser(Tellable):
    """This machine has no browser; the text says how to install one."""


@dataclass(frozen=True)
class Captured:
    """A picture of the account's page, as a PNG in the caller's folder."""

    picture: Path
    final_address: str
    title: str
    text: str
    """What can be read on the page; it may hold what citizens have written."""
    status: int | None
    browser: str
    """Name and version."""
    cut: bool
    """Whether the page went on below the picture."""


@dataclass(frozen=True)
class NotCaptured:
    """Why there is no picture: a code for the program, Swedish for people."""

    code: Reason
    says: str
    final_address: str = ""
    title: str = ""
    status: int | None = None
    errors: str = ""
    """What a browser that broke said last, for the log."""


def capture(
    address: str,
    expected_names: Sequence[str],
    *,
    into: Path,
    time_limit: float = 60.0,
    browser_path: Path = BROWSER,
    allowed_origins: Collection[str] = (),
) -> Captured | NotCaptured:
    """Open the page in a process of its own, which is gone when this returns.

    `expected_names` are the account's name and handle, `into` the folder for the picture, `time_limit`
    seconds for everything. `allowed_origins` are for tests and demonstrations. Raises NoBrowser, and
    ValueError when there is no name.
    """
    if not any(any(map(str.isalnum, name)) for name in expected_names):
        raise ValueError("expected_names")
    try:
        demand_public(address, allowed_origins)
    except AddressRefused:
        return _not(Reason.ADDRESS_REFUSED)
    except OSError:
        return _not(Reason.UNREACHABLE)
    if not browser_path.exists():
        raise NoBrowser(f"Sidor kan inte fotograferas: Chromium saknas. Installera med: {INSTALL_BROWSER}")
    with tempfile.TemporaryDirectory(prefix="kanalvakt-capture-", ignore_cleanup_errors=True) as folder:
        seconds = time_limit - _SECONDS_TO_CLOSE
        order = Order(
            address, list(expected_names), folder, str(browser_path), seconds, list(allowed_origins)
        )
        ended = _carried_out(order, time_limit)
        return _outcome(Path(folder), ended, into)


def _carried_out(order: Order, time_limit: float) -> Reason | None:
    """Run the order, watched. Says what it was ended for, or None when it ended by itself."""
    with (Path(order.folder) / _ERRORS).open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "connectors.capture_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=_environment(order.folder),
            cwd=Path(__file__).parent.parent,
            start_new_session=True,
        )
    family = Family(process.pid)
    try:
        assert process.stdin is not None
        process.stdin.write(json.dumps(asdict(order)).encode())
        process.stdin.close()
        return _watched(process, family, time.monotonic() + time_limit)
    finally:
        family.end()
        process.wait()


def _watched(process: subprocess.Popen[bytes], family: Family, deadline: float) -> Reason | None:
    while process.poll() is None:
        if time.monotonic() > deadline:
            return Reason.TOO_SLOW
        if family.memory() > MOST_MEMORY:
            return Reason.TOO_HEAVY
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    return None


def _environment(folder: str) -> dict[str, str]:
    """Only what Python and the browser need: none of this process's settings or secrets."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return kept | {"HOME": folder, "TMPDIR": folder}


def _outcome(folder: Path, ended: Reason | None, into: Path) -> Captured | NotCaptured:
    if ended is not None:
        return _not(ended)
    if not (folder / ANSWER).exists():
        errors = (folder / _ERRORS).read_text(errors="replace").strip()[-1000:]
        return replace(_not(Reason.BROWSER_BROKE), errors=errors)
    answer = Answer(**json.loads((folder / ANSWER).read_text()))
    if answer.reason is not None:
        return _not(Reason(answer.reason), answer)
    picture = into / PICTURE
    picture.write_bytes((folder / PICTURE).read_bytes())
    return Captured(
        picture,
        answer.address,
        answer.title,
        answer.text,
        answer.status,
        f"Chromium {answer.browser}",
        answer.cut,
    )


def _not(reason: Reason, answer: Answer | None = None) -> NotCaptured:
    if answer is None:
        return NotCaptured(reason, SAYS[reason])
    return NotCaptured(reason, SAYS[reason], answer.address, answer.title, answer.status)
