"""`GlueContext`: what reads and writes frames, by the Data Catalog or by options.

Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html, 2026-11-28 (whole file)
Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-s3-home.html, 2026-11-28 (whole file)
"""

from __future__ import annotations

import logging
import os
import re
import sys
from typing import Any, NamedTuple
from urllib.parse import unquote

from awsglue.dynamicframe import DynamicFrame, instants
from awsglue.lacks import lack, lacking
from sandbox.services.glue import job_bookmarks, storage_rights
from sandbox.services.glue.crawl_target import is_excluded
from sandbox.services.glue.job_files import File, JobFiles, Shape, Storage, described, glue_name, look

#: Names that Glue's readers and writers of files know and these do not.
_OTHER_FORMATS = "Read and write Parquet, CSV or JSON in the sandbox."

#: Partitions that are registered in one call.
_AT_ONCE = 100


class _Part(NamedTuple):
    """A folder that is read, and the values of its partition."""

    location: str
    values: tuple[str, ...]


class GlueContext:
    """Stands for Glue's own; the session is the engine's."""

    Spark_SQL_Formats = {"parquet", "orc"}

    def __init__(self, sparkContext: Any = None, **options: Any) -> None:  # noqa: N803
        from pyspark.sql import SparkSession

        self.spark_session = SparkSession.builder.getOrCreate()
        self._ssql_ctx = self.spark_session
        self._sc = sparkContext
        for name, value in sparkContext.settings() if hasattr(sparkContext, "settings") else []:
            self.spark_session.conf.set(name, value)
        self.spark_session.conf.set("spark.sql.session.timeZone", "UTC")
        # Sail reports a bare version, Spark a version and a revision.
        self._is_engine = " " not in self.spark_session.sql("SELECT version() AS v").collect()[0]["v"]
        if self._is_engine:
            from sandbox.services.glue.jdbc import JdbcDataSource

            self.spark_session.dataSource.register(JobFiles)
            self.spark_session.dataSource.register(JdbcDataSource)
        self.create_dynamic_frame = _DynamicFrameReader(self)
        self.create_data_frame = _DataFrameReader(self)
        self.write_dynamic_frame = _DynamicFrameWriter(self)
        self.write_data_frame = _DataFrameWriter(self)

    # --- Other names of the same -----------------------------------------------------------------------------------------

    def create_dynamic_frame_from_catalog(self, *args: Any, **kwargs: Any) -> DynamicFrame:
        return self.create_dynamic_frame.from_catalog(*args, **kwargs)

    def create_dynamic_frame_from_options(self, *args: Any, **kwargs: Any) -> DynamicFrame:
        return self.create_dynamic_frame.from_options(*args, **kwargs)

    def create_data_frame_from_catalog(self, *args: Any, **kwargs: Any) -> Any:
        return self.create_data_frame.from_catalog(*args, **kwargs)

    def create_data_frame_from_options(self, *args: Any, **kwargs: Any) -> Any:
        return self.create_data_frame.from_options(*args, **kwargs)

    def write_dynamic_frame_from_options(self, *args: Any, **kwargs: Any) -> Any:
        return self.write_dynamic_frame.from_options(*args, **kwargs)

    def write_dynamic_frame_from_catalog(self, *args: Any, **kwargs: Any) -> Any:
        return self.write_dynamic_frame.from_catalog(*args, **kwargs)

    def write_data_frame_from_catalog(self, *args: Any, **kwargs: Any) -> Any:
        return self.write_data_frame.from_catalog(*args, **kwargs)

    def write_from_options(self, frame_or_dfc: Any, *args: Any, **kwargs: Any) -> Any:
        return self.write_dynamic_frame.from_options(frame_or_dfc, *args, **kwargs)

    def get_logger(self) -> logging.Logger:
        logger = logging.getLogger("GlueLogger")
        if not logger.handlers:
            handler = logging.StreamHandler(sys.stderr)
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
            logger.addHandler(handler)
            logger.setLevel(logging.INFO)
            logger.propagate = False
        return logger

    def getSink(self, connection_type: str, format: str | None = None, transformation_ctx: str = "", **options: Any) -> Sink:  # noqa: N802
        return Sink(self, connection_type, format, options)

    get_sink = getSink

    getSource = lacking("GlueContext.getSource", "Use glueContext.create_dynamic_frame.from_options.")  # noqa: N815
    create_dynamic_frame_from_rdd = lacking("GlueContext.create_dynamic_frame_from_rdd", "Make a DataFrame with spark.createDataFrame, then DynamicFrame.fromDF.")
    forEachBatch = lacking("GlueContext.forEachBatch", "The sandbox has no streaming jobs: read the files of a folder, with a job bookmark.")  # noqa: N815
    purge_table = lacking("GlueContext.purge_table", "Delete the objects with boto3, and the table with Glue's API.")
    purge_s3_path = lacking("GlueContext.purge_s3_path", "Delete the objects with boto3.")
    transition_table = lacking("GlueContext.transition_table", "Change the class of objects with boto3.")
    transition_s3_path = lacking("GlueContext.transition_s3_path", "Change the class of objects with boto3.")
    start_transaction = lacking("GlueContext.start_transaction", "The sandbox has no governed tables.")

    # --- Catalog ---------------------------------------------------------------------------------------------------------

    @property
    def _glue(self) -> Any:
        import boto3

        return boto3.client("glue")

    def catalog_columns(self, database: str, table: str) -> list[tuple[str, str]]:
        """The columns of a table and their types in the catalog, partition keys too."""
        found = self._glue.get_table(DatabaseName=database, Name=table)["Table"]
        return [(each["Name"], each.get("Type", "string")) for each in [*found["StorageDescriptor"]["Columns"], *(found.get("PartitionKeys") or [])]]

    def extract_jdbc_conf(self, connection_name: str, catalog_id: str | None = None) -> dict[str, str]:
        """A connection's address, user and password."""
        import boto3
        import json

        properties = self._glue.get_connection(Name=connection_name)["Connection"]["ConnectionProperties"]
        user, password = properties.get("USERNAME", ""), properties.get("PASSWORD", "")
        if properties.get("SECRET_ID"):
            secret = json.loads(boto3.client("secretsmanager").get_secret_value(SecretId=properties["SECRET_ID"])["SecretString"])
            user, password = secret["username"], secret["password"]
        full = properties["JDBC_CONNECTION_URL"]
        return {"fullUrl": full, "url": full.rpartition("/")[0], "user": user, "password": password, "vendor": full.split(":")[1]}

    def read_catalog(self, database: str, name: str, context: str, predicate: str, options: dict[str, Any]) -> DynamicFrame:
        """A table of the catalog."""
        table = self._glue.get_table(DatabaseName=database, Name=name)["Table"]
        storage = table.get("StorageDescriptor") or {}
        parameters = {**(table.get("Parameters") or {}), **(storage.get("Parameters") or {})}
        if parameters.get("connectionName") or parameters.get("classification") in ("postgresql", "mysql"):
            conf = self.extract_jdbc_conf(parameters["connectionName"])
            source = ".".join('"' + part.replace('"', '""') + '"' for part in storage["Location"].split(".")[1:])
            return self.read_jdbc({"url": conf["fullUrl"], "user": conf["user"], "password": conf["password"], "dbtable": source, **options}, context)
        serde = storage.get("SerdeInfo") or {}
        given = serde.get("Parameters") or {}
        form = _format_of(table)
        keys = [(each["Name"], glue_name(each.get("Type", "string"))) for each in table.get("PartitionKeys") or []]
        parts = [_Part(storage["Location"], ())]
        if keys:
            pages = self._glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName=name)
            parts = self._chosen([_Part(each["StorageDescriptor"]["Location"], tuple(each["Values"])) for page in pages for each in page["Partitions"]], keys, predicate or options.get("catalogPartitionPredicate", ""))
        elif predicate:
            raise ValueError(f"push_down_predicate chooses partitions, and {database}.{name} has none: use Filter on the frame.")
        columns = [(each["Name"], glue_name(each.get("Type", "string"))) for each in storage.get("Columns") or []]
        separator = given.get("field.delim") or given.get("separatorChar") or parameters.get("delimiter") or ","
        how = {"separator": separator, "quoteChar": given.get("quoteChar", '"'), "skipFirst": parameters.get("skip.header.line.count", "0") != "0"} if form == "csv" else {}
        return self._read_files(f"{database}.{name}", parts, Shape(form, how, [list(each) for each in columns] if form == "csv" else None, [list(each) for each in keys]), context, options)

    def _chosen(self, parts: list[_Part], keys: list[tuple[str, str]], predicate: str) -> list[_Part]:
        """The partitions for which the predicate is true."""
        if not predicate or not parts:
            return parts
        names = [name for name, _ in keys]
        frame = self.spark_session.createDataFrame([(*part.values, at) for at, part in enumerate(parts)], ", ".join([*(f"`{name}` string" for name in names), "`$at` int"]))
        casts = [f"CAST(`{name}` AS {kind}) AS `{name}`" for name, kind in keys]
        kept = {row["$at"] for row in frame.selectExpr(*casts, "`$at`").filter(predicate).collect()}
        return [part for at, part in enumerate(parts) if at in kept]

    # --- Files -----------------------------------------------------------------------------------------------------------

    def read_s3(self, options: dict[str, Any], form: str | None, format_options: dict[str, Any], context: str) -> DynamicFrame:
        paths = options.get("paths") or ([options["path"]] if options.get("path") else [])
        if not paths:
            raise ValueError("connection_options must have 'paths': ['s3://bucket/folder/']")
        name = (form or "").lower()
        if name not in ("csv", "json", "parquet", "glueparquet"):
            lack(f"reader of the format {form!r}", _OTHER_FORMATS)
        known = "parquet" if name == "glueparquet" else name
        return self._read_files(", ".join(paths), [_Part(path, ()) for path in paths], Shape(known, dict(format_options or {}), None, []), context, {"recurse": False, **options})

    def _read_files(self, what: str, parts: list[_Part], shape: Shape, context: str, options: dict[str, Any]) -> DynamicFrame:
        found = [file for part in parts for file in self._files(part, options)]
        files = job_bookmarks.unread(context, found)
        if not files:
            print(f"{what}: no files{' that an earlier run has not read' if found else ''}", file=sys.stderr)
            return DynamicFrame(self._empty(shape), self, context)
        if shape.form == "parquet":
            return DynamicFrame(self._parquet(parts, files, whole=len(files) == len(found), shape=shape), self, context)
        if not self._is_engine:
            return DynamicFrame(self._by_spark(files, shape), self, context)
        environment = os.environ
        storage = Storage(environment["AWS_ENDPOINT_URL"], environment["AWS_REGION"], environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
        seen = look(storage, files, shape)
        frame = self.spark_session.read.format(JobFiles.name()).option("described", described(storage, files, shape, seen)).load()
        frame = instants(frame)
        return DynamicFrame(frame, self, context, seen.choices)

    def _empty(self, shape: Shape) -> Any:
        """No rows. On Glue such a frame has no fields; the catalog's keep a script going."""
        columns = [*(shape.columns or []), *shape.keys]
        return self.spark_session.createDataFrame([], ", ".join(f"`{name}` {kind}" for name, kind in columns) or "`_` string").drop("_")

    def _files(self, part: _Part, options: dict[str, Any]) -> list[File]:
        """The files below a folder."""
        import boto3

        storage_rights.check_place("read", part.location)
        found = re.match(r"s3[an]?://([^/]+)/?(.*)", part.location)
        if not found:
            raise ValueError(f"{part.location} is no place in S3: s3://bucket/folder/")
        bucket, prefix = found[1], found[2]
        excluded = options.get("exclusions") or []
        if isinstance(excluded, str):
            import json

            excluded = json.loads(excluded)
        files = []
        for page in boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for each in page.get("Contents", []):
                inside = each["Key"][len(prefix) :]
                # `s3://b/data` is the object or the folder, not what else begins like it.
                if inside and prefix and not prefix.endswith("/") and not inside.startswith("/"):
                    continue
                inside = inside.lstrip("/")
                hidden = any(name.startswith(("_", ".")) for name in (inside or each["Key"].rpartition("/")[2]).split("/"))
                deeper = "/" in inside and options.get("recurse") in (False, "false", "False")
                if each["Size"] and not hidden and not deeper and not is_excluded(inside, [pattern.removeprefix("s3://").removeprefix(f"{bucket}/") for pattern in excluded]):
                    files.append(File(f"s3://{bucket}/{each['Key']}", each["LastModified"].timestamp(), part.values))
        return files

    def _parquet(self, parts: list[_Part], files: list[File], whole: bool, shape: Shape) -> Any:
        from pyspark.sql import functions as functions

        frames = []
        for values in dict.fromkeys(file.partition for file in files):
            paths = [file.uri for file in files if file.partition == values]
            if whole and len(paths) > 1 and len({part.location for part in parts if part.values == values}) == 1 and all("/" not in path[len(next(p.location for p in parts if p.values == values)) :].strip("/") for path in paths):
                paths = [next(part.location for part in parts if part.values == values)]
            frame = self.spark_session.read.option("mergeSchema", "true").parquet(*paths)
            own = {name for name, _ in shape.keys}
            frame = frame.select(*[functions.col(f"`{name}`") for name in frame.columns if name not in own])
            for (name, kind), value in zip(shape.keys, values):
                frame = frame.withColumn(name, functions.lit(None if value == "__HIVE_DEFAULT_PARTITION__" else value).cast(kind))
            frames.append(frame)
        # By halves: a thousand partitions one after the other are a plan too deep to walk.
        while len(frames) > 1:
            frames = [frames[at] if at + 1 == len(frames) else frames[at].unionByName(frames[at + 1], allowMissingColumns=True) for at in range(0, len(frames), 2)]
        return frames[0]

    def _by_spark(self, files: list[File], shape: Shape) -> Any:
        """By Spark's own readers, on a server that has no source of ours."""
        if shape.keys:
            lack("reading of partitioned text on another Spark server", "Read it with spark.read, or run the job on the sandbox's engine.")
        paths = [file.uri for file in files]
        header = str(shape.options.get("withHeader") or shape.options.get("skipFirst")).lower() == "true"
        reader = self.spark_session.read.option("header", header).option("sep", shape.options.get("separator") or ",").option("multiLine", str(shape.options.get("multiLine", False)).lower())
        if shape.form == "json":
            return reader.json(paths)
        return reader.schema(", ".join(f"`{name}` {kind}" for name, kind in shape.columns)).csv(paths) if shape.columns else reader.csv(paths)

    def read_jdbc(self, options: dict[str, Any], context: str) -> DynamicFrame:
        given = dict(options)
        if given.pop("connectionName", None):
            conf = self.extract_jdbc_conf(options["connectionName"])
            given = {"url": conf["fullUrl"], "user": conf["user"], "password": conf["password"], **given}
        given.pop("useConnectionProperties", None)
        if not str(given.get("url", "")).startswith("jdbc:postgresql:"):
            lack(f"source {given.get('url') or 'without url'}", "It reads PostgreSQL: connection_options={'url': 'jdbc:postgresql://HOST:PORT/DATABASE', 'dbtable': …, 'user': …, 'password': …}.")
        if given.get("sampleQuery"):
            given["query"] = given.pop("sampleQuery")
            given.pop("dbtable", None)
        if context and job_bookmarks.is_on():
            print("The sandbox keeps bookmarks of files in S3 only: this table is read whole.", file=sys.stderr)
        wanted = {name: str(given[name]) for name in ("url", "dbtable", "query", "user", "password") if given.get(name)}
        driver = {} if self._is_engine else {"driver": "org.postgresql.Driver"}
        return DynamicFrame(instants(self.spark_session.read.format("jdbc").options(**wanted, **driver).load()), self, context)

    # --- Writing ---------------------------------------------------------------------------------------------------------

    def write_s3(self, frame: Any, options: dict[str, Any], form: str | None, format_options: dict[str, Any]) -> None:
        """Adds files below a folder: Glue never replaces what is there."""
        path, name = options.get("path"), (form or "").lower()
        if not path:
            raise ValueError("connection_options must have 'path': 's3://bucket/folder/'")
        if name not in ("csv", "json", "parquet", "glueparquet"):
            lack(f"writer of the format {form!r}", _OTHER_FORMATS)
        if not frame.columns:
            # What came from a bookmark without news.
            return
        writer = frame.write.mode("append").format("parquet" if name == "glueparquet" else name)
        said = {key.lower(): value for key, value in (format_options or {}).items()}
        compression = options.get("compression") or said.get("compression") or ("snappy" if name.endswith("parquet") else None)
        if compression and compression != "uncompressed":
            writer = writer.option("compression", compression)
        if name == "csv":
            writer = writer.option("header", str(said.get("writeheader", True)).lower()).option("sep", said.get("separator") or ",")
        keys = options.get("partitionKeys") or []
        (writer.partitionBy(*keys) if keys else writer).save(path)

    def write_catalog(self, frame: Any, database: str, name: str, options: dict[str, Any]) -> None:
        table = self._glue.get_table(DatabaseName=database, Name=name)["Table"]
        storage = table.get("StorageDescriptor") or {}
        if not str(storage.get("Location", "")).startswith("s3"):
            lack(f"writer into {database}.{name}, which is no table in S3", "Write to S3, and let a program load it from there.")
        form = _format_of(table)
        keys = [each["Name"] for each in table.get("PartitionKeys") or []] or options.get("partitionKeys") or []
        given = (storage.get("SerdeInfo") or {}).get("Parameters") or {}
        how = {"separator": given.get("field.delim") or given.get("separatorChar") or ",", "writeHeader": (table.get("Parameters") or {}).get("skip.header.line.count", "0") != "0"}
        self.write_s3(frame, {"path": storage["Location"], "partitionKeys": keys}, form, how if form == "csv" else {})
        if options.get("enableUpdateCatalog") and keys:
            self.register(database, name, storage["Location"], keys, storage)

    def register(self, database: str, name: str, location: str, keys: list[str], storage: dict[str, Any]) -> None:
        """Registers the partitions whose folders are there."""
        import boto3

        glue = self._glue
        pages = glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName=name)
        known = {tuple(each["Values"]) for page in pages for each in page["Partitions"]}
        root = location.rstrip("/") + "/"
        bucket, _, prefix = re.sub(r"^s3[an]?://", "", root).partition("/")
        pattern = re.compile(re.escape(prefix) + "".join(rf"{re.escape(key)}=([^/]*)/" for key in keys))
        found: dict[tuple[str, ...], str] = {}
        for page in boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for each in page.get("Contents", []):
                match = pattern.match(each["Key"])
                if match:
                    found[tuple(map(unquote, match.groups()))] = f"s3://{bucket}/{match[0]}"
        new = [{"Values": list(values), "StorageDescriptor": {**storage, "Location": where}} for values, where in found.items() if values not in known]
        for at in range(0, len(new), _AT_ONCE):
            glue.batch_create_partition(DatabaseName=database, TableName=name, PartitionInputList=new[at : at + _AT_ONCE])


