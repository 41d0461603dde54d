"""AWS Lambda: what moto lacks of functions and their policies. Invoking one is the gateway's (``functions.ts``)."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaBackend, LambdaFunction, lambda_backends
from moto.awslambda.policy import Policy
from moto.awslambda.responses import LambdaResponse
from moto.awslambda.utils import get_backend
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends

from sandbox.kernel.extend import ACCOUNT, around, hollow, refuse
from sandbox.kernel.inspection import inspection

hollow(LambdaResponse, "invoke", "invoke_async")


@around(LambdaBackend, "create_function")
def create_function(original: Any, self: LambdaBackend, spec: dict[str, Any]) -> LambdaFunction:
    """A role that does not trust Lambda is as good as none, and a network must be there.

    Source: botocore lambda 1.44.5 CreateFunction, 2026-11-28
    Source: nficano/python-lambda#28, 2026-11-28
    Source: none found (tried: code search; the words are EC2's in many logs, and nobody shows Lambda's), 2026-11-28
    """
    role = next((role for role in iam_backends[self.account_id]["aws"].roles.values() if role.arn == spec.get("Role")), None)
    if role and "lambda.amazonaws.com" not in role.assume_role_policy_document:
        refuse("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.")
    for subnet in (spec.get("VpcConfig") or {}).get("SubnetIds") or []:
        if _vpc_of(self.account_id, self.region_name, subnet) is None:
            refuse("InvalidParameterValueException", f"The subnet ID '{subnet}' does not exist")
    _refuse_too_large((spec.get("Code") or {}).get("ZipFile"))
    return original(spec)


@around(LambdaBackend, "update_function_code")
def update_function_code(original: Any, self: LambdaBackend, function_name: str, qualifier: str, body: dict[str, Any]) -> Any:
    """
    Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (deployment package, unzipped), 2026-11-28
    """
    _refuse_too_large(body.get("ZipFile"))
    return original(function_name, qualifier, body)


#: Bytes that a function's files may have.
LARGEST_CODE = 262_144_000


def _refuse_too_large(code: str | bytes | None) -> None:
    """What a small zip becomes may fill a disk.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (deployment package, unzipped), 2026-11-28
    Source: Miserlou/Zappa#612 (the words), 2026-11-28
    Source: boto/boto3#488 (the words on what is no zip), 2026-11-28
    """
    if not code:
        return
    content = base64.b64decode(code) if isinstance(code, str) else code
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(each.file_size for each in archive.infolist())
    except zipfile.BadZipFile:
        refuse("InvalidParameterValueException", "Could not unzip uploaded file. Please check your file, then try to upload again.")
    if size > LARGEST_CODE:
        refuse("InvalidParameterValueException", f"Unzipped size must be smaller than {LARGEST_CODE} bytes")


def _function_vpc_config(self: LambdaFunction) -> dict[str, Any] | None:
    config = self._vpc_config
    subnets = config.get("SubnetIds") if config else None
    return {**config, "VpcId": _vpc_of(self.account_id, self.region, subnets[0]) or ""} if config and subnets else config


LambdaFunction.vpc_config = property(_function_vpc_config)  # type: ignore[assignment]


def _vpc_of(account: str, region: str, subnet: str) -> str | None:
    zones = ec2_backends[account][region].subnets.values()
    return next((each.vpc_id for zone in zones for each in zone.values() if each.id == subnet), None)


@around(Policy, "add_statement")
def add_statement(original: Any, self: Policy, raw: str, qualifier: str | None = None) -> Any:
    """Source: botocore lambda 1.44.5 AddPermission, 2026-11-28
    Source: localstack/localstack tests/aws/services/lambda_/test_lambda_api.snapshot.json, 2026-11-28
    """
    identifier = json.loads(raw).get("StatementId")
    if any(statement.get("Sid") == identifier for statement in self.statements):
        refuse(
            "ResourceConflictException",
            f"The statement id ({identifier}) provided already exists. Please provide a new statement id, or remove the existing statement.",
        )
    return original(raw, qualifier)


# --- What the gateway asks to invoke a function ---


@inspection
def function(region: str, name: str, qualifier: str | None = None) -> dict[str, Any] | None:
    """How a function runs, by its name or ARN; nothing when there is none."""
    found = find_function(region, name, qualifier)
    if not found:
        return None
    network = found.vpc_config or {}
    return {
        "arn": found.function_arn,
        "name": found.function_name,
        "version": str(found.version),
        "runtime": found.run_time or "",
        "handler": found.handler or "",
        "role": found.role,
        "timeout": int(found.timeout),
        "memory": int(found.memory_size),
        "environment": dict(found.environment_vars or {}),
        "codeSha256": found.code_sha_256,
        "layers": [each["Arn"] for each in found.layers or []],
        "subnetIds": network.get("SubnetIds") or [],
        "securityGroupIds": network.get("SecurityGroupIds") or [],
    }


@inspection
def function_codes() -> list[str]:
    """Digests of the code of all functions that there are, with all their versions."""
    return sorted({found.code_sha_256 for backend in lambda_backends[ACCOUNT].values() for found in backend.list_functions("ALL")})


@inspection
def function_code(region: str, name: str, qualifier: str | None = None) -> str | None:
    """A function's zip, in base64."""
    found = find_function(region, name, qualifier)
    return base64.b64encode(found.code_bytes).decode("ascii") if found else None


def find_function(region: str, name: str, qualifier: str | None) -> LambdaFunction | None:
    try:
        return get_backend(ACCOUNT, region).get_function(name, qualifier)
    except UnknownFunctionException:
        return None
