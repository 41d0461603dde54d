"""AWS IAM: what moto lacks, and what the identity policies of a user or role allow."""

from __future__ import annotations

import fnmatch
import json
from typing import Any
from urllib.parse import unquote

import moto.iam.models as iam_models
from moto.core.responses import ActionResult
from moto.iam.models import IAMBackend, iam_backends
from moto.iam.responses import IamResponse

from sandbox.kernel.extend import ACCOUNT, CALLER_ARN, around, operation, refuse

iam_models.SERVICE_NAME_CONVERSION["lakeformation"] = "LakeFormationDataAccess"


@around(IAMBackend, "create_service_linked_role")
def create_service_linked_role(original: Any, self: IAMBackend, service_name: str, description: str, suffix: str) -> Any:
    """Source: botocore iam 1.44.5 CreateServiceLinkedRole, 2026-11-28
    Source: localstack/localstack tests/aws/services/iam/test_iam.snapshot.json, 2026-11-28
    """
    for role in self.roles.values():
        if role.path == f"/aws-service-role/{service_name}/" and not suffix:
            refuse("InvalidInput", f"Service role name {role.name} has been taken in this account, please try a different suffix.")
    return original(service_name, description, suffix)


@around(IAMBackend, "delete_user")
def delete_user(original: Any, self: IAMBackend, user_name: str) -> None:
    """Source: botocore iam 1.44.5 DeleteUser, 2026-11-28
    Source: aws-controllers-k8s/community#2229, 2026-11-28
    Source: cloud-custodian/cloud-custodian#1663, 2026-11-28
    Source: mozilla-services/userplex#17, 2026-11-28
    """
    user = self.get_user(user_name)
    if user.access_keys:
        refuse("DeleteConflict", "Cannot delete entity, must delete access keys first.")
    if user.password:
        refuse("DeleteConflict", "Cannot delete entity, must delete login profile first.")
    if self.get_groups_for_user(user_name):
        refuse("DeleteConflict", "Cannot delete entity, must remove users from group first.")
    original(user_name)


@around(IAMBackend, "remove_role_from_instance_profile")
def remove_role_from_instance_profile(original: Any, self: IAMBackend, profile_name: str, role_name: str) -> None:
    """A role that is not in the profile is not found; moto fails over it.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveRoleFromInstanceProfile.html (NoSuchEntity), 2026-11-28.
    """
    if self.get_role(role_name) not in self.get_instance_profile(profile_name).roles:
        refuse("NoSuchEntity", f"The role with name {role_name} cannot be found.")
    original(profile_name, role_name)


@operation(IamResponse)
def list_instance_profile_tags(self: IamResponse) -> ActionResult:
    """Source: botocore iam 1.44.5 ListInstanceProfileTags, 2026-11-28"""
    profile = self.backend.get_instance_profile(self._get_param("InstanceProfileName"))
    return ActionResult({"Tags": profile.tags, "IsTruncated": False})


@operation(IamResponse)
def simulate_principal_policy(self: IamResponse) -> ActionResult:
    """Evaluates the identity policies of a user or role: an explicit deny, else an allow, else an implicit deny.

    Permission boundaries, organizations and resource policies are not modelled, as the sandbox has none.

    Source: botocore iam 1.44.5 SimulatePrincipalPolicy, 2026-11-28
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html, 2026-11-28
    """
    statements = statements_of(self.backend, self._get_param("PolicySourceArn"))
    context = {entry["ContextKeyName"]: entry.get("ContextKeyValues", []) for entry in self._get_param("ContextEntries") or []}
    results = []
    for action in self._get_param("ActionNames") or []:
        for resource in self._get_param("ResourceArns") or ["*"]:
            decision, policy = decide(statements, action, resource, context)
            matched = [{"SourcePolicyId": policy, "SourcePolicyType": "IAM Policy"}] if policy else []
            results.append(
                {
                    "EvalActionName": action,
                    "EvalResourceName": resource,
                    "EvalDecision": decision,
                    "MatchedStatements": matched,
                    "MissingContextValues": [],
                }
            )
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})


def may(arn: str, action: str, resource: str) -> bool:
    """Whether the identity policies of a user or role allow an action."""
    return decide(statements_of(iam_backends[ACCOUNT]["aws"], arn), action, resource, {})[0] == "allowed"


def statements_of(backend: IAMBackend, arn: str) -> list[tuple[str, dict[str, Any]]]:
    """Source: botocore iam 1.44.5 NoSuchEntityException, 2026-11-28
    Source: none found (tried: botocore, which has no words for a policy source that is not there), 2026-11-28
    """
    if arn == CALLER_ARN:
        return [("AdministratorAccess", {"Effect": "Allow", "Action": "*", "Resource": "*"})]
    owner: Any = find_principal(backend, arn)
    if owner is None:
        refuse("NoSuchEntity", f"The entity with the ARN {arn} does not exist.")
    owners = [owner, *(backend.get_groups_for_user(owner.name) if owner in backend.users.values() else [])]
    documents = [(name, document) for each in owners for name, document in each.policies.items()]
    documents += [
        (policy.name, version.document)
        for each in owners
        for policy in each.managed_policies.values()
        for version in policy.versions
        if version.version_id == policy.default_version_id
    ]
    found = []
    for name, document in documents:
        parsed = json.loads(document if document.lstrip().startswith("{") else unquote(document))
        found += [(name, statement) for statement in as_list(parsed["Statement"])]
    return found


def find_principal(backend: IAMBackend, arn: str) -> Any:
    return next((each for each in [*backend.users.values(), *backend.roles.values()] if each.arn == arn), None)


def decide(statements: list[tuple[str, dict[str, Any]]], action: str, resource: str, context: dict[str, list[str]]) -> tuple[str, str | None]:
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html, 2026-11-28"""
    applying = [(name, each["Effect"]) for name, each in statements if _applies(each, action, resource, context)]
    for effect, decision in (("Deny", "explicitDeny"), ("Allow", "allowed")):
        for name, each in applying:
            if each == effect:
                return decision, name
    return "implicitDeny", None


def _applies(statement: dict[str, Any], action: str, resource: str, context: dict[str, list[str]]) -> bool:
    def among(patterns: Any, value: str) -> bool:
        return any(_matches(pattern, value) for pattern in as_list(patterns))

    acts = among(statement["Action"], action.lower()) if "Action" in statement else not among(statement["NotAction"], action.lower())
    if "NotResource" in statement:
        on = not among(statement["NotResource"], resource)
    else:
        on = resource == "*" and among(statement.get("Resource", "*"), "*") or resource != "*" and among(statement.get("Resource", "*"), resource)
    return acts and on and all(_holds(operator, keys, context) for operator, keys in statement.get("Condition", {}).items())


def _matches(pattern: str, value: str) -> bool:
    literal = pattern.replace("[", "[[]")
    return fnmatch.fnmatchcase(value, literal.lower() if value == value.lower() else literal)


def _holds(operator: str, keys: dict[str, Any], context: dict[str, list[str]]) -> bool:
    if_exists = operator.endswith("IfExists")
    name = operator.removesuffix("IfExists").split(":")[-1]
    for key, wanted in keys.items():
        given = next((values for known, values in context.items() if known.lower() == key.lower()), None)
        if given is None:
            if if_exists or "Not" in name:
                continue
            return False
        expected = [str(each).lower() if name == "Bool" else str(each) for each in as_list(wanted)]
        hit = any(fnmatch.fnmatchcase(value, each) if "Like" in name or name.startswith("Arn") else value == each for value in given for each in expected)
        if hit == ("Not" in name):
            return False
    return True


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
