"""Why something was not done, in words that say what to do instead."""

from typing import Any

SAYS: dict[str, str] = {
    "state_forbids": (
        "Det går inte längre: ärendet har gått vidare sedan sidan visades. Läs in sidan på nytt och se "
        "var det står."
    ),
    "already_answered": "Frågan är redan besvarad av {name} {when}. Ditt svar ändrade inget.",
    "task_gone": "Frågan är inte längre öppen. Läs in sidan på nytt och se var ärendet står.",
    "not_holder": (
        "Den här frågan har ställts till någon annan. Den som fått frågan kan lämna över den till dig."
    ),
    "is_applicant": (
        "Du har själv ansökt och kan därför inte avgöra ärendet. Lämna över det till någon annan."
    ),
    "decided_another_step": (
        "Du har redan avgjort ett annat steg i ärendet, eller rättat det. Det här ska avgöras av någon annan."
    ),
    "reason_missing": "Skriv ett skäl. Den som läser svaret behöver veta varför.",
    "only_yours": "Det här ska du göra själv. Det går inte att lämna över till någon annan.",
    "outcome_unknown": "Välj ett av svaren på sidan.",
    "plan_incomplete": "Planen kan inte skickas än. Fyll i det som saknas: {missing}.",
    "plan_changed": "Planen har ändrats sedan du fick brevet. Läs den nya planen innan du svarar.",
    "address_taken": (
        "Adressen {address} hör redan till ett konto eller en ansökan: {name}. Tala med "
        "kommunikationsenheten om något är fel."
    ),
    "address_wrong": (
        "Adressen {address} går inte att läsa som en webbadress. Skriv den som i webbläsaren, till "
        "exempel https://www.instagram.com/biblioteket."
    ),
    "address_same": "Det är den adress kontot redan har.",
    "not_yours_to_move": "Det kan enhetens chef göra, eller kommunikationsenheten.",
    "unit_same": "Välj en annan enhet än den kontot redan hör till.",
    "person_unknown": "Ingen anställd med adressen {email} finns. Skriv personens arbetsadress{candidates}.",
    "person_left": "{name} har slutat. Ange någon annan.",
    "same_person": "Ange någon annan än dig själv.",
    "substitute_not_allowed": "{name} kan inte ta över: {why}",
    "regret_too_late": (
        "Svaret kan tas tillbaka i {minutes} minuter. Den tiden har gått. Be kommunikationsenheten att rätta."
    ),
    "regret_overtaken": (
        "Nästa steg är redan avgjort och svaret kan inte tas tillbaka. Be kommunikationsenheten att rätta."
    ),
    "not_yours_to_take_back": "Bara den som svarade kan ta tillbaka svaret.",
    "not_yours_to_withdraw": (
        "Bara den som begärde det, eller kommunikationsenheten, kan ta tillbaka begäran."
    ),
    "already_administrator": "{name} är redan {role} för kontot, eller föreslagen.",
    "too_many_days": "En gäst kan ha kontot i högst {days} dagar. Välj ett tidigare slutdatum.",
    "dates_wrong": "Slutdatum ska ligga efter startdatum.",
    "guests_unknown": "Riktlinjen säger inget om gäster. Lägg till personen som administratör i stället.",
    "too_few_left": "Kontot skulle få för få kvar: {says} Lägg till någon först, eller byt i ett steg.",
    "too_many_people": "Kontot får ha högst {at_most} i rollen {role}. Byt ut någon i stället.",
    "file_missing": "Välj en fil med en bild av kontot: PNG, JPEG eller PDF.",
    "file_unusable": "Filen kan inte användas. {says}",
    "no_snapshot_asked": (
        "Riktlinjen frågar inte efter någon bild vid förändringar av det här kontot. Ingen bild behövs nu."
    ),
    "already_closing": "Kontot är redan på väg att avslutas.",
    "not_concerned": (
        "Du har ingen roll för kontot. Be den som ansvarar för det, eller kommunikationsenheten."
    ),
    "way_missing": "Välj hur punkten är uppfylld: {label}.",
    "place_missing": "Ange var inloggningen förvaras (aldrig lösenordet): {label}.",
    "looks_like_secret": (
        "Det ser ut som ett lösenord. Skriv bara var inloggningen förvaras, aldrig inloggningen själv."
    ),
    "file_too_large": "Filen är för stor: {size} MB. Högst {limit} MB går bra.",
    "file_kind": (
        "Filer av det slaget tas inte emot. Bifoga PDF, bild (PNG, JPEG) eller dokument (DOCX, ODT, XLSX)."
    ),
    "file_empty": "Filen är tom. Välj filen på nytt.",
    "too_many_files": "Högst {limit} filer kan bifogas. Ta bort någon först.",
    "text_too_long": "Texten är för lång: {length} tecken. Högst {limit} tecken går bra.",
    "only_communications": "Det här får bara kommunikationsenheten göra.",
    "four_eyes": (
        "Du har själv sökt eller avgjort i ärendet. Någon annan på kommunikationsenheten får göra det här."
    ),
    "last_decision": (
        "Det är ärendets enda beslut. Flytta frågan till någon annan, eller avsluta ansökan; hoppa inte över."
    ),
    "not_same_role": "Den som ersätts ska ha samma roll. Välj någon som är {role}.",
    "number_missing": "Skriv handlingens diarienummer, till exempel KS 2026/123.",
    "number_too_long": "Diarienumret är för långt: {length} tecken. Högst {limit} tecken går bra.",
    "only_registry": "Det här får bara kommunikationsenheten och registratorn göra.",
    "hand_out_too_large": (
        "Handlingarna är för stora för en fil. Högst {limit} MB går bra. Välj en kortare tid."
    ),
    "hand_out_empty": "Det finns inga handlingar från den tiden. Välj en längre tid.",
    "nothing_to_repair": "Det finns inget sådant steg att rätta i ärendet.",
}


class Refused(Exception):
    """An act was not done. Nothing has changed."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code = code
        self.values = values
        super().__init__(self.says())

    def says(self) -> str:
        """One Swedish sentence or two: what is wrong and what to do."""
        return SAYS[self.code].format(**self.values)
