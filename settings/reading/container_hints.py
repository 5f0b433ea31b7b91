"""Names of Kubernetes and Helm for containers, with the keys that replace them here."""

from collections.abc import Mapping

from settings.reading.hint import Hint, use

MEMORY_LIMIT = "the memory limit is the request, and CPU has no limit"

CONTAINER: Mapping[str, Hint] = {
    "resources": use("requests", note=MEMORY_LIMIT),
    "envVars": use("env"),
    "environment": use("env"),
    "valueFrom": use("secretEnv", "envFields", "envResources"),
    "fieldRef": use("envFields"),
    "resourceFieldRef": use("envResources"),
}
"""Hints for every container."""

_LISTS = "a list; each item has a name"
POD: Mapping[str, Hint] = {
    "initContainer": use("initContainers", note=_LISTS),
    "extraInitContainers": use("initContainers", note=_LISTS),
    **dict.fromkeys(
        ("sidecar", "sidecarContainers", "extraContainers"), use("sidecars", note=_LISTS)
    ),
    "containers": use(
        "image", "sidecars", note="the workload is the first container, all others are sidecars"
    ),
}
"""Hints for the containers of a workload."""


def further_containers(kind: str) -> Mapping[str, Mapping[str, Hint]]:
    """Returns the hints for init containers and sidecars of a kind of workload, by section."""
    workload = f"ha-eks:{kind}.NAME"
    shared: Mapping[str, Hint] = {
        **CONTAINER,
        "secrets": use("secretEnv"),
        "configMap": use("envFrom"),
        "limits": use("requests", note=MEMORY_LIMIT),
        **dict.fromkeys(
            ("volumeMounts", "volumes", "scratch", "files"),
            use(
                f"{workload}.scratch",
                f"{workload}.files",
                note="each container has the directories and files of its workload",
            ),
        ),
        **dict.fromkeys(
            ("securityContext", "runAsUser"),
            use(f"{workload}.runAsUser", note="for all containers of the pod"),
        ),
    }
    always = use(f"{workload}.sidecars", note="a sidecar is always restarted, no other container")
    storage = use(f"{workload}.requests.ephemeralStorage")
    requests = {
        "limits": use("memory", note=MEMORY_LIMIT),
        "requests": use("cpu", "memory"),
        "ephemeralStorage": storage,
        "ephemeral-storage": storage,
    }
    sections = {
        "initContainers": {
            **shared,
            "restartPolicy": always,
            "timeout": use("longestSeconds"),
            "probes": use(f"{workload}.sidecars", note="an init container runs to its end"),
        },
        "sidecars": {
            **shared,
            "restartPolicy": always,
            "livenessProbe": use("probes.liveness"),
            "readinessProbe": use("probes.readiness"),
            "startupProbe": use(
                "probes.startupSeconds", note="seconds until the sidecar has started"
            ),
            "port": use("ports", note="a mapping of names to ports"),
            "containerPort": use("ports", note="a mapping of names to ports"),
            "terminationGracePeriodSeconds": use("shutdownSeconds"),
            **dict.fromkeys(("lifecycle", "preStop"), use("shutdownSeconds")),
        },
    }
    return {
        f"ha-eks:{kind}.*.{name}.*{below}": hints
        for name, hints_of_container in sections.items()
        for below, hints in (("", hints_of_container), (".requests", requests))
    }
