"""Amazon EC2 and Systems Manager: what moto lacks, and whether a Glue connection can reach its database and S3."""

from __future__ import annotations

import inspect
import ipaddress
import json
import os
import re
import socket
from typing import Any

import moto.ec2.models.elastic_ip_addresses as elastic_ip_addresses
from moto.awslambda.utils import get_backend as get_lambda_backend
from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.responses.instances import InstanceResponse
from moto.glue.models import glue_backends
from moto.iam.models import iam_backends
from moto.moto_api._internal import mock_random
from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends
from moto.ssm.responses import SimpleSystemManagerResponse

from sandbox.services.iam.operations import may
from sandbox.kernel.extend import ACCOUNT, around, body_of, hollow, operation, refuse
from sandbox.kernel.inspection import inspection

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


@around(EC2Backend, "create_vpc_endpoint")
def create_vpc_endpoint(original: Any, self: EC2Backend, *args: Any, **kwargs: Any) -> Any:
    """A route table has one way to a service."""
    call = inspect.signature(original).bind(*args, **kwargs).arguments
    service, tables = call.get("service_name"), set(call.get("route_table_ids") or [])
    for endpoint in self.vpc_end_points.values():
        taken = tables.intersection(endpoint.route_table_ids or []) if endpoint.service_name == service and endpoint.vpc_endpoint_type == "Gateway" else None
        if taken and (call.get("endpoint_type") or "Gateway") == "Gateway":
            refuse("RouteAlreadyExists", f"route table {min(taken)} already has a route with destination-prefix-list-id {endpoint.destination_prefix_list_id}")
    return original(*args, **kwargs)


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


# --- What runs on instances --------------------------------------------------------------------------------------------


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
                        "agent": _has_agent(ACCOUNT, instance),
                        "privateIp": instance.private_ip,
                        "names": [instance.private_ip, instance.private_dns_name],
                        "tags": {tag["key"]: tag["value"] for tag in instance.get_tags()},
                        "script": script,
                        "launched": str(instance.launch_time),
                    }
                )
    return sorted(found, key=lambda each: each["launched"])


@inspection
def parameter_for(instance: str, instance_region: str, region: str, name: str, decrypt: bool) -> dict[str, str]:
    """What GetParameter answers to an instance, which calls with its role: the `value`, or the `error` as the CLI says it."""
    backend: EC2Backend = ec2_backends[ACCOUNT][instance_region]
    machine = next((each for reservation in backend.reservations.values() for each in reservation.instances if each.id == instance), None)
    roles = _roles_of(ACCOUNT, machine) if machine else []
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


# --- The way to a database ---------------------------------------------------------------------------------------------


class NoWay(Exception):
    """Why something does not get to a database, in AWS's words."""


@inspection
def way_to(region: str, subnet: str | None, groups: list[str], host: str, port: int) -> dict[str, str]:
    """The instance that answers at an address for something with these groups in a subnet, or in none; else the problem."""
    backend: EC2Backend = ec2_backends[ACCOUNT][region]
    try:
        place = _subnet(backend, subnet) if subnet else None
        return {"instance": _answering(backend, place, groups, host, port).id}
    except NoWay as problem:
        return {"problem": str(problem)}


@inspection
def way_of_connection(region: str, name: str | None = None, connection: dict[str, Any] | None = None) -> dict[str, Any]:
    """Where a Glue connection leads, and with which credentials: its `instance`, or the `problem` on the way."""
    if connection is None:
        found = glue_backends[ACCOUNT][region].connections.get(name or "")
        if not found:
            return {"missing": True}
        connection = found.connection_input
    assert connection is not None
    way: dict[str, Any] = {"connection": connection, **(_target(connection) or {"host": "", "port": 0, "database": ""})}
    try:
        instance = _connected(region, connection).id
        way["user"], way["password"] = _credentials(region, connection)
        way["instance"] = instance
    except NoWay as problem:
        way["problem"] = str(problem)
    return way


def connection_problem(account: str, region: str, connection: dict[str, Any]) -> str | None:
    """Why Glue could not use a JDBC connection in the modelled network, in AWS's words; nothing when it could."""
    try:
        _connected(region, connection)
    except NoWay as problem:
        return str(problem)
    return None


def _connected(region: str, connection: dict[str, Any]) -> Any:
    """The instance that a connection leads to. Glue judges its own interfaces before it tries the database."""
    backend: EC2Backend = ec2_backends[ACCOUNT][region]
    where = connection.get("PhysicalConnectionRequirements") or {}
    target = _target(connection)
    if not target:
        raise NoWay("The connection has no valid JDBC URL: " + (connection.get("ConnectionProperties") or {}).get("JDBC_CONNECTION_URL", ""))
    if not where.get("SubnetId"):
        # Without a VPC Glue dials from a network of its own.
        return _answering(backend, None, [], target["host"], target["port"])
    subnet = _subnet(backend, where["SubnetId"])
    groups = [backend.get_security_group_from_id(identifier) for identifier in where.get("SecurityGroupIdList") or []]
    if not groups or None in groups:
        raise NoWay("The security group of the connection does not exist")
    if not any(_opens_all_ports_to_itself(group) for group in groups):
        raise NoWay(
            "At least one security group must open all ingress ports."
            "To limit traffic, the source security group in your inbound rule can be restricted to the same security group"
        )
    if not _reaches(backend, region, subnet, "s3"):
        raise NoWay(
            f"VPC S3 endpoint validation failed for SubnetId: {subnet.id}. VPC: {subnet.vpc_id}. "
            f"Reason: Could not find S3 endpoint or NAT gateway for subnetId: {subnet.id} in Vpc {subnet.vpc_id}"
        )
    return _answering(backend, subnet, [group.id for group in groups], target["host"], target["port"])


