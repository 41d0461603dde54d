"""Whether a call may be made: the sandbox's one judge, whom the gateway asks before anybody handles a call.

A call with a key that IAM or STS gave out, or that the sandbox gave to what runs in it, is judged by its holder's policies: an
explicit deny anywhere refuses; then a policy of the holder, or of the resource, must allow, and so must each policy that only narrows
(permissions boundary, session policy). Whose key it is that nobody gave out may do everything.
"""

from __future__ import annotations

import json
import time
import xml.etree.ElementTree
from typing import Any, Callable, Sequence

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.utils import get_backend as lambda_backend
from moto.backends import get_backend
from moto.ec2.models import ec2_backends
from moto.glue.models import glue_backends
from moto.s3.models import s3_backends

from sandbox.kernel.extend import ACCOUNT, CALLER_ARN, Refusal
from sandbox.kernel.inspection import inspection
from sandbox.services.iam.calls import Check, asked, checks
from sandbox.services.iam.evaluation import Context, decide
from sandbox.services.iam.principals import Principal, existing, find_principal, of_key, of_role, of_user, resource_says
from sandbox.services.iam.principals import backend as iam

#: Services whose refusals do not have AWS's usual code, and the status that it comes with where that is not 400.
#: Source: aws/karpenter-provider-aws#7370, 2026-11-28
#: Source: aws-ia/terraform-aws-bedrock#41, 2026-11-28
#: Source: aws/aws-cdk#27067, 2026-11-28
#: Source: botocore quicksight 1.44.5 AccessDeniedException, 2026-11-28
#: Source: https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html, 2026-11-28
CODES = {"s3": ("AccessDenied", 403), "iam": ("AccessDenied", 403), "sts": ("AccessDenied", 403), "ec2": ("UnauthorizedOperation", 403), "lambda": ("AccessDeniedException", 403), "quicksight": ("AccessDeniedException", 401)}  # fmt: skip

#: Refusals of keys themselves.
KEY_STATUS = 403


#: What a vendor answers who gives access in a principal's place.
GIVEN = "given"

#: Who gives Athena access to data, whatever IAM says of S3: each is asked for `GIVEN`, the words of a refusal, or nothing.
vendors: list[Callable[[Principal, str, Check], str | None]] = []


@inspection
def judge(
    service: str, region: str, action: str, method: str, url: str, key: str = "", role: str = "", session: str = "", user: str = "",
    headers: dict[str, str] | None = None, body: Any = None, hints: dict[str, str] | None = None, via: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Who holds the key of a call (`known`: somebody who is judged), and why the call is refused (`denial`), if it is.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html, 2026-11-28
    """
    try:
        principal = of_role(role, session) if role else of_user(user) if user else of_key(key)
    except Refusal as refusal:
        return {"known": True, "principal": "", "denial": {"code": _key_code(service, refusal.code), "message": refusal.message, "status": KEY_STATUS}}
    if principal is None:
        return {"known": False}
    denial = _denial(principal, service, region, action, method, url, headers or {}, body, hints or {}, via)
    return {"known": True, "principal": principal.owner, "session": principal.arn, "denial": denial}


def _key_code(service: str, code: str) -> str:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, 2026-11-28
    Source: botocore sts 1.44.5 ExpiredTokenException, 2026-11-28
    """
    if service == "s3":
        return {"InvalidClientTokenId": "InvalidAccessKeyId"}.get(code, code)
    if service in ("iam", "sts", "ec2"):
        return {"InvalidClientTokenId": "AuthFailure"}.get(code, code) if service == "ec2" else code
    return {"InvalidClientTokenId": "UnrecognizedClientException", "ExpiredToken": "ExpiredTokenException"}[code]


def _denial(
    principal: Principal, service: str, region: str, action: str, method: str, url: str, headers: dict[str, str], body: Any, hints: dict[str, str], via: str
) -> dict[str, Any] | None:  # fmt: skip
    """Source: LBHackney-IT/Data-Platform#2274, 2026-11-28
    Source: aws-ia/terraform-aws-bedrock#41, 2026-11-28
    """
    call = asked(service, region, action, method, url, headers, body)
    if call is None:
        # No operation of the service: moto says so.
        return None
    call.input.update({name: value for name, value in hints.items() if name not in call.input})
    if service == "ec2" and "AssociationId" in call.input:
        # An association is of an address, which has an ARN.
        ec2 = existing(ec2_backends, region)
        address = next((each for each in (ec2.addresses if ec2 else []) if each.association_id == call.input["AssociationId"]), None)
        call.input.setdefault("AllocationId", getattr(address, "allocation_id", None) or "*")
    deleted = _keys_of(body) if call.operation == "DeleteObjects" else []
    everything = checks(call, headers, deleted)
    for check in everything:
        if service == "s3" and check.resource != "*" and call.operation != "CreateBucket" and _bucket(check) is None:
            # That it is not there, everybody is told.
            return None
        vended = next((answer for vendor in vendors if (answer := vendor(principal, region, check))), None) if via == "athena" and service == "s3" else None
        if vended == GIVEN:
            continue
        if vended:
            return {"code": "AccessDenied", "status": 403, "message": vended}
        why = refused(principal, region, check)
        if why is None and check.action == "s3:GetObject" and call.operation in ("GetObject", "HeadObject"):
            check, why = _unseen(principal, region, check)
        if why is not None:
            code, status = CODES.get(service, ("AccessDeniedException", 400))
            return {"code": code, "status": status, "message": words(service, principal, check, why)}
    return None


def _unseen(principal: Principal, region: str, check: Check) -> tuple[Check, str | None]:
    """An object that is not there: only who may list the bucket is told so.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, 2026-11-28
    Source: schubergphilis/terraform-aws-mcaf-securityhub-findings-manager#64, 2026-11-28
    """
    bucket, _, key = check.resource.removeprefix("arn:aws:s3:::").partition("/")
    if key in s3_backends[ACCOUNT]["aws"].buckets[bucket].keys:
        return check, None
    listing = Check("s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": [key]})
    return listing, refused(principal, region, listing)


