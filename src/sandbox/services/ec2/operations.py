"""Amazon EC2: what moto lacks of instances, addresses, groups and endpoints, and what runs on instances."""

from __future__ import annotations

import inspect
from typing import Any

import moto.ec2.models.elastic_ip_addresses as elastic_ip_addresses
from moto.awslambda.utils import get_backend as get_lambda_backend
from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.responses.instances import InstanceResponse
from moto.iam.models import iam_backends
from moto.moto_api._internal import mock_random

import sandbox.services.ec2.reachability  # noqa: F401
from sandbox.kernel.extend import ACCOUNT, around, operation, refuse
from sandbox.kernel.inspection import inspection

#: Device names of an image's root volume, which goes with its instance unless told otherwise.
ROOT_DEVICES = ("/dev/xvda", "/dev/sda1")


def _documentation_ip() -> str:
    """A public address that reaches nothing (moto draws from 127/8, which is this very machine)."""
    return f"198.{mock_random.randint(18, 19)}.{mock_random.randint(0, 255)}.{mock_random.randint(1, 254)}"


elastic_ip_addresses.random_ip = _documentation_ip


# --- Instances ---------------------------------------------------------------------------------------------------------


@around(InstanceResponse, "run_instances")
def run_instances_response(original: Any, self: InstanceResponse) -> Any:
    """A client token stands for one launch, also after a terminate.

    Source: botocore ec2 1.44.5 RunInstancesRequest, 2026-11-28
    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, 2026-11-28
    Source: hashicorp/terraform-provider-aws#27516, 2026-11-28
    Source: none found (tried: code search for the words of IdempotentInstanceTerminated), 2026-11-28
    """
    token = self._get_param("ClientToken")
    for reservation in self.ec2_backend.reservations.values() if token else []:
        for instance in reservation.instances:
            if instance.client_token == token and instance.state in ("terminated", "shutting-down"):
                refuse("IdempotentInstanceTerminated", f"The client token '{token}' belongs to a launch whose instance has been terminated.")
            if instance.client_token == token:
                return ActionResult(reservation)
    for parameter in ("Name", "Arn"):
        wanted = self._get_param(f"IamInstanceProfile.{parameter}")
        if wanted and not any(wanted in (profile.name, profile.arn) for profile in instance_profiles(self.current_account)):
            where = f"iamInstanceProfile.{parameter.lower()}"
            refuse("InvalidParameterValue", f"Value ({wanted}) for parameter {where} is invalid. Invalid IAM Instance Profile {parameter.lower()}")
    return original()


@around(InstanceResponse, "_parse_block_device_mapping")
def parse_block_device_mapping(original: Any, self: InstanceResponse) -> Any:
    """A root volume goes with its instance, unless told otherwise.

    Source: botocore ec2 1.44.5 EbsBlockDevice, 2026-11-28
    Source: none found (tried: botocore, which does not say the default of a root volume), 2026-11-28
    """
    told = {device.get("DeviceName") for device in self._get_param("BlockDeviceMappings", []) if "DeleteOnTermination" in device.get("Ebs", {})}
    mappings = original()
    for device in mappings:
        if device["DeviceName"] in ROOT_DEVICES and device["DeviceName"] not in told:
            device["Ebs"]["DeleteOnTermination"] = True
    return mappings


@around(EC2Backend, "run_instances")
def run_instances(original: Any, self: EC2Backend, *args: Any, **kwargs: Any) -> Any:
    """So do the interfaces.

    Source: botocore ec2 1.44.5 InstanceNetworkInterfaceSpecification, 2026-11-28
    Source: none found (tried: botocore, which does not say the default), 2026-11-28
    """
    reservation = original(*args, **kwargs)
    told = {str(nic.get("DeviceIndex", 0)) for nic in kwargs.get("nics") or [] if "DeleteOnTermination" in nic}
    for instance in reservation.instances:
        for index, interface in instance.nics.items():
            if str(index) not in told:
                interface.delete_on_termination = True
    return reservation


def instance_profiles(account: str) -> Any:
    return iam_backends[account]["aws"].instance_profiles.values()


# --- Addresses, groups, endpoints --------------------------------------------------------------------------------------


@around(EC2Backend, "release_address")
def release_address(original: Any, self: EC2Backend, address: str | None = None, allocation_id: str | None = None) -> None:
    """Source: botocore ec2 1.44.5 ReleaseAddress, 2026-11-28
    Source: none found (tried: code search for the words of InvalidIPAddress.InUse), 2026-11-28
    """
    for eip in self.addresses:
        if eip.allocation_id == allocation_id and allocation_id and eip.association_id:
            refuse("InvalidIPAddress.InUse", f"The address with allocation id '{allocation_id}' cannot be released because it is in use: disassociate it first.")
    original(address, allocation_id)


@around(EC2Backend, "delete_security_group")
def delete_security_group(original: Any, self: EC2Backend, name: str | None = None, group_id: str | None = None) -> Any:
    """Source: botocore ec2 1.44.5 DeleteSecurityGroup, 2026-11-28
    Source: none found (tried: code search; the words are in many logs, published by nobody of AWS), 2026-11-28
    """
    group = self.get_security_group_from_id(group_id) if group_id else None
    if group and _in_use(self, group.id):
        refuse("DependencyViolation", f"resource {group.id} has a dependent object")
    return original(name, group_id)


