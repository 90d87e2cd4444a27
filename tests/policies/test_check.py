"""`kanalvakt policies check`: each kind of fault with its file, line and what to write instead."""

from pathlib import Path

import pytest

from policies.defaults import numbers_left_open
from policies.faults import Fault, faults_in_files
from policies.loading import load_policy

GUIDELINE = """\
guideline: berga
title: Riktlinje
publisher: Berga kommun
edition: första
clauses:
  - {id: bevakning, cite: punkt 1, title: Kontot bevakas}
  - {id: ordlista, cite: punkt 2, title: Vad orden betyder}
"""
START = """\
policy: berga
name: Berga kommun
guidelines: [berga]
valid_from: 2026-01-01
outside:
  - {clause: "berga:ordlista", why: Förklarar ord.}
"""
RULES = """\
rules:
  watch:
    - clauses: ["berga:bevakning"]
"""


def write(folder: Path, file: str, text: str | bytes) -> None:
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "guidelines/berga.yaml", GUIDELINE)
    write(tmp_path, "municipalities/berga.yaml", START + RULES)
    return tmp_path


def faults_with(folder: Path, rules: str, start: str = START) -> list[Fault]:
    write(folder, "municipalities/berga.yaml", start + rules)
    return faults_in_files(folder)


def only(faults: list[Fault]) -> Fault:
    assert len(faults) == 1, "\n".join(map(str, faults))
    return faults[0]


def test_right_files_have_no_faults(folder: Path) -> None:
    assert faults_in_files(folder) == []


def test_the_files_of_the_product_have_no_faults() -> None:
    assert "\n".join(map(str, faults_in_files())) == ""


KINDS = {
    "unknown key": (
        "    - {clauses: ['berga:bevakning'], dyas: weekdays}",
        "rules.watch[nr 2].dyas",
        'nyckeln "dyas" finns inte här. Menade du "days"?',
    ),
    "unknown key with nothing near": (
        "    - {clauses: ['berga:bevakning'], zzz: 1}",
        "rules.watch[nr 2].zzz",
        'nyckeln "zzz" finns inte här. Här kan stå: clauses, decision, modality, from, until, when, days, '
        "times_a_day.",
    ),
    "the code's name of a key": (
        "    - {clauses: ['berga:bevakning'], from_on: 2026-01-01}",
        "rules.watch[nr 2].from_on",
        'nyckeln "from_on" finns inte här. Menade du "from"?',
    ),
    "value that is not among the allowed": (
        "    - {clauses: ['berga:bevakning'], days: weekday}",
        "rules.watch[nr 2].days",
        '"weekday" går inte. Skriv ett av: weekdays, all_days. Menade du "weekdays"?',
    ),
    "value of an enum": (
        "    - {clauses: ['berga:bevakning'], modality: ska}",
        "rules.watch[nr 2].modality",
        '"ska" går inte. Skriv ett av: must, should, may.',
    ),
    "empty value": (
        "    - {clauses: ['berga:bevakning'], modality: }",
        "rules.watch[nr 2].modality",
        "värdet saknas: skriv ett, eller ta bort nyckeln",
    ),
    "date": (
        "    - {clauses: ['berga:bevakning'], from: 1 mars}",
        "rules.watch[nr 2].from",
        '"1 mars" går inte: ska vara ett datum, t.ex. 2024-01-31',
    ),
    "dates in the wrong order": (
        "    - {clauses: ['berga:bevakning'], from: 2026-02-01, until: 2026-01-01}",
        "rules.watch[nr 2]",
        "until ligger före from",
    ),
    "list that is not a list": (
        "    - {clauses: 'berga:bevakning'}",
        "rules.watch[nr 2].clauses",
        '"berga:bevakning" går inte: ska vara en lista: ett värde per rad, med - framför',
    ),
    "rule without ground": (
        "    - {days: weekdays}",
        "rules.watch[nr 2]",
        "regeln saknar grund: ange clauses (riktlinjens punkter) eller decision (kommunens eget beslut)",
    ),
    "form of a reference": (
        "    - {clauses: ['Berga 1']}",
        "rules.watch[nr 2].clauses[nr 1]",
        '"Berga 1" går inte: skriv riktlinjens namn, kolon och punktens namn: riktlinje:punkt',
    ),
    "unknown clause": (
        "    - {clauses: ['berga:bevakningen']}",
        "rules.watch[nr 2].clauses[nr 1]",
        'punkten "berga:bevakningen" finns inte i guidelines/berga.yaml. Menade du "berga:bevakning"?',
    ),
    "unknown guideline": (
        "    - {clauses: ['borga:bevakning']}",
        "rules.watch[nr 2].clauses[nr 1]",
        'riktlinjen "borga" finns inte. Menade du "berga"?',
    ),
    "clause that is outside too": (
        "    - {clauses: ['berga:ordlista']}",
        "rules.watch[nr 2].clauses[nr 1]",
        'punkten "berga:ordlista" står också under outside (municipalities/berga.yaml, rad 6): ta bort den '
        "på ett ställe",
    ),
    "limit": (
        "  answer: [{clauses: ['berga:bevakning'], within_hours: 0}]",
        "rules.answer[nr 1].within_hours",
        "ska vara minst 1",
    ),
    "whole number": (
        "  answer: [{clauses: ['berga:bevakning'], within_hours: två}]",
        "rules.answer[nr 1].within_hours",
        '"två" går inte: ska vara ett heltal, t.ex. 2',
    ),
    "number written as text": (
        "  answer: [{clauses: ['berga:bevakning'], within_hours: '48'}]",
        "rules.answer[nr 1].within_hours",
        '"48" går inte: ska vara ett heltal, t.ex. 2',
    ),
    "yes or no": (
        "  removal: [{clauses: ['berga:bevakning'], save_before: ja}]",
        "rules.removal[nr 1].save_before",
        '"ja" går inte: ska vara true eller false',
    ),
    "text that is a number": (
        "  crisis: [{clauses: ['berga:bevakning'], label: 112}]",
        "rules.crisis[nr 1].label",
        'ska vara text: sätt värdet inom citattecken, "112"',
    ),
    "missing key": (
        "  crisis: [{clauses: ['berga:bevakning']}]",
        "rules.crisis[nr 1].label",
        'nyckeln "label" saknas (Vad som gäller i kris)',
    ),
    "choices on a field without choice": (
        "  plan: [{field: a, label: A, clauses: ['berga:bevakning'], choices: [{choice: x, label: X}, "
        "{choice: y, label: Y}]}]",
        "rules.plan[a]",
        "choices hör till kind: choice, och bara dit",
    ),
    "pattern that cannot be read": (
        "  names: [{must_match: '(', explanation: E, clauses: ['berga:bevakning']}]",
        "rules.names[nr 1]",
        "mönstret ( är inte ett reguljärt uttryck",
    ),
    "group that is not a group": (
        "  owner: enheten",
        "rules.owner",
        '"enheten" går inte: ska vara en grupp nycklar, indragna under den här',
    ),
}


