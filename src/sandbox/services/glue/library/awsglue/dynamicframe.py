"""`DynamicFrame`: a DataFrame whose columns may be choices between types.

Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html, 2026-11-28 (whole file)
"""

from __future__ import annotations

import json
import re
from typing import Any, Callable, Iterable

from awsglue.lacks import lack, lacking
from sandbox.services.glue.job_files import glue_name

_SPARK = "Write that step with Spark: frame = DynamicFrame.fromDF(frame.toDF()…, glueContext, 'name')."


def parts_of(path: str) -> list[str]:
    """The names that a path is made of; one in backquotes may have dots."""
    return [quoted or plain for quoted, plain in re.findall(r"`([^`]+)`|([^.`]+)", path)]


def _quoted(parts: Iterable[str]) -> str:
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def _spark_type(name: str) -> str:
    """Spark's name of a type of Glue's."""
    lower = name.strip().lower()
    return {"choice": "string", "null": "string", "decimal": "decimal(10,2)"}.get(lower, lower)


def instants(frame: Any) -> Any:
    """The same with Spark's own timestamps, which a source of the engine cannot give."""
    from pyspark.sql import functions as functions

    plain = {name for name, kind in frame.dtypes if kind == "timestamp_ntz"}
    return frame.withColumns({name: functions.col(_quoted([name])).cast("timestamp") for name in plain}) if plain else frame


