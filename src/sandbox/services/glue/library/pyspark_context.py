"""`pyspark.context` for jobs: Spark Connect, which the sandbox's engine speaks, has no SparkContext, and every script of Glue begins with one.

It is a name to hand to `GlueContext`, and no more: what works on RDDs says so.

Source: our own (a stand-in for what Spark Connect lacks), 2026-11-28 (whole file)
"""

from __future__ import annotations

from typing import Any

from awsglue.lacks import lack


class SparkContext:
    """Stands for the engine's session."""

    _active_spark_context: SparkContext | None = None

    def __init__(self, master: Any = None, appName: str | None = None, *_: Any, conf: Any = None, **__: Any) -> None:  # noqa: N803
        SparkContext._active_spark_context = self
        self._configuration = conf if conf is not None else master if hasattr(master, "getAll") else None
        self.appName = appName or "job"

    @classmethod
    def getOrCreate(cls, conf: Any = None) -> SparkContext:  # noqa: N802
        return cls._active_spark_context or cls(conf=conf)

    @property
    def version(self) -> str:
        import pyspark

        return pyspark.__version__

    def settings(self) -> list[tuple[str, str]]:
        """What the script's SparkConf holds."""
        return list(self._configuration.getAll()) if self._configuration is not None else []

    def getConf(self) -> Any:  # noqa: N802
        from pyspark.conf import SparkConf

        return self._configuration or SparkConf(loadDefaults=False)

    def setLogLevel(self, logLevel: str) -> None:  # noqa: N802, N803
        """The engine's own log is not the job's."""

    def stop(self) -> None:
        SparkContext._active_spark_context = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        lack(f"SparkContext.{name}", "The sandbox runs jobs by Spark Connect, which has DataFrames and SQL and no RDDs: use GlueContext.spark_session.")
