"""Whether a Glue connection reaches its database and S3, in AWS's words where it does not."""

from __future__ import annotations

import json
import re
from typing import Any

from moto.ec2.models import EC2Backend, ec2_backends
from moto.glue.models import glue_backends
from moto.secretsmanager.models import secretsmanager_backends

from sandbox.kernel.extend import ACCOUNT
from sandbox.kernel.inspection import inspection
from sandbox.services.ec2.reachability import Unreachable, answering_instance, find_subnet, reaches_service


@inspection
def reach_connection(region: str, name: str | None = None, connection: dict[str, Any] | None = None) -> dict[str, Any]:
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
    except Unreachable as problem:
        way["problem"] = str(problem)
    return way


def connection_problem(account: str, region: str, connection: dict[str, Any]) -> str | None:
    """Why Glue could not use a JDBC connection in the modelled network, in AWS's words; nothing when it could."""
    try:
        _connected(region, connection)
    except Unreachable as problem:
        return str(problem)
    return None


def _connected(region: str, connection: dict[str, Any]) -> Any:
    """The instance that a connection leads to. Glue judges its own interfaces before it tries the database.

    Source: https://docs.aws.amazon.com/glue/latest/dg/glue-troubleshooting-errors.html, 2026-11-28
    Source: none found (tried: docs search for the words on a URL and a group that are not there), 2026-11-28
    """
    backend: EC2Backend = ec2_backends[ACCOUNT][region]
    where = connection.get("PhysicalConnectionRequirements") or {}
    target = _target(connection)
    if not target:
        raise Unreachable("The connection has no valid JDBC URL: " + (connection.get("ConnectionProperties") or {}).get("JDBC_CONNECTION_URL", ""))
    if not where.get("SubnetId"):
        # Without a VPC Glue dials from a network of its own.
        return answering_instance(backend, None, [], target["host"], target["port"])
    subnet = find_subnet(backend, where["SubnetId"])
    groups = [backend.get_security_group_from_id(identifier) for identifier in where.get("SecurityGroupIdList") or []]
    if not groups or None in groups:
        raise Unreachable("The security group of the connection does not exist")
    if not any(_opens_all_ports_to_itself(group) for group in groups):
        raise Unreachable(
            "At least one security group must open all ingress ports."
            "To limit traffic, the source security group in your inbound rule can be restricted to the same security group"
        )
    if not reaches_service(backend, region, subnet, "s3"):
        raise Unreachable(
            f"VPC S3 endpoint validation failed for SubnetId: {subnet.id}. VPC: {subnet.vpc_id}. "
            f"Reason: Could not find S3 endpoint or NAT gateway for subnetId: {subnet.id} in Vpc {subnet.vpc_id}"
        )
    return answering_instance(backend, subnet, [group.id for group in groups], target["host"], target["port"])


def _target(connection: dict[str, Any]) -> dict[str, Any] | None:
    """Where a connection's JDBC URL goes; nothing when it is none."""
    url = (connection.get("ConnectionProperties") or {}).get("JDBC_CONNECTION_URL", "")
    found = re.match(r"jdbc:\w+://(\[[^\]]+\]|[^:/]+)(?::(\d+))?/([^?;]*)", url)
    if connection.get("ConnectionType", "JDBC") != "JDBC" or not found:
        return None
    return {"host": found.group(1), "port": int(found.group(2) or 5432), "database": found.group(3)}


def _credentials(region: str, connection: dict[str, Any]) -> tuple[str, str]:
    """Source: none found (tried: docs search for what Glue says when a secret cannot be had), 2026-11-28"""
    properties = connection.get("ConnectionProperties") or {}
    identifier = properties.get("SECRET_ID")
    if not identifier:
        return properties.get("USERNAME", ""), properties.get("PASSWORD", "")
    backend: EC2Backend = ec2_backends[ACCOUNT][region]
    subnet = (connection.get("PhysicalConnectionRequirements") or {}).get("SubnetId")
    if subnet and not reaches_service(backend, region, find_subnet(backend, subnet), "secretsmanager"):
        raise Unreachable(f"Unable to execute HTTP request: Connect to secretsmanager.{region}.amazonaws.com:443 failed: connect timed out")
    secrets = secretsmanager_backends[ACCOUNT][region].secrets.values()
    secret = next((each for each in secrets if identifier in (each.name, each.arn)), None)
    if not secret:
        raise Unreachable(f"Secrets Manager can't find the specified secret: {identifier}")
    try:
        values = json.loads(secret.versions[secret.default_version_id]["secret_string"])
        return values["username"], values["password"]
    except (KeyError, TypeError, ValueError):
        raise Unreachable(f"The secret {identifier} has no username and password in JSON") from None


def _opens_all_ports_to_itself(group: Any) -> bool:
    return any(
        (rule.ip_protocol == "-1" or (rule.ip_protocol == "tcp" and rule.from_port <= 0 and rule.to_port >= 65535))
        and (rule.source_group.get("GroupId") == group.id or rule.ip_range.get("CidrIp") == "0.0.0.0/0")
        for rule in group.ingress_rules
    )
