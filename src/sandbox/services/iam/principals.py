"""Whose an access key is, and the policies that judge its holder.

A key that IAM or STS of the sandbox did not give out is the learner's: an administrator, whom nothing judges.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import utcnow
from moto.iam.models import IAMBackend, iam_backends
from moto.sts.models import sts_backends

from sandbox.kernel.extend import ACCOUNT, CALLER_ARN, refuse
from sandbox.services.iam.evaluation import Statement, applies, as_list, statements_in

ADMINISTRATOR: list[Statement] = [("AdministratorAccess", {"Effect": "Allow", "Action": "*", "Resource": "*"})]

#: Keys that IAM has given out and deleted: nobody's, not the learner's.
revoked: set[str] = set()

#: Keys of federated users, by GetFederationToken: their name, who asked for them (nobody: the learner), and the session's policy.
federated: dict[str, tuple[str, str | None, str | None]] = {}

#: Keys of GetSessionToken, by whose they are.
borrowed: dict[str, str] = {}


@dataclass
class Principal:
    """Who calls."""

    #: As messages name it: of a role, the session.
    arn: str
    #: The user or role whose policies count.
    owner: str
    kind: str
    id: str
    statements: list[Statement]
    #: Policies that only narrow, by what messages call them; each must allow too.
    limits: list[tuple[str, list[Statement]]] = field(default_factory=list)
    #: By all these names a resource's policy may mean it.
    names: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def user_name(self) -> str | None:
        return self.owner.split("/")[-1] if self.kind == "User" else None


def backend() -> IAMBackend:
    return iam_backends[ACCOUNT]["aws"]


def existing(backends: Any, region: str) -> Any:
    """A backend of moto's that is there. A question must not make one: its defaults get ids, which only a journaled request may draw."""
    account = dict.get(backends, ACCOUNT)
    return dict.get(account, region) if account is not None else None


def find_principal(iam: IAMBackend, arn: str) -> Any:
    return next((each for each in [*iam.users.values(), *iam.roles.values()] if each.arn == arn), None)


def statements_of(iam: IAMBackend, arn: str) -> list[Statement]:
    """The statements of all policies of a user, with its groups', or of a role.

    Source: botocore iam 1.44.5 NoSuchEntityException, 2026-11-28
    Source: none found (tried: botocore, which has no words for a policy source that is not there), 2026-11-28
    """
    if arn == CALLER_ARN:
        return ADMINISTRATOR
    owner: Any = find_principal(iam, arn)
    if owner is None:
        refuse("NoSuchEntity", f"The entity with the ARN {arn} does not exist.")
    owners = [owner, *(iam.get_groups_for_user(owner.name) if owner in iam.users.values() else [])]
    found = [statement for each in owners for name, document in each.policies.items() for statement in statements_in(name, document)]
    return found + [statement for each in owners for policy in each.managed_policies.values() for statement in _of_managed(policy)]


def _of_managed(policy: Any) -> list[Statement]:
    return [statement for version in policy.versions if version.version_id == policy.default_version_id for statement in statements_in(policy.name, version.document)]


def limits_of(iam: IAMBackend, arn: str) -> list[tuple[str, list[Statement]]]:
    """The permissions boundary of a user or role, if it has one. One whose policy is gone allows nothing."""
    owner = find_principal(iam, arn)
    boundary = getattr(owner, "permissions_boundary_arn", None)
    if not boundary:
        return []
    policy = iam.managed_policies.get(boundary)
    return [("permissions boundary", _of_managed(policy) if policy else [])]


def of_role(role: str, session: str) -> Principal:
    """A session of a role. Of a role that is gone nothing is allowed."""
    iam = backend()
    found = find_principal(iam, role)
    arn = f"{role.replace(':iam:', ':sts:').split(':role/')[0]}:assumed-role/{role.split('/')[-1]}/{session}"
    statements = statements_of(iam, role) if found else []
    return Principal(arn, role, "AssumedRole", f"{found.id if found else ''}:{session}", statements, limits_of(iam, role), (role, arn), _tags(found))


