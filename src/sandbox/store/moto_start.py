"""What moto does before its first answer and what takes it longest: done once, on demand, or not at all.

To be imported before moto's services, which do these things while they are imported.
"""

from __future__ import annotations

from typing import Any, Iterable

from botocore.loaders import JSONFileLoader
from moto.core.routing import SmithyRule
from moto.utilities import utils

from sandbox.kernel.extend import around

_files: dict[str, Any] = {}


@around(JSONFileLoader, "_load_file")
def load_file(original: Any, _self: JSONFileLoader, path: str, opened: Any) -> Any:
    """Every session of botocore reads the same files for itself: EC2's model, the largest, three times for a list of regions.

    Source: our own (for speed, with the same answers), 2026-11-28
    """
    if path not in _files:
        _files[path] = original(path, opened)
    return _files[path]


# The routes of a service are looked up and never made into addresses, for which werkzeug writes and compiles a function each.
SmithyRule._compile_builder = lambda self, append_unknown=True: _no_address  # type: ignore[method-assign]


def _no_address(_rule: SmithyRule, **_values: Any) -> tuple[str, str]:
    raise NotImplementedError


class _Offerings(dict[str, Any]):
    """The instance types that are offered at each place of one kind, of a region when it is asked for."""

    def __init__(self, of: str, regions: Iterable[str]) -> None:
        super().__init__(dict.fromkeys(regions))
        self._of = of

    def __getitem__(self, region: str) -> Any:
        found = super().__getitem__(region)
        if found is None:
            found = _load(f"ec2/resources/instance_type_offerings/{self._of}/{region}.json")
            for each in found:
                each["LocationType"] = self._of
            self[region] = found
        return found

    def get(self, region: str, default: Any = None) -> Any:
        return self[region] if region in self else default


_load = utils.load_resource
utils.load_resource = lambda resource: [] if "/instance_type_offerings/" in resource else _load(resource)
try:
    from moto.ec2.models import instance_types
finally:
    utils.load_resource = _load
for kind, regions in instance_types.INSTANCE_TYPE_OFFERINGS.items():
    instance_types.INSTANCE_TYPE_OFFERINGS[kind] = _Offerings(kind, regions)
