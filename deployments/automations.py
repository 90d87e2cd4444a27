"""The alarms that Prefect itself sends, by a way that does not depend on our letters."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.blocks.notifications import CustomWebhookNotificationBlock, MicrosoftTeamsWebhook, SlackWebhook
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events.actions import SendNotification
from prefect.events.schemas.automations import Automation, AutomationCore, EventTrigger, Posture
from prefect.types import SecretDict
from pydantic import SecretStr

BLOCK = "kanalvakt-larm"
FAILED, SILENT = "Kanalvakt: något är fel", "Kanalvakt: klockan är tyst"
WATCH = "tystnad"
"""The deployment whose failure is the alarm, and whose silence is another."""
SILENT_FOR = timedelta(hours=3)
_TEAMS = ("logic.azure.com", "powerplatform.com", "powerautomate.com")


def alarm_block(
    address: str,
) -> CustomWebhookNotificationBlock | MicrosoftTeamsWebhook | SlackWebhook:
    """How an alarm reaches its address: as Teams or Slack want it, or as JSON with subject and body."""
    if any(host in address for host in _TEAMS):
        return MicrosoftTeamsWebhook(url=SecretStr(address))
    if "hooks.slack.com" in address:
        return SlackWebhook(url=SecretStr(address))
    return CustomWebhookNotificationBlock(
        name="larm",
        # The address is a secret, and Prefect shows everything of a block but its secrets to all its users.
        url="{{address}}",
        secrets=SecretDict({"address": address}),
        json_data={"subject": "{{subject}}", "body": "{{body}}"},
    )


def set_alarms(to: str) -> None:
    """Have Prefect send its alarms to a webhook, or to nobody when it is empty; nothing is there twice.

    What is as it should be is left alone: the time without a sign of life is counted from the last change.
    """
    with get_client(sync_client=True) as client:
        if to:
            _set_alarms(client, _saved(to))
        else:
            for name in (FAILED, SILENT):
                _delete(client, client.read_automations_by_name(name))


def _set_alarms(client: SyncPrefectClient, block_id: UUID) -> None:
    deployment = client.read_deployment_by_name(f"silence/{WATCH}").id
    theirs: dict[str, str | list[str]] = {
        "prefect.resource.role": "deployment",
        "prefect.resource.id": f"prefect.deployment.{deployment}",
    }
    failed = EventTrigger(
        expect={"prefect.flow-run.Failed", "prefect.flow-run.Crashed"},
        match_related=theirs,
        posture=Posture.Reactive,
        threshold=1,
    )
    alive = {"prefect.flow-run.Completed", "prefect.flow-run.Failed"}
    silent = EventTrigger(
        # Each sign of life begins a new interval. Without `after` Prefect counts intervals that follow one
        # another, whenever the sign came, and tells of silence after two or three of them.
        after=alive,
        expect=alive,
        match_related=theirs,
        posture=Posture.Proactive,
        threshold=1,
        within=SILENT_FOR,
    )
    _ensure(client, FAILED, failed, block_id, "{{ flow_run.state.message }}")
    _ensure(client, SILENT, silent, block_id, "Ingen har sett efter ronderna på tre timmar. Går arbetaren?")


def _saved(address: str) -> UUID:
    block = alarm_block(address)
    saved = block.save(BLOCK, overwrite=True)
    assert isinstance(saved, UUID)
    return saved


def _ensure(client: SyncPrefectClient, name: str, trigger: EventTrigger, block_id: UUID, body: str) -> None:
    wanted = AutomationCore(
        name=name,
        enabled=True,
        trigger=trigger,
        actions=[SendNotification(block_document_id=block_id, subject=name, body=body)],
    )
    known = client.read_automations_by_name(name)
    _delete(client, known[1:])
    if not known:
        client.create_automation(wanted)
    elif _told(known[0]) != _told(wanted):
        client.update_automation(known[0].id, wanted)


def _delete(client: SyncPrefectClient, automations: Sequence[Automation]) -> None:
    for one in automations:
        client.delete_automation(one.id)


def _told(automation: AutomationCore) -> dict[str, Any]:
    """What an automation does, without what the server adds."""
    said = automation.model_dump(mode="json", include={"enabled", "trigger", "actions"})
    said["trigger"].pop("id", None)
    return said
