"""The three jobs on Sail, Spark 3.5 and Spark 4: same input, same output; killed, nothing lost.

Run it with a Python that has pysail[jdbc], pyspark-client, pandas<3, pyarrow and pg8000, and a
PostgreSQL named by LAKE_JDBC_URL, LAKE_JDBC_USER and LAKE_JDBC_PASSWORD (tables of its own are
made and dropped):

    python portability.py --spark35 PYTHON --spark4 PYTHON --jar postgresql.jar

PYTHON is an interpreter with that pyspark; without one (or without Java) it says what it skips.
`--only NAME` runs one of: portable, killed, inflight, refused, merged, glue. Prints `ok`,
`skipped` or `FAILED` lines; exit 1 when one failed.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import pg8000.dbapi
import pyarrow.parquet

HERE = Path(__file__).resolve().parent
JOBS = HERE.parents[2] / "jobs"
URL, USER, PASSWORD = (os.environ["LAKE_JDBC_" + name] for name in ("URL", "USER", "PASSWORD"))


def database():
    host, port, name = re.match(r"jdbc:postgresql://([^:/]+):(\d+)/([^?]+)", URL).groups()
    connection = pg8000.dbapi.connect(host=host, port=int(port), database=name, user=USER, password=PASSWORD)
    return connection


def sql(*statements):
    connection = database()
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    rows = cursor.fetchall() if cursor.description else None
    connection.commit()
    connection.close()
    return rows


class Engine:
    """Where the jobs run: a Sail server of our own, or Spark in the job's own process."""

    def __init__(self, name, python, jar=None):
        self.name, self.python, self.jar, self.server = name, python, jar, None

    def start(self):
        if self.name != "sail":
            return
        code = (
            "from pysail.spark import SparkConnectServer as S; s = S('127.0.0.1', 0); s.start(background=True);"
            "print(s.listening_address[1], flush=True); import time; time.sleep(86400)"
        )
        self.server = subprocess.Popen([self.python, "-c", code], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        self.port = self.server.stdout.readline().strip()

    def stop(self):
        if self.server:
            self.server.kill()
            self.server.wait()

    def environment(self, extra):
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **extra}
        if self.name == "sail":
            env["SPARK_REMOTE"] = f"sc://127.0.0.1:{self.port}"
        else:
            conf = env.pop("SPARK_CONF", "")
            quick = "--conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=4"
            env["PYSPARK_SUBMIT_ARGS"] = f"--master local[2] {quick} --jars {self.jar} {conf} pyspark-shell"
            env["SPARK_LOCAL_IP"] = "127.0.0.1"
            env["TZ"] = "America/Mexico_City"  # the machine's zone must not matter
        return env

    def command(self, job, lake, table, *more, jobs=JOBS, bookmark="id"):
        return [
            str(jobs / f"{job}.py"), "--JOB_NAME", job, "--bucket", str(lake), "--source_table", f"public.{table}",
            "--bookmark-key", bookmark, *(["--source_connection", "pg"] if job == "ingest" else []), *more,
        ]

    def job(self, job, lake, table, *more, crash=None, env=None, fails=False, **where):
        before = ["-B", str(HERE / "crash.py"), str(crash)] if crash else ["-B"]
        done = subprocess.run(
            [self.python, *before, *self.command(job, lake, table, *more, **where)],
            env=self.environment(env or {}), capture_output=True, text=True, cwd=tempfile.gettempdir(),
        )
        if PASSWORD in done.stdout + done.stderr:
            raise AssertionError(f"{job} on {self.name} shows the password")
        if crash or fails:
            return done
        if done.returncode:
            raise AssertionError(f"{job} on {self.name}: {done.stderr[-1500:]}")
        return json.loads([line for line in done.stdout.splitlines() if line.startswith('{"job"')][-1])

    def lake(self, lake, table, *more, **where):
        return [self.job(job, lake, table, *more, **where) for job in ("ingest", "refine", "aggregate")]