def refused(principal: Principal, region: str, check: Check) -> str | None:
    """The end of AWS's message on why something is refused; nothing when it is not.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html, 2026-11-28
    Source: noobaa/noobaa-core#10060, 2026-11-28
    Source: nebari-dev/nebari#2152, 2026-11-28
    """
    context = _context(principal, region, check)
    ask = (check.action, check.resource, context)
    identity, _ = decide(principal.statements, *ask)
    limits = [(name, decide(statements, *ask)[0]) for name, statements in principal.limits]
    document = _policy_of(check)
    resource = resource_says(document, principal, check.action, check.resource if check.action != "sts:AssumeRole" else None, context) if document else "implicitDeny"
    if identity == "explicitDeny":
        return "with an explicit deny in an identity-based policy"
    for name, decision in limits:
        if decision == "explicitDeny":
            return f"with an explicit deny in a {name}"
    if resource == "explicitDeny":
        return "with an explicit deny in a resource-based policy"
    if resource == "named":
        return None
    if check.action == "sts:AssumeRole" and resource != "account":
        return ""
    if identity != "allowed":
        return f"because no identity-based policy allows the {check.action} action"
    return next((f"because no {name} allows the {check.action} action" for name, decision in limits if decision != "allowed"), None)


def words(service: str, principal: Principal, check: Check, why: str) -> str:
    """The message of a refusal, as each service has it.

    Source: LBHackney-IT/Data-Platform#2274, 2026-11-28
    Source: aws-ia/terraform-aws-bedrock#41, 2026-11-28
    Source: aws-samples/rancher-on-aws-workshop#28, 2026-11-28
    Source: aws/aws-cdk#27067, 2026-11-28
    Source: aws/karpenter-provider-aws#7370, 2026-11-28
    Source: dbeaver/dbeaver#21424, 2026-11-28
    Source: alphagov/govuk-infrastructure#2439, 2026-11-28
    """
    if service == "athena" and check.action.startswith("athena:"):
        return f"You are not authorized to perform: {check.action} on the resource. After your AWS administrator or you have updated your permissions, please try again."
    resource = check.resource
    if service == "s3":
        resource = f'"{resource}"'
    elif service == "iam" and check.action.startswith("iam:") and check.action != "iam:PassRole" and resource.count(":") == 5:
        kind, _, name = resource.split(":")[5].partition("/")
        # A policy is named by its ARN or its path, others by their names alone.
        resource = f"policy {resource if name.startswith('aws') else name.split('/')[-1]}" if kind == "policy" else f"{kind.replace('-', ' ')} {name.split('/')[-1]}"
    message = f"User: {principal.arn} is not authorized to perform: {check.action} on resource: {resource}{' ' if why else ''}{why}"
    return f"You are not authorized to perform this operation. {message}." if service == "ec2" else message


# --- What policies may look at ------------------------------------------------------------------------------------------


