"""Rules for init containers and sidecars: names, ports, probes, environment and images."""

from pathlib import Path
from typing import Any

import pytest

from tests.settings.stack_files import (
    APPS,
    POOLS,
    WEB,
    Change,
    accepted,
    assert_problem,
    cautions_of,
    changed,
    cron_jobs,
    further,
    put_at,
    refused,
)

INIT: tuple[str, str, str] = (*WEB, "initContainers")
SIDECARS: tuple[str, str, str] = (*WEB, "sidecars")
KEY = f"{APPS}.web"
LIVE = {"path": "/live", "port": "admin"}


def sidecar(**changes: object) -> Change:
    """Returns a change that adds a sidecar."""
    return SIDECARS, [further("proxy", **changes)]


@pytest.mark.parametrize(
    ("init", "sidecars", "path", "name", "owner"),
    [
        (["web"], [], "initContainers[0]", "web", "the container of the workload"),
        ([], ["logs", "web"], "sidecars[1]", "web", "the container of the workload"),
        (["a", "a"], [], "initContainers[1]", "a", "initContainers[0]"),
        (["a"], ["a"], "sidecars[0]", "a", "initContainers[0]"),
        ([], ["a", "b", "a"], "sidecars[2]", "a", "sidecars[0]"),
    ],
)
def test_the_containers_of_a_pod_have_different_names(
    tmp_path: Path, init: list[str], sidecars: list[str], path: str, name: str, owner: str
) -> None:
    changes: list[Change] = [
        (INIT, [*map(further, init)]),
        (SIDECARS, [*map(further, sidecars)]),
    ]
    problems = refused(tmp_path, "dev", changed("dev", *changes))

    message = f"{owner} has the same name; write another name"
    assert_problem(problems, f"{KEY}.{path}.name", name, message)
    accepted(tmp_path, "dev", (INIT, [further("a")]), (SIDECARS, [further("b"), further("c")]))


@pytest.mark.parametrize("name", ["Proxy", "-a", "a_b", "a" * 64])
def test_the_name_of_a_container_is_a_label(tmp_path: Path, name: str) -> None:
    problems = refused(tmp_path, "dev", changed("dev", (INIT, [further(name)])))

    message = (
        "must be a name of lowercase letters, digits and -, beginning and ending with a letter or "
        "digit, at most 63 characters"
    )
    assert_problem(problems, f"{KEY}.initContainers[0].name", name, message)


@pytest.mark.parametrize(
    ("ports", "name", "message"),
    [
        ({"http": 9901}, "http", "otherPorts.http has the same name; write another name"),
        ({"admin": 9898}, "admin", "has the same value as port; write another port number"),
        (
            {"admin": 81},
            "admin",
            "has the same value as otherPorts.http; write another port number",
        ),
        (
            {"b": 9000},
            "b",
            "has the same value as sidecars[0].ports.a; write another port number",
        ),
        ({"a": 9001}, "a", "sidecars[0].ports.a has the same name; write another name"),
    ],
)
def test_the_ports_of_a_pod_are_different(
    tmp_path: Path, ports: dict[str, int], name: str, message: str
) -> None:
    http: Change = ((*WEB, "otherPorts"), {"http": 81})
    both = [further("first", ports={"a": 9000}), further("second", ports=ports)]

    problems = refused(tmp_path, "dev", changed("dev", http, (SIDECARS, both)))

    assert_problem(problems, f"{KEY}.sidecars[1].ports.{name}", ports[name], message)
    put_at(both[1], ("ports",), {"b": 9001})
    accepted(tmp_path, "dev", http, (SIDECARS, both))


def test_sidecars_of_a_cron_job_have_different_ports(tmp_path: Path) -> None:
    both = [further("first", ports={"a": 9000}), further("second", ports={"b": 9000})]

    problems = refused(tmp_path, "dev", changed("dev", cron_jobs(nightly={"sidecars": both})))

    message = "has the same value as sidecars[0].ports.a; write another port number"
    assert_problem(problems, "ha-eks:cronJobs.nightly.sidecars[1].ports.b", 9000, message)


@pytest.mark.parametrize("which", ["liveness", "readiness"])
@pytest.mark.parametrize(
    ("ports", "probe", "value", "message"),
    [
        (
            {"admin": 9901},
            {"path": "/live"},
            None,
            "required without command; write the port on which the sidecar listens: admin, app",
        ),
        (
            {"admin": 9901},
            {"port": "metrics"},
            "metrics",
            "must be the name of a port of the sidecar or the workload: admin, app",
        ),
    ],
)
def test_a_probe_of_a_sidecar_names_the_port_on_which_the_sidecar_listens(
    tmp_path: Path, which: str, ports: dict[str, int], probe: Any, value: object, message: str
) -> None:
    text = changed("dev", sidecar(ports=ports, probes={which: probe}))

    problems = refused(tmp_path, "dev", text)

    assert_problem(problems, f"{KEY}.sidecars[0].probes.{which}.port", value, message)
    for right in (LIVE, {"port": "app"}, {"command": ["/alive"]}):
        accepted(tmp_path, "dev", sidecar(ports=ports, probes={which: right}))


