"""Gives a job's script what it imports on Glue: `awsglue`, and the SparkContext that Spark Connect has none of.

Only in the process of a job, and only where nothing else has these names: a library that a job brings along goes before.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from pathlib import Path
from typing import Any, Callable

LIBRARY = Path(__file__).with_name("library")


def install() -> None:
    """Makes `awsglue`, `pyspark.context` and `pyspark.SparkContext` importable."""
    sys.path.append(str(LIBRARY))
    sys.meta_path.append(_Missing())
    when_loaded("pyspark", _add_context)


def _add_context(pyspark: Any) -> None:
    if not hasattr(pyspark, "SparkContext"):
        from pyspark.context import SparkContext

        pyspark.SparkContext = SparkContext


class _Missing(importlib.abc.MetaPathFinder):
    """Asked last: what nothing else has."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name == "pyspark.context":
            return importlib.util.spec_from_file_location(name, LIBRARY / "pyspark_context.py")
        if name.partition(".")[0] in ("awsglue", "awsgluedq", "awsglueml"):
            raise ModuleNotFoundError(
                f"The sandbox has no module {name}: of Glue's library it has awsglue.context, awsglue.dynamicframe, awsglue.job, awsglue.transforms and"
                " awsglue.utils. Leave its import out, and write that step with Spark's DataFrames.",
                name=name,
            )
        return None


class _WhenLoaded(importlib.abc.MetaPathFinder):
    def __init__(self, name: str, then: Callable[[Any], None]) -> None:
        self.name, self.then = name, then

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != self.name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        loader: Any = spec.loader if spec else None
        if loader:
            load = loader.exec_module

            def exec_module(module: Any) -> None:
                load(module)
                self.then(module)

            loader.exec_module = exec_module
        return spec


def when_loaded(name: str, then: Callable[[Any], None]) -> None:
    """Does something with a module, now or when the script loads it: loading takes a second that not every script needs."""
    if name in sys.modules:
        then(sys.modules[name])
    else:
        sys.meta_path.insert(0, _WhenLoaded(name, then))
