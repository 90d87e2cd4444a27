"""How duties are carried out where no clause says. Every product default stands here, and only here."""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from policies.keys import Label, Month, Role, Signing, SpanUnit, Strict, Weekday, key


def _is_a_day_each_year(written: str) -> str:
    try:
        date.fromisoformat(f"2027-{written}")
    except ValueError as error:
        raise ValueError(
            f'"{written}" är ingen dag som varje år har: skriv månad-dag, t.ex. 12-01'
        ) from error
    return written


MonthAndDay = Annotated[str, AfterValidator(_is_a_day_each_year)]
"""A day of any year, as "12-01"."""


class Ladder(Strict):
    """When an open task is reminded of, and who hears of it at last. Working days."""

    first: int = key(
        "Första påminnelsen efter så många arbetsdagar",
        by="lifecycle.ladder:first_reminder_at",
        default=3,
        ge=1,
        le=60,
    )
    every: int = key(
        "Därefter med så många arbetsdagars mellanrum", by="lifecycle.ladder:climb", default=3, ge=1, le=60
    )
    at_most: int = key("Högst så många påminnelser", by="lifecycle.ladder:climb", default=2, ge=0, le=20)
    then: Role = key("Vem som sedan får veta", by="lifecycle.ladder:climb", default=Role.COMMUNICATIONS)


class Closure(Strict):
    """Days on which the municipality is closed."""

    from_on: date = key("Första stängda dag", by="lifecycle.working_days:calendar_of", alias="from")
    until_on: date = key("Sista stängda dag", by="lifecycle.working_days:calendar_of", alias="until")

    @model_validator(mode="after")
    def _in_order(self) -> "Closure":
        if self.until_on < self.from_on:
            raise ValueError("until ligger före from")
        return self