def manifest(lake, zone, table):
    found = sorted((lake / zone / "_manifests" / table).glob("*.json"))
    return [json.loads(path.read_text()) for path in found]


def tables(lake, table):
    """What the manifests say is in the lake: {table: (columns, sorted rows)}, read by pyarrow."""
    last = manifest(lake, "gold", table)[-1]["name"]
    silver = manifest(lake, "silver", table)[-1]
    places = {
        "bronze": [(batch["location"], {"batch": batch["name"]}) for batch in manifest(lake, "bronze", table)],
        "silver": [(part["location"], {"part": part["name"]}) for part in silver["silver"]],
        "rejected": [(part["location"], {"part": part["name"]}) for part in silver["rejected"]],
        "freshness": [(f"{lake}/gold/freshness/run={last}", {})],
        "quality": [(f"{lake}/gold/quality/run={last}", {})],
        "cube": [
            (str(path), {"level": path.name.split("=")[1]})
            for path in sorted((lake / "gold" / f"{table}_cube" / f"run={last}").glob("level=*"))
        ],
    }
    return {name: contents(found) for name, found in places.items()}


def contents(places):
    columns, rows = set(), []
    for location, extra in places:
        for file in sorted(Path(location).glob("*.parquet")):
            data = pyarrow.parquet.ParquetFile(file).read()
            columns |= {(field.name, str(field.type).replace("large_", "").replace("_view", "")) for field in data.schema}
            names = data.schema.names
            rows += [repr(sorted({**dict(zip(names, values)), **extra}.items(), key=lambda item: item[0]))
                     for values in zip(*[column_values(data, name) for name in names])]
    return sorted(columns), sorted(rows)


def column_values(data, name):
    """Time stamps as microseconds: Python's datetime is another source of zones and limits."""
    column = data.column(name)
    if str(column.type).startswith("timestamp"):
        assert column.type.unit == "us" and column.type.tz == "UTC", column.type
        column = column.cast("int64")
    return column.to_pylist()


def ids(lake, table, of="silver"):
    return sorted(int(re.search(r"\('id', (\d+)\)", row).group(1)) for row in tables(lake, table)[of][1])


def same(one, other, what):
    for name in one:
        for part, left, right in zip(("columns", "rows"), one[name], other[name]):
            if left != right:
                odd = [item for item in left if item not in right][:2], [item for item in right if item not in left][:2]
                raise AssertionError(f"{what}: {name} differs in {part}: {len(left)} and {len(right)}: {odd}")


HARD_ROWS = """
    INSERT INTO {table} (id, valor, fecha, amount, seen, ok) VALUES
    (null, 'A-nokey', '2026-01-09 10:00', 1.5, null, true),
    (9001, 'A-nodate', null, 2.25, '2026-01-01 00:00+05', false),
    (9002, 'B-future', '2026-01-10 12:02', null, null, null),
    (9003, 'B-infinity', 'infinity', null, 'infinity', null),
    (9004, 'C-old', '1492-10-12 01:02:03.456789', null, null, null),
    (9005, 'C-older', '-infinity', null, null, null),
    (9006, '   ', '2026-01-09 10:00', null, null, null),
    (9007, null, '2026-01-09 10:00', null, null, null),
    (9008, E'D-\\x01', '2026-01-09 10:00', null, null, null),
    (9009, repeat('E', 1001), '2026-01-09 10:00', null, null, null),
    (9010, 'Ñandú ☃ 日本 🜁', '2026-01-09 10:00:00.000001', null, null, null),
    (9011, '7-digit', '2026-01-10 12:00:30', null, null, null),
    (9012, 'z''quote"\\back', '2026-01-09 23:59:59.999999', null, null, null),
    (9013, E'D-\\uFFFD', '2026-01-09 10:00', null, null, null),
    (9014, 'A-once', '2026-01-09 10:00', 1, null, null),
    (9014, 'A-twice', '2026-01-09 11:00', 2, null, null),
    (9014, 'A-twice', '2026-01-09 11:00', 2, null, null)
"""
MANY = """
    INSERT INTO {table} (id, valor, fecha, amount, seen, ok)
    SELECT n, chr(65 + n % 5) || '-' || md5(n::text), timestamp '2026-01-10 11:59' - n * interval '7 minutes 1 microsecond',
    n / 7.0, timestamptz '2026-01-01 00:00+00' + n * interval '1 second', n % 2 = 0 FROM generate_series({first}, {last}) AS n
"""


