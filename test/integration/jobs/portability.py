"""The three jobs on Sail, Spark 3.5 and Spark 4: same input, same output; killed, nothing lost.

Run it with the sandbox's Python (pysail, adbc-driver-postgresql, pyspark-client, pandas<3, pyarrow, pg8000) and a
PostgreSQL named by LAKE_JDBC_URL, LAKE_JDBC_USER and LAKE_JDBC_PASSWORD (tables of its own are
made and dropped):

    python portability.py --spark35 PYTHON --spark4 PYTHON --jar postgresql.jar --java JAVA_HOME

PYTHON is an interpreter with that pyspark; what needs an engine that is not named is not run.
`--only NAME` runs one of: portable35, portable4, killed, inflight, refused, merged, glue. They run
side by side; each ends with a line of JSON, {"check": …, "ok": true, "result": …, "ms": …}, and an
"error" in place of the result when it failed. Exit 1 when one failed.
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pg8000.dbapi
import pyarrow.parquet

HERE = Path(__file__).resolve().parent
JOBS = HERE.parents[2] / "jobs"
SANDBOX = HERE.parents[2] / "src"  # where Sail finds what reads PostgreSQL
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


class Worker:
    """A process of worker.py, for one thread of ours."""

    def __init__(self, engine, env):
        mode = "fork" if engine.name == "sail" else "keep"
        self.process = subprocess.Popen([engine.python, "-B", str(HERE / "worker.py"), mode], env=env, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.folder = tempfile.mkdtemp()

    def run(self, argv, env, **how):
        files = [f"{self.folder}/out", f"{self.folder}/err"]
        self.process.stdin.write(json.dumps({"argv": argv, "env": env, "out": files[0], "err": files[1], **how}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        out, err = (Path(file).read_text() for file in files)
        if not line:
            raise AssertionError(f"the worker ended: {err[-1500:]}")
        return subprocess.CompletedProcess(argv, json.loads(line)["rc"], out, err)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
        shutil.rmtree(self.folder)


class Engine:
    """Where the jobs run: a Sail server of our own, or Spark in the job's own process."""

    def __init__(self, name, python, jar=None, java=None, env=()):
        self.name, self.python, self.jar, self.java, self.env = name, python, jar, java, dict(env)
        self.server, self.workers, self.own = None, [], threading.local()

    def start(self):
        if self.name != "sail":
            return
        code = (
            "from pysail.spark import SparkConnectServer as S; s = S('127.0.0.1', 0); s.start(background=True);"
            "print(s.listening_address[1], flush=True); import sys; sys.stdin.read()"
        )
        self.server = subprocess.Popen([self.python, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True, env={**os.environ, "PYTHONPATH": str(SANDBOX)})
        self.port = self.server.stdout.readline().strip()

    def stop(self):
        for worker in self.workers:
            worker.stop()
        if self.server:
            self.server.kill()
            self.server.wait()

    def environment(self, extra=()):
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **self.env, **dict(extra)}
        if self.name == "sail":
            env["SPARK_REMOTE"] = f"sc://127.0.0.1:{self.port}"
            env["PYTHONPATH"] = str(SANDBOX)
        else:
            quick = "--conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=4"
            java = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # no run is long enough to pay for more
            conf = f"{quick} --driver-java-options '{java} {env.pop('JAVA_CONF', '')}' {env.pop('SPARK_CONF', '')}"
            env["PYSPARK_SUBMIT_ARGS"] = f"--master local[2] {conf} --jars {self.jar} pyspark-shell"
            env["PYSPARK_PYTHON"] = self.python
            env["JAVA_HOME"] = self.java
            env["SPARK_LOCAL_IP"] = "127.0.0.1"
            env["TZ"] = "America/Mexico_City"  # the machine's zone must not matter
        return env

    def command(self, job, lake, table, *more, jobs=JOBS, bookmark="id"):
        return [
            str(jobs / f"{job}.py"), "--JOB_NAME", job, "--bucket", str(lake), "--source_table", f"public.{table}",
            "--bookmark-key", bookmark, *(["--source_connection", "pg"] if job == "ingest" else []), *more,
        ]

    def worker(self):
        """This thread's, or none where nothing can be forked."""
        if self.name == "sail" and not hasattr(os, "fork"):
            return None
        if not hasattr(self.own, "worker"):
            self.own.worker = Worker(self, self.environment())
            self.workers.append(self.own.worker)
        return self.own.worker

    def run(self, argv, env, crash=None):
        worker = self.worker()
        if worker:
            return worker.run(argv, env, crash=crash)
        before = ["-B", str(HERE / "crash.py"), str(crash)] if crash else ["-B"]
        return subprocess.run([self.python, *before, *argv], env=env, capture_output=True, text=True, cwd=tempfile.gettempdir())

    def job(self, job, lake, table, *more, crash=None, env=None, fails=False, **where):
        done = self.run(self.command(job, lake, table, *more, **where), self.environment(env or {}), crash)
        if PASSWORD in done.stdout + done.stderr:
            raise AssertionError(f"{job} on {self.name} shows the password")
        if crash or fails:
            return done
        if done.returncode:
            raise AssertionError(f"{job} on {self.name}: {done.stderr[-1500:]}")
        return json.loads([line for line in done.stdout.splitlines() if line.startswith('{"job"')][-1])

    def killed(self, job, lake, table, seconds):
        """Kills a job after some time; false if it ended before."""
        argv, worker = self.command(job, lake, table), self.worker()
        if worker:
            return worker.run(argv, self.environment(), kill=seconds).returncode == -signal.SIGKILL
        running = subprocess.Popen([self.python, "-B", *argv], env=self.environment(), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(1 + seconds)
        ended = running.poll() is not None
        running.kill()
        running.wait()
        return not ended

    def lake(self, lake, table, *more, **where):
        return [self.job(job, lake, table, *more, **where) for job in ("ingest", "refine", "aggregate")]


def manifest(lake, zone, table):
    found = sorted((lake / zone / "_manifests" / table).glob("*.json"))
    return [json.loads(path.read_text()) for path in found]


def tables(lake, table, only=None):
    """What the manifests say is in the lake: {table: (columns, sorted rows)}, read by pyarrow."""
    last = (manifest(lake, "gold", table) or [{"name": "none"}])[-1]["name"]
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
    return {name: contents(found) for name, found in places.items() if only in (None, name)}


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
    return sorted(int(re.search(r"\('id', (\d+)\)", row).group(1)) for row in tables(lake, table, of)[of][1])


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


def check_portable(*engines):
    table = f"portable_{engines[-1].name}"
    sql(f"DROP TABLE IF EXISTS {table}",
        f"CREATE TABLE {table} (seq bigserial PRIMARY KEY, id int, valor text, fecha timestamp, amount numeric,"
        " seen timestamptz, ok boolean)",
        MANY.format(table=table, first=1, last=2000), HARD_ROWS.format(table=table))
    last = None
    with tempfile.TemporaryDirectory() as folder:
        for step in (1, 2, 3):
            results = []
            for engine in engines:
                lake = Path(folder) / engine.name / "lake"
                more = ["--now", f"2026-01-10T12:0{step - 1}:00Z", "--JOB_RUN_ID", f"jr_{step}"]
                engine.job("ingest", lake, table, *more, bookmark="seq")
                engine.job("refine", lake, table, *more, "--key", "id", bookmark="seq")
                engine.job("aggregate", lake, table, *more, "--key", "id", bookmark="seq")
                found = tables(lake, table)
                where = json.dumps(manifest(lake, "silver", table)[-1])
                results.append((engine.name, found, where.replace(str(lake), "")))
            (first, expected, layout), *others = results
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
            if step == 3:
                same(last, expected, "a run with nothing new")
            last = expected
    sql(f"DROP TABLE {table}")
    return {"engines": [engine.name for engine in engines], **total}


def simple_table(table, rows):
    sql(f"DROP TABLE IF EXISTS {table}",
        f"CREATE TABLE {table} (id serial PRIMARY KEY, valor text, fecha timestamp)", more_rows(table, rows))


def more_rows(table, rows):
    return (f"INSERT INTO {table} (valor, fecha) SELECT 'A-' || n, timestamp '2026-01-01' + n * interval '1 second'"
            f" FROM generate_series(1, {rows}) AS n")


def check_killed(sail):
    """Ended before and after every effect of every job, and at random moments: every row once."""
    table = "killed_data"
    simple_table(table, 100)
    kills, effects = 0, {}
    with tempfile.TemporaryDirectory() as folder:
        lake, kept = Path(folder) / "lake", Path(folder) / "kept"
        rows = 100
        sail.lake(lake, table)
        # Each job starts over from the same lake, one in which it ended before its end already, and nobody has to make it again.
        for job in ("ingest", "refine", "aggregate"):
            for effect in range(1, 40):
                if effect == 1:
                    for crash in (2, None):
                        sql(more_rows(table, 10))
                        rows += 10
                        for before in {"ingest": [], "refine": ["ingest"], "aggregate": ["ingest", "refine"]}[job]:
                            sail.job(before, lake, table)
                        if crash:
                            # Something is written, and nowhere named.
                            assert sail.job(job, lake, table, crash=crash).returncode != 0
                            sail.lake(lake, table)
                    shutil.copytree(lake, kept)
                else:
                    shutil.rmtree(lake)
                    shutil.copytree(kept, lake)
                ended = sail.job(job, lake, table, crash=effect).returncode == 0
                kills += not ended
                for again in {"ingest": ["ingest", "refine"], "refine": ["refine"], "aggregate": ["aggregate"]}[job]:
                    sail.job(again, lake, table)
                for zone in ("bronze", "silver"):
                    assert ids(lake, table, zone) == list(range(1, rows + 1)), f"{zone} after {job} {effect}"
                if job == "aggregate":
                    total = [row for row in tables(lake, table, "cube")["cube"][1] if "'level', 'total'" in row]
                    assert len(total) == 1 and f"('rows', {rows})" in total[0], total
                if ended:
                    effects[job] = effect - 1
                    break
            shutil.rmtree(kept)
        for _ in range(12):
            sql(more_rows(table, 5000))
            rows += 5000
            for job in ("ingest", "refine", "aggregate"):
                kills += sail.killed(job, lake, table, random.uniform(0.02, 0.6))
        sail.lake(lake, table)
        for zone in ("bronze", "silver"):
            assert ids(lake, table, zone) == list(range(1, rows + 1)), f"{zone} after random kills"
        sail.lake(lake, table)
        live = {batch["location"] for batch in manifest(lake, "bronze", table)}
        folders = {str(path) for path in (lake / "bronze" / table).iterdir()}
        left = folders - live
    sql(f"DROP TABLE {table}")
    return {"kills": kills, "effects": effects, "rows": rows, "folders left for the next run to remove": len(left)}


def check_inflight(sail):
    """A row whose key was drawn early and committed late is neither lost nor passed by."""
    table = "inflight_data"
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
    return {"keys": "late keys 11 to 13 read once, keys rolled back passed"}


def check_refused(sail):
    """Failures say why, and never the password."""
    table = "refused_data"
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
    return {"failures": len(cases)}


def check_merged(sail):
    """Small parts of silver are merged, and what they replace is removed a run later."""
    table = "merged_data"
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
    return {"runs": 7, "parts": len(last["silver"])}


LOOK = """
import json
from pyspark.sql import SparkSession
s = SparkSession.builder.getOrCreate()
print(json.dumps({
    **{t: s.table(t).count() for t in ("bronze_glue_data", "silver_glue_data", "silver_glue_data_rejected", "gold_quality")},
    "cube": s.sql("select sum(rows) as n from gold_glue_data_cube where level = 'total'").collect()[0]["n"],
    "batches": len(s.sql("show partitions bronze_glue_data").collect()),
}))
"""


def check_glue(spark):
    """The adapter's Glue side: a stand-in `awsglue`, Spark 3.5 and a Hive catalog."""
    table = "glue_data"
    simple_table(table, 50)
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / "lake"
        engine = Engine(spark.name, spark.python, spark.jar, spark.java, {
            "PYTHONPATH": str(HERE / "standin"), "STANDIN_URL": URL, "STANDIN_USER": USER, "STANDIN_PASSWORD": PASSWORD,
            **{"LAKE_JDBC_" + name: "" for name in ("URL", "USER", "PASSWORD")},
            "JAVA_CONF": f"-Dderby.system.home={folder}",
            "SPARK_CONF": f"--conf spark.sql.catalogImplementation=hive --conf spark.sql.warehouse.dir={folder}/warehouse",
        })
        try:
            for rows in (0, 7):
                if rows:
                    sql(more_rows(table, rows))
                for job in ("ingest", "refine", "aggregate"):
                    engine.job(job, lake, table, "--database", "default", "--enable-metrics", "true")
            look = Path(folder) / "look.py"
            look.write_text(LOOK)
            done = engine.run([str(look)], engine.environment())
        finally:
            engine.stop()
        found = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else done.stderr[-1500:]
        wanted = {"bronze_glue_data": 57, "silver_glue_data": 57, "silver_glue_data_rejected": 0, "gold_quality": 2,
                  "cube": 57, "batches": 2}
        assert found == wanted, found
    sql(f"DROP TABLE {table}")
    return found


CHECKS = {
    "portable35": (check_portable, "sail", "spark35"),
    "glue": (check_glue, "spark35"),
    "portable4": (check_portable, "sail", "spark4"),
    "killed": (check_killed, "sail"),
    "refused": (check_refused, "sail"),
    "merged": (check_merged, "sail"),
    "inflight": (check_inflight, "sail"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--spark35", "--spark4", "--jar", "--java"):
        parser.add_argument(name)
    parser.add_argument("--only", action="append", choices=CHECKS)
    options = parser.parse_args()
    engines = {"sail": Engine("sail", sys.executable)}
    for name in ("spark35", "spark4"):
        python = getattr(options, name)
        if python and options.jar and options.java:
            engines[name] = Engine(name, python, options.jar, options.java)
    says = threading.Lock()

    def run(name):
        started = time.time()
        check, *on = CHECKS[name]
        try:
            outcome = {"ok": True, "result": check(*[engines[engine] for engine in on])}
        except Exception:
            outcome = {"ok": False, "error": traceback.format_exc()}
        with says:
            print(json.dumps({"check": name, **outcome, "ms": round((time.time() - started) * 1000)}), flush=True)
        return outcome["ok"]

    names = [name for name in options.only or CHECKS if all(engine in engines for engine in CHECKS[name][1:])]
    try:
        for engine in engines.values():
            engine.start()
        # Some of them mostly wait, and the longest come first.
        with ThreadPoolExecutor(max_workers=4) as pool:
            passed = list(pool.map(run, names))
    finally:
        for engine in engines.values():
            engine.stop()
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
