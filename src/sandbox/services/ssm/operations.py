"""AWS Systems Manager: which instances have its agent, and what a parameter is to them."""

from __future__ import annotations

import json
from typing import Any

from moto.ec2.models import EC2Backend, ec2_backends
from moto.ssm.models import ssm_backends
from moto.ssm.responses import SimpleSystemManagerResponse

from sandbox.kernel.extend import ACCOUNT, body_of, hollow, operation
from sandbox.kernel.inspection import inspection
from sandbox.services.ec2.operations import has_agent, roles_of
from sandbox.services.iam.operations import may

hollow(SimpleSystemManagerResponse, "send_command")


@inspection
def parameter_for(instance: str, instance_region: str, region: str, name: str, decrypt: bool) -> dict[str, str]:
    """What GetParameter answers to an instance, which calls with its role: the `value`, or the `error` as the CLI says it.

    Source: botocore ssm 1.44.5 GetParameter, 2026-11-28
    Source: botocore ssm 1.44.5 ParameterNotFound, 2026-11-28
    Source: none found (tried: code search; the words of a denied call are in many logs, published by nobody of AWS), 2026-11-28
    """
    backend: EC2Backend = ec2_backends[ACCOUNT][instance_region]
    machine = next((each for reservation in backend.reservations.values() for each in reservation.instances if each.id == instance), None)
    roles = roles_of(ACCOUNT, machine) if machine else []
    if not roles:
        return {"error": 'Unable to locate credentials. You can configure credentials by running "aws configure".'}
    resource = f"arn:aws:ssm:{region}:{ACCOUNT}:parameter/{name.removeprefix('/')}"
    prefix = "An error occurred ({}) when calling the GetParameter operation: "
    if not may(roles[0].arn, "ssm:GetParameter", resource):
        who = f"arn:aws:sts::{ACCOUNT}:assumed-role/{roles[0].name}/{instance}"
        why = "because no identity-based policy allows the ssm:GetParameter action"
        return {"error": prefix.format("AccessDeniedException") + f"User: {who} is not authorized to perform: ssm:GetParameter on resource: {resource} {why}"}
    parameter = ssm_backends[ACCOUNT][region].get_parameter(name)
    if not parameter:
        return {"error": prefix.format("ParameterNotFound")}
    return {"value": parameter.response_object(decrypt, region)["Value"]}


@operation(SimpleSystemManagerResponse)
def describe_instance_information(self: SimpleSystemManagerResponse) -> Any:
    """The running instances whose role lets the agent register.

    Source: botocore ssm 1.44.5 DescribeInstanceInformation, 2026-11-28
    Source: botocore ssm 1.44.5 InstanceInformation, 2026-11-28
    """
    body = body_of(self)
    wanted: set[str] = set()
    for entry in [*body.get("Filters", []), *body.get("InstanceInformationFilterList", [])]:
        if entry.get("Key", entry.get("key")) in ("InstanceIds", "InstanceId"):
            wanted |= set(entry.get("Values", entry.get("valueSet", [])))
    found = []
    for reservation in ec2_backends[self.current_account][self.region].reservations.values():
        for instance in reservation.instances:
            if instance.state == "running" and has_agent(self.current_account, instance) and (not wanted or instance.id in wanted):
                found.append(
                    {
                        "InstanceId": instance.id,
                        "PingStatus": "Online",
                        "PlatformType": "Linux",
                        "ResourceType": "EC2Instance",
                        "IPAddress": instance.private_ip,
                    }
                )
    return json.dumps({"InstanceInformationList": found})