def _format_of(table: dict[str, Any]) -> str:
    storage, parameters = table.get("StorageDescriptor") or {}, table.get("Parameters") or {}
    library = (storage.get("SerdeInfo") or {}).get("SerializationLibrary") or ""
    said = f"{parameters.get('classification') or ''} {library} {storage.get('InputFormat') or ''}".lower()
    for word, form in (("iceberg", ""), ("parquet", "parquet"), ("json", "json"), ("orc", ""), ("avro", ""), ("grok", ""), ("regex", ""), ("csv", "csv"), ("lazysimple", "csv")):
        if word in said:
            if form:
                return form
            break
    if parameters.get("table_type"):
        said = f"{parameters['table_type']} {said}"
    lack(f"reader or writer for the table {table.get('DatabaseName')}.{table.get('Name')} ({said.split()[0] if said.split() else 'without classification'})", _OTHER_FORMATS)


class Sink:
    """Writes to S3 and keeps the catalog up to date, as Glue Studio's scripts do it."""

    def __init__(self, context: GlueContext, connection_type: str, form: str | None, options: dict[str, Any]) -> None:
        if connection_type != "s3":
            lack(f"sink {connection_type!r}", "Write to S3, with connection_type='s3'.")
        self._context, self._form, self._options = context, form, options
        self._format_options: dict[str, Any] = {}
        self._table: tuple[str, str] | None = None

    def setFormat(self, format: str, **options: Any) -> None:  # noqa: N802
        self._form, self._format_options = format, options

    def setCatalogInfo(self, catalogDatabase: str, catalogTableName: str, catalogId: str = "") -> None:  # noqa: N802, N803
        self._table = (catalogDatabase, catalogTableName)

    def writeFrame(self, dynamic_frame: DynamicFrame, info: str = "") -> DynamicFrame:  # noqa: N802
        frame, options = dynamic_frame.toDF(), self._options
        self._context.write_s3(frame, options, self._form, self._format_options)
        if self._table and options.get("enableUpdateCatalog") and frame.columns:
            self._tell_catalog(frame, *self._table)
        return dynamic_frame

    def _tell_catalog(self, frame: Any, database: str, name: str) -> None:
        from sandbox.services.glue.crawl_s3 import PARQUET, TEXT

        options, glue = self._options, self._context._glue
        keys = options.get("partitionKeys") or []
        form = "parquet" if (self._form or "").endswith("parquet") else self._form
        columns = [{"Name": field.name.lower(), "Type": field.dataType.simpleString()} for field in frame.schema if field.name not in keys]
        kinds = {field.name: field.dataType.simpleString() for field in frame.schema}
        serde = {"json": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"}, "csv": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", "Parameters": {"field.delim": ","}}}
        storage = {**(PARQUET if form == "parquet" else {**TEXT, "SerdeInfo": serde[str(form)]}), "Columns": columns, "Location": options["path"]}
        wanted = {
            "Name": name, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage, "PartitionKeys": [{"Name": key, "Type": kinds[key]} for key in keys],
            "Parameters": {"classification": str(form), **({"skip.header.line.count": "1"} if form == "csv" else {})},
        }  # fmt: skip
        try:
            glue.create_table(DatabaseName=database, TableInput=wanted)
        except glue.exceptions.AlreadyExistsException:
            if options.get("updateBehavior", "UPDATE_IN_DATABASE") == "UPDATE_IN_DATABASE":
                known = glue.get_table(DatabaseName=database, Name=name)["Table"]["StorageDescriptor"]["Columns"]
                more = [each for each in columns if each["Name"] not in {one["Name"] for one in known}]
                if more:
                    glue.update_table(DatabaseName=database, TableInput={**wanted, "StorageDescriptor": {**storage, "Columns": [*known, *more]}})
        if keys:
            self._context.register(database, name, options["path"], keys, storage)


