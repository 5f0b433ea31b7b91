"""Cautions about environment variables: values that Kubernetes changes, or does not replace.

https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
"""

import re
from collections.abc import Iterator
from datetime import date

from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.stack import Settings
from settings.workload.environment import in_order, references
from settings.workload.environment_rules import containers_by_key
from settings.workload.replicated import Replicated
from settings.workload.workload import Workload

_TELEMETRY = re.compile(r"(?:OTEL|TELEMETRY)_\w+")
"""Variables of traced programs."""
_PEERS = ("POD_IP", "PEERS_DNS")
"""Variables of programs with peers."""
_API_SERVER = re.compile(r"KUBERNETES_(?:SERVICE|PORT)(?:_\w+)?")
"""Variables with the address of the API server, which all containers have.
https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/kubelet/kubelet_pods.go"""
_DOUBLED = re.compile(r"(?<!\$)\$\$(?![$(])")
"""Two $ that escape nothing."""


def _dollars(settings: Settings, today: date) -> Iterator[Caution]:
    for path, container in containers_by_key(settings):
        for variable, value in container.env.items():
            if _DOUBLED.search(value):
                yield Caution(
                    key=f"{path}env.{variable}",
                    text="Kubernetes replaces $$ with a single $; write $$$$ if the app must "
                    "receive $$",
                )


def _references(settings: Settings, today: date) -> Iterator[Caution]:
    """Yields a caution for each variable with a reference that Kubernetes leaves as it is: to no
    variable of the container, or to one whose value refers to this variable.

    Kubernetes also replaces references to variables of `envFrom`, whose names are not in the stack
    file, so a container with `envFrom` has no caution.
    """
    for path, container in containers_by_key(settings):
        if container.env_from:
            continue
        defined = {*container.secret_env, *container.env_fields, *container.env_resources}
        if isinstance(container, Replicated) and container.peers:
            defined.update(_PEERS)
        traced = isinstance(container, Workload) and container.traced
        for variable, value in in_order(container.env).items():
            for written, name in references(value):
                if name in defined or _API_SERVER.fullmatch(name):
                    continue
                if traced and _TELEMETRY.fullmatch(name):
                    continue
                reason = f"the container has no variable {name} in the stack file"
                if name in container.env:
                    reason = f"the value of {name} refers to {variable}"
                if name == variable:
                    reason = "a variable cannot refer to itself, or to the variable of the image"
                yield Caution(
                    key=f"{path}env.{variable}",
                    text=f"Kubernetes leaves {written} as it is, because {reason}; write the "
                    f"value itself, or ${written} if the program must receive {written}",
                )
                break
            defined.add(variable)


CAUTIONS = (
    CautionRule(
        "HA923",
        "Values of environment variables contain no $$, which Kubernetes changes into $.",
        _dollars,
    ),
    CautionRule(
        "HA955", "Kubernetes replaces all references in environment variables.", _references
    ),
)