def _target(connection: dict[str, Any]) -> dict[str, Any] | None:
    """Where a connection's JDBC URL goes; nothing when it is none."""
    url = (connection.get("ConnectionProperties") or {}).get("JDBC_CONNECTION_URL", "")
    found = re.match(r"jdbc:\w+://(\[[^\]]+\]|[^:/]+)(?::(\d+))?/([^?;]*)", url)
    if connection.get("ConnectionType", "JDBC") != "JDBC" or not found:
        return None
    return {"host": found.group(1), "port": int(found.group(2) or 5432), "database": found.group(3)}


def _credentials(region: str, connection: dict[str, Any]) -> tuple[str, str]:
    properties = connection.get("ConnectionProperties") or {}
    identifier = properties.get("SECRET_ID")
    if not identifier:
        return properties.get("USERNAME", ""), properties.get("PASSWORD", "")
    backend: EC2Backend = ec2_backends[ACCOUNT][region]
    subnet = (connection.get("PhysicalConnectionRequirements") or {}).get("SubnetId")
    if subnet and not _reaches(backend, region, _subnet(backend, subnet), "secretsmanager"):
        raise NoWay(f"Unable to execute HTTP request: Connect to secretsmanager.{region}.amazonaws.com:443 failed: connect timed out")
    secrets = secretsmanager_backends[ACCOUNT][region].secrets.values()
    secret = next((each for each in secrets if identifier in (each.name, each.arn)), None)
    if not secret:
        raise NoWay(f"Secrets Manager can't find the specified secret: {identifier}")
    try:
        values = json.loads(secret.versions[secret.default_version_id]["secret_string"])
        return values["username"], values["password"]
    except (KeyError, TypeError, ValueError):
        raise NoWay(f"The secret {identifier} has no username and password in JSON") from None


def _subnet(backend: EC2Backend, identifier: str | None) -> Any:
    for zone in backend.subnets.values():
        for subnet in zone.values():
            if subnet.id == identifier:
                return subnet
    raise NoWay(f"The subnet ID '{identifier}' does not exist")


def _answering(backend: EC2Backend, subnet: Any, groups: list[str], host: str, port: int) -> Any:
    """The instance that answers at an address, for something in a subnet, or, without one, on the internet.

    Inside a VPC only private addresses answer: what has no address of its own on the internet does not get out to come
    back in by an elastic one.
    """
    for reservation in backend.reservations.values():
        for instance in reservation.instances:
            if instance.state != "running":
                continue
            if subnet:
                here = instance.vpc_id == subnet.vpc_id and host in (instance.private_ip, instance.private_dns_name, instance.public_dns_name)
            else:
                here = host in (instance.public_ip, instance.public_dns_name)
            # An instance launched with network interfaces has its groups on those, and moto lists them there only.
            members = [*instance.security_groups, *(group for nic in instance.nics.values() for group in nic.group_set)]
            if here and any(_admits(group, port, groups, subnet.cidr_block if subnet else "0.0.0.0/0") for group in members):
                return instance
    raise NoWay(f"The connection attempt failed: connect timed out ({host}:{port})")


def _opens_all_ports_to_itself(group: Any) -> bool:
    return any(
        (rule.ip_protocol == "-1" or (rule.ip_protocol == "tcp" and rule.from_port <= 0 and rule.to_port >= 65535))
        and (rule.source_group.get("GroupId") == group.id or rule.ip_range.get("CidrIp") == "0.0.0.0/0")
        for rule in group.ingress_rules
    )


def _reaches(backend: EC2Backend, region: str, subnet: Any, service: str) -> bool:
    """Whether a subnet has a way to a service: a gateway endpoint on its route table, an interface endpoint in its VPC, or NAT."""
    tables = [table for table in backend.route_tables.values() if table.vpc_id == subnet.vpc_id]
    own = [table for table in tables if any(each.get("SubnetId") == subnet.id for each in table.associations)]
    tables = own or [table for table in tables if table.main_association_id]
    for endpoint in backend.vpc_end_points.values():
        if endpoint.service_name == f"com.amazonaws.{region}.{service}" and endpoint.vpc_id == subnet.vpc_id:
            if endpoint.vpc_endpoint_type == "Interface" or any(table.id in (endpoint.route_table_ids or []) for table in tables):
                return True
    return any(route.nat_gateway for table in tables for route in table.routes)


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


#: Addresses that never answer, by what they stand for, with what holds them.
_black_holes: dict[str, list[socket.socket]] = {}

MOST_BLACK_HOLES = 32


@inspection
def black_hole(asked: str) -> int:
    """A port of this machine that never answers: whoever dials it waits, as for an address that no route leads to.

    No foreign address will do: a proxy, a VPN or a company's network may answer any of them.
    """
    if asked not in _black_holes:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        # Nobody accepts. Where a full queue drops what comes (Linux, macOS) the next dialler gets no connection; where it
        # refuses (Windows) the queue is long, and the dialler gets a connection in which nothing is ever said.
        listener.listen(0 if os.name == "posix" else 1000)
        held = [listener]
        for _ in range(4 if os.name == "posix" else 0):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            held.append(filler)
        while len(_black_holes) >= MOST_BLACK_HOLES:
            for each in _black_holes.pop(next(iter(_black_holes))):
                each.close()
        _black_holes[asked] = held
    return _black_holes[asked][0].getsockname()[1]


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
    return any(policy.name == AGENT_POLICY for role in _roles_of(account, instance) for policy in role.managed_policies.values())


def _roles_of(account: str, instance: Any) -> list[Any]:
    arn = (instance.iam_instance_profile or {}).get("Arn")
    return [role for profile in _profiles(account) if profile.arn == arn for role in profile.roles]
