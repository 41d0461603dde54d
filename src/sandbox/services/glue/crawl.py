"""Crawls one target of a Glue crawler, a PostgreSQL database or a prefix of S3, and reports the tables that it finds.

One request as JSON on stdin (it has a password in it, so it is not an argument), one answer as JSON on stdout:
``{"tables": [...], "notes": [...]}`` or ``{"error": "..."}``. A table is ``{name, location, columns, partitionKeys, partitions, parameters,
storage}``; names are without the crawler's prefix.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from sandbox.services.glue.crawl_postgresql import postgresql
from sandbox.services.glue.crawl_s3 import s3
from sandbox.services.glue.crawl_target import CrawlError, notes


def main() -> None:
    request = json.load(sys.stdin)
    crawl = {"postgresql": postgresql, "s3": s3}[request.pop("what")]
    try:
        answer: dict[str, Any] = {"tables": crawl(**request), "notes": notes}
    except CrawlError as error:
        answer = {"error": str(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
