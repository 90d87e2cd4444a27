"""An invented municipality with a unit, its people and a policy: what the portal's tests happen in."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from acts.looking import look
from acts.policies import adopt
from acts.work import work
from lifecycle.events import By
from models import Municipality, Person, PostHolder, Unit, UnitLevel
from notifications import links
from policies.loading import content_of, load_policy
from runtime.database import writing
