"""The active life in the process's picture: what comes again and again, and what happens now and then."""

from collections.abc import Iterator

from lifecycle.case_steps import QUESTION, REMOVAL, CaseKind, is_skippable, step_label, steps_from
from lifecycle.duties import DAYS, FORMATS, MONTHS, WEEDED_AT, hours_words, inside
from lifecycle.process_steps import RED, state_key
from lifecycle.process_wording import Wording, capital, counted, months_words
from models import AccountState as S
from models import TaskKind
from policies.duties import (
    Answer,
    CaseStep,
    Counted,
    Crisis,
    Documentation,
    Evaluation,
    Matter,
    Posting,
    Removal,
    Watch,
    Weeding,
)
from policies.keys import Modality, Role
from policies.naming import CASE_STEP_WORDS, LITERAL_WORDS, listed
from policies.process_shape import Bpmn, Flow, Node, Stage
from policies.rules import Item

_OWN = "kommunens inställning"
_WEEKDAYS = {name: LITERAL_WORDS[name] for name in ("monday", "tuesday", "wednesday", "thursday", "friday")}


def recurring_stage(words: Wording) -> Stage:
    """What the clock asks of an open account; the life itself, where a policy asks nothing."""
    nodes = tuple(_recurring(words))
    says = (
        "Det här kommer tillbaka så länge kontot är öppet."
        if nodes
        else "Reglerna ber inte om något som återkommer."
    )
    return Stage(state_key(S.ACTIVE), "Öppet konto", says, nodes, counted=state_key(S.ACTIVE))


def _recurring(words: Wording) -> Iterator[Node]:
    rules = words.law.policy.rules
    for number, watch in enumerate(words.still(rules.watch)):
        yield _watch(words, watch, duty_key(TaskKind.WATCH, number))
    for number, posting in enumerate(words.still(rules.posting)):
        yield _posting(words, posting, duty_key(TaskKind.POST, number))
    for number, picture in enumerate(words.still(rules.documentation)):
        yield _documentation(words, picture, duty_key(TaskKind.TAKE_SNAPSHOT, number))
    for number, weeding in enumerate(_weeded_while_open(words)):
        yield _weeding(words, weeding, duty_key(TaskKind.WEED, number))
    for number, item in enumerate(one for one in words.still(rules.setting_up) if is_renewed(one)):
        yield _renewal(words, item, duty_key(TaskKind.RENEW, number))
    for number, evaluation in enumerate(words.still(rules.evaluation)):
        yield _evaluation(words, evaluation, duty_key(TaskKind.EVALUATE, number))


def case_key(kind: str) -> str:
    """What the node of a kind of case is called."""
    return f"case:{kind}"


def duty_key(kind: TaskKind, number: int = 0) -> str:
    """What the node of a duty is called. The first of its kind bears the number of accounts asked."""
    return f"duties:{kind.value}" + (f":{number + 1}" if number else "")


def _watch(words: Wording, rule: Watch, key: str) -> Node:
    settings = words.law.policy.settings
    often = DAYS[rule.days or settings.watch_days]
    times = f", {rule.times_a_day} gånger" if rule.times_a_day and rule.times_a_day > 1 else ""
    own = () if rule.days else (f"Riktlinjen säger inte hur ofta: {_OWN}.",)
    ends_at = settings.watch_ends_at.strftime("%H.%M")
    ladder = settings.watch_ladder
    asked = (
        f"Bekräftas i morgonbrevet; obekräftad kl. {ends_at} räknas dagen som missad.",
        f"Missade dagar påminns om {counted(ladder.at_most, 'gång', 'gånger')}, "
        f"sedan får {words.role(ladder.then)} veta det.",
    )
    says = (*own, *asked) if settings.watch_confirmed else own
    return words.node(
        rule,
        key,
        Bpmn.TIMER_EVENT,
        "Titta till kontot",
        when=f"{often}{times}",
        who=words.role(Role.ADMINISTRATOR),
        says=says,
    )


def _posting(words: Wording, rule: Posting, key: str) -> Node:
    settings = words.law.policy.settings
    low, high = rule.a_week_at_least, rule.a_week_up_to
    if low and high and low != high:
        often = f"minst {low}–{high} gånger i veckan"
    elif low or high:
        often = f"{'minst' if low else 'upp till'} {counted(low or high or 0, 'gång', 'gånger')} i veckan"
    else:
        often = "regelbundet"
    days = listed([_WEEKDAYS[day] for day in settings.posting_days])
    window = f"Minst var {settings.posting_window_days}:e dag ({_OWN})."
    says = ((window,) if often == "regelbundet" else ()) + (f"Kanalvakt ser efter {days}.",)
    return words.node(
        rule, key, Bpmn.TIMER_EVENT, "Publicera", when=often, who=words.role(Role.ADMINISTRATOR), says=says
    )


