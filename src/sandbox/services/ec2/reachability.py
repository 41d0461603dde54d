"""Whether something in the modelled network reaches an address: subnets, routes, security groups and endpoints."""

from __future__ import annotations

import ipaddress
import os
import socket
from typing import Any

from moto.ec2.models import EC2Backend, ec2_backends

from sandbox.kernel.extend import ACCOUNT
from sandbox.kernel.inspection import inspection


class Unreachable(Exception):
    """Why something does not get to a database, in AWS's words."""


@inspection
def reach_address(region: str, subnet: str | None, groups: list[str], host: str, port: int) -> dict[str, str]:
    """The instance that answers at an address for something with these groups in a subnet, or in none; else the problem."""
    backend: EC2Backend = ec2_backends[ACCOUNT][region]
    try:
        place = find_subnet(backend, subnet) if subnet else None
        return {"instance": answering_instance(backend, place, groups, host, port).id}
    except Unreachable as problem:
        return {"problem": str(problem)}


def find_subnet(backend: EC2Backend, identifier: str | None) -> Any:
    """Source: none found (tried: code search; the words are EC2's in many logs), 2026-11-28"""
    for zone in backend.subnets.values():
        for subnet in zone.values():
            if subnet.id == identifier:
                return subnet
    raise Unreachable(f"The subnet ID '{identifier}' does not exist")


def answering_instance(backend: EC2Backend, subnet: Any, groups: list[str], host: str, port: int) -> Any:
    """The instance that answers at an address, for something in a subnet, or, without one, on the internet.

    Inside a VPC only private addresses answer: what has no address of its own on the internet does not get out to come
    back in by an elastic one.

    Source: our own (the words of PostgreSQL's JDBC driver, which Glue passes on), 2026-11-28
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
    raise Unreachable(f"The connection attempt failed: connect timed out ({host}:{port})")


def reaches_service(backend: EC2Backend, region: str, subnet: Any, service: str) -> bool:
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
