"""What the workflow runtime asks about Glue's definitions across regions, which no call of AWS answers."""

from __future__ import annotations

from typing import Any

from moto.glue.models import glue_backends

from sandbox.kernel.extend import ACCOUNT
from sandbox.kernel.inspection import inspection


@inspection
def glue_schedules() -> list[dict[str, Any]]:
    """What starts by the clock: activated triggers and scheduled crawlers, of all regions."""
    found: list[dict[str, Any]] = []
    for region, backend in list(glue_backends[ACCOUNT].items()):
        for trigger in list(backend.triggers.values()):
            if trigger.trigger_type == "SCHEDULED" and trigger.state == "ACTIVATED":
                found.append({"region": region, "trigger": trigger.as_dict(), "expression": trigger.schedule})
        for crawler in list(backend.crawlers.values()):
            if crawler.schedule:
                found.append({"region": region, "crawler": crawler.name, "expression": crawler.schedule})
    return found


@inspection
def glue_conditional_triggers(region: str) -> list[dict[str, Any]]:
    """Activated conditional triggers that belong to no workflow."""
    triggers = list(glue_backends[ACCOUNT][region].triggers.values())
    return [
        trigger.as_dict()
        for trigger in triggers
        if trigger.trigger_type == "CONDITIONAL" and trigger.state == "ACTIVATED" and not trigger.workflow_name
    ]