class DynamicFrame:
    """What GlueContext reads and writes; never changed, each method makes a new one."""

    def __init__(self, jdf: Any, glue_ctx: Any, name: str = "", choices: dict[str, list[str]] | None = None) -> None:
        self._frame = jdf
        self.glue_ctx = glue_ctx
        self.name = name
        #: The columns that are choices: in the DataFrame structs with a field for each type.
        self._choices = {column: kinds for column, kinds in (choices or {}).items() if column in jdf.columns}

    @classmethod
    def fromDF(cls, dataframe: Any, glue_ctx: Any, name: str = "") -> DynamicFrame:  # noqa: N802
        return cls(dataframe, glue_ctx, name)

    def toDF(self, options: Any = None) -> Any:  # noqa: N802
        """The DataFrame; a choice that is not resolved is a struct with a field for each type."""
        if options:
            lack("toDF with ResolveOption", "Resolve the choices before, with resolveChoice.")
        return self._frame

    def _with(self, frame: Any, choices: dict[str, list[str]] | None = None) -> DynamicFrame:
        return DynamicFrame(frame, self.glue_ctx, self.name, self._choices if choices is None else choices)

    def _has(self, parts: list[str]) -> bool:
        kind = self._frame.schema
        for part in parts:
            if not hasattr(kind, "fieldNames") or part not in kind.fieldNames():
                return False
            kind = kind[part].dataType
        return True

    # --- What it has -----------------------------------------------------------------------------------------------------

    def count(self) -> int:
        return int(self._frame.count())

    def schema(self) -> Any:
        return self._frame.schema

    def printSchema(self) -> None:  # noqa: N802
        print("root")
        for field in self._frame.schema:
            if field.name in self._choices:
                print(f"|-- {field.name}: choice")
                for kind in self._choices[field.name]:
                    print(f"|    |-- {kind}")
            else:
                _print_field(field.name, field.dataType, "")

    def show(self, num_rows: int = 20) -> None:
        for row in self._frame.limit(num_rows).toArrow().to_pylist():
            print(json.dumps(self._record(row), default=str, ensure_ascii=False))

    def _record(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row as a record: of a choice the value that is there."""
        return {name: next((each for each in value.values() if each is not None), None) if name in self._choices and value is not None else value for name, value in row.items()}

    def errorsCount(self) -> int:  # noqa: N802
        return 0

    def stageErrorsCount(self) -> int:  # noqa: N802
        return 0

    def getNumPartitions(self) -> int:  # noqa: N802
        return 1

    # --- What is made of it ----------------------------------------------------------------------------------------------

    def apply_mapping(self, mappings: list[Any], case_sensitive: bool = False, transformation_ctx: str = "", *_: Any, **__: Any) -> DynamicFrame:
        """The columns that are named, with other names and types; one that is not there is left out."""
        from pyspark.sql import functions as functions

        tree: dict[str, Any] = {}
        for mapping in mappings:
            if len(mapping) not in (2, 3, 4):
                raise ValueError(f"A mapping has a source, its type, a target and its type: {mapping!r}")
            source, target = mapping[0], mapping[-2] if len(mapping) == 4 else mapping[1] if len(mapping) == 2 else mapping[0]
            kind = mapping[-1] if len(mapping) > 2 else None
            parts = parts_of(source)
            if not self._has(parts):
                continue
            if parts[0] in self._choices:
                lack(f"mapping of {source!r}, which is a choice between {' and '.join(self._choices[parts[0]])}", f"Resolve it before: frame.resolveChoice(specs=[({source!r}, 'cast:{mapping[1]}')]).")
            column = functions.col(_quoted(parts))
            self._put(tree, parts_of(target), column.try_cast(_spark_type(kind)) if kind and not re.match(r"(?i)(struct|array|map)\b", kind) else column)
        return self._with(self._frame.select(*[_column(name, each) for name, each in tree.items()]), {})

    applyMapping = apply_mapping  # noqa: N815

    @staticmethod
    def _put(tree: dict[str, Any], target: list[str], column: Any) -> None:
        for part in target[:-1]:
            tree = tree.setdefault(part, {})
        tree[target[-1]] = column

    def resolveChoice(self, specs: list[tuple[str, str]] | None = None, choice: str = "", database: str | None = None, table_name: str | None = None, transformation_ctx: str = "", *_: Any, **__: Any) -> DynamicFrame:  # noqa: N802
        """Choices made into one type, into a column for each type, or into a struct."""
        if specs and choice:
            raise ValueError("resolveChoice takes specs or choice, not both")
        if choice == "match_catalog":
            if not database or not table_name:
                raise ValueError("resolveChoice with match_catalog takes database and table_name")
            known = {name.lower(): kind for name, kind in self.glue_ctx.catalog_columns(database, table_name)}
            specs = [(_quoted([each]), f"cast:{known[each.lower()]}") for each in self._frame.columns if each.lower() in known and not re.match(r"struct|array|map", known[each.lower()])]
        elif specs is None:
            specs = [(_quoted([each]), choice or "make_cols") for each in self._choices]
        frame = self
        for path, action in specs:
            frame = frame._resolved(path, action)
        return frame

    def _resolved(self, path: str, action: str) -> DynamicFrame:
        from pyspark.sql import functions as functions

        parts = parts_of(path)
        if len(parts) != 1 or "[]" in path:
            lack(f"resolveChoice of {path!r}, which lies within a column", _SPARK)
        name, (what, _, kind) = parts[0], action.partition(":")
        if name not in self._frame.columns:
            return self
        kinds = self._choices.get(name)
        column = functions.col(_quoted([name]))
        rest = {each: some for each, some in self._choices.items() if each != name}
        if what == "cast" and kind:
            values = [column.getField(each).try_cast(_spark_type(kind)) for each in kinds] if kinds else [column.try_cast(_spark_type(kind))]
            return self._with(self._replaced(name, [functions.coalesce(*values).alias(name)]), rest)
        if not kinds or what == "make_struct":
            return self._with(self._frame, rest)
        if what == "make_cols":
            return self._with(self._replaced(name, [column.getField(each).alias(f"{name}_{each}") for each in kinds]), rest)
        if what == "project" and kind:
            mine = glue_name(kind)
            return self._with(self._replaced(name, [column.getField(mine).alias(name)] if mine in kinds else []), rest)
        raise ValueError(f"resolveChoice knows cast:TYPE, make_cols, make_struct, project:TYPE and match_catalog, not {action!r}")

    def _replaced(self, name: str, columns: list[Any]) -> Any:
        from pyspark.sql import functions as functions

        return self._frame.select(*[each for own in self._frame.columns for each in (columns if own == name else [functions.col(_quoted([own]))])])

    def select_fields(self, paths: list[str], transformation_ctx: str = "", *_: Any, **__: Any) -> DynamicFrame:
        from pyspark.sql import functions as functions

        tree: dict[str, Any] = {}
        for path in paths if isinstance(paths, list) else [paths]:
            parts = parts_of(path)
            if self._has(parts):
                self._put(tree, parts, functions.col(_quoted(parts)))
        return self._with(self._frame.select(*[_column(name, each) for name, each in tree.items()]))

    def drop_fields(self, paths: list[str], transformation_ctx: str = "", *_: Any, **__: Any) -> DynamicFrame:
        from pyspark.sql import functions as functions

        frame = self._frame
        for path in paths if isinstance(paths, list) else [paths]:
            parts = parts_of(path)
            if not self._has(parts):
                continue
            if len(parts) == 1:
                frame = frame.drop(parts[0])
            else:
                frame = frame.withColumn(parts[0], functions.col(_quoted(parts[:1])).dropFields(_quoted(parts[1:])))
        return self._with(frame)

    def rename_field(self, oldName: str, newName: str, transformation_ctx: str = "", *_: Any, **__: Any) -> DynamicFrame:  # noqa: N803
        old, new = parts_of(oldName), parts_of(newName)
        if len(old) != 1 or len(new) != 1:
            lack("rename_field within a struct", "Name the field in apply_mapping.")
        if old[0] not in self._frame.columns:
            return self
        choices = {new[0] if name == old[0] else name: kinds for name, kinds in self._choices.items()}
        return self._with(self._frame.withColumnRenamed(old[0], new[0]), choices)

    def filter(self, f: Callable[[Any], Any], transformation_ctx: str = "", *_: Any, **__: Any) -> DynamicFrame:
        """The records for which the function says true."""
        import pyarrow as pa

        table = self._frame.toArrow()
        kept = pa.array([bool(f(self._record(row))) for row in table.to_pylist()], pa.bool_())
        return self._with(self._made(table.filter(kept)))

    def map(self, f: Callable[[Any], Any], preservesPartitioning: bool = False, transformation_ctx: str = "", *_: Any, **__: Any) -> DynamicFrame:  # noqa: N803
        """What the function makes of each record."""
        import pyarrow as pa

        from sandbox.services.glue.job_files import arrow_kind, kind_of, merged

        rows = [f(self._record(row)) for row in self._frame.toArrow().to_pylist()]
        if not rows:
            return self
        kinds: dict[str, Any] = {}
        for row in rows:
            for name, value in row.items():
                kinds[name] = merged(kinds.get(name), kind_of(value))
        choices = {name: sorted(kind) for name, kind in kinds.items() if isinstance(kind, frozenset)}
        shaped = [{name: {kind_of(value): value} if name in choices and value is not None else value for name, value in row.items()} for row in rows]
        return self._with(self._made(pa.Table.from_pylist(shaped, pa.schema([(name, arrow_kind(kind)) for name, kind in kinds.items()]))), choices)

    def _made(self, table: Any) -> Any:
        if table.num_rows == 0:
            return self._frame.limit(0)
        return instants(self.glue_ctx.spark_session.createDataFrame(table))

    def join(self, paths1: list[str], paths2: list[str], frame2: DynamicFrame, transformation_ctx: str = "", *_: Any, **__: Any) -> DynamicFrame:
        """The records of both whose keys are equal; names that both have get a dot before them in the second."""
        from pyspark.sql import functions as functions

        keys = [(parts_of(one), parts_of(other)) for one, other in zip(paths1, paths2)]
        if any(len(part) != 1 for pair in keys for part in pair):
            lack("join by fields within structs", "Take them out before, with apply_mapping.")
        mine = {*self._frame.columns}
        other = frame2._frame.select(*[functions.col(_quoted([name])).alias(f".{name}" if name in mine else name) for name in frame2._frame.columns])
        renamed = lambda name: f".{name}" if name in mine else name  # noqa: E731
        left, right = self._frame.alias("l"), other.alias("r")
        condition = None
        for (one,), (two,) in keys:
            equal = functions.col("l." + _quoted([one])) == functions.col("r." + _quoted([renamed(two)]))
            condition = equal if condition is None else condition & equal
        choices = {**self._choices, **{renamed(name): kinds for name, kinds in frame2._choices.items()}}
        return self._with(left.join(right, condition, "inner"), choices)

    def repartition(self, num_partitions: int, *_: Any, **__: Any) -> DynamicFrame:
        return self._with(self._frame.repartition(num_partitions))

    def coalesce(self, num_partitions: int, shuffle: bool = False, *_: Any, **__: Any) -> DynamicFrame:
        return self._with(self._frame.coalesce(num_partitions))

    def union(self, other_frame: DynamicFrame, transformation_ctx: str = "", *_: Any, **__: Any) -> DynamicFrame:
        return self._with(self._frame.unionByName(other_frame._frame, allowMissingColumns=True), {**other_frame._choices, **self._choices})

    def drop_nulls(self) -> DynamicFrame:
        """Without the columns that are null in every record."""
        from pyspark.sql import functions as functions

        if not self._frame.columns:
            return self
        counted = self._frame.agg(*[functions.count(functions.col(_quoted([name]))).alias(f"c{at}") for at, name in enumerate(self._frame.columns)]).collect()[0]
        return self._with(self._frame.drop(*[name for at, name in enumerate(self._frame.columns) if counted[at] == 0]))

    relationalize = lacking("DynamicFrame.relationalize", "Make rows of an array with pyspark.sql.functions.explode on frame.toDF(), and columns of a struct with apply_mapping.")
    unnest = lacking("DynamicFrame.unnest", "Name the fields of the struct in apply_mapping: ('a.b', 'string', 'a_b', 'string').")
    unnest_ddb_json = lacking("DynamicFrame.unnest_ddb_json", _SPARK)
    unbox = lacking("DynamicFrame.unbox", "Read the text with pyspark.sql.functions.from_json on frame.toDF().")
    split_fields = lacking("DynamicFrame.split_fields", "Take each part with select_fields.")
    split_rows = lacking("DynamicFrame.split_rows", "Take each part with filter.")
    spigot = lacking("DynamicFrame.spigot", "Write a sample with glueContext.write_dynamic_frame.from_options of frame.toDF().limit(n).")
    mergeDynamicFrame = lacking("DynamicFrame.mergeDynamicFrame", "Join the DataFrames with how='left_anti', and add the rows of the other with union.")
    simplify_ddb_json = lacking("DynamicFrame.simplify_ddb_json", _SPARK)
    errorsAsDynamicFrame = lacking("DynamicFrame.errorsAsDynamicFrame", "Records that cannot be read stop the job here.")
    write = lacking("DynamicFrame.write", "Use glueContext.write_dynamic_frame.from_options.")


def _column(name: str, made: Any) -> Any:
    from pyspark.sql import functions as functions

    return functions.struct(*[_column(inner, each) for inner, each in made.items()]).alias(name) if isinstance(made, dict) else made.alias(name)


def _print_field(name: str, kind: Any, indent: str) -> None:
    inner = getattr(kind, "elementType", None)
    said = "struct" if hasattr(kind, "fieldNames") else "array" if inner is not None else glue_name(kind.simpleString())
    print(f"{indent}|-- {name}: {said}")
    if hasattr(kind, "fieldNames"):
        for field in kind:
            _print_field(field.name, field.dataType, f"{indent}|    ")
    elif inner is not None:
        _print_field("element", inner, f"{indent}|    ")


class DynamicFrameCollection:
    """Frames by name, as custom transforms of Glue Studio hand them on."""

    def __init__(self, dynamic_frames: dict[str, DynamicFrame], glue_ctx: Any) -> None:
        self._frames = dict(dynamic_frames)
        self.glue_ctx = glue_ctx

    def keys(self) -> Any:
        return self._frames.keys()

    def values(self) -> Any:
        return self._frames.values()

    def select(self, key: str, default: Any = None) -> Any:
        return self._frames.get(key, default)

    def __getitem__(self, key: str) -> DynamicFrame:
        return self._frames[key]

    def __len__(self) -> int:
        return len(self._frames)

    map = lacking("DynamicFrameCollection.map", "Go through its values() in Python.")
    flatmap = lacking("DynamicFrameCollection.flatmap", "Go through its values() in Python.")
