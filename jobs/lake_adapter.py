"""What differs between AWS Glue, the sandbox and a test, so that the jobs need not know.

On Glue (AWS's own `awsglue` can be imported) arguments, connection and catalog go through Glue's own
library: a job inside a VPC without NAT cannot reach Glue's API by boto3. Elsewhere argparse and
boto3 do the same. Everything written goes through three small things:

* `Store`   objects below the lake's root, on S3 or in a local folder;
* `Ledger`  numbered manifests, each created once and last: what a manifest does not name does
            not exist, so a job killed anywhere leaves nothing half visible;
* a catalog, told last and told again by the next run if the last one did not get there.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import socket
import sys
import time
import traceback
import uuid
from datetime import datetime, timezone
from urllib.parse import quote

try:
    import awsglue

    # The sandbox has a part of Glue's library, for scripts that begin with it, and no Hive catalog.
    ON_GLUE = not getattr(awsglue, "IN_SANDBOX", False)
except ImportError:
    ON_GLUE = False
if ON_GLUE:
    from awsglue.utils import getResolvedOptions

CONNECT_TIMEOUT = 10  # seconds
MAX_READS = 64  # keys may be sparse
ROWS_PER_READ = 500_000  # of one JDBC query; bounds the memory of engines that read it whole

SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    # Proleptic Gregorian as it is: a row dated 1492 must not stop the job (Spark's default).
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
}


class JobFailed(Exception):
    """A failure whose message is meant for whoever started the job."""


# ---------------------------------------------------------------- arguments, session, start


def read_arguments(argv, required, optional=()):
    """Glue-style arguments (`--name value`) as a dict; `--bookmark-key` is `bookmark_key`."""
    given = {word[2:].split("=")[0] for word in argv if word.startswith("--")}

    def spelled(name):
        hyphened = name.replace("_", "-")
        return hyphened if hyphened in given else name

    present = [spelled(name) for name in optional if spelled(name) in given]
    wanted = [spelled(name) for name in required] + present
    if ON_GLUE:
        # JOB_RUN_ID is reserved: Glue adds it to the answer, asking for it is an error.
        found = getResolvedOptions(argv, [name for name in wanted if name != "JOB_RUN_ID"])
    else:
        parser = argparse.ArgumentParser(allow_abbrev=False)
        for name in wanted:
            parser.add_argument("--" + name, required=True)
        found = vars(parser.parse_known_args(argv[1:])[0])
    return {name.replace("-", "_"): value for name, value in found.items() if value is not None}


class Lake:
    """One run of one job: its arguments, its Spark session, and where things are."""

    def __init__(self, args):
        self.args = args
        self.secrets = []
        bucket = args["bucket"].rstrip("/")
        self.root = bucket if "/" in bucket else f"s3://{bucket}"
        self.table = args["source_table"].split(".")[-1]
        self.store = S3Store() if re.match(r"s3[an]?://", self.root) else LocalStore()
        self._glue = self._job = None
        if ON_GLUE:
            from awsglue.context import GlueContext
            from awsglue.job import Job
            from pyspark.context import SparkContext

            self._glue = GlueContext(SparkContext.getOrCreate())
            self.spark = self._glue.spark_session
            self._job = Job(self._glue)
            self._job.init(args["JOB_NAME"], args)
        else:
            from pyspark.sql import SparkSession

            self.spark = SparkSession.builder.getOrCreate()  # SPARK_REMOTE names the server
        for key, value in SESSION.items():
            self.spark.conf.set(key, value)
        database = args.get("database")
        if not database:
            self.catalog = NoCatalog()
        elif ON_GLUE:
            self.catalog = SparkCatalog(self.spark, database)
        else:
            self.catalog = GlueCatalog(database)

    def now(self):
        """This run's load time, UTC: `--now` (for replays and tests) or the clock."""
        given = self.args.get("now")
        if not given:
            return datetime.now(timezone.utc)
        moment = datetime.fromisoformat(given.replace("Z", "+00:00"))
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)

    def run_name(self, sequence):
        """A directory name no other attempt uses, also one that was killed and still writes."""
        run = self.args.get("JOB_RUN_ID") or uuid.uuid4().hex
        return f"{sequence:08d}-{hashlib.sha256(run.encode()).hexdigest()[:8]}"

    def ledger(self, zone):
        return Ledger(self.store, f"{self.root}/{zone}/_manifests/{self.table}")

    def source(self):
        return Source(self, self.args["source_connection"])

    def connection(self, name):
        """JDBC url, user and password of a Glue connection; a test names them by environment."""
        if os.environ.get("LAKE_JDBC_URL"):
            found = [os.environ.get("LAKE_JDBC_" + part, "") for part in ("URL", "USER", "PASSWORD")]
        elif ON_GLUE:
            conf = self._glue.extract_jdbc_conf(name)  # its `url` lacks the database, `fullUrl` has it
            found = [conf.get("fullUrl") or conf["url"], conf["user"], conf["password"]]
        else:
            import boto3

            properties = boto3.client("glue").get_connection(Name=name)["Connection"]["ConnectionProperties"]
            user, password = properties.get("USERNAME", ""), properties.get("PASSWORD", "")
            if properties.get("SECRET_ID"):
                answer = boto3.client("secretsmanager").get_secret_value(SecretId=properties["SECRET_ID"])
                secret = json.loads(answer["SecretString"])
                user, password = secret["username"], secret["password"]
            found = [properties["JDBC_CONNECTION_URL"], user, password]
        self.secrets += [secret for secret in (found[2], quote(found[2], safe="")) if secret]
        return found

    def write(self, frame, path, partition_by=None):
        """Writes Parquet to a directory of this run's own and returns nothing."""
        self.store.remove(path)
        writer = frame.write.mode("overwrite")
        (writer.partitionBy(partition_by) if partition_by else writer).parquet(path)

    def read(self, columns, paths):
        schema = ", ".join(f"`{name}` {kind}" for name, kind in columns)
        return self.spark.read.schema(schema).parquet(*paths)

    def finish(self):
        if self._job:
            self._job.commit()