def check_portable(engines):
    table = "portable_data"
    results = {}
    sql(f"DROP TABLE IF EXISTS {table}",
        f"CREATE TABLE {table} (seq bigserial PRIMARY KEY, id int, valor text, fecha timestamp, amount numeric,"
        " seen timestamptz, ok boolean)",
        MANY.format(table=table, first=1, last=2000), HARD_ROWS.format(table=table))
    with tempfile.TemporaryDirectory() as folder:
        for step in (1, 2, 3):
            for engine in engines:
                lake = Path(folder) / engine.name / "lake"
                more = ["--now", f"2026-01-10T12:0{step - 1}:00Z", "--JOB_RUN_ID", f"jr_{step}", "--key", "id"]
                engine.job("ingest", lake, table, *[word for word in more if word not in ("--key", "id")], bookmark="seq")
                engine.job("refine", lake, table, *more, bookmark="seq")
                engine.job("aggregate", lake, table, *more, bookmark="seq")
                found = tables(lake, table)
                where = json.dumps(manifest(lake, "silver", table)[-1])
                results.setdefault(step, []).append((engine.name, found, where.replace(str(lake), "")))
            (first, expected, layout), *others = results[step]
            for name, found, where in others:
                same(expected, found, f"{first} and {name}, step {step}")
                assert layout == where, f"{first} and {name}: manifests differ"
            total = {name: len(rows) for name, (_, rows) in expected.items()}
            assert total["bronze"] == total["silver"] + total["rejected"], total
            if step == 1:
                bad = expected["rejected"][1]
                counts = {reason: sum(f"'{reason}'" in row for row in bad)
                          for reason in ("null_key", "null_fecha", "future_fecha", "invalid_text", "duplicate")}
                wanted = {"null_key": 1, "null_fecha": 1, "future_fecha": 2, "invalid_text": 5, "duplicate": 2}
                assert counts == wanted, counts
                sql(MANY.format(table=table, first=1990, last=2500))  # 11 of them known: the newer row counts
        same(results[2][0][1], results[3][0][1], "a run with nothing new")
    sql(f"DROP TABLE {table}")
    return f"{' = '.join(engine.name for engine in engines)}; {total}"


def simple_table(table, rows):
    sql(f"DROP TABLE IF EXISTS {table}",
        f"CREATE TABLE {table} (id serial PRIMARY KEY, valor text, fecha timestamp)", more_rows(table, rows))


def more_rows(table, rows):
    return (f"INSERT INTO {table} (valor, fecha) SELECT 'A-' || n, timestamp '2026-01-01' + n * interval '1 second'"
            f" FROM generate_series(1, {rows}) AS n")


def check_killed(engines):
    """Ended before and after every effect of every job, and at random moments: every row once."""
    sail, table = engines[0], "killed_data"
    simple_table(table, 100)
    kills = 0
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / "lake"
        rows = 100
        for job in ("ingest", "refine", "aggregate"):
            for effect in range(1, 40):
                sql(more_rows(table, 10))
                rows += 10
                if job != "ingest":
                    sail.job("ingest", lake, table)
                if job == "aggregate":
                    sail.job("refine", lake, table)
                ended = sail.job(job, lake, table, crash=effect).returncode == 0
                kills += not ended
                sail.lake(lake, table)
                for zone in ("bronze", "silver"):
                    assert ids(lake, table, zone) == list(range(1, rows + 1)), f"{zone} after {job} {effect}"
                total = [row for row in tables(lake, table)["cube"][1] if "'level', 'total'" in row]
                assert len(total) == 1 and f"('rows', {rows})" in total[0], total
                if ended:
                    break
        for _ in range(12):
            sql(more_rows(table, 5000))
            rows += 5000
            for job in ("ingest", "refine", "aggregate"):
                running = subprocess.Popen(
                    [sail.python, "-B", *sail.command(job, lake, table)], env=sail.environment({}),
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )
                time.sleep(random.uniform(0.3, 1.2))
                kills += running.poll() is None
                running.kill()
                running.wait()
        sail.lake(lake, table)
        for zone in ("bronze", "silver"):
            assert ids(lake, table, zone) == list(range(1, rows + 1)), f"{zone} after random kills"
        sail.lake(lake, table)
        live = {batch["location"] for batch in manifest(lake, "bronze", table)}
        folders = {str(path) for path in (lake / "bronze" / table).iterdir()}
        left = folders - live
    sql(f"DROP TABLE {table}")
    return f"{kills} kills, {rows} rows, {len(left)} folders of killed runs left for the next run to remove"


