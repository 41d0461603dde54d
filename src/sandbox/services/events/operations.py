"""Amazon EventBridge: what the gateway must know to keep a schedule."""

from __future__ import annotations

import importlib
from typing import Any

from moto.events.models import events_backends

from sandbox.kernel.extend import ACCOUNT
from sandbox.kernel.inspection import inspection

# `lambda` is a word of the language: the folder that is named as AWS names its service cannot be imported by a statement.
find_function = importlib.import_module("sandbox.services.lambda.operations").find_function


@inspection
def schedules() -> list[dict[str, Any]]:
    """The enabled rules with a schedule, in all regions, and what they call."""
    found = []
    for region, backend in events_backends[ACCOUNT].items():
        for bus in backend.event_buses.values():
            for rule in bus.rules.values():
                if rule.scheduled_expression and rule.state.startswith("ENABLED"):
                    targets = [{**target, "permitted": _permits(target["Arn"], rule.arn)} for target in rule.targets]
                    found.append({"arn": rule.arn, "region": region, "expression": rule.scheduled_expression, "targets": targets})
    return found


def _permits(function_arn: str, rule_arn: str) -> bool:
    """Whether a function's own policy lets EventBridge invoke it for this rule. Anything but a function needs no such leave."""
    parts = function_arn.split(":")
    if len(parts) < 7 or parts[2] != "lambda":
        return True
    found = find_function(parts[3], function_arn, None)
    for statement in found.policy.statements if found else []:
        service = statement.get("Principal", {})
        service = service.get("Service") if isinstance(service, dict) else service
        source = statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn")
        if statement.get("Effect", "Allow") == "Allow" and service in ("events.amazonaws.com", "*") and source in (None, rule_arn):
            return True
    return False
