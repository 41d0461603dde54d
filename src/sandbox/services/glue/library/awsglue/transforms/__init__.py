"""The transforms as classes: each calls the method of DynamicFrame that does it.

Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-transforms.html, 2026-11-28 (whole file)
"""

from __future__ import annotations

from typing import Any

from awsglue.lacks import lack


class GlueTransform:
    """Called by an object or by `apply`."""

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        return cls()(*args, **kwargs)

    @classmethod
    def name(cls) -> str:
        return cls.__name__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError


class ApplyMapping(GlueTransform):
    def __call__(self, frame: Any, mappings: Any, case_sensitive: bool = False, transformation_ctx: str = "", *_: Any, **__: Any) -> Any:
        return frame.apply_mapping(mappings, case_sensitive, transformation_ctx)


class ResolveChoice(GlueTransform):
    def __call__(self, frame: Any, specs: Any = None, choice: str = "", database: Any = None, table_name: Any = None, transformation_ctx: str = "", *_: Any, **__: Any) -> Any:
        return frame.resolveChoice(specs, choice, database, table_name, transformation_ctx)


class SelectFields(GlueTransform):
    def __call__(self, frame: Any, paths: Any, transformation_ctx: str = "", *_: Any, **__: Any) -> Any:
        return frame.select_fields(paths, transformation_ctx)


class DropFields(GlueTransform):
    def __call__(self, frame: Any, paths: Any, transformation_ctx: str = "", *_: Any, **__: Any) -> Any:
        return frame.drop_fields(paths, transformation_ctx)


class RenameField(GlueTransform):
    def __call__(self, frame: Any, old_name: str, new_name: str, transformation_ctx: str = "", *_: Any, **__: Any) -> Any:
        return frame.rename_field(old_name, new_name, transformation_ctx)


class DropNullFields(GlueTransform):
    def __call__(self, frame: Any, transformation_ctx: str = "", *_: Any, **__: Any) -> Any:
        return frame.drop_nulls()


class Filter(GlueTransform):
    def __call__(self, frame: Any, f: Any, transformation_ctx: str = "", *_: Any, **__: Any) -> Any:
        return frame.filter(f, transformation_ctx)


class Map(GlueTransform):
    def __call__(self, frame: Any, f: Any, transformation_ctx: str = "", *_: Any, **__: Any) -> Any:
        return frame.map(f)


class Join(GlueTransform):
    def __call__(self, frame1: Any, frame2: Any, keys1: Any, keys2: Any, transformation_ctx: str = "", *_: Any, **__: Any) -> Any:
        listed = lambda keys: keys if isinstance(keys, list) else [keys]  # noqa: E731
        return frame1.join(listed(keys1), listed(keys2), frame2, transformation_ctx)


class SelectFromCollection(GlueTransform):
    def __call__(self, dfc: Any, key: str, transformation_ctx: str = "", *_: Any, **__: Any) -> Any:
        return dfc[key]


def _missing(name: str, instead: str) -> type[GlueTransform]:
    def call(self: Any, *_: Any, **__: Any) -> Any:
        lack(f"transform {name}", instead)

    return type(name, (GlueTransform,), {"__call__": call})


Relationalize = _missing("Relationalize", "Make rows of an array with pyspark.sql.functions.explode on frame.toDF(), and columns of a struct with ApplyMapping.")
UnnestFrame = _missing("UnnestFrame", "Name the fields of the struct in ApplyMapping: ('a.b', 'string', 'a_b', 'string').")
Unbox = _missing("Unbox", "Read the text with pyspark.sql.functions.from_json on frame.toDF().")
SplitFields = _missing("SplitFields", "Take each part with SelectFields.")
SplitRows = _missing("SplitRows", "Take each part with Filter.")
Spigot = _missing("Spigot", "Write a sample with glueContext.write_dynamic_frame.from_options of frame.toDF().limit(n).")
ErrorsAsDynamicFrame = _missing("ErrorsAsDynamicFrame", "Records that cannot be read stop the job here.")
MapToCollection = _missing("MapToCollection", "Go through the collection's values() in Python.")
FlatMap = _missing("FlatMap", "Go through the collection's values() in Python.")

__all__ = [
    "ApplyMapping", "DropFields", "DropNullFields", "ErrorsAsDynamicFrame", "Filter", "FlatMap", "GlueTransform", "Join", "Map", "MapToCollection",
    "Relationalize", "RenameField", "ResolveChoice", "SelectFields", "SelectFromCollection", "Spigot", "SplitFields", "SplitRows", "Unbox", "UnnestFrame",
]  # fmt: skip
