"""AWS STS: who the caller is, and sessions that are really theirs."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.iam.models import iam_backends
from moto.sts.models import STSBackend
from moto.sts.responses import TokenResponse

from sandbox.kernel.extend import ACCOUNT, CALLER_ARN, Refusal, around
from sandbox.services.iam import principals


@around(STSBackend, "get_caller_identity")
def get_caller_identity(original: Any, self: STSBackend, access_key_id: str, region: str) -> tuple[str, str, str]:
    """Source: botocore sts 1.44.5 GetCallerIdentity, 2026-11-28"""
    identifier, arn, account = original(access_key_id, region)
    if arn.endswith(":user/moto"):
        holder = _holder(access_key_id)
        return (holder.id, holder.arn, account) if holder else ("AIDASANDBOXSANDBOX000", CALLER_ARN, account)
    return identifier, arn, account


def _holder(access_key: str) -> principals.Principal | None:
    try:
        return principals.of_key(access_key)
    except Refusal:
        return None


def _with_key(answer: ActionResult) -> str:
    """Gives the answer a key of its own: moto's is the same for all."""
    key = iam_backends[ACCOUNT]["aws"].create_temp_access_key()
    answer.result["Credentials"] |= {"AccessKeyId": key.access_key_id, "SecretAccessKey": key.secret_access_key}  # type: ignore[index]
    return key.access_key_id


@around(TokenResponse, "get_session_token")
def get_session_token(original: Any, self: TokenResponse) -> ActionResult:
    """Source: botocore sts 1.44.5 GetSessionToken, 2026-11-28"""
    answer = original()
    holder = _holder(self.get_access_key())
    key = _with_key(answer)
    if holder:
        principals.borrowed[key] = holder.owner
    return answer


@around(TokenResponse, "get_federation_token")
def get_federation_token(original: Any, self: TokenResponse) -> ActionResult:
    """Source: botocore sts 1.44.5 GetFederationToken, 2026-11-28
    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html, 2026-11-28
    """
    answer = original()
    holder = _holder(self.get_access_key())
    principals.federated[_with_key(answer)] = (self._get_param("Name"), holder.owner if holder else None, self._get_param("Policy"))
    return answer