class _DynamicFrameReader:
    def __init__(self, context: GlueContext) -> None:
        self._context = context

    def from_catalog(self, database: str | None = None, table_name: str | None = None, redshift_tmp_dir: str = "", transformation_ctx: str = "", push_down_predicate: str = "", additional_options: dict[str, Any] | None = None, catalog_id: Any = None, **kwargs: Any) -> DynamicFrame:
        database = database or kwargs.get("name_space")
        if not database or not table_name:
            raise ValueError("from_catalog takes database and table_name")
        return self._context.read_catalog(database, table_name, transformation_ctx, push_down_predicate, additional_options or {})

    def from_options(self, connection_type: str, connection_options: dict[str, Any] | None = None, format: str | None = None, format_options: dict[str, Any] | None = None, transformation_ctx: str = "", push_down_predicate: str = "", **kwargs: Any) -> DynamicFrame:
        options = connection_options or {}
        if connection_type == "s3":
            return self._context.read_s3(options, format, format_options or {}, transformation_ctx)
        if connection_type in ("postgresql", "jdbc"):
            return self._context.read_jdbc(options, transformation_ctx)
        lack(f"source {connection_type!r}", "It reads S3 (connection_type='s3') and PostgreSQL ('postgresql').")

    from_rdd = lacking("create_dynamic_frame.from_rdd", "Make a DataFrame with spark.createDataFrame, then DynamicFrame.fromDF.")