def check_inflight(engines):
    """A row whose key was drawn early and committed late is neither lost nor passed by."""
    sail, table = engines[0], "inflight_data"
    simple_table(table, 10)
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / "lake"
        slow = database()
        slow.cursor().execute(more_rows(table, 3))  # draws 11 to 13, not committed
        sql(more_rows(table, 5))  # 14 to 18
        first = sail.job("ingest", lake, table)
        assert first["rows"] == 10, first
        again = sail.job("ingest", lake, table)
        assert again["rows"] == 0, again
        slow.commit()
        slow.close()
        sail.lake(lake, table)
        assert ids(lake, table) == list(range(1, 19)), ids(lake, table)
        gone = database()
        gone.cursor().execute(more_rows(table, 2))  # 19 and 20 never come
        gone.rollback()
        gone.close()
        sql(more_rows(table, 1))
        sail.lake(lake, table)
        assert ids(lake, table)[-1] == 21
    sql(f"DROP TABLE {table}")
    return "late keys 11 to 13 read once, keys rolled back passed"


def check_refused(engines):
    """Failures say why, and never the password."""
    sail, table = engines[0], "refused_data"
    sql(f"DROP TABLE IF EXISTS {table}", f"CREATE TABLE {table} (id int, valor text, fecha timestamp)",
        f"INSERT INTO {table} VALUES (1, 'A', now()), (null, 'B', now())")
    with tempfile.TemporaryDirectory() as folder:
        cases = [
            ("nulls", dict(), table, "has nulls"),
            ("no table", dict(), "no_such_table", "does not exist"),
            ("no column", dict(bookmark="nope"), table, "is not a column"),
            ("text key", dict(bookmark="valor"), table, "must be an integer"),
            ("closed port", dict(env={"LAKE_JDBC_URL": "jdbc:postgresql://127.0.0.1:1/x"}), table, "connection attempt failed"),
            ("wrong password", dict(env={"LAKE_JDBC_PASSWORD": "not it"}), table, "password authentication failed"),
        ]
        for name, where, of, text in cases:
            done = sail.job("ingest", folder, of, fails=True, **where)
            assert done.returncode == 1 and text in done.stderr, (name, done.returncode, done.stderr[-500:])
    sql(f"DROP TABLE {table}")
    return f"{len(cases)} failures"


def check_merged(engines):
    """Small parts of silver are merged, and what they replace is removed a run later."""
    sail, table = engines[0], "merged_data"
    simple_table(table, 5)
    with tempfile.TemporaryDirectory() as folder:
        jobs = Path(folder) / "jobs"
        shutil.copytree(JOBS, jobs)
        refine = jobs / "refine.py"
        refine.write_text(refine.read_text().replace("PARTS = 50", "PARTS = 3").replace("ROUND = 50", "ROUND = 1"))
        lake = Path(folder) / "lake"
        for rows in range(7):
            sql(f"INSERT INTO {table} (valor, fecha) VALUES ('A-x', '2026-01-01'), (null, '2026-01-02')")
            sail.lake(lake, table, jobs=jobs)
        last = manifest(lake, "silver", table)[-1]
        assert len(last["silver"]) <= 3 and len(last["rejected"]) <= 3, last
        sail.lake(lake, table, jobs=jobs)
        on_disk = len(list((lake / "silver" / table).iterdir()))
        assert on_disk == len(last["silver"]), on_disk
        assert ids(lake, table) + ids(lake, table, "rejected") != [] and len(ids(lake, table)) == 12
        assert len(ids(lake, table, "rejected")) == 7
    sql(f"DROP TABLE {table}")
    return f"7 runs, {len(last['silver'])} parts"