def of_user(arn: str) -> Principal:
    iam = backend()
    if arn == CALLER_ARN:
        return Principal(arn, arn, "User", "AIDASANDBOXSANDBOX000", ADMINISTRATOR, [], (arn,))
    user = find_principal(iam, arn)
    return Principal(arn, arn, "User", user.id if user else "", statements_of(iam, arn) if user else [], limits_of(iam, arn), (arn,), _tags(user))


def of_key(access_key: str) -> Principal | None:
    """The holder of a key; nobody for the learner's.

    Source: botocore sts 1.44.5 ExpiredTokenException, 2026-11-28
    Source: aws/aws-cli#602, 2026-11-28
    """
    if existing(iam_backends, "aws") is None:
        # Nobody has been given anything yet.
        return None
    if access_key in revoked:
        refuse("InvalidClientTokenId", "The security token included in the request is invalid.")
    for user in backend().users.values():
        for key in user.access_keys:
            if key.access_key_id == access_key:
                if key.status != "Active":
                    refuse("InvalidClientTokenId", "The security token included in the request is invalid.")
                return of_user(user.arn)
    if access_key in borrowed:
        return of_user(borrowed[access_key])
    if access_key in federated:
        name, owner, policy = federated[access_key]
        principal = of_user(owner or CALLER_ARN)
        arn = f"arn:aws:sts::{ACCOUNT}:federated-user/{name}"
        # Without a policy of its own a session of a federated user may do nothing.
        principal.limits.append(("session policy", statements_in("session", policy) if policy else []))
        return Principal(arn, principal.owner, "FederatedUser", f"{ACCOUNT}:{name}", principal.statements, principal.limits, (arn,))
    sts = existing(sts_backends, "aws")
    assumed = sts.get_assumed_role_from_access_key(access_key) if sts else None
    if assumed is None:
        return None
    if assumed.expiration < utcnow():
        refuse("ExpiredToken", "The security token included in the request is expired")
    principal = of_role(assumed.role_arn, assumed.session_name)
    if assumed.policy:
        principal.limits.append(("session policy", statements_in("session", assumed.policy)))
    return principal


def _tags(owner: Any) -> dict[str, str]:
    tags = getattr(owner, "tags", None) or {}
    if isinstance(tags, dict):
        return {str(key): str(value.get("Value", "") if isinstance(value, dict) else value) for key, value in tags.items()}
    return {each["Key"]: each["Value"] for each in tags}


def trusts(role: str, principal: Principal | str) -> str:
    """What the trust policy of a role says about a principal or a service: `explicitDeny`, `implicitDeny`, `named` when it means just that one,
    or `account` when it leaves it to the account's own policies."""
    found = find_principal(backend(), role)
    if found is None:
        return "implicitDeny"
    document = found.assume_role_policy_document
    return resource_says(document if isinstance(document, str) else json.dumps(document), principal, "sts:AssumeRole", None, lambda key: None)


def resource_says(document: str, principal: Principal | str, action: str, resource: str | None, context: Any) -> str:
    """What a policy of a resource says; `principal` may be a service."""
    answer = "implicitDeny"
    for _, statement in statements_in("resource", document):
        meant = _meant(statement, principal)
        shaped = statement if resource is not None else {key: value for key, value in statement.items() if key not in ("Resource", "NotResource")}
        if meant and applies(shaped, action, resource or "*", context):
            if statement["Effect"] == "Deny":
                return "explicitDeny"
            answer = "named" if "named" in (answer, meant) else meant
    return answer


def _meant(statement: dict[str, Any], principal: Principal | str) -> str | None:
    if "NotPrincipal" in statement:
        return None if _among(statement["NotPrincipal"], principal) else "named"
    return _among(statement.get("Principal", {}), principal)


def _among(given: Any, principal: Principal | str) -> str | None:
    if given == "*":
        return "named"
    if isinstance(given, str):
        # So moto keeps a principal of Lambda's that is an ARN.
        given = {"AWS": given}
    if isinstance(principal, str):
        return "named" if {principal, "*"} & {*as_list(given.get("Service", []))} else None
    names = as_list(given.get("AWS", []))
    if "*" in names or {*names} & {*principal.names}:
        return "named"
    return "account" if {ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"} & {*names} else None