def run(name, main, required=(), optional=()):
    """Runs a job: arguments in, one JSON line out; a failure says why and shows no secret."""
    started = time.time()
    lake = None
    try:
        args = read_arguments(
            sys.argv,
            ["JOB_NAME", "bucket", "source_table", "bookmark_key", *required],
            ["JOB_RUN_ID", "database", *optional],
        )
        lake = Lake(args)
        outcome = main(lake)
        lake.finish()
    except Exception as error:
        hide = lake.secrets if lake else []
        print(_hidden(traceback.format_exc(), hide), file=sys.stderr)
        reason = _hidden(str(error), hide).split("\nTraceback:")[0].strip()
        message = reason if isinstance(error, JobFailed) else f"{type(error).__name__}: {reason}"
        raise JobFailed(f"{name}: {message[:1000]}") from None
    print(json.dumps({"job": name, **outcome, "ms": round((time.time() - started) * 1000)}), flush=True)


def _hidden(text, secrets):
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


# ---------------------------------------------------------------- source


class Source:
    """A PostgreSQL database behind a Glue connection, read by the engine over JDBC."""

    def __init__(self, lake, name):
        self.spark = lake.spark
        url, user, password = lake.connection(name)
        match = re.match(r"jdbc:postgresql://([^:/]+)(?::(\d+))?/([^?]+)", url)
        if not match:
            raise JobFailed(
                f"The connection {name} has no URL of the form jdbc:postgresql://HOST:PORT/DATABASE."
            )
        host, port, self.database = match.group(1), int(match.group(2) or 5432), match.group(3)
        self.options = {"url": url, "user": user, "password": password, "fetchsize": "10000"}
        # Sail reports a bare version, Spark a version and a revision.
        if ON_GLUE or " " in self.spark.sql("SELECT version() AS v").collect()[0]["v"]:
            self.options["driver"] = "org.postgresql.Driver"
        else:
            from sandbox.services.glue.jdbc import JdbcDataSource

            self.spark.dataSource.register(JdbcDataSource)
            # Ask the address first: what an engine says of it is far from words.
            try:
                socket.create_connection((host, port), CONNECT_TIMEOUT).close()
            except OSError as error:
                raise JobFailed(
                    f"The connection attempt failed: {host}:{port} of connection {name} does not answer"
                    f" ({error}). Check that the URL has the instance's private address, that the"
                    " instance runs, and that its security group lets the job in."
                ) from None
            _log_in(name, host=host, port=port, database=self.database, user=user, password=password)

    def query(self, sql):
        """The rows of a small query."""
        return self._frame(sql).collect()

    def rows(self, sql, key, low, high):
        """A frame of `sql`, whose integer column `key` lies in [low, high], read in slices."""
        slices = min(-(-(high - low + 1) // ROWS_PER_READ), MAX_READS)
        if slices < 2:
            return self._frame(sql)
        return self._frame(
            sql, partitionColumn=key, lowerBound=str(low), upperBound=str(high + 1), numPartitions=str(slices)
        )

    def _frame(self, sql, **options):
        reader = self.spark.read.format("jdbc").options(**self.options, **options)
        return reader.option("dbtable", f"({sql}) AS q").load()


def _log_in(name, **where):
    """Has PostgreSQL itself say why it refuses: Sail's driver retries for 30 s and keeps the reason."""
    try:
        from pg8000 import dbapi
    except ImportError:
        return
    try:
        dbapi.connect(**where, timeout=CONNECT_TIMEOUT).close()
    except dbapi.Error as error:
        said = error.args[0] if error.args else error
        reason = f"{said.get('S', 'FATAL')}: {said.get('M')}" if isinstance(said, dict) else str(said)
        raise JobFailed(
            f"{reason}. The database refuses the user name, password or database name of connection {name}."
        ) from None


# ---------------------------------------------------------------- objects


class LocalStore:
    """A folder with the few calls of an object store that the jobs need."""

    def names(self, path):
        path = _local(path)
        return sorted(os.listdir(path)) if os.path.isdir(path) else []

    def get(self, path):
        with open(_local(path), "rb") as file:
            return file.read()

    def create(self, path, body):
        """Writes whole or not at all; False if it is there already."""
        path = _local(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        part = f"{path}.{uuid.uuid4().hex}.part"
        with open(part, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)
            return True
        except FileExistsError:
            return False
        finally:
            os.remove(part)

    def remove(self, path):
        shutil.rmtree(_local(path), ignore_errors=True)


def _local(path):
    return path[len("file://"):] if path.startswith("file://") else path


class S3Store:
    """The same over S3."""

    def __init__(self):
        import boto3

        self.s3 = boto3.client("s3")
        # By header, because the boto3 on Glue is older than the parameter.
        self.s3.meta.events.register("before-call.s3.PutObject", _only_if_new)

    def names(self, path):
        bucket, prefix = _bucket_and_key(path + "/")
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
        found = []
        for page in pages:
            found += [item["Key"] for item in page.get("Contents", [])]
            found += [item["Prefix"].rstrip("/") for item in page.get("CommonPrefixes", [])]
        return sorted(key[len(prefix):] for key in found if key != prefix)

    def get(self, path):
        bucket, key = _bucket_and_key(path)
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def create(self, path, body):
        from botocore.exceptions import ClientError

        bucket, key = _bucket_and_key(path)
        try:
            self.s3.put_object(Bucket=bucket, Key=key, Body=body)
            return True
        except ClientError as error:
            if error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"):
                return False
            raise

    def remove(self, path):
        bucket, prefix = _bucket_and_key(path + "/")
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            keys = [{"Key": item["Key"]} for item in page.get("Contents", [])]
            if keys:
                answer = self.s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
                if answer.get("Errors"):
                    raise JobFailed(f"S3 did not delete {answer['Errors'][0]['Key']}: {answer['Errors'][0]['Message']}")


def _only_if_new(params, **_):
    params["headers"]["If-None-Match"] = "*"


def _bucket_and_key(path):
    bucket, _, key = path.split("://", 1)[1].partition("/")
    return bucket, key


class Ledger:
    """Numbered manifests 1, 2, 3, …; the first to create a number has it."""

    def __init__(self, store, path):
        self.store = store
        self.path = path

    def sequence(self):
        """The highest number, 0 when there is none."""
        numbers = [int(name[:8]) for name in self.store.names(self.path) if re.fullmatch(r"\d{8}\.json", name)]
        return max(numbers, default=0)

    def get(self, sequence):
        return json.loads(self.store.get(f"{self.path}/{sequence:08d}.json"))

    def last(self):
        sequence = self.sequence()
        return self.get(sequence) if sequence else None

    def create(self, manifest):
        body = json.dumps(manifest, indent=1, sort_keys=True).encode()
        if not self.store.create(f"{self.path}/{manifest['sequence']:08d}.json", body):
            raise JobFailed(
                f"Another run finished first (manifest {manifest['sequence']} of {self.path} exists)."
                " Nothing was changed: run again."
            )

    def tidy(self, folder, key, manifest):
        """Removes what attempts that lost or were killed left beside what `manifest` names."""
        stem = f"{key}={manifest['sequence']:08d}-"
        for name in self.store.names(folder):
            if name.startswith(stem) and name != f"{key}={manifest['name']}":
                self.store.remove(f"{folder}/{name}")


# ---------------------------------------------------------------- catalog
#
# publish(table, columns, location, parts, key=, sequence=, replace=, about=)
#   columns   [(name, type)] of the files; key the partition column or None
#   parts     {partition value: location}; with `replace` these are all there are
#   sequence  number of the manifest shown, kept as a table parameter and set last
#   about     what else a reader should know, kept as table parameters


class NoCatalog:
    """For runs without `--database`."""

    def published(self, table):
        return 0

    def publish(self, table, columns, location, parts=None, **_):
        pass


class SparkCatalog:
    """The catalog behind Spark SQL: on Glue the Data Catalog (`--enable-glue-datacatalog`)."""

    def __init__(self, spark, database):
        self.spark = spark
        self.database = database

    def _name(self, table):
        return f"`{self.database}`.`{table}`"

    def _exists(self, table):
        return bool(self.spark.sql(f"SHOW TABLES IN `{self.database}` LIKE '{table}'").collect())

    def published(self, table):
        if not self._exists(table):
            return 0
        rows = self.spark.sql(f"SHOW TBLPROPERTIES {self._name(table)}").collect()
        return int({row["key"]: row["value"] for row in rows}.get("lake_sequence", 0))

    def publish(self, table, columns, location, parts=None, key=None, sequence=0, replace=False, about=None):
        name = self._name(table)
        listed = ", ".join(f"`{column}` {kind}" for column, kind in columns)
        partitioned = f" PARTITIONED BY (`{key}` string)" if key else ""
        self.spark.sql(
            f"CREATE EXTERNAL TABLE IF NOT EXISTS {name} ({listed}){partitioned}"
            f" STORED AS PARQUET LOCATION '{location}'"
        )
        if key:
            rows = self.spark.sql(f"SHOW PARTITIONS {name}").collect()
            known = {row["partition"].split("=", 1)[1] for row in rows}
            new = [f"PARTITION (`{key}`='{value}') LOCATION '{parts[value]}'" for value in parts if value not in known]
            if new:
                self.spark.sql(f"ALTER TABLE {name} ADD IF NOT EXISTS {' '.join(new)}")
            for value in sorted(known & set(parts)) if replace else []:
                self.spark.sql(f"ALTER TABLE {name} PARTITION (`{key}`='{value}') SET LOCATION '{parts[value]}'")
            for value in sorted(known - set(parts)) if replace else []:
                self.spark.sql(f"ALTER TABLE {name} DROP IF EXISTS PARTITION (`{key}`='{value}')")
        else:
            self.spark.sql(f"ALTER TABLE {name} SET LOCATION '{location}'")
        facts = ", ".join(f"'{fact}'='{value}'" for fact, value in _facts(sequence, about).items())
        self.spark.sql(f"ALTER TABLE {name} SET TBLPROPERTIES ({facts})")


class GlueCatalog:
    """The Glue Data Catalog by its API."""

    def __init__(self, database):
        import boto3

        self.glue = boto3.client("glue")
        self.database = database

    def _table(self, table):
        try:
            return self.glue.get_table(DatabaseName=self.database, Name=table)["Table"]
        except self.glue.exceptions.EntityNotFoundException:
            return None

    def published(self, table):
        found = self._table(table)
        return int(found.get("Parameters", {}).get("lake_sequence", 0)) if found else 0

    def publish(self, table, columns, location, parts=None, key=None, sequence=0, replace=False, about=None):
        wanted = {
            "Name": table,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE", "classification": "parquet"},
            "PartitionKeys": [{"Name": key, "Type": "string"}] if key else [],
            "StorageDescriptor": _parquet(columns, location),
        }
        if self._table(table) is None:
            try:
                self.glue.create_table(DatabaseName=self.database, TableInput=wanted)
            except self.glue.exceptions.AlreadyExistsException:
                pass
        if key:
            self._partitions(table, columns, parts, replace)
        wanted["Parameters"].update(_facts(sequence, about))
        self.glue.update_table(DatabaseName=self.database, TableInput=wanted)

    def _partitions(self, table, columns, parts, replace):
        where = {"DatabaseName": self.database, "TableName": table}
        pages = self.glue.get_paginator("get_partitions").paginate(**where)
        known = {
            item["Values"][0]: item["StorageDescriptor"]["Location"] for page in pages for item in page["Partitions"]
        }

        def entry(value):
            return {"Values": [value], "StorageDescriptor": _parquet(columns, parts[value])}

        new = [entry(value) for value in sorted(set(parts) - set(known))]
        for some in _batches(new, 100):
            _check(self.glue.batch_create_partition(**where, PartitionInputList=some), {"AlreadyExistsException"})
        if not replace:
            return
        moved = [value for value in sorted(set(parts) & set(known)) if parts[value] != known[value]]
        for some in _batches([{"PartitionValueList": [value], "PartitionInput": entry(value)} for value in moved], 100):
            _check(self.glue.batch_update_partition(**where, Entries=some))
        gone = [{"Values": [value]} for value in sorted(set(known) - set(parts))]
        for some in _batches(gone, 25):
            _check(self.glue.batch_delete_partition(**where, PartitionsToDelete=some), {"EntityNotFoundException"})


def _facts(sequence, about):
    facts = {"lake_sequence": sequence, **{f"lake_{name}": value for name, value in (about or {}).items()}}
    return {name: str(value).replace("'", "") for name, value in facts.items()}


def _parquet(columns, location):
    hive = "org.apache.hadoop.hive.ql.io.parquet"
    return {
        "Columns": [{"Name": name, "Type": kind} for name, kind in columns],
        "Location": location,
        "InputFormat": f"{hive}.MapredParquetInputFormat",
        "OutputFormat": f"{hive}.MapredParquetOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": f"{hive}.serde.ParquetHiveSerDe",
            "Parameters": {"serialization.format": "1"},
        },
    }


def _batches(items, size):
    return [items[start:start + size] for start in range(0, len(items), size)]


def _check(answer, fine=frozenset()):
    """Batch calls answer 200 with the failures inside."""
    for error in answer.get("Errors", []):
        detail = error.get("ErrorDetail", error)
        if detail.get("ErrorCode") not in fine:
            raise JobFailed(f"The catalog refused a partition: {detail.get('ErrorCode')}: {detail.get('ErrorMessage')}")