def _context(principal: Principal, region: str, check: Check) -> Context:
    known: dict[str, Sequence[str]] = {key.lower(): values for key, values in check.context.items()}
    now = time.time()
    known |= {
        "aws:requestedregion": [region],
        "aws:principalarn": [principal.owner],
        "aws:principalaccount": [ACCOUNT],
        "aws:principaltype": [principal.kind],
        "aws:userid": [principal.id],
        "aws:currenttime": [str(now)],
        "aws:epochtime": [str(int(now))],
        # On AWS it would be by TLS, as its clients do.
        "aws:securetransport": ["true"],
        "aws:viaawsservice": ["false"],
        "aws:resourceaccount": [ACCOUNT],
        "s3:resourceaccount": [ACCOUNT],
        "ec2:region": [region],
        **({"aws:username": [principal.user_name]} if principal.user_name else {}),
        **{f"aws:principaltag/{key}".lower(): [value] for key, value in principal.tags.items()},
    }
    tags: list[dict[str, str]] = []

    def value(key: str) -> Sequence[str] | None:
        found = known.get(key)
        if found is not None:
            return found
        kind, _, name = key.partition("/")
        if name and kind.split(":")[-1] in ("resourcetag", "existingobjecttag", "buckettag"):
            if not tags:
                tags.append({each.lower(): given for each, given in tags_of(check.resource).items()})
            return [tags[0][name]] if name in tags[0] else None
        return None

    return value


def tags_of(arn: str) -> dict[str, str]:
    """The tags of a thing of the account, whatever its service; none for one that is not there."""
    _, _, service, region, _, *rest = arn.split(":", 5)
    name = rest[0].split("/")[-1] if rest else ""
    try:
        if service == "ec2":
            ec2 = existing(ec2_backends, region)
            return dict(ec2.tags.get(name, {})) if ec2 else {}
        if service == "iam":
            owner = find_principal(iam(), arn)
            return of_user(arn).tags if owner and ":user/" in arn else of_role(arn, "").tags if owner else {}
        if service == "lambda":
            return dict(lambda_backend(ACCOUNT, region).list_tags(arn))
        if service == "s3":
            return s3_backends[ACCOUNT]["aws"].tagger.get_tag_dict_for_resource(arn)
        if service == "ssm":
            parameter = get_backend("ssm")[ACCOUNT][region].get_parameter(f"/{rest[0].partition('/')[2]}") if rest else None
            return {each["Key"]: each["Value"] for each in getattr(parameter, "tags", None) or []}
        tagger = getattr(get_backend(service)[ACCOUNT][region], "tagger", None)  # type: ignore[call-overload]
        return tagger.get_tag_dict_for_resource(arn) if tagger else {}
    except Exception:
        # Each backend has its own error for what is not there.
        return {}


def _bucket(check: Check) -> Any:
    return s3_backends[ACCOUNT]["aws"].buckets.get(check.resource.removeprefix("arn:aws:s3:::").split("/")[0])


def _policy_of(check: Check) -> str | None:
    """The policy of the resource itself: a bucket's, a role's trust, a function's, the Data Catalog's."""
    service = check.action.split(":")[0]
    if service == "s3":
        policy = getattr(_bucket(check), "policy", None)
        return policy.decode() if policy else None
    if check.action == "sts:AssumeRole":
        role = find_principal(iam(), check.resource)
        return role.assume_role_policy_document if role else None
    if service == "lambda" and ":function:" in check.resource:
        region, name = check.resource.split(":")[3], check.resource.split(":")[6]
        try:
            policy = lambda_backend(ACCOUNT, region).get_function(name).policy
        except UnknownFunctionException:
            return None
        statements = policy.statements if policy else []
        return json.dumps({"Statement": statements}) if statements else None
    if service == "glue":
        region = check.resource.split(":")[3] if check.resource != "*" else ""
        policies = glue_backends[ACCOUNT][region].resource_policies if region else {}
        found = next(iter(policies.values()), None)
        return found["PolicyInJson"] if found else None
    return None


def _keys_of(body: Any) -> list[str]:
    """What S3's DeleteObjects is to delete."""
    try:
        root = xml.etree.ElementTree.fromstring(body if isinstance(body, str) else "")
    except xml.etree.ElementTree.ParseError:
        return []
    return [each.text or "" for each in root.iter() if each.tag.split("}")[-1] == "Key"]


def may(owner: str, action: str, resource: str, keys: dict[str, list[str]] | None = None, region: str = "") -> str | None:
    """Why a user or role, by its ARN, may not do something; nothing when it may."""
    if owner == CALLER_ARN:
        return None
    principal = of_role(owner, "session") if ":role/" in owner else of_user(owner)
    return refused(principal, region, Check(action, resource, keys or {}))