def _documentation(words: Wording, rule: Documentation, key: str) -> Node:
    months = words.law.policy.settings.snapshot_months
    months = [one for one in (months[:1] if rule.every == "year" else months)]
    named = [MONTHS[one - 1] for one in months if one not in (rule.excluded_months or ())]
    says = [f"I {listed(named)} ({_OWN}). Kanalvakt tar bilden när det går, annars lämnas den in."]
    says += [f"Lämnas till {words.role(rule.sent_to)}."] if rule.sent_to else []
    says += [f"Sparas i {rule.folder.rstrip('.')}."] if rule.folder else []
    change = " och vid större förändring" if rule.at_major_change else ""
    return words.node(
        rule,
        key,
        Bpmn.TIMER_EVENT,
        "Spara en bild av kontot" + ("" if rule.format == "picture" else f" som {FORMATS[rule.format]}"),
        when=f"{LITERAL_WORDS[rule.every]}{change}",
        who=words.role(rule.taken_by),
        says=says,
    )


def _weeded_while_open(words: Wording) -> list[Weeding]:
    return [
        rule
        for rule in words.still(words.law.policy.rules.weeding)
        if rule.after_days or set(rule.at) != {"channel_end"}
    ]


def _weeding(words: Wording, rule: Weeding, key: str) -> Node:
    occasions = [f"efter {counted(rule.after_days, 'dag', 'dagar')}"] if rule.after_days else []
    occasions += [WEEDED_AT[one] for one in rule.at if one != "channel_end"]
    return words.node(
        rule,
        key,
        Bpmn.TIMER_EVENT,
        f"Gallra {inside(rule.matter)}",
        when=" eller ".join(occasions),
        who=words.role(Role.RESPONSIBLE),
    )


def is_renewed(item: Item) -> bool:
    """Whether a line is confirmed anew while the account is open."""
    return item.renewed or item.renewed_every_months is not None


def _renewal(words: Wording, item: Item, key: str) -> Node:
    own = item.renewed_every_months is None
    months = item.renewed_every_months or words.law.policy.settings.renewal_months
    return words.node(
        item,
        key,
        Bpmn.TIMER_EVENT,
        f"Bekräfta på nytt: {inside(item.label)}",
        when=months_words(months),
        who=words.role(item.confirmed_by),
        says=(f"Riktlinjen säger inte hur ofta: {_OWN}.",) if own else (),
    )


def _evaluation(words: Wording, rule: Evaluation, key: str) -> Node:
    settings, rules = words.law.policy.settings, words.law.policy.rules
    own = rule.every_months is None
    says = [f"Riktlinjen säger inte hur ofta: {_OWN}."] if own else []
    promises = sum(field.evaluated for field in rules.plan)
    if promises:
        says.append(f"{counted(promises, 'löfte', 'löften')} i planen jämförs med resultatet.")
    if questions := words.still(rules.evaluation_questions):
        says.append(f"{counted(len(questions), 'fråga', 'frågor')} besvaras med ja eller nej.")
    if rule.told_to:
        says.append(f"Resultatet lämnas till {words.roles(rule.told_to)}.")
    says.append(f"Svarar ingen: {LITERAL_WORDS[settings.evaluation_no_answer]} ({_OWN}).")
    return words.node(
        rule,
        key,
        Bpmn.TIMER_EVENT,
        "Utvärdera kontot",
        when=months_words(settings.evaluation_months if own else rule.every_months or 0),
        who=words.role(rule.done_by),
        says=says,
        parts=[one.label for one in questions],
        also=questions,
    )


def duty_flows(words: Wording, asked_to_close: str) -> Iterator[Flow]:
    """What answers to duties lead to, and what follows when nobody answers."""
    rules = words.law.policy.rules
    for number, _ in enumerate(words.still(rules.evaluation)):
        key = duty_key(TaskKind.EVALUATE, number)
        yield Flow(key, state_key(S.ACTIVE), "Fortsätter, ändras eller vilar")
        yield Flow(key, asked_to_close, "Avslutas")
    for number, watch in enumerate(words.still(rules.watch)):
        if watch.modality is Modality.MUST and words.law.policy.settings.watch_confirmed:
            yield Flow(duty_key(TaskKind.WATCH, number), RED, "Missas dagar i rad")