@pytest.mark.parametrize(("line", "path", "says"), KINDS.values(), ids=KINDS.keys())
def test_a_fault_says_where_and_what_to_write_instead(folder: Path, line: str, path: str, says: str) -> None:
    fault = only(faults_with(folder, RULES + line + "\n"))

    assert fault == Fault("municipalities/berga.yaml", 10, path, says)


TWICE = {
    "step": (
        "  opening:\n"
        "    - {step: a, label: A, act: decide, roles: [registry], clauses: ['berga:bevakning']}\n"
        "    - {step: a, label: B, act: inform, roles: [registry], clauses: ['berga:bevakning']}\n",
        'rules.opening[a].step: "a" står två gånger i samma lista, också på rad 11: ge dem olika namn',
    ),
    "item": (
        "  setting_up:\n"
        "    - {item: a, label: A, clauses: ['berga:bevakning']}\n"
        "    - {item: a, label: B, clauses: ['berga:bevakning']}\n",
        'rules.setting_up[a].item: "a" står två gånger i samma lista, också på rad 11: ge dem olika namn',
    ),
    "field": (
        "  plan:\n"
        "    - {field: a, label: A, clauses: ['berga:bevakning']}\n"
        "    - {field: a, label: B, clauses: ['berga:bevakning'], modality: should}\n",
        'rules.plan[a].field: fältet "a" har två regler, också på rad 11: skriv en, '
        "med alla punkter i clauses",
    ),
    "document": (
        "  documents:\n"
        "    - {document: a, label: A, edition: e, clauses: ['berga:bevakning']}\n"
        "    - {document: a, label: B, edition: e, clauses: ['berga:bevakning']}\n",
        'rules.documents[a].document: "a" står två gånger i samma lista, också på rad 11: ge dem olika namn',
    ),
    "advice": (
        "  advice:\n"
        "    - {advice: a, text: A, at: [plan], clauses: ['berga:bevakning']}\n"
        "    - {advice: a, text: B, at: [plan], clauses: ['berga:bevakning']}\n",
        'rules.advice[a].advice: "a" står två gånger i samma lista, också på rad 11: ge dem olika namn',
    ),
}


