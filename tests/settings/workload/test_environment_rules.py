"""Rules for environment variables, and refused values of them."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    APPS,
    WEB,
    Change,
    accepted,
    assert_problem,
    changed,
    every_stack,
    refused,
)


@every_stack
def test_an_environment_variable_is_defined_once(tmp_path: Path, stack: str):
    secret = {"secret": "passwords", "key": "cache"}
    env: Change = ((*WEB, "env"), {"A": "1", "PASSWORD": "none"})

    problems = refused(
        tmp_path, stack, changed(stack, env, ((*WEB, "secretEnv"), {"PASSWORD": secret}))
    )

    message = "env has a variable of the same name; remove one of the two"
    assert_problem(problems, f"{APPS}.web.secretEnv.PASSWORD", secret, message)
    accepted(tmp_path, stack, env, ((*WEB, "secretEnv"), {"B": secret}))


def test_only_a_traced_app_refers_to_variables_of_opentelemetry(tmp_path: Path) -> None:
    name = "$(OTEL_SERVICE_NAME)"
    off: Change = ((*WEB, "traced"), False)
    message = (
        "only a traced workload has the variable {}; write traced: true, or remove the reference"
    )

    problems = refused(tmp_path, "dev", changed("dev", off))

    assert_problem(
        problems,
        f"{APPS}.web.args[2]",
        f"--otel-service-name={name}",
        message.format("OTEL_SERVICE_NAME"),
    )
    accepted(tmp_path, "dev", off, ((*WEB, "env"), {"OTEL_SERVICE_NAME": "mine"}))
    accepted(tmp_path, "dev", off, ((*WEB, "args"), [f"--a=${name}", "$(date)"]))

    command: Change = ((*WEB, "command"), ["/run", "$(TELEMETRY_ZONE)"])
    problems = refused(tmp_path, "dev", changed("dev", off, ((*WEB, "args"), []), command))

    assert_problem(
        problems,
        f"{APPS}.web.command[1]",
        "$(TELEMETRY_ZONE)",
        message.format("TELEMETRY_ZONE"),
    )


@pytest.mark.parametrize(
    ("field", "value", "first"),
    [
        ("envFields", "status.podIP", "env"),
        ("envResources", {"resource": "limits.cpu"}, "env"),
        ("envResources", {"resource": "limits.cpu"}, "envFields"),
    ],
)
def test_a_variable_has_one_source(tmp_path: Path, field: str, value: object, first: str):
    values = {"env": "1", "envFields": "status.hostIP"}
    changes: list[Change] = [((*WEB, first), {"A": values[first]}), ((*WEB, field), {"A": value})]

    problems = refused(tmp_path, "dev", changed("dev", *changes))

    message = f"{first} has a variable of the same name; remove one of the two"
    assert_problem(problems, f"{APPS}.web.{field}.A", value, message)


@pytest.mark.parametrize(
    "path",
    ["status.phase", "podIP", "metadata.labels", "metadata.labels[a]", "metadata.labels['']", ""],
)
def test_a_variable_has_a_field_that_kubernetes_provides(tmp_path: Path, path: str):
    text = changed("dev", ((*WEB, "envFields"), {"A": path}))

    message = (
        "must be one of metadata.name, metadata.namespace, metadata.uid, spec.nodeName, "
        "spec.serviceAccountName, status.hostIP, status.hostIPs, status.podIP, status.podIPs, "
        "metadata.labels['KEY'] or metadata.annotations['KEY']"
    )
    assert_problem(refused(tmp_path, "dev", text), f"{APPS}.web.envFields.A", path, message)


@pytest.mark.parametrize(
    ("resource", "divisor", "message"),
    [
        ("limits.memory", "1m", 'must be 1Ki, 1Mi, 1Gi or "1" for limits.memory'),
        ("requests.cpu", "1Mi", 'must be 1m or "1" for requests.cpu'),
    ],
)
def test_a_divisor_is_a_unit_of_the_resource(
    tmp_path: Path, resource: str, divisor: str, message: str
):
    variables = {"A": {"resource": resource, "divisor": divisor}}
    text = changed("dev", ((*WEB, "envResources"), variables))

    key = f"{APPS}.web.envResources.A.divisor"
    assert_problem(refused(tmp_path, "dev", text), key, divisor, message)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({}, "has neither secret nor configMap; write one of the two"),
        ({"prefix": "A"}, "has neither secret nor configMap; write one of the two"),
        ({"secret": "a", "configMap": "b"}, "has both secret and configMap; write one of the two"),
        ({"configMap": "first"}, "is listed more than once; remove this item"),
    ],
)
def test_an_item_of_env_from_is_one_secret_or_config_map(
    tmp_path: Path, item: dict[str, str], message: str
):
    text = changed("dev", ((*WEB, "envFrom"), [{"configMap": "first"}, item]))

    assert_problem(refused(tmp_path, "dev", text), f"{APPS}.web.envFrom[1]", item, message)


def test_a_prefix_of_variables_is_part_of_a_name(tmp_path: Path):
    text = changed("dev", ((*WEB, "envFrom"), [{"secret": "a", "prefix": "1-"}]))

    message = "must be a prefix of letters, digits and _, not beginning with a digit"
    key = f"{APPS}.web.envFrom[0].prefix"
    assert_problem(refused(tmp_path, "dev", text), key, "1-", message)


def test_a_variable_of_opentelemetry_can_come_from_a_config_map(tmp_path: Path):
    off: Change = ((*WEB, "traced"), False)

    accepted(tmp_path, "dev", off, ((*WEB, "envFrom"), [{"configMap": "telemetry"}]))
