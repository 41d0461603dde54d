"""AWS Lambda and Amazon EventBridge: what the gateway must know to invoke a function and to keep a schedule."""

from __future__ import annotations

import base64
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaFunction
from moto.awslambda.utils import get_backend
from moto.events.models import events_backends

from sandbox.kernel.extend import ACCOUNT
from sandbox.kernel.inspection import inspection


@inspection
def function(region: str, name: str, qualifier: str | None = None) -> dict[str, Any] | None:
    """How a function runs, by its name or ARN; nothing when there is none."""
    found = _find(region, name, qualifier)
    if not found:
        return None
    network = found.vpc_config or {}
    return {
        "arn": found.function_arn,
        "name": found.function_name,
        "version": str(found.version),
        "runtime": found.run_time or "",
        "handler": found.handler or "",
        "role": found.role,
        "timeout": int(found.timeout),
        "memory": int(found.memory_size),
        "environment": dict(found.environment_vars or {}),
        "codeSha256": found.code_sha_256,
        "subnetIds": network.get("SubnetIds") or [],
        "securityGroupIds": network.get("SecurityGroupIds") or [],
    }


@inspection
def function_code(region: str, name: str, qualifier: str | None = None) -> str | None:
    """A function's zip, in base64."""
    found = _find(region, name, qualifier)
    return base64.b64encode(found.code_bytes).decode("ascii") if found else None


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


def _find(region: str, name: str, qualifier: str | None) -> LambdaFunction | None:
    try:
        return get_backend(ACCOUNT, region).get_function(name, qualifier)
    except UnknownFunctionException:
        return None


def _permits(function_arn: str, rule_arn: str) -> bool:
    """Whether a function's own policy lets EventBridge invoke it for this rule. Anything but a function needs no such leave."""
    parts = function_arn.split(":")
    if len(parts) < 7 or parts[2] != "lambda":
        return True
    found = _find(parts[3], function_arn, None)
    for statement in found.policy.statements if found else []:
        service = statement.get("Principal", {})
        service = service.get("Service") if isinstance(service, dict) else service
        source = statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn")
        if statement.get("Effect", "Allow") == "Allow" and service in ("events.amazonaws.com", "*") and source in (None, rule_arn):
            return True
    return False
