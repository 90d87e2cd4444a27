"""Why something was not done, in words that say what to do instead."""

from datetime import date, datetime
from typing import Any

from languages.speaking import day_words, moment_words, said, swedish

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
    "sign_in_needed": (
        "Reglerna säger att den som gör det här ska vara inloggad. Läs in sidan på nytt och välj att "
        "logga in."
    ),
    "provider_missing": (
        "Reglerna säger att den som beslutar ska logga in, och installationen har ingen inloggning. "
        "Ställ in den först (docs/how-to/sign-in.md), eller skriv signing: link."
    ),
    "is_applicant": (
        "Du har själv ansökt och kan därför inte avgöra ärendet. Kommunikationsenheten kan ställa frågan "
        "till någon annan."
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
    "address_names_nobody": (
        "Adressen säger inte vilket konto det är. Öppna kontots egen sida och klistra in adressen dit, "
        "till exempel https://www.instagram.com/biblioteket."
    ),
    "address_wrong": (
        "Adressen {address} går inte att läsa som en webbadress. Skriv den som i webbläsaren, till "
        "exempel https://www.instagram.com/biblioteket."
    ),
    "address_same": "Det är den adress kontot redan har.",
    "not_yours_to_move": "Det kan enhetens chef göra, eller kommunikationsenheten.",
    "unit_same": "Välj en annan enhet än den kontot redan hör till.",
    "person_unknown": "Ingen anställd med adressen {email} finns. Skriv personens arbetsadress{candidates}",
    "fields_missing": "Inget är ändrat: fyll i {fields}.",
    "field_too_long": "Inget är ändrat: {field} får ha högst {limit} tecken.",
    "field_wrong": "Inget är ändrat: det går inte att läsa det som står i {field}. Fyll i det på nytt.",
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
    "place_missing": "Ange var inloggningen förvaras. Skriv aldrig själva lösenordet.",
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
    "posts_unclear": "{says}",
    "reads_itself": (
        "Kontot går att läsa, så inget behöver berättas: det som har publicerats syns vid nästa avläsning."
    ),
    "day_beyond": "Välj en dag från och med {first} till och med {last}.",
    "absence_past": "Frånvaron kan inte börja tidigare än i dag. Ange en senare första dag.",
    "absence_order": "Sista dagen ska vara den första eller senare. Rätta datumen.",
    "absence_over": "Frånvaron är redan slut. Lägg in en ny om personen är borta igen.",
    "substitute_is_self": "{name} kan inte vara sin egen ersättare. Ange någon annan.",
    "not_yours_to_enter": (
        "Frånvaron läggs in av personen själv, av en chef över personen eller av kommunikationsenheten."
    ),
    "four_eyes_leaving": (
        "Du har själv sökt eller avgjort i ett ärende som {name} har att avgöra. Någon annan på "
        "kommunikationsenheten, eller en annan chef, får göra det här."
    ),
    "four_eyes_absence": (
        "Du har själv sökt eller avgjort i ett ärende som {name} kan ha att avgöra. Någon annan på "
        "kommunikationsenheten, en annan chef eller {name} får ändra frånvaron."
    ),
    "not_yours_to_say_left": (
        "Det gör en chef över personen, eller kommunikationsenheten. Ingen anger det för egen del."
    ),
    "successor_leaves": "{name} slutar och kan inte ta över. Ange någon annan.",
    "last_day_wrong": "Ange den sista arbetsdagen som ÅÅÅÅ-MM-DD, högst ett år framåt eller bakåt.",
    "crisis_already": "Krisläget är redan igång. Läs in sidan på nytt och se vad som gäller.",
    "crisis_none": "Det finns inget krisläge att avsluta.",
    "not_yours_to_rest": "Det kan den som ansvarar för kontot, en chef eller kommunikationsenheten göra.",
    "rest_dates": "Vilan ska börja i dag eller senare, och sista dagen ska inte ligga före den första.",
    "rest_too_long": "Ett konto kan vila i högst {days} dagar. Behövs det inte längre kan det avslutas.",
    "rest_none": "Kontot vilar inte. Läs in sidan på nytt.",
    "end_past": "Slutdatum ska ligga efter i dag. Ska kontot avslutas nu, begär avslut.",
    "exemption_no_duty": "Välj en plikt som gäller för kontot.",
    "exemption_dates": "Ange en sista dag som ligger framåt i tiden, högst {days} dagar bort.",
    "exemption_over": "Undantaget gäller inte längre. Läs in sidan på nytt.",
    "inventory_past": "Ange en dag som ligger framåt i tiden. Till dess hålls inget mot kontona.",
    "evaluation_incomplete": "Utvärderingen är inte klar. Fyll i det som saknas: {missing}.",
    "rest_wrong": (
        "Välj den dag då kontot tas upp igen: efter i dag och senast {latest}, då det utvärderas nästa gång."
    ),
    "no_revision": "Reglerna säger inget om hur riktlinjen ses över. Ta upp direktivet där ni brukar.",
    "nobody_approves": (
        "Den som ska godkänna finns inte i Kanalvakt: {role}. Lägg in personen på den posten och försök igen."
    ),
    "already_in_force": "De reglerna är redan antagna. Inget är ändrat.",
    "directive_missing": "Skriv vilket direktiv det gäller: vem det kommer från och vad det säger.",
    "case_kind_unknown": "Välj vad som har hänt.",
    "report_matter_missing": "Välj vad det gäller.",
    "report_words_missing": "Skriv några ord om vad du har sett, så att vi kan ta hand om det.",
    "report_address_missing": "Klistra in adressen till kontot som du har hittat.",
    "reports_full": (
        "Många anmälningar om okända konton har kommit den senaste timmen. Din är inte mottagen än: det du "
        "har skrivit står kvar här. Skicka den igen efter {until}."
    ),
    "noticed_wrong": (
        "Ange dag och klockslag då det upptäcktes. Det kan inte ligga i framtiden, och inte före kontots tid."
    ),
    "evidence_missing": (
        "Spara först det som ska bort: en skärmbild, en fil, eller namn, datum och vad som stod där."
    ),
    "evidence_kind": "Bara bilder (PNG, JPEG) och PDF tas emot. Har du ingen bild, skriv av det som stod.",
    "number_missing": "Ange ärendets nummer i diariet.",
    "number_too_long": "Diarienumret är för långt. Högst 60 tecken går bra.",
    "advice_missing": "Skriv ditt råd. Den som ska svara läser det.",
    "end_missing": "Välj hur saken har tagits om hand.",
    "receiver_missing": "Skriv arbetsadressen till den som ska ta över.",
    "watchers_missing": "Skriv arbetsadressen till minst en som ska bevaka inlägget.",
    "not_skippable": "Det steget ska göras. Riktlinjen låter det inte utgå.",
    "case_closed": "Ärendet är redan avslutat.",
    "case_not_done": (
        "Det finns steg kvar som ska göras: {steps}. Gör dem först, eller be kommunikationsenheten avsluta."
    ),
    "nothing_chosen": "Välj ett svar för minst ett konto.",
    "nothing_said": "Skriv vad du kom fram till. Ingen annan får veta det annars.",
    "diary_number_missing": "Skriv handlingens diarienummer, till exempel KS 2026/123.",
    "diary_number_too_long": "Diarienumret är för långt: {length} tecken. Högst {limit} tecken går bra.",
    "only_registry": "Det här får bara kommunikationsenheten och registratorn göra.",
    "hand_out_too_large": (
        "Handlingarna är för stora för en fil. Högst {limit} MB går bra. Välj en kortare tid."
    ),
    "sample_wrong": "Urvalet kan vara från 0 till {most} konton.",
    "hand_out_empty": "Det finns inga handlingar från den tiden. Välj en längre tid.",
    "act_too_late": "Tiden att bekräfta har gått ut, och inget är ändrat. Begär det på nytt om det behövs.",
    "municipality_missing": "Ange vilken kommun det gäller med dess kortnamn: {slugs}.",
    "account_unknown": (
        "Inget konto hittades, och inget är ändrat. Skriv kontots namn eller adress{candidates}"
    ),
    "account_not_one": (
        "Flera konton stämmer, och inget är ändrat. Skriv kontots adress i stället: {candidates}."
    ),
    "unit_unknown": "Ingen enhet hittades, och inget är ändrat. Skriv enhetens namn eller kod{candidates}",
    "unit_not_one": "Flera enheter heter så, och inget är ändrat. Skriv enhetens kod: {candidates}.",
    "question_unknown": "Kontot har ingen sådan fråga, och inget är ändrat{candidates}",
    "question_not_one": "Flera frågor stämmer, och inget är ändrat. Skriv frågans hela namn: {candidates}.",
    "import_kind_missing": "Välj vad som finns i filen: enheter, personer eller konton.",
    "table_missing": "Välj en fil att läsa in: CSV eller Excel (XLSX).",
    "address_not_ours": "Ansökan görs med en arbetsadress hos kommunen: {domains}.",
    "name_missing": "Skriv namnet på den som söker: adressen är ny för Kanalvakt.",
    "rules_missing": "Ange en regelfils namn, eller klistra in en fil. Det ena av dem.",
    "role_unknown": "{name} är inte {role} för kontot.",
    "letter_unknown": (
        "Inget som väntar på personen om kontot har ett eget brev. Det som klockan frågar om står i "
        "morgonbrevet."
    ),
    "table_unreadable": "Raderna går inte att läsa in, och inget är ändrat. {says}",
    "rules_unreadable": "Reglerna går inte att läsa, och inget är ändrat. {says}",
    "own_matter_open": (
        "Du har själv begärt eller beslutat i något som inte är avgjort, eller är föreslagen till en roll, "
        "och en import kan ändra vem som avgör det. Någon annan på kommunikationsenheten får göra den."
    ),
    "own_application": (
        "Rad {row}, {name}: du har själv sökt om ett sådant konto utan att det har godkänts, och inget är "
        "ändrat. Någon annan på kommunikationsenheten får läsa in raden, eller så tar du bort den."
    ),
    "language_unknown": "Välj ett av språken på sidan.",
    "name_too_long": "Namnet är för långt: {length} tecken. Högst {limit} tecken går bra.",
    "colour_wrong": "Det är ingen färgkod: ”{written}”. Skriv # och sex tecken, till exempel #1d5c63.",
    "logotype_unusable": "Logotypen kan inte användas. {says}",
    "wording_faulty": "Texten kan inte användas än. Rätta det som står vid fälten.",
    "nothing_to_repair": "Det finns inget sådant steg att rätta i ärendet.",
}


class Refused(Exception):
    """An act was not done. Nothing has changed."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code = code
        self.values = values
        super().__init__(self.says())

    def says(self) -> str:
        """One sentence or two, in the language spoken: what is wrong and what to do."""
        values = {name: _shown(name, value) for name, value in self.values.items()}
        return said(SAYS[self.code]).format(**values)


_OF_POLICY = ("label", "steps")
"""Values that are the policy's own words."""


def _shown(name: str, value: Any) -> Any:
    """A day or an instant as people write it, and everything else as it is."""
    if name in _OF_POLICY:
        return swedish(str(value))
    if isinstance(value, datetime):
        return moment_words(value)
    return day_words(value) if isinstance(value, date) else value
