"""The hours of a case: until when something is to be done, and when it is reminded of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lifecycle.case_steps import CaseKind, answers_for, ends_of, main_step
from lifecycle.conditions import Facts, binds
from lifecycle.law import Law
from lifecycle.working_days import Calendar
from policies.duties import Answer, CaseEnd, CaseStep, Counted, Matter, Removal
from policies.keys import Modality, Rule


@dataclass(frozen=True)
class Reminder:
    """An instant at which a limit is reminded of; one that runs by the clock also at night."""

    at: datetime
    by_clock: bool


@dataclass(frozen=True)
class Limits:
    """The instants of a case. All are empty where no clause gives hours."""

    due_at: datetime | None = None
    """It must be done by then."""
    advised_at: datetime | None = None
    """It should."""
    by_clock: bool = False
    """Whether `due_at` runs by the clock: then it is an alarm when it has passed, at any hour."""
    reminders: Sequence[Reminder] = ()
    """In order of time."""
    rules: Sequence[Rule] = ()
    """What the hours rest on, besides the kind's own rule."""

    @property
    def are_given(self) -> bool:
        """Whether any clause gives hours."""
        return self.due_at is not None or self.advised_at is not None

    def next_reminder_at(self, now: datetime) -> datetime | None:
        """The first reminder that is still to come."""
        return next((one.at for one in self.reminders if one.at > now), None)


@dataclass(frozen=True)
class _Hours:
    rule: Rule
    hours: int
    counted: Counted

    def end(self, calendar: Calendar, start: datetime, percent: int = 100) -> datetime:
        """When so much of the time has passed."""
        if self.counted is Counted.CLOCK:
            return start + timedelta(hours=self.hours) * percent / 100
        return calendar.weekday_hours_after(start, max(1, self.hours * percent // 100))


def limits_of(law: Law, kind: CaseKind, facts: Facts, noticed_at: datetime) -> Limits:
    """A case's own hours, else those in which questions are answered, counted from when it was noticed."""
    hours = list(_hours_of(law, kind, facts, noticed_at))
    must = _shortest(law, noticed_at, [one for one in hours if binds(one.rule)])
    should = _shortest(law, noticed_at, [one for one in hours if one.rule.modality is Modality.SHOULD])
    reminders = [found for one in (must, should) if one and (found := _reminder(law, one, noticed_at))]
    return Limits(
        due_at=must.end(law.calendar, noticed_at) if must else None,
        advised_at=should.end(law.calendar, noticed_at) if should else None,
        by_clock=must is not None and must.counted is Counted.CLOCK,
        reminders=sorted(reminders, key=lambda one: one.at),
        rules=[one.rule for one in hours if one.rule is not kind.rule],
    )


def _hours_of(law: Law, kind: CaseKind, facts: Facts, noticed_at: datetime) -> Iterator[_Hours]:
    own: Removal | Matter | None = kind.removal or kind.matter
    if own is not None and own.within_hours:
        yield _Hours(own, own.within_hours, own.counted or Counted.CLOCK)
    elif _is_answered(kind):
        for rule in answers_for(law, facts, law.day_of(noticed_at)):
            if rule.within_hours:
                yield _Hours(rule, rule.within_hours, rule.counted)


def _is_answered(kind: CaseKind) -> bool:
    """Nothing is asked of a case that the policy does not speak of."""
    asked = isinstance(kind.rule, Matter | Answer) and main_step(kind) is CaseStep.SETTLE
    return asked and not {CaseEnd.ANSWERED, CaseEnd.FORWARDED}.isdisjoint(ends_of(kind))


def _shortest(law: Law, noticed_at: datetime, hours: Sequence[_Hours]) -> _Hours | None:
    return min(hours, key=lambda one: one.end(law.calendar, noticed_at), default=None)


def _reminder(law: Law, hours: _Hours, noticed_at: datetime) -> Reminder | None:
    """What runs by weekdays is reminded of in working hours, if there are any before its end."""
    at = hours.end(law.calendar, noticed_at, law.policy.settings.case_reminder_percent)
    if hours.counted is Counted.CLOCK:
        return Reminder(at, by_clock=True)
    at = law.calendar.working_time_from(at)
    return Reminder(at, by_clock=False) if at < hours.end(law.calendar, noticed_at) else None
