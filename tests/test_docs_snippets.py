"""The YAML of pages about workloads is accepted, with the keys that it leaves out."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from settings import check
from tests.settings.stack_files import APPS, CRON_JOBS, ROOT, SINGLETONS, WORKERS, app, config_of

PAGES = ("application", "release", "requests", "stateful")
POD = {key: app()[key] for key in ("image", "requests")}
LEFT_OUT: dict[str, dict[str, Any]] = {
    APPS: app(probes={"readiness": {"path": "/ready"}}),
    WORKERS: {**POD, "replicas": {"needed": 1, "max": 3}},
    SINGLETONS: POD,
    CRON_JOBS: POD,
}
"""Required keys of a workload, by section."""
ZONES = ("example.com", "example.net", "example.org")
TRAFFIC = {
    "domain": "app.example.com",
    "hostedZoneId": "Z0123456789ABCDEFGHIJ",
    "policy": "latency",
    "zones": dict.fromkeys(ZONES, "Z0123456789ABCDEFGHIJ"),
}


def snippets() -> Iterator[Any]:
    for page in PAGES:
        text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
        for number, found in enumerate(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL), 1):
            yield pytest.param(found, id=f"{page} {number}")


@pytest.mark.parametrize("snippet", [*snippets()])
def test_the_yaml_of_a_page_is_accepted(snippet: str) -> None:
    """`web` and `cache` exist; keys without a section belong to an app."""
    written: dict[str, Any] = yaml.safe_load(
        snippet.replace("certificate/…", "certificate/1234abcd")
    )
    if not any(key.startswith("ha-eks:") for key in written):
        written = {APPS: {"snippet": written}}
    config: Any = config_of("prod")
    config["ha-eks:traffic"] = TRAFFIC
    for section, values in written.items():
        present = {**config.get(section, {})}
        config[section] = present
        for name, value in values.items():
            before = present.get(name, LEFT_OUT.get(section, {}))
            present[name] = {**before, **value} if section in LEFT_OUT else value
    assert check(config)[1] == []