@pytest.mark.parametrize(("rules", "says"), TWICE.values(), ids=TWICE.keys())
def test_a_name_stands_once_in_a_list(folder: Path, rules: str, says: str) -> None:
    assert str(only(faults_with(folder, RULES + rules))) == f"municipalities/berga.yaml, rad 12: {says}"


def test_the_same_name_in_two_lists_is_no_fault(folder: Path) -> None:
    item = "[{item: a, label: A, clauses: ['berga:bevakning']}]"

    assert faults_with(folder, RULES + f"  setting_up: {item}\n  closing_items: {item}\n") == []


def test_an_end_in_the_past_is_no_fault(folder: Path) -> None:
    assert faults_with(folder, RULES + "      until: 2011-01-01\n") == []


YAML = {
    "tab": (START + RULES + "\t- a\n", 10, "aldrig tabb"),
    "one colon too many": (START.replace("Berga kommun", "Berga: kommun"), 2, "kolon för mycket"),
    "open quotation mark": (START + "summary: 'Kort\n", 7, "stängs aldrig"),
    "open list": (START + "rules: {watch: [\n", 8, "går inte att läsa"),
    "key twice": (START + "name: Igen\n", 7, "nyckeln name står två gånger, också på rad 2"),
    "alias": (START + "summary: *a\n", 7, "ankare och alias"),
    "anchor": (START + "summary: &a hej\n", 7, "ankare och alias"),
    "tag": (START + "summary: !!python/object:os.system x\n", 7, "taggar"),
    "two documents": (START + "---\npolicy: b\n", 7, "en ny fil i filen"),
    "too deep": (START + "rules: " + "[" * 60 + "]" * 60, 7, "för många nivåer"),
    "a list": ("- a\n- b\n", 1, "ska bestå av nycklar"),
    "empty": ("", 1, "ska bestå av nycklar"),
    "not UTF-8": ((START + "summary: åäö\n").encode("latin-1"), 6, "inte UTF-8"),
    "too large": (START + "# " + "x" * 512 * 1024, 1, "större än 512 kB"),
}


@pytest.mark.parametrize(("text", "line", "says"), YAML.values(), ids=YAML.keys())
def test_a_file_that_cannot_be_read_says_why_and_where(
    folder: Path, text: str | bytes, line: int, says: str
) -> None:
    write(folder, "municipalities/berga.yaml", text)

    faults = faults_in_files(folder)

    assert any(fault.line == line and says in fault.says for fault in faults), "\n".join(map(str, faults))
    assert {fault.file for fault in faults} == {"municipalities/berga.yaml"}


def test_a_bomb_of_aliases_is_refused_at_once(folder: Path) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    write(folder, "municipalities/berga.yaml", bomb)

    assert all("ankare och alias" in fault.says for fault in faults_in_files(folder))


def test_a_clause_that_is_not_accounted_for_is_a_fault(folder: Path) -> None:
    start = START.split("outside:")[0]

    assert str(only(faults_with(folder, RULES, start))) == (
        "municipalities/berga.yaml, rad 3: guidelines[nr 1]: punkten berga:ordlista (punkt 2: Vad orden "
        "betyder) är inte redovisad: ange den i en regel eller under outside"
    )


def test_a_guideline_without_a_file_is_a_fault(folder: Path) -> None:
    fault = only(faults_with(folder, RULES, START.replace("[berga]", "[berga, borga]")))

    assert (fault.line, fault.path) == (3, "guidelines[nr 2]")
    assert fault.says == 'filen guidelines/borga.yaml finns inte. Menade du "berga"?'


def test_a_file_with_another_name_than_its_own_is_a_fault(folder: Path) -> None:
    write(folder, "municipalities/berga.yaml", START.replace("policy: berga", "policy: borga") + RULES)
    write(folder, "guidelines/berga.yaml", GUIDELINE.replace("guideline: berga", "guideline: borga"))

    assert faults_in_files(folder) == [
        Fault(f"{kind}/berga.yaml", 1, key, f'filen heter berga.yaml men {key} är "borga": skriv "berga"')
        for kind, key in (("guidelines", "guideline"), ("municipalities", "policy"))
    ]


