"""What scripts take from AWS Glue's library, over the sandbox's engine: the parts that its guides and tutorials use.

What is not here says so by name, and what to write instead. The interface is the one that AWS documents.

Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-extensions.html, 2026-11-28 (whole file)
"""

from __future__ import annotations

from typing import Any

#: Set by no library of AWS's: who must know where it runs can ask.
IN_SANDBOX = True


def __getattr__(name: str) -> Any:
    # Only who asks loads Spark for it.
    if name in ("DynamicFrame", "DynamicFrameCollection"):
        from awsglue import dynamicframe

        return getattr(dynamicframe, name)
    raise AttributeError(f"module 'awsglue' has no attribute '{name}'")
