"""Files with the picture of the process: for whoever wants it, and for the documentation."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from acts.process_pictures import Picture
from lifecycle.process_text import as_markdown

PAGE = "process.md"
FOLDER = "pictures/process"
_FOREWORD = """\
# Processen, som varje policy har den

Den här sidan och dess bilder är gjorda av samma tabeller som driver Kanalvakt: tillstånden i
`lifecycle/states.py` och reglerna i `policies/municipalities/`. De skrivs om med `make picture`, och ett test
ser till att de stämmer. I portalen står samma bild på `/KOMMUN/processen`, och hos kommunikation, under Mina
uppgifter, med antalet konton vid varje steg.

Tecknen är BPMN:s: romb för den som avgör, person för den som gör något, kuvert för den som får veta, klocka
för det som tiden väcker, triangel för det som händer. *bör* och *får* säger att regeln inte är ett *ska*. En
punkt under en annan är en del av den.
"""


def write_pictures(pictures: Mapping[str, Picture], folder: Path) -> Iterator[Path]:
    """Two drawings and a text for each policy; yields each file when it has been written."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        yield _write(folder / f"{name}.svg", picture.svg())
        yield _write(folder / f"{name}-smal.svg", picture.svg(narrow=True))
        yield _write(folder / f"{name}.md", f"# {picture.shape.name}\n\n{as_markdown(picture.shape)}\n")


def write_documentation(pictures: Mapping[str, Picture], folder: Path) -> Iterator[Path]:
    """The page with every policy, and its drawings."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        yield _write(folder / FOLDER / f"{name}.svg", picture.svg())
    yield _write(folder / PAGE, "\n".join([_FOREWORD, *_contents(pictures), *_chapters(pictures)]))


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _contents(pictures: Mapping[str, Picture]) -> Iterator[str]:
    for name, picture in pictures.items():
        yield f"- [{picture.shape.name}](#{name})"


def _chapters(pictures: Mapping[str, Picture]) -> Iterator[str]:
    for name, picture in pictures.items():
        yield f'\n<a id="{name}"></a>\n\n## {picture.shape.name}\n'
        yield f"![{picture.says('overview')} Allt står i ord under bilden.]({FOLDER}/{name}.svg)\n"
        yield as_markdown(picture.shape) + "\n"