class Settings(Strict):
    """The municipality's own settings. None of them creates a duty."""

    role_names: dict[Role, Label] = key(
        "Vad rollerna heter i kommunen", by="policies.naming:role_name", default_factory=dict
    )
    ladder: Ladder = key("Påminnelser", by="lifecycle.ladder:climb", default_factory=Ladder)
    consultation_days: int = key(
        "Arbetsdagar ett samråd väntar på svar", by="lifecycle.chains:open_step", default=10, ge=1, le=60
    )
    last_resort: Role = key(
        "Vem som avgör när ingen annan finns",
        by="lifecycle.roles:find_holders",
        default=Role.COMMUNICATIONS_DIRECTOR,
    )
    regret_minutes: int = key(
        "Minuter då ett svar kan tas tillbaka av den som gav det",
        by="lifecycle.regret:take_back",
        default=60,
        ge=0,
        le=1440,
    )
    signing: Signing = key(
        "Hur den som beslutar visar vem den är: link (brevets länk) eller sign-in (också en inloggning)."
        " Beslut är stegen som beslutar i kedjorna, nya regler, utvärderingar, bedömningar av konton som inte"
        " sköts, ett avslut som ingen annan beslutar om, det som bekräftas med en länk i ett brev, och att"
        " lämna över, hoppa över eller flytta ett beslut. Råd, checklistans punkter och bevakningen är"
        " inga beslut",
        by="lifecycle.identifying:demand_identity",
        default=Signing.LINK,
    )
    setting_up_days: int = key(
        "Arbetsdagar ett godkänt konto får ta att ställa i ordning",
        by="lifecycle.setting_up:lapse_if_late",
        default=40,
        ge=5,
        le=250,
    )
    setting_up_reminders: list[Annotated[int, Field(ge=1)]] = key(
        "Arbetsdagar efter godkännandet då det påminns om",
        by="lifecycle.setting_up:lapse_if_late",
        default=[15, 30],
        min_length=1,
        max_length=6,
    )
    draft_days: int = key(
        "Dagar ett orört utkast sparas", by="lifecycle.drafts:tidy", default=60, ge=7, le=366
    )
    draft_reminder_days: int = key(
        "Dagar efter senaste ändring då utkastet påminns om",
        by="lifecycle.drafts:tidy",
        default=50,
        ge=1,
        le=365,
    )
    link_days: int = key(
        "Dagar en länk för ett svar lever", by="notifications.links:expires_at", default=21, ge=1, le=60
    )
    work_begins: time = key("Då arbetsdagen börjar", by="lifecycle.working_days:calendar_of", default=time(8))
    work_ends: time = key("Då arbetsdagen slutar", by="lifecycle.working_days:calendar_of", default=time(17))
    bridge_days: list[date] = key(
        "Egna klämdagar", by="lifecycle.working_days:calendar_of", default_factory=list, max_length=60
    )
    closures: list[Closure] = key(
        "Egna stängda perioder", by="lifecycle.working_days:calendar_of", default_factory=list, max_length=20
    )
    digest_at: time = key("Klockslag för morgonbrevet", by="lifecycle.morning:gather", default=time(8))
    watch_confirmed: bool = key(
        "Om den som har tittat till ett konto bekräftar det", by="lifecycle.watching:open_watch", default=True
    )
    watch_ends_at: time = key(
        "Klockslag då en obekräftad bevakningsdag räknas som missad",
        by="lifecycle.watching:open_watch",
        default=time(20),
    )
    watch_ladder: Ladder = key(
        "När missade bevakningsdagar i rad påminns om, och vem som sedan får veta",
        by="lifecycle.missed_days:rung_of",
        default_factory=lambda: Ladder(first=1, every=1, at_most=2, then=Role.LINE_MANAGER),
    )
    watch_days: Literal["weekdays", "all_days"] = key(
        "Bevakning när riktlinjen inte säger hur ofta", by="lifecycle.duties:duties_of", default="weekdays"
    )
    posting_days: list[Weekday] = key(
        "Veckodagar då det kontrolleras om något har publicerats",
        by="lifecycle.posting:latest_posting_day",
        default=["monday", "thursday"],
        min_length=1,
        max_length=5,
    )
    case_reminder_percent: int = key(
        "När så många procent av ett ärendes tid har gått påminns om fristen",
        by="lifecycle.case_times:limits_of",
        default=50,
        ge=10,
        le=95,
    )
    common_post_days: int = key(
        "Dagar som den som har lagt ut ett inlägg i en gemensam kanal bevakar det",
        by="lifecycle.cases:open_case",
        default=7,
        ge=1,
        le=90,
    )
    posting_window_days: int = key(
        "Dagar inom vilka något ska ha publicerats när riktlinjen bara säger regelbundet",
        by="lifecycle.posting_stands:window_of",
        default=14,
        ge=1,
        le=366,
    )
    inactivity_days: int = key(
        "Så länge utan inlägg eller bevakning räknas som att kontot inte sköts, när riktlinjen inte säger",
        by="lifecycle.idle:threshold_of",
        default=90,
        ge=1,
        le=1000,
    )
    inactivity_unit: SpanUnit = key(
        "Vad den tiden räknas i", by="lifecycle.idle:threshold_of", default="days"
    )
    inactivity_warning_days: int = key(
        "Dagar i förväg som det sägs till att kontot håller på att räknas som inte skött",
        by="lifecycle.inactivity:settle_inactivity",
        default=14,
        ge=1,
        le=365,
    )
    kept_days_at_most: int = key(
        "Dagar som ett konto högst får behållas eller vila efter en bedömning",
        by="lifecycle.reviewing:answer_review",
        default=366,
        ge=1,
        le=1100,
    )
    evaluation_months: int = key(
        "Månader mellan utvärderingar när riktlinjen inte säger",
        by="lifecycle.duties:duties_of",
        default=12,
        ge=1,
        le=60,
    )
    weeding_months: list[Month] = key(
        "Månader då det frågas efter gallring varje halvår; den första gäller dokumenthanteringsplanen",
        by="lifecycle.weeding:occasion_of",
        default=[1, 7],
        min_length=1,
        max_length=12,
    )
    letters_kept_months: int = key(
        "Månader som skickade brev sparas", by="lifecycle.erasing:erase", default=24, ge=1, le=120
    )
    details_kept_months: int = key(
        "Månader som personliga uppgifter i loggen sparas (skäl, namn, texter)",
        by="lifecycle.erasing:erase",
        default=60,
        ge=1,
        le=240,
    )
    cases_kept_months: int = key(
        "Månader efter att ett ärende stängts som dess texter och bevis sparas",
        by="lifecycle.erasing:erase",
        default=24,
        ge=1,
        le=240,
    )
    evaluation_on: MonthAndDay | None = key(
        "Gemensam dag för utvärderingarna, månad och dag",
        by="lifecycle.evaluating:next_on",
        default=None,
    )
    evaluation_young_months: int = key(
        "Månader ett konto ska ha funnits för att utvärderas på den gemensamma dagen",
        by="lifecycle.evaluating:next_on",
        default=3,
        ge=0,
        le=12,
    )
    evaluation_grace_days: int = key(
        "Arbetsdagar en utvärdering väntar sedan den som sist får veta har fått veta",
        by="lifecycle.evaluating:end_unanswered",
        default=10,
        ge=1,
        le=120,
    )
    evaluation_no_answer: Literal["continue", "rest", "close", "red"] = key(
        "Vad som gäller när ingen har utvärderat",
        by="lifecycle.evaluating:end_unanswered",
        default="continue",
    )
    renewal_months: int = key(
        "Månader tills en punkt bekräftas på nytt när riktlinjen inte säger",
        by="lifecycle.renewals:months_between",
        default=12,
        ge=1,
        le=60,
    )
    snapshot_months: list[Month] = key(
        "Månader då ögonblicksbilder tas",
        by="lifecycle.duties:duties_of",
        default=[1, 7],
        min_length=1,
        max_length=12,
    )
    handle_looks_a_day: int = key(
        "Så många adresser och liknande namn som högst ses efter per dag; 0 betyder inga",
        by="lifecycle.handles:handles_to_look_at",
        default=30,
        ge=0,
        le=500,
    )
    calendar_months: int = key(
        "Månader en persons kalenderadress gäller",
        by="acts.calendars:subscribe",
        default=12,
        ge=1,
        le=60,
    )
    staff_gone_percent: int = key(
        "Så många procent av de anställda får saknas i en personallista; saknas fler läses den inte in",
        by="lifecycle.staff_list:would_remove_too_many",
        default=10,
        ge=1,
        le=100,
    )
    end_warning_days: int = key(
        "Dagar före ett kontos slutdatum då de som sköter det får veta",
        by="lifecycle.resting:ending_soon",
        default=30,
        ge=1,
        le=366,
    )
    crisis_watch_times_a_day: int = key(
        "Så många gånger om dagen ett konto som ska bevakas ses till i kris",
        by="lifecycle.watching:watch_of",
        default=2,
        ge=1,
        le=24,
    )
    accessibility_contact: Label | None = key(
        "E-post, webbadress eller telefon för den som inte kan använda något här, helst ett sätt att skriva; "
        "annars kommunikationsenhetens brevlåda",
        by="lifecycle.statement:statement_of",
        default=None,
    )
    accessibility_assessed_on: date | None = key(
        "Dag då kommunen själv senast bedömde portalens tillgänglighet; annars den dag produkten bedömdes",
        by="lifecycle.statement:statement_of",
        default=None,
    )
    accessibility_shortcomings: list[Label] = key(
        "Brister i tillgänglighet som kommunen själv har funnit, var och en med vad den beror på",
        by="lifecycle.statement:statement_of",
        default_factory=list,
        max_length=20,
    )

    @model_validator(mode="after")
    def _reminders_come_before_the_end(self) -> "Settings":
        if max(self.setting_up_reminders) >= self.setting_up_days:
            raise ValueError("setting_up_reminders ska ligga före setting_up_days")
        if self.draft_reminder_days >= self.draft_days:
            raise ValueError("draft_reminder_days ska vara mindre än draft_days")
        if self.watch_ends_at <= self.digest_at:
            raise ValueError("watch_ends_at ska vara senare än digest_at")
        if self.work_ends <= self.digest_at:
            raise ValueError("digest_at ska vara tidigare än work_ends")
        if self.work_ends <= self.work_begins:
            raise ValueError("work_ends ska vara senare än work_begins")
        return self
