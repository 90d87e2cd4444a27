"""Swedish words for what the report and the preview name."""

NOTICES = {
    "confirm_address": "väg in till en ansökan",
    "my_page": "väg in till den egna sidan",
    "draft_link": "länk till ansökan",
    "draft_reminder": "påminnelse om utkast",
    "draft_erased": "utkast raderat",
    "plan_received": "ansökan mottagen",
    "decision_asked": "fråga om beslut",
    "consultation_asked": "fråga om samråd",
    "group_asked": "enheten är tillfrågad",
    "informed": "för kännedom",
    "changes_asked": "ändra planen",
    "reminder": "påminnelse",
    "escalated": "ingen har svarat",
    "stands_red": "kontot står still",
    "handed_over": "uppgift överlämnad till dig",
    "no_longer_yours": "uppgift lämnad vidare",
    "application_approved": "ansökan godkänd",
    "application_declined": "ansökan avslagen",
    "application_withdrawn": "ansökan återtagen",
    "application_lapsed": "godkännande förfallet",
    "application_ended": "ansökan avslutad",
    "checklist": "checklista",
    "checklist_reminder": "påminnelse om checklista",
    "account_active": "kontot får användas",
    "taken_back": "svar återtaget",
    "repaired": "ärende rättat",
    "change_approved": "byte godkänt",
    "change_refused": "byte avslaget",
    "administrator_began": "ny administratör",
    "administrator_ended": "administratör slutar",
    "closing_refused": "kontot behålls",
    "address_changed": "ny adress",
    "unit_changed": "ny enhet",
    "request_withdrawn": "begäran återtagen",
    "closing_begun": "avslut påbörjat",
    "account_closed": "kontot avslutat",
    "morning": "morgonbrev",
    "fresh_link": "ny länk",
    "letter_again": "brevet en gång till",
    "snapshot_kept": "bild sparad",
    "absence": "frånvaro inlagd",
    "absence_suggested": "frånvaro föreslagen",
    "answer_by_mail": "svar som kom med e-post",
    "answer_not_counted": "svar med e-post räknas inte",
    "chain_digest": "händelseloggens kontrollsumma",
    "paper_for_diary": "handling till diariet",
    "case_alarm": "larm om ett ärende",
    "case_asked": "steg i ett ärende",
    "case_due": "tiden för ett ärende rinner ut",
    "crisis": "krisläge",
    "end_nears": "kontot avslutas snart",
    "evaluation_told": "utvärderingens resultat",
    "exempted": "undantag beslutat",
    "guideline_change_wanted": "ändring av riktlinjen önskas",
    "policy_decided": "nya regler avgjorda",
    "policy_proposed": "nya regler föreslagna",
    "rest_set": "kontot vilar",
    "stands_in": "du ersätter någon",
    "took_over": "uppgifter övertagna",
    "confirm_act": "bekräfta en åtgärd",
    "inventory": "är kontot ditt?",
}
"""What a letter is about."""
KINDS = {
    "decide": "beslut",
    "consult": "samråd",
    "inform": "för kännedom",
    "revise_plan": "ändra planen",
    "confirm_item": "punkt i checklista",
    "acknowledge": "kvittering",
    "watch": "bevakning",
    "tell_posts": "svara om inlägg",
    "post": "inlägg saknas",
    "review": "bedömning",
    "evaluate": "utvärdering",
    "take_snapshot": "lämna in bild",
    "weed": "gallring",
    "review_guideline": "se över riktlinjen",
    "look_into": "reda ut",
    "handle": "steg i ärende",
    "warn": "varning om att kontot inte sköts",
    "renew": "bekräfta på nytt",
    "approve_policy": "godkänna nya regler",
    "confirm_act": "bekräfta en åtgärd",
    "inventory": "är kontot ditt?",
}
STATES = {
    "draft": "utkast",
    "deciding": "beslutas",
    "changes_asked": "ändras",
    "setting_up": "ställs i ordning",
    "active": "aktivt",
    "closing": "avslutas",
    "closed": "avslutat",
    "declined": "avslogs",
    "withdrawn": "återtogs",
    "lapsed": "förföll",
}
REDS = {
    "no_holder": "ingen kan svara",
    "too_few_people": "för få personer",
    "no_answer": "ingen har svarat",
    "no_deputy": "ingen på plats",
    "not_watched": "inte bevakat",
    "too_few_left": "för få kvar",
    "taken_over": "kapat",
    "case_late": "ett ärende är sent",
}
REFUSALS = {
    "plan_incomplete": "planen saknar något",
    "too_few_left": "för få kvar",
    "too_many_people": "för många",
    "already_administrator": "redan administratör",
    "already_answered": "redan besvarat",
    "already_closing": "redan på väg att avslutas",
    "task_gone": "frågan är inte öppen",
    "not_holder": "ställt till någon annan",
    "state_forbids": "ärendet har gått vidare",
    "person_left": "personen har slutat",
    "no_revision": "riktlinjens översyn regleras inte",
    "no_snapshot_asked": "ingen bild efterfrågas",
    "not_yours_to_say_left": "anges av chefen",
}
PARTS = {
    "watch": "titta till kontot",
    "look": "titta till kontot",
    "asked": "ny uppgift",
    "reminded": "påminnelse",
    "late": "sent steg i ärende",
    "escalated": "ingen har svarat",
    "missed": "missad bevakning",
    "neglected": "inte bevakat på flera dagar",
    "lists": "uppgifter saknas",
    "rested": "vilan är slut",
    "informed": "för kännedom",
}
"""What stands in a morning letter."""


def notice(name: str) -> str:
    """What a letter is about."""
    return NOTICES.get(name, name)


def kind(name: str) -> str:
    """What a task asks."""
    return KINDS.get(name, name)


def red(reason: str) -> str:
    """Why an account stands red."""
    code = reason.partition(":")[0]
    return REDS.get(code, code)


def refusal(code: str) -> str:
    """Why something could not be done."""
    return REFUSALS.get(code, code)


def number(value: float) -> str:
    """With a decimal comma, and no more decimals than are worth reading."""
    return f"{value:.1f}".replace(".", ",")
