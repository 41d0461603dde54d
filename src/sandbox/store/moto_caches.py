"""What moto finds out anew for each request though it cannot change: found out once.

To learn whose request it is, moto looks through the folder of its own services, which takes it longer than most requests
take to be done.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.core import responses
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from sandbox.kernel.extend import around

DomainDispatcherApplication.get_backend_for_host = functools.lru_cache(DomainDispatcherApplication.get_backend_for_host)  # type: ignore[method-assign, assignment]
responses.method_names_from_class = functools.cache(responses.method_names_from_class)
_possible_keys: dict[tuple[Any, ...], list[str]] = {}


@around(XFormedAttributePicker, "get_possible_keys")
def get_possible_keys(original: Any, _self: XFormedAttributePicker, context: AttributePickerContext) -> list[str]:
    """Under which names a member of an answer may be found in what makes it: of each class the same each time.

    Source: our own (for speed, with the same answer), 2026-11-28
    """
    which = (type(context.obj), context.shape, context.key)
    if which not in _possible_keys:
        _possible_keys[which] = [*dict.fromkeys(original(context))]
    return _possible_keys[which]
