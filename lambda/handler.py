"""Inserts random rows into `random_data`: the tutorial's source of new data.

EventBridge invokes it every two minutes with its scheduled event, which inserts one row. An event
of one's own may ask for more: `{"batch": 1000, "spread_hours": 48}` inserts 1,000 rows dated at
random over the last 48 hours.

The database comes by the environment, set when the function is made, because a function in a VPC
without NAT can call no service: DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD.
"""

import json
import os
import random
import secrets
import time
from datetime import datetime, timedelta, timezone

import pg8000.dbapi

MOST = 100_000  # rows of one invocation
CONNECT_TIMEOUT = 10  # seconds
# The class of a value is its first letter; the weights give the picture a shape.
CLASSES, WEIGHTS = "ABCDE", (40, 25, 20, 10, 5)
INSERT = (
    "INSERT INTO random_data (valor, fecha)"
    " SELECT * FROM unnest(CAST(%s AS text[]), CAST(%s AS timestamp[])) RETURNING id"
)


class InsertFailed(Exception):
    """The rows are not in the table."""


def handler(event, context):
    """Returns `{"inserted": N, "id": the last id}`; raises when the rows are not in the table."""
    started = time.monotonic()
    event = event or {}
    count = int(event.get("batch", 1))
    spread = float(event.get("spread_hours", 0))
    if not 1 <= count <= MOST or spread < 0:
        raise ValueError(f"batch must be between 1 and {MOST}, and spread_hours not negative")
    try:
        last = insert(count, spread)
    except Exception as error:
        log("error", inserted=0, error=type(error).__name__, message=reason(error), started=started)
        # The driver's own text is a dictionary of codes; whoever invoked this reads the message.
        raise InsertFailed(reason(error)) from None
    log("info", inserted=count, id=last, started=started)
    return {"inserted": count, "id": last}


def insert(count, spread_hours):
    """Inserts `count` rows in one transaction and returns the highest id."""
    values = [f"{random.choices(CLASSES, WEIGHTS)[0]}-{secrets.token_hex(6)}" for _ in range(count)]
    now = datetime.now(timezone.utc).replace(tzinfo=None)  # the column has no zone: UTC
    # One is of now, whatever the spread: who looks for rows that arrive sees this one.
    dates = [now] + [now - timedelta(hours=random.uniform(0, spread_hours)) for _ in range(count - 1)]
    connection = pg8000.dbapi.connect(
        host=os.environ["DB_HOST"],
        port=int(os.environ.get("DB_PORT", "5432")),
        database=os.environ.get("DB_NAME", "transactionaldb"),
        user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"],
        timeout=CONNECT_TIMEOUT,
        application_name="lake-tutorial-inserter",
    )
    try:
        cursor = connection.cursor()
        cursor.execute(INSERT, (values, [date.isoformat(sep=" ") for date in dates]))
        ids = [row[0] for row in cursor.fetchall()]
        if len(ids) != count:
            raise RuntimeError(f"{len(ids)} of {count} rows were inserted")
        connection.commit()
        return max(ids)
    finally:
        connection.close()


def reason(error):
    """What the database said, without anything that could hold a secret."""
    detail = error.args[0] if error.args else ""
    text = detail.get("M", "") if isinstance(detail, dict) else str(detail)
    password = os.environ.get("DB_PASSWORD")
    return text.replace(password, "***") if password else text


def log(level, started, **fields):
    print(json.dumps({"level": level, "event": "insert", **fields, "ms": round((time.monotonic() - started) * 1000)}))