def test_a_probe_of_a_sidecar_of_a_cron_job_needs_a_port(tmp_path: Path) -> None:
    proxy = further("proxy", probes={"liveness": {"path": "/live", "port": "admin"}})

    problems = refused(tmp_path, "dev", changed("dev", cron_jobs(nightly={"sidecars": [proxy]})))

    assert_problem(
        problems,
        "ha-eks:cronJobs.nightly.sidecars[0].probes.liveness.port",
        "admin",
        "there is no port; write a command, or add the port that is checked to ports",
    )
    put_at(proxy, ("ports",), {"admin": 9901})
    accepted(tmp_path, "dev", cron_jobs(nightly={"sidecars": [proxy]}))


def test_the_probes_of_a_sidecar_follow_the_rules_for_probes(tmp_path: Path) -> None:
    both = {**LIVE, "grpc": ""}
    text = changed("dev", sidecar(ports={"admin": 9901}, probes={"liveness": both}))
    assert_problem(
        refused(tmp_path, "dev", text),
        f"{KEY}.sidecars[0].probes.liveness",
        both,
        "has path and grpc; write only one of path, grpc and command",
    )

    quick = {**LIVE, "failures": 1}
    probes = {"liveness": quick, "readiness": LIVE}
    text = changed("dev", sidecar(ports={"admin": 9901}, probes=probes))
    assert_problem(
        refused(tmp_path, "dev", text),
        f"{KEY}.sidecars[0].probes.liveness",
        quick,
        "must take longer to fail than the readiness probe, but fails after 1 × 10s + 2s = 12s, "
        "and readiness after 2 × 5s + 2s = 12s: requests must stop before the container restarts; "
        "raise periodSeconds or failures, or lower these values of the readiness probe",
    )


@pytest.mark.parametrize("field", ["initContainers", "sidecars"])
def test_the_environment_of_each_container_follows_the_rules(tmp_path: Path, field: str) -> None:
    key = f"{KEY}.{field}[0]"
    cases: list[tuple[dict[str, Any], str, object, str]] = [
        (
            {"env": {"A": "1"}, "envFields": {"A": "status.podIP"}},
            "envFields.A",
            "status.podIP",
            "env has a variable of the same name; remove one of the two",
        ),
        (
            {"envFrom": [{"prefix": "A_"}]},
            "envFrom[0]",
            {"prefix": "A_"},
            "has neither secret nor configMap; write one of the two",
        ),
        (
            {"envResources": {"M": {"resource": "limits.cpu", "divisor": "1Mi"}}},
            "envResources.M.divisor",
            "1Mi",
            'must be 1m or "1" for limits.cpu',
        ),
        (
            {"args": ["--name=$(OTEL_SERVICE_NAME)"]},
            "args[0]",
            "--name=$(OTEL_SERVICE_NAME)",
            "only the program of a traced workload has the variable OTEL_SERVICE_NAME; write the "
            "variable in env, or remove the reference",
        ),
    ]
    for changes, name, value, message in cases:
        text = changed("dev", ((*WEB, field), [further("further", **changes)]))
        assert_problem(refused(tmp_path, "dev", text), f"{key}.{name}", value, message)


@pytest.mark.parametrize("field", ["initContainers", "sidecars"])
def test_cautions_name_the_container(field: str) -> None:
    key = f"{KEY}.{field}[0]"
    change: Change = (
        (*WEB, field),
        [further("further", image="quay.example.com/a:1", env={"A": "a$$b"})],
    )
    graviton = {
        "instanceTypes": ["m7g.large"],
        "amiType": "AL2023_ARM_64_STANDARD",
        "perZone": {"min": 0, "max": 3},
    }

    assert cautions_of(change) == {
        f"{key}.image": "ECR cannot cache quay.example.com/a:1, so every new node pulls the image "
        "from quay.example.com and its pods start only while that registry is available; copy the "
        "image to ECR",
        f"{key}.env.A": "Kubernetes replaces $$ with a single $; write $$$$ if the app must "
        "receive $$",
    }
    found = cautions_of(((*WEB, field), [further("further")]), ((POOLS, "graviton"), graviton))
    assert found[f"{key}.image"] == (
        "pods run on nodes of x86_64 (pool general) and arm64 (pool graviton), and do not start on "
        "nodes that the image does not support; use an image for both architectures, or write a "
        "pool"
    )


def test_pull_secrets_are_used_if_one_image_is_outside_of_ecr() -> None:
    secrets: Change = ((*WEB, "imagePullSecrets"), ["registry"])
    key = f"{KEY}.imagePullSecrets"

    outside = cautions_of(secrets, (INIT, [further("further", image="quay.example.com/a:1")]))
    assert key not in outside

    web = "ghcr.io/stefanprodan/podinfo:6.14.1"
    inside = cautions_of(secrets, ((*WEB, "image"), web), (INIT, [further("further")]))
    assert inside[key] == (
        f"nodes pull {web} and public.ecr.aws/docker/library/further:1.0.0 from ECR with their own "
        "credentials, and do not use these Secrets; remove them (the credentials of registries "
        "that ECR caches are in ha-eks:images.credentials)"
    )
