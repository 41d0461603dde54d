"""Amazon EC2 and Systems Manager: what moto lacks, and whether a Glue connection can reach its database and S3."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Any

import moto.ec2.models.elastic_ip_addresses as elastic_ip_addresses
from moto.awslambda.utils import get_backend as get_lambda_backend
from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.responses.instances import InstanceResponse
from moto.iam.models import iam_backends
from moto.moto_api._internal import mock_random
from moto.ssm.responses import SimpleSystemManagerResponse

from extend import around, body_of, hollow, operation, refuse

hollow(SimpleSystemManagerResponse, "send_command")

#: Device names of an image's root volume, which goes with its instance unless told otherwise.
ROOT_DEVICES = ("/dev/xvda", "/dev/sda1")


def _documentation_ip() -> str:
    """A public address that reaches nothing (moto draws from 127/8, which is this very machine)."""
    return f"198.{mock_random.randint(18, 19)}.{mock_random.randint(0, 255)}.{mock_random.randint(1, 254)}"


elastic_ip_addresses.random_ip = _documentation_ip


# --- Instances ---------------------------------------------------------------------------------------------------------


@around(InstanceResponse, "run_instances")
def run_instances_response(original: Any, self: InstanceResponse) -> Any:
    """A client token stands for one launch, also after a terminate."""
    token = self._get_param("ClientToken")
    for reservation in self.ec2_backend.reservations.values() if token else []:
        for instance in reservation.instances:
            if instance.client_token == token and instance.state in ("terminated", "shutting-down"):
                refuse("IdempotentInstanceTerminated", f"The client token '{token}' belongs to a launch whose instance has been terminated.")
            if instance.client_token == token:
                return ActionResult(reservation)
    for parameter in ("Name", "Arn"):
        wanted = self._get_param(f"IamInstanceProfile.{parameter}")
        if wanted and not any(wanted in (profile.name, profile.arn) for profile in _profiles(self.current_account)):
            where = f"iamInstanceProfile.{parameter.lower()}"
            refuse("InvalidParameterValue", f"Value ({wanted}) for parameter {where} is invalid. Invalid IAM Instance Profile {parameter.lower()}")
    return original()


@around(InstanceResponse, "_parse_block_device_mapping")
def parse_block_device_mapping(original: Any, self: InstanceResponse) -> Any:
    """A root volume goes with its instance, unless told otherwise."""
    told = {device.get("DeviceName") for device in self._get_param("BlockDeviceMappings", []) if "DeleteOnTermination" in device.get("Ebs", {})}
    mappings = original()
    for device in mappings:
        if device["DeviceName"] in ROOT_DEVICES and device["DeviceName"] not in told:
            device["Ebs"]["DeleteOnTermination"] = True
    return mappings


@around(EC2Backend, "run_instances")
def run_instances(original: Any, self: EC2Backend, *args: Any, **kwargs: Any) -> Any:
    """So do the interfaces."""
    reservation = original(*args, **kwargs)
    told = {str(nic.get("DeviceIndex", 0)) for nic in kwargs.get("nics") or [] if "DeleteOnTermination" in nic}
    for instance in reservation.instances:
        for index, interface in instance.nics.items():
            if str(index) not in told:
                interface.delete_on_termination = True
    return reservation


def _profiles(account: str) -> Any:
    return iam_backends[account]["aws"].instance_profiles.values()


# --- Addresses, groups, endpoints --------------------------------------------------------------------------------------


@around(EC2Backend, "release_address")
def release_address(original: Any, self: EC2Backend, address: str | None = None, allocation_id: str | None = None) -> None:
    for eip in self.addresses:
        if eip.allocation_id == allocation_id and allocation_id and eip.association_id:
            refuse("InvalidIPAddress.InUse", f"The address with allocation id '{allocation_id}' cannot be released because it is in use: disassociate it first.")
    original(address, allocation_id)


@around(EC2Backend, "delete_security_group")
def delete_security_group(original: Any, self: EC2Backend, name: str | None = None, group_id: str | None = None) -> Any:
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
    """The routes follow the endpoint's tables; moto changes the list alone, and then cannot delete the endpoint."""
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


@operation(EC2Backend)
def delete_vpc_endpoints(self: EC2Backend, vpce_ids: list[str] | None = None) -> None:
    """A deleted endpoint is gone; moto goes on showing it for ever."""
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


# --- The way from a Glue connection ------------------------------------------------------------------------------------


