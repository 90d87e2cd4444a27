"""Everything in docs/ and README.md leads somewhere: links, anchors, pictures, commands, settings."""

import re
import shlex
from collections.abc import Iterator
from functools import lru_cache
from itertools import dropwhile
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from cli.main import app
from deployments import reference
from runtime.settings import InstallationSettings

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deployments").rglob("*.md")])
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
_CODE = re.compile(r"^(?:    |\t)(.*)$|`([^`]+)`", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_SETTING = re.compile(r"KANALVAKT_[A-Z_]+")
_RUN = re.compile(r"deployment run '?([\w-]+/[\w-]+)")
_PATH = re.compile(r"(?<![\w/.-])(?:scripts|deployments)/[\w./-]*\w")
_UNITS = re.compile(r"(?:systemctl [a-z-]+(?: --now)?|journalctl)((?: (?:-u )?[\w@.-]+)+)")
_TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
PROGRAMS = ("kanalvakt", "make")
NOT_SETTINGS = {"KANALVAKT_DATA"}
"""Where `make run` keeps what it saves: a word to make, and no setting of an installation."""


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@lru_cache
def anchors(page: Path) -> frozenset[str]:
    """As GitHub makes them of headings, and those that a page names itself."""
    text = page.read_text("utf-8")
    headings = re.findall(r"^#+ (.*)$", _FENCE.sub("", text), re.MULTILINE)
    words = (re.sub(r"[^\w\- ]", "", one.replace("`", "").lower()) for one in headings)
    named = re.findall(r'<a id="([^"]+)"', text)
    return frozenset([*named, *(one.strip().replace(" ", "-") for one in words)])


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", _FENCE.sub("", page.read_text("utf-8")))
    broken = [said for one in _LINK.findall(text) for said in _broken(page, *one)]
    assert broken == []


def _broken(page: Path, picture: str, words: str, leads_to: str) -> Iterator[str]:
    if picture and len(words) < 10:
        yield f"{leads_to}: the picture says nothing to whoever does not see it"
    if leads_to.startswith(("http:", "https:", "mailto:")):
        return
    path, _, anchor = leads_to.partition("#")
    there = (page.parent / path).resolve() if path else page
    if not there.exists():
        yield f"{leads_to}: there is no such file"
    elif anchor and anchor not in anchors(there):
        yield f"{leads_to}: there is no such heading"


def commands_in(text: str) -> Iterator[list[str]]:
    """Every command line of ours, joined where it goes on in the next line."""
    joined = re.sub(r" *\\\n\s*", " ", text)
    for block, inline in _CODE.findall(joined):
        for line in (block or inline).split("&&"):
            words = _split(line)
            if words and words[0].rpartition("/")[2] in PROGRAMS:
                yield words


def _split(line: str) -> list[str]:
    try:
        words = shlex.split(line.strip(), comments=True)
    except ValueError:
        words = line.split()
    return [*dropwhile(lambda one: "=" in one, words)]


@pytest.mark.parametrize("page", [one for one in PAGES if one.parent.name != "decisions"], ids=name_of)
def test_commands_exist_with_their_options(page: Path) -> None:
    text = page.read_text("utf-8")
    wrong = []
    for words in commands_in(text):
        program = words[0].rpartition("/")[2]
        if program == "kanalvakt":
            wrong += _wrong_command(words)
        elif program == "make" and len(words) > 1:
            targets = [one for one in words[1:] if "=" not in one and one.isalpha()]
            known = set(_TARGET.findall((ROOT / "Makefile").read_text()))
            wrong += [f"make {one}" for one in targets[:1] if one not in known]
    assert wrong == []


def _wrong_command(words: list[str]) -> list[str]:
    command: Any = typer.main.get_command(app)
    rest = words[1:]
    while rest and getattr(command, "commands", None):
        if rest[0] in ("…", "KOMMANDO", "--help"):
            return []
        if rest[0] not in command.commands:
            return [" ".join(words)]
        command, rest = command.commands[rest[0]], rest[1:]
    known = {option for one in command.params for option in one.opts} | {"--help"}
    given = {one.partition("=")[0] for one in rest if re.fullmatch(r"--[a-z][a-z-]*(=.*)?", one)}
    return [f"{' '.join(words)}: {one}" for one in sorted(given - known)]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_settings_exist(page: Path) -> None:
    known = {f"KANALVAKT_{name.upper()}" for name in InstallationSettings.model_fields} | NOT_SETTINGS
    named = {one.rstrip("_") for one in _SETTING.findall(page.read_text("utf-8"))}
    assert named - known == set()


def test_whoever_installs_stands_where_the_lines_say_and_lets_the_services_read() -> None:
    """All is typed into one shell: where one stands, and the umask, are as the lines before left them."""
    folder, umask, wrong = "", "022", []
    page = (ROOT / "docs" / "how-to" / "install.md").read_text("utf-8")
    for line in re.findall(r"^    (.*)$", page, re.MULTILINE):
        for part in line.split(" && "):
            if re.search(r"(?<!\S)(deployments|scripts|\.venv)/", part) and folder != "/opt/kanalvakt":
                wrong.append(part)
            if part.startswith("cp ") and umask != "022":
                wrong.append(f"umask {umask}: {part}")
            word, _, rest = part.partition(" ")
            folder = rest if word == "cd" else folder
            umask = rest if word == "umask" else umask
    assert wrong == []


def test_whoever_writes_rules_is_told_where_the_command_is_and_how_it_finds_them_before_it_matters() -> None:
    page = (ROOT / "docs" / "how-to" / "policy.md").read_text("utf-8")
    assert page.index("`.venv/bin/kanalvakt`") < page.index("    kanalvakt ")
    assert page.index("export KANALVAKT_POLICY_FOLDER=") < page.index("    kanalvakt policies check")


def _deployments() -> set[str]:
    """As `prefect deployment run` names them: the flow's name and the deployment's."""
    listed = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
    return {f"{_flow_name(one['entrypoint'])}/{one['name']}" for one in listed}


def _flow_name(entrypoint: str) -> str:
    module, _, function = entrypoint.rpartition(".")
    text = (ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8")
    named = re.search(rf'@flow\(\s*name="([^"]+)"(?:(?!@flow).)*?def {function}\(', text, re.DOTALL)
    return named[1] if named else function.replace("_", "-")


def _wrong_names(text: str) -> Iterator[str]:
    """Deployments, files and services that are named and are not there."""
    known = _deployments()
    yield from (one for one in _RUN.findall(text) if one not in known)
    places = (ROOT, ROOT / "tests")
    yield from (one for one in _PATH.findall(text) if not any((place / one).exists() for place in places))
    server = ROOT / "deployments" / "server"
    units = {file.name for kind in ("service", "target") for file in server.rglob(f"*.{kind}")}
    for said in _UNITS.findall(text):
        names = [
            one if "." in one else f"{one}.service" for one in said.split() if one.startswith("kanalvakt")
        ]
        yield from (one for one in names if re.sub(r"@[^.]*", "@", one) not in units)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_deployments_files_and_services_exist(page: Path) -> None:
    assert [*_wrong_names(page.read_text("utf-8"))] == []


def test_the_tests_of_docs_see_what_is_wrong(tmp_path: Path) -> None:
    """A sentence that is wrong in each way."""
    page = tmp_path / "fel.md"
    page.write_text("# Ett\n[a](#tva) [b](borta.md) ![](bild.webp)\n")
    found = [said for one in _LINK.findall(page.read_text()) for said in _broken(page, *one)]
    assert len(found) == 4
    lines = "    kanalvakt pepole holds\n    kanalvakt handout 1 --utt x\n    kanalvakt check --help\n"
    assert sum(len(_wrong_command(words)) for words in commands_in(lines)) == 2
    named = "prefect deployment run watch/kvarn, `scripts/borta`, (deployments/server/borta.conf). "
    units = (
        "systemctl restart kanalvakt-worker kanalvakt-borta\njournalctl -u kanalvakt-portal -u kanalvakt-x@1"
    )
    assert [*_wrong_names(named + units)] == [
        *("watch/kvarn", "scripts/borta", "deployments/server/borta.conf"),
        *("kanalvakt-borta.service", "kanalvakt-x@1.service"),
    ]


@pytest.mark.parametrize("page", reference.PAGES)
def test_the_reference_is_as_the_code_is(page: str) -> None:
    written = (reference.FOLDER / page).read_text("utf-8")
    assert written == reference.text_of(page), "run make reference"


def test_every_setting_is_told_of_in_swedish() -> None:
    assert set(reference.SETTINGS_SAY) == set(InstallationSettings.model_fields)
