"""Cautions about environment variables whose values Kubernetes changes.

https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
"""

import re
from collections.abc import Iterator
from datetime import date

from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.stack import Settings

_DOUBLED = re.compile(r"(?<!\$)\$\$(?![$(])")
"""Two $ that escape nothing."""


def _dollars(settings: Settings, today: date) -> Iterator[Caution]:
    containers = (
        (name, prefix, container)
        for name, app in settings.workloads.items()
        for prefix, container in app.containers.items()
    )
    for name, prefix, app in containers:
        for variable, value in app.env.items():
            if _DOUBLED.search(value):
                yield Caution(
                    key=settings.key_of(name, f"{prefix}env.{variable}"),
                    text="Kubernetes replaces $$ with a single $; write $$$$ if the app must "
                    "receive $$",
                )


CAUTIONS = (
    CautionRule(
        "HA923",
        "Values of environment variables contain no $$, which Kubernetes changes into $.",
        _dollars,
    ),
)