def connection_problem(account: str, region: str, connection: dict[str, Any]) -> str | None:
    """Why Glue could not use a JDBC connection in the modelled network, in AWS's words; nothing when it could."""
    backend: EC2Backend = ec2_backends[account][region]
    where = connection.get("PhysicalConnectionRequirements") or {}
    url = (connection.get("ConnectionProperties") or {}).get("JDBC_CONNECTION_URL", "")
    target = re.match(r"jdbc:\w+://(\[[^\]]+\]|[^:/]+)(?::(\d+))?/", url)
    if connection.get("ConnectionType", "JDBC") != "JDBC" or not target:
        return "The connection has no valid JDBC URL: " + url
    host, port = target.group(1), int(target.group(2) or 5432)
    subnet = next((s for zone in backend.subnets.values() for s in zone.values() if s.id == where.get("SubnetId")), None)
    if not subnet:
        return f"The subnet ID '{where.get('SubnetId')}' does not exist"
    groups = [backend.get_security_group_from_id(identifier) for identifier in where.get("SecurityGroupIdList") or []]
    if not groups or None in groups:
        return "The security group of the connection does not exist"
    if not any(_opens_all_ports_to_itself(group) for group in groups):
        return (
            "At least one security group must open all ingress ports."
            "To limit traffic, the source security group in your inbound rule can be restricted to the same security group"
        )
    if not _reaches_s3(backend, region, subnet):
        return (
            f"VPC S3 endpoint validation failed for SubnetId: {subnet.id}. VPC: {subnet.vpc_id}. "
            f"Reason: Could not find S3 endpoint or NAT gateway for subnetId: {subnet.id} in Vpc {subnet.vpc_id}"
        )
    instance = _instance_at(backend, subnet.vpc_id, host)
    sources = [group.id for group in groups]
    # An instance launched with network interfaces has its groups on those, and moto lists them there only.
    members = [*instance.security_groups, *(group for nic in instance.nics.values() for group in nic.group_set)] if instance else []
    if not any(_admits(group, port, sources, subnet.cidr_block) for group in members):
        return f"The connection attempt failed: connect timed out ({host}:{port})"
    return None


def _opens_all_ports_to_itself(group: Any) -> bool:
    return any(
        (rule.ip_protocol == "-1" or (rule.ip_protocol == "tcp" and rule.from_port <= 0 and rule.to_port >= 65535))
        and (rule.source_group.get("GroupId") == group.id or rule.ip_range.get("CidrIp") == "0.0.0.0/0")
        for rule in group.ingress_rules
    )


def _reaches_s3(backend: EC2Backend, region: str, subnet: Any) -> bool:
    tables = [table for table in backend.route_tables.values() if table.vpc_id == subnet.vpc_id]
    own = [table for table in tables if any(each.get("SubnetId") == subnet.id for each in table.associations)]
    tables = own or [table for table in tables if table.main_association_id]
    for table in tables:
        for endpoint in backend.vpc_end_points.values():
            if endpoint.service_name == f"com.amazonaws.{region}.s3" and table.id in (endpoint.route_table_ids or []):
                return True
        if any(route.nat_gateway for route in table.routes):
            return True
    return False


def _instance_at(backend: EC2Backend, vpc_id: str, host: str) -> Any:
    for reservation in backend.reservations.values():
        for instance in reservation.instances:
            if instance.state == "running" and instance.vpc_id == vpc_id and host == instance.private_ip:
                return instance
    return None


def _admits(group: Any, port: int, source_groups: list[str], source_cidr: str) -> bool:
    """Whether a security group lets a port in from members of some groups in a subnet."""
    subnet = ipaddress.ip_network(source_cidr)
    for rule in group.ingress_rules:
        if rule.ip_protocol != "-1" and not (rule.ip_protocol == "tcp" and rule.from_port <= port <= rule.to_port):
            continue
        cidr = rule.ip_range.get("CidrIp")
        if rule.source_group.get("GroupId") in source_groups or (cidr and subnet.subnet_of(ipaddress.ip_network(cidr, strict=False))):
            return True
    return False


# --- Systems Manager ---------------------------------------------------------------------------------------------------

#: What an instance's role needs for its agent to register.
AGENT_POLICY = "AmazonSSMManagedInstanceCore"


@operation(SimpleSystemManagerResponse)
def describe_instance_information(self: SimpleSystemManagerResponse) -> Any:
    """The running instances whose role lets the agent register."""
    body = body_of(self)
    wanted: set[str] = set()
    for entry in [*body.get("Filters", []), *body.get("InstanceInformationFilterList", [])]:
        if entry.get("Key", entry.get("key")) in ("InstanceIds", "InstanceId"):
            wanted |= set(entry.get("Values", entry.get("valueSet", [])))
    found = []
    for reservation in ec2_backends[self.current_account][self.region].reservations.values():
        for instance in reservation.instances:
            if instance.state == "running" and _has_agent(self.current_account, instance) and (not wanted or instance.id in wanted):
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


def _has_agent(account: str, instance: Any) -> bool:
    arn = (instance.iam_instance_profile or {}).get("Arn")
    roles = [role for profile in _profiles(account) if profile.arn == arn for role in profile.roles]
    return any(policy.name == AGENT_POLICY for role in roles for policy in role.managed_policies.values())
