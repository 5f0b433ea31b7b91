"""Cautions about environment variables whose values Kubernetes changes.

https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
"""

import re
from collections.abc import Iterator
from datetime import date

from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.stack import Settings
from settings.workload.environment import in_order, references

_DOUBLED = re.compile(r"(?<!\$)\$\$(?![$(])")
"""Two $ that escape nothing."""


def _dollars(settings: Settings, today: date) -> Iterator[Caution]:
    containers = (
        (name, prefix, container)
        for name, app in settings.workloads.items()
        for prefix, container in app.containers.items()
    )
    for name, prefix, app in containers:
        defined = {*app.secret_env, *app.env_fields, *app.env_resources}
        for variable, value in in_order(app.env).items():
            key = settings.key_of(name, f"{prefix}env.{variable}")
            found = [text for text, other in references(value) if other in defined]
            for reference in dict.fromkeys(found):
                yield Caution(
                    key=key,
                    text=f"Kubernetes replaces {reference} with the value of that variable; write "
                    f"${reference} if the app must receive {reference} itself",
                )
            if _DOUBLED.search(value):
                yield Caution(
                    key=key,
                    text="Kubernetes replaces $$ with a single $; write $$$$ if the app must "
                    "receive $$",
                )
            defined.add(variable)  # Kubernetes replaces references to earlier variables only


CAUTIONS = (
    CautionRule(
        "HA923", "Kubernetes leaves the values of environment variables as they are.", _dollars
    ),
)