class _DataFrameReader:
    def __init__(self, context: GlueContext) -> None:
        self._frames = _DynamicFrameReader(context)

    def from_catalog(self, *args: Any, **kwargs: Any) -> Any:
        return self._frames.from_catalog(*args, **kwargs).toDF()

    def from_options(self, *args: Any, **kwargs: Any) -> Any:
        return self._frames.from_options(*args, **kwargs).toDF()


class _DynamicFrameWriter:
    def __init__(self, context: GlueContext) -> None:
        self._context = context

    def from_options(self, frame: Any, connection_type: str, connection_options: dict[str, Any] | None = None, format: str | None = None, format_options: dict[str, Any] | None = None, transformation_ctx: str = "", **_: Any) -> Any:
        if connection_type != "s3":
            lack(f"writer into {connection_type!r}", "Write to S3, with connection_type='s3'.")
        self._context.write_s3(frame.toDF(), connection_options or {}, format, format_options or {})
        return frame

    def from_catalog(self, frame: Any, database: str | None = None, table_name: str | None = None, redshift_tmp_dir: str = "", transformation_ctx: str = "", additional_options: dict[str, Any] | None = None, catalog_id: Any = None, **kwargs: Any) -> Any:
        database = database or kwargs.get("name_space")
        if not database or not table_name:
            raise ValueError("from_catalog takes database and table_name")
        self._context.write_catalog(frame.toDF(), database, table_name, additional_options or {})
        return frame

    from_jdbc_conf = lacking("write_dynamic_frame.from_jdbc_conf", "Write to S3, with from_options(connection_type='s3').")


class _DataFrameWriter:
    def __init__(self, context: GlueContext) -> None:
        self._frames, self._context = _DynamicFrameWriter(context), context

    def from_catalog(self, frame: Any, *args: Any, **kwargs: Any) -> Any:
        self._frames.from_catalog(DynamicFrame.fromDF(frame, self._context), *args, **kwargs)
        return frame

    def from_options(self, frame: Any, *args: Any, **kwargs: Any) -> Any:
        self._frames.from_options(DynamicFrame.fromDF(frame, self._context), *args, **kwargs)
        return frame
