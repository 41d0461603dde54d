"""Views as Athena keeps them in the Glue catalog."""

from __future__ import annotations

import base64
import json
import re
from typing import Any


def view_text(table: dict[str, Any]) -> tuple[str, str | None]:
    """The text of a view as Athena keeps it, and the database that its names are in."""
    text = table.get("ViewOriginalText") or ""
    found = re.search(r"Presto View: ([\w+/=]+)", text)
    if not found:
        return text, None
    kept = json.loads(base64.b64decode(found[1]))
    return kept["originalSql"], kept.get("schema")
