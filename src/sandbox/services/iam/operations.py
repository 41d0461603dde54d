"""AWS IAM: what moto lacks, and what the identity policies of a user or role allow."""

from __future__ import annotations

from typing import Any

import moto.iam.models as iam_models
from moto.core.responses import ActionResult
from moto.iam.models import IAMBackend, iam_backends
from moto.iam.responses import IamResponse

from sandbox.kernel.extend import ACCOUNT, around, operation, refuse
from sandbox.services.iam import judgement, principals
from sandbox.services.iam.evaluation import Context, context_of, decide
from sandbox.services.iam.principals import limits_of, statements_of

__all__ = ["decision_on", "judgement", "may"]

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


@around(IAMBackend, "delete_access_key_by_name")
def delete_access_key_by_name(original: Any, self: IAMBackend, name: str) -> None:
    """A deleted key is nobody's from then on, not the learner's.

    Source: our own (keys that nobody gave out are the learner's), 2026-11-28
    """
    original(name)
    principals.revoked.add(name)


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


@around(IamResponse, "create_user")
def create_user(original: Any, self: IamResponse) -> ActionResult:
    """Source: botocore iam 1.44.5 CreateUser, 2026-11-28"""
    answer = original()
    boundary = self._get_param("PermissionsBoundary")
    if boundary:
        setattr(self.backend.get_user(self._get_param("UserName")), "permissions_boundary_arn", boundary)
    return answer


@operation(IamResponse)
def put_user_permissions_boundary(self: IamResponse) -> ActionResult:
    """Source: botocore iam 1.44.5 PutUserPermissionsBoundary, 2026-11-28"""
    setattr(self.backend.get_user(self._get_param("UserName")), "permissions_boundary_arn", self._get_param("PermissionsBoundary"))
    return ActionResult({})


@operation(IamResponse)
def delete_user_permissions_boundary(self: IamResponse) -> ActionResult:
    """Source: botocore iam 1.44.5 DeleteUserPermissionsBoundary, 2026-11-28"""
    setattr(self.backend.get_user(self._get_param("UserName")), "permissions_boundary_arn", None)
    return ActionResult({})


@operation(IamResponse)
def list_instance_profile_tags(self: IamResponse) -> ActionResult:
    """Source: botocore iam 1.44.5 ListInstanceProfileTags, 2026-11-28"""
    profile = self.backend.get_instance_profile(self._get_param("InstanceProfileName"))
    return ActionResult({"Tags": profile.tags, "IsTruncated": False})


@operation(IamResponse)
def simulate_principal_policy(self: IamResponse) -> ActionResult:
    """Evaluates the policies of a user or role, its permissions boundary included: an explicit deny, else an allow, else an implicit deny.

    Organizations are not modelled, as the sandbox has none, and policies of resources are not asked for.

    Source: botocore iam 1.44.5 SimulatePrincipalPolicy, 2026-11-28
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html, 2026-11-28
    """
    source = self._get_param("PolicySourceArn")
    context = context_of({entry["ContextKeyName"]: entry.get("ContextKeyValues", []) for entry in self._get_param("ContextEntries") or []})
    results = []
    for action in self._get_param("ActionNames") or []:
        for resource in self._get_param("ResourceArns") or ["*"]:
            decision, policy = decision_on(source, action, resource, context)
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
    """Whether the policies of a user or role allow an action."""
    return decision_on(arn, action, resource, context_of({}))[0] == "allowed"


def decision_on(arn: str, action: str, resource: str, context: Context) -> tuple[str, str | None]:
    """What the policies of a user or role say, its permissions boundary included."""
    iam = iam_backends[ACCOUNT]["aws"]
    decision, policy = decide(statements_of(iam, arn), action, resource, context)
    for _, statements in limits_of(iam, arn):
        limit, _ = decide(statements, action, resource, context)
        decision = "explicitDeny" if "explicitDeny" in (decision, limit) else decision if limit == "allowed" else "implicitDeny"
    return decision, policy