def test_a_clause_that_stands_twice_in_a_guideline_is_a_fault(folder: Path) -> None:
    write(folder, "guidelines/berga.yaml", GUIDELINE.replace("ordlista", "bevakning"))

    fault = next(fault for fault in faults_in_files(folder) if fault.file == "guidelines/berga.yaml")

    assert (fault.line, fault.path) == (7, "clauses[bevakning].id")


def test_a_file_that_would_not_be_read_is_a_fault(folder: Path) -> None:
    write(folder, "municipalities/ny.yml", START)

    assert only(faults_in_files(folder)).says == "filen läses inte: låt namnet sluta på .yaml"


def test_settings_have_faults_of_their_own(folder: Path) -> None:
    settings = "settings:\n  role_names: {chef: Chefen}\n  snapshot_months: [13]\n  link_days: 90\n"

    says = [(fault.line, fault.path, fault.says) for fault in faults_with(folder, RULES + settings)]

    assert says[0][:2] == (11, "settings.role_names.chef")
    assert says[0][2].startswith('"chef" går inte. Skriv ett av: line_manager, ')
    assert says[1:] == [
        (12, "settings.snapshot_months[nr 1]", "ska vara högst 12"),
        (13, "settings.link_days", "ska vara högst 60"),
    ]


def test_all_faults_of_all_files_are_told_at_once(folder: Path) -> None:
    write(
        folder, "guidelines/annan.yaml", GUIDELINE.replace("guideline: berga", "guideline: annan") + "x: 1\n"
    )
    write(
        folder, "municipalities/cecilia.yaml", START.replace("policy: berga", "policy: cecilia") + "zz: 1\n"
    )
    write(folder, "municipalities/doris.yaml", "policy: [\n")
    broken = RULES + "    - {dyas: weekdays}\n    - {clauses: ['berga:x'], days: aldrig, times_a_day: 0}\n"

    found = {(fault.file, fault.line) for fault in faults_with(folder, broken)}

    assert {
        ("guidelines/annan.yaml", 8),
        ("municipalities/berga.yaml", 10),
        ("municipalities/berga.yaml", 11),
        ("municipalities/cecilia.yaml", 3),
        ("municipalities/cecilia.yaml", 7),
        ("municipalities/doris.yaml", 2),
    } == found
    assert len([fault for fault in faults_in_files(folder) if fault.line == 10]) == 2
    assert len([fault for fault in faults_in_files(folder) if fault.line == 11]) == 3


def test_an_inherited_fault_is_told_once_where_it_stands(folder: Path) -> None:
    write(
        folder, "municipalities/berga.yaml", START + RULES + "    - {dyas: 1, clauses: ['berga:bevakning']}\n"
    )
    child = START.replace("policy: berga", "policy: barn").split("outside:")[0] + "extends: berga\n"
    write(folder, "municipalities/barn.yaml", child)

    assert (only(faults_in_files(folder)).file, only(faults_in_files(folder)).line) == (
        "municipalities/berga.yaml",
        10,
    )


def test_a_parent_that_is_not_there_is_a_fault_beside_the_others(folder: Path) -> None:
    faults = faults_with(folder, RULES + "zz: 1\n", START + "extends: borga\n")

    assert [fault.path for fault in faults] == ["extends", "zz"]
    assert faults[0].says == 'policyn "borga" finns inte. Menade du "berga"?'


def test_a_number_that_the_clause_leaves_open_is_filled_in_by_a_setting_and_said(folder: Path) -> None:
    rules = RULES + "  posting: [{clauses: ['berga:bevakning']}]\nsettings: {posting_window_days: 20}\n"
    write(folder, "municipalities/berga.yaml", START + rules)

    assert [str(one) for one in numbers_left_open(load_policy("berga", folder))] == [
        "rules.watch[nr 1]: punkten säger inte vilka dagar; då gäller settings.watch_days: vardagar "
        "(produktens förval)",
        "rules.posting[nr 1]: punkten säger inte hur ofta; då gäller settings.posting_window_days: 20 dagar "
        "(kommunens inställning)",
    ]
