"""What an account's run is found by never takes it for another kind of run."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from acts.faces import KEPT_TAGS, tags_of
from acts.municipalities import NewMunicipality
from models import Account, Municipality, Unit, UnitLevel

FILE = Path(__file__).resolve().parents[2] / "prefect.yaml"


def test_the_kept_tags_are_those_of_the_deployments() -> None:
    deployments = yaml.safe_load(FILE.read_text("utf-8"))["deployments"]
    assert {tag for one in deployments for tag in one["tags"]} == KEPT_TAGS


@pytest.mark.parametrize("tag", ["rond", "system", "formular", "konto"])
def test_no_municipality_has_such_a_short_name(tag: str) -> None:
    new = NewMunicipality(tag, "Exempelby", ["example.org"], "kanalvakt@example.org")
    assert new.faults() == [f"Kortnamnet ”{tag}” går inte: så märks körningar i Prefect. Välj ett annat."]


@pytest.mark.parametrize("tag", ["rond", "system", "formular", "konto"])
def test_a_unit_of_that_name_is_no_tag(tag: str) -> None:
    town = Municipality(slug="exempelby", name="Exempelby", mail_domains=[], sender_address="")
    unit = Unit(municipality_id=1, code="x", name=tag, level=UnitLevel.UNIT)
    now = datetime(2026, 12, 1, tzinfo=UTC)
    account = Account(municipality_id=1, state_since=now, policy_version_id=1, platform="youtube")
    assert tags_of(account, town, unit) == ("exempelby", "YouTube")
