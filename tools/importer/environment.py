"""Environment variables of a container."""

import re
from typing import Any

from settings.workload.environment import FIELDS
from tools.importer.fields import Fields
from tools.importer.objects import Objects
from tools.importer.report import SubjectReport

_SECRET_NAME = re.compile(
    r"(?:PASSWORD|PASSWD|SECRET|SECRET_KEY|PRIVATE_KEY|API_KEY|TOKEN)$", re.IGNORECASE
)
"""End of the name of a variable whose value is secret."""
_SECRET_URL = re.compile(r"://[^/@:\s]*:[^/@\s$]+@")
"""URL with a password."""
_LABEL_FIELD = re.compile(r"metadata\.(labels|annotations)\['.+'\]")


def environment(container: Fields, objects: Objects, report: SubjectReport) -> dict[str, Any]:
    """Returns the keys `env`, `secretEnv`, `envFields`, `envResources` and `envFrom`.

    Any: sections of the stack file.
    """
    found: dict[str, dict[str, Any]] = {
        key: {} for key in ("env", "secretEnv", "envFields", "envResources")
    }
    sources = _sources(container, found["env"], objects, report)
    for variable in container.sections("env"):
        name = variable.text("name") or ""
        for variables in found.values():
            variables.pop(name, None)  # the last variable of a name has precedence
        if "valueFrom" in variable:
            key, value = _reference(variable.section("valueFrom"), objects, report)
        else:
            key, value = "env", variable.text("value") or ""
        if key and value is not None:
            found[key][name] = value
    report_secrets(found["env"], container.path_of("env"), report)
    return {**found, "envFrom": sources}


def report_secrets(variables: dict[str, str], path: str, report: SubjectReport) -> None:
    """Reports variables with a secret, which everyone with access to the stack file can read."""
    for name, value in variables.items():
        named = _SECRET_NAME.search(name) and "$(" not in value
        if value and (named or _SECRET_URL.search(value)):
            report.changed(
                f"{path}.{name}",
                "the value is readable in the stack file and in the state of Pulumi; create a "
                "Secret, and write secretEnv",
            )


def _sources(
    container: Fields, env: dict[str, Any], objects: Objects, report: SubjectReport
) -> list[dict[str, str]]:
    """Returns `envFrom`, and adds the values of ConfigMaps in the files to `env`."""
    sources: list[dict[str, str]] = []
    for source in container.sections("envFrom"):
        prefix = source.text("prefix") or ""
        kept = {"prefix": prefix} if prefix else {}
        config_map, secret = source.section("configMapRef"), source.section("secretRef")
        for reference in (config_map, secret):
            reference.skip_if("optional", "false")
        if name := secret.text("name"):
            sources.append({"secret": name, **kept})
            objects.needs_secret(name, report)
        if name := config_map.text("name"):
            data = objects.config_map(name)
            if data is None:
                sources.append({"configMap": name, **kept})
                objects.needs_config_map(name, report)
            else:
                # Kubernetes replaces $(NAME) in the values of `env` only.
                values = {f"{prefix}{key}": text.replace("$(", "$$(") for key, text in data.items()}
                env.update(values)
    return sources


def _reference(
    source: Fields, objects: Objects, report: SubjectReport
) -> tuple[str | None, dict[str, str] | str | None]:
    """Returns the key of the stack file for a reference, and its value."""
    for key in ("secretKeyRef", "configMapKeyRef"):
        if "optional" in source.section(key):
            source.section(key).skip_if("optional", "false")
    if "secretKeyRef" in source:
        secret = source.section("secretKeyRef")
        name = secret.text("name") or ""
        objects.needs_secret(name, report)
        return "secretEnv", {"secret": name, "key": secret.text("key") or ""}
    if "configMapKeyRef" in source:
        reference = source.section("configMapKeyRef")
        name, key = reference.text("name") or "", reference.text("key") or ""
        data = objects.config_map(name)
        if data is not None and key in data:
            return "env", data[key].replace("$(", "$$(")
        report.lost(reference.path, f"no file has ConfigMap {name} with {key}; write it in env")
        return None, None
    if "fieldRef" in source:
        field = source.section("fieldRef")
        field.skip_if("apiVersion", "v1")
        path = field.text("fieldPath") or ""
        if path in FIELDS or _LABEL_FIELD.fullmatch(path):
            return "envFields", path
        report.lost(field.path_of("fieldPath"), f"must be one of {', '.join(FIELDS)}")
        return None, None
    if "resourceFieldRef" in source:
        resource = source.section("resourceFieldRef")
        resource.skip("containerName")
        found = {"resource": resource.text("resource") or ""}
        divisor = resource.text("divisor") or "0"
        return "envResources", found if divisor in ("0", "1") else {**found, "divisor": divisor}
    report.lost(source.path)
    return None, None