def _in_use(backend: EC2Backend, group_id: str) -> bool:
    if any(group.id == group_id for interface in backend.enis.values() for group in interface.group_set):
        return True
    functions = get_lambda_backend(backend.account_id, backend.region_name).list_functions()
    if any(group_id in ((function.vpc_config or {}).get("SecurityGroupIds") or []) for function in functions):
        return True
    others = (group for groups in backend.groups.values() for group in groups.values() if group.id != group_id)
    return any(
        rule.source_group.get("GroupId") == group_id for group in others for rule in [*group.ingress_rules, *group.egress_rules]
    )


@around(EC2Backend, "modify_vpc_endpoint")
def modify_vpc_endpoint(original: Any, self: EC2Backend, *args: Any, **kwargs: Any) -> None:
    """The routes follow the endpoint's tables; moto changes the list alone, and then cannot delete the endpoint.

    Source: botocore ec2 1.44.5 ModifyVpcEndpoint, 2026-11-28
    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html, 2026-11-28
    """
    identifier = kwargs.get("vpc_id") or args[0]
    endpoint = self.describe_vpc_endpoints(vpc_end_point_ids=[identifier])[0]
    before = set(endpoint.route_table_ids or [])
    original(*args, **kwargs)
    endpoint.route_table_ids = list(dict.fromkeys(endpoint.route_table_ids or []))
    after = set(endpoint.route_table_ids)
    if endpoint.destination_prefix_list_id:
        for table in after - before:
            self.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=endpoint.destination_prefix_list_id)
        for table in before - after:
            _drop_route(self, table, endpoint)


@around(EC2Backend, "create_vpc_endpoint")
def create_vpc_endpoint(original: Any, self: EC2Backend, *args: Any, **kwargs: Any) -> Any:
    """A route table has one way to a service.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, 2026-11-28
    Source: none found (tried: issues search; code search finds the words in logs, of RouteAlreadyExists and of InvalidParameter), 2026-11-28
    """
    call = inspect.signature(original).bind(*args, **kwargs).arguments
    service, tables = call.get("service_name"), set(call.get("route_table_ids") or [])
    for endpoint in self.vpc_end_points.values():
        taken = tables.intersection(endpoint.route_table_ids or []) if endpoint.service_name == service and endpoint.vpc_endpoint_type == "Gateway" else None
        if taken and (call.get("endpoint_type") or "Gateway") == "Gateway":
            refuse("RouteAlreadyExists", f"route table {min(taken)} already has a route with destination-prefix-list-id {endpoint.destination_prefix_list_id}")
    return original(*args, **kwargs)


@operation(EC2Backend)
def delete_vpc_endpoints(self: EC2Backend, vpce_ids: list[str] | None = None) -> None:
    """A deleted endpoint is gone; moto goes on showing it for ever.

    Source: botocore ec2 1.44.5 DeleteVpcEndpoints, 2026-11-28
    """
    for identifier in vpce_ids or []:
        endpoint = self.vpc_end_points.pop(identifier, None)
        if endpoint:
            for interface in endpoint.network_interface_ids or []:
                self.enis.pop(interface, None)
            for table in endpoint.route_table_ids or []:
                _drop_route(self, table, endpoint)


def _drop_route(backend: EC2Backend, table_id: str, endpoint: Any) -> None:
    table = backend.route_tables.get(table_id)
    for identifier, route in list(table._routes.items()) if table else []:
        if endpoint.id in (route.vpc_endpoint_id, getattr(route.gateway, "id", None)):
            del table._routes[identifier]


# --- What runs on instances ---

#: What an instance's role needs for its agent to register.
AGENT_POLICY = "AmazonSSMManagedInstanceCore"


@inspection
def machines() -> list[dict[str, Any]]:
    """All instances, in all regions, the oldest first, with what they were told to do at their first start."""
    found = []
    for region, backend in list(ec2_backends[ACCOUNT].items()):
        for reservation in backend.reservations.values():
            for instance in reservation.instances:
                try:
                    script = instance.user_data.decode() if instance.user_data else ""
                except ValueError:  # compressed
                    script = ""
                found.append(
                    {
                        "region": region,
                        "id": instance.id,
                        "state": instance.state,
                        "agent": has_agent(ACCOUNT, instance),
                        "privateIp": instance.private_ip,
                        "names": [instance.private_ip, instance.private_dns_name],
                        "tags": {tag["key"]: tag["value"] for tag in instance.get_tags()},
                        "script": script,
                        "launched": str(instance.launch_time),
                    }
                )
    return sorted(found, key=lambda each: each["launched"])


def has_agent(account: str, instance: Any) -> bool:
    return any(policy.name == AGENT_POLICY for role in roles_of(account, instance) for policy in role.managed_policies.values())


def roles_of(account: str, instance: Any) -> list[Any]:
    arn = (instance.iam_instance_profile or {}).get("Arn")
    return [role for profile in instance_profiles(account) if profile.arn == arn for role in profile.roles]