def check_glue(engines):
    """The adapter's Glue side: a stand-in `awsglue`, Spark 3.5 and a Hive catalog."""
    spark = next((engine for engine in engines if engine.name == "spark35"), None)
    if not spark:
        return None
    table = "glue_data"
    simple_table(table, 50)
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / "lake"
        env = {
            "PYTHONPATH": str(HERE / "standin"), "STANDIN_URL": URL, "STANDIN_USER": USER, "STANDIN_PASSWORD": PASSWORD,
            "SPARK_CONF": f"--conf spark.sql.catalogImplementation=hive --conf spark.sql.warehouse.dir={folder}/warehouse"
            f" --driver-java-options -Dderby.system.home={folder}",
        }
        hidden = {name: os.environ.pop("LAKE_JDBC_" + name) for name in ("URL", "USER", "PASSWORD")}
        try:
            for rows in (0, 7):
                if rows:
                    sql(more_rows(table, rows))
                for job in ("ingest", "refine", "aggregate"):
                    spark.job(job, lake, table, "--database", "default", "--enable-metrics", "true", env=env)
        finally:
            os.environ.update({"LAKE_JDBC_" + name: value for name, value in hidden.items()})
        code = (
            "from pyspark.sql import SparkSession; s = SparkSession.builder.getOrCreate()\n"
            "for t in ('bronze_glue_data', 'silver_glue_data', 'gold_freshness', 'gold_quality'): print(t, s.table(t).count())\n"
            "print('cube', s.sql(\"select sum(rows) as n from gold_glue_data_cube where level = 'total'\").collect()[0]['n'])\n"
            "print('rejected', s.table('silver_glue_data_rejected').count())\n"
            "print('batches', len(s.sql('show partitions bronze_glue_data').collect()))"
        )
        done = subprocess.run([spark.python, "-c", code], env=spark.environment(env), capture_output=True, text=True)
        found = dict(line.split() for line in done.stdout.splitlines() if len(line.split()) == 2)
        wanted = {"bronze_glue_data": "57", "silver_glue_data": "57", "gold_freshness": "1", "gold_quality": "2",
                  "cube": "57", "rejected": "0", "batches": "2"}
        assert found == wanted, (found, done.stderr[-1500:])
    sql(f"DROP TABLE {table}")
    return str(found)


CHECKS = {"portable": check_portable, "inflight": check_inflight, "refused": check_refused,
          "merged": check_merged, "glue": check_glue, "killed": check_killed}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--spark35", "--spark4", "--jar"):
        parser.add_argument(name)
    parser.add_argument("--only", action="append", choices=CHECKS)
    options = parser.parse_args()
    engines = [Engine("sail", sys.executable)]
    for name in ("spark35", "spark4"):
        python = getattr(options, name)
        if python and options.jar and shutil.which("java"):
            engines.append(Engine(name, python, options.jar))
        else:
            print(f"skipped {name}: needs --{name} PYTHON, --jar and Java", flush=True)
    failed = 0
    try:
        for engine in engines:
            engine.start()
        for name in options.only or CHECKS:
            started = time.time()
            try:
                result = CHECKS[name](engines)
                print(f"ok {name} ({time.time() - started:.1f} s): {result}" if result else f"skipped {name}", flush=True)
            except Exception:
                failed += 1
                print(f"FAILED {name}\n{traceback.format_exc()}", flush=True)
    finally:
        for engine in engines:
            engine.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