# ---------------------------------------------------------------- when something happens


def happening_stage(words: Wording) -> Stage:
    """What is done when somebody asks, writes or posts something, or there is a crisis."""
    return Stage(
        "cases",
        "När något händer",
        "Den som sköter kontot öppnar ett ärende och tar stegen i ordning.",
        tuple(_happenings(words)),
        within=state_key(S.ACTIVE),
    )


def _happenings(words: Wording) -> Iterator[Node]:
    rules = words.law.policy.rules
    named = {one.matter for one in rules.matters} | {one.case for one in rules.removal}
    for number, answer in enumerate(words.still(rules.answer)):
        asks_alone = number == 0 and QUESTION not in named
        yield _answer(words, answer, f"answer:{number + 1}", case_key(QUESTION) if asks_alone else "")
    unnamed = 0
    for removal in words.still(rules.removal):
        unnamed += removal.case is None
        yield _removal(words, removal, removal.case or (REMOVAL if unnamed == 1 else f"{REMOVAL}-{unnamed}"))
    for matter in words.still(rules.matters):
        yield _matter(words, matter)
    for number, crisis in enumerate(words.still(rules.crisis)):
        yield _crisis(words, crisis, number)


def _answer(words: Wording, rule: Answer, key: str, counted: str) -> Node:
    return words.node(
        rule,
        key,
        Bpmn.SIGNAL_EVENT,
        "Någon frågar: svara",
        when=_answered_within(rule),
        says=(f"{capital(rule.how)}.",) if rule.how else (),
        counted=counted,
    )


def _answered_within(rule: Answer) -> str:
    if rule.within_hours:
        return f"inom {hours_words(rule.within_hours, rule.counted)}"
    return "" if rule.how else "så snart det går"


def _removal(words: Wording, rule: Removal, name: str) -> Node:
    says = [_steps(words, rule)]
    says += [f"Polisanmälan görs av {words.role(rule.police_by)}."] if rule.police_by else []
    limit = f"inom {hours_words(rule.within_hours, rule.counted)}" if rule.within_hours else "skyndsamt"
    title = rule.label or "Innehåll som ska bort"
    return words.node(
        rule,
        case_key(name),
        Bpmn.SIGNAL_EVENT,
        title,
        when=limit,
        says=says,
        parts=rule.kinds,
    )


def _matter(words: Wording, rule: Matter) -> Node:
    title, says = (rule.title, [f"{capital(rule.label)}."]) if rule.title else (rule.label, [])
    if rule.modality is not Modality.MAY:
        says.insert(0, _steps(words, rule))
    hours = hours_words(rule.within_hours, rule.counted or Counted.CLOCK) if rule.within_hours else ""
    within = f"inom {hours}" if hours else ""
    return words.node(rule, case_key(rule.matter), Bpmn.SIGNAL_EVENT, title, when=within, says=says)


def _steps(words: Wording, rule: Removal | Matter) -> str:
    """The steps of a case in their order, what waits for nothing beside what comes before it."""
    named = [_step(words, rule, step) for step in steps_from(rule)]
    return " → ".join([capital(named[0]), *named[1:]])


def _step(words: Wording, rule: Removal | Matter, step: CaseStep) -> str:
    if step is CaseStep.CONSULT and isinstance(rule, Matter) and rule.consult:
        return f"rådfråga {words.role(rule.consult)}"
    kind = CaseKind("", "", steps_from(rule), rule=rule)
    if step is CaseStep.SETTLE or is_skippable(kind, step):
        return inside(step_label(kind, step))
    return CASE_STEP_WORDS[step]


def _crisis(words: Wording, rule: Crisis, number: int) -> Node:
    says = [f"Kontona används av {words.role(rule.used_by)}."] if rule.used_by else []
    says += [f"I kris tittas det till kontot {DAYS[rule.watch_days]}."] if rule.watch_days else []
    times = rule.watch_times_a_day
    says += [f"I kris tittas det till kontot {times} gånger om dagen."] if times else []
    return words.node(
        rule, f"crisis:{number + 1}", Bpmn.SIGNAL_EVENT, rule.label, when="i kris", says=says, counted=""
    )
