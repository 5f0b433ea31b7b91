"""Tests of ha-eks:apps: values that are accepted, and defaults."""

from pathlib import Path
from typing import Any

import pytest

from settings.app.apps import App
from tests.settings.stack_files import (
    APPS,
    WEB,
    accepted,
    app,
    every_stack,
)

DIGEST = "sha256:" + "0123456789abcdef" * 4


VALUES: dict[str, list[Any]] = {
    "image": [
        "redis:7.4-alpine",
        "localhost:5000/x:1",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/web_app:v1.2.3",
        "ghcr.io/a/b__c/d-e:A.b-C_9",
        "redis:" + "1" * 128,
        f"redis@{DIGEST}",
        f"localhost:5000/redis@{DIGEST}",
        f"redis:7.4@{DIGEST}",
        f"redis:latest@{DIGEST}",
    ],
    "port": [1, 65535],
    "otherPorts": [{"admin": 1}, {"a": 65535}, {"a" * 15: 81}, {"a-b-2": 81, "http": 82}],
    "requests": [
        {"cpu": cpu, "memory": memory}
        for cpu, memory in (
            ("1", "6Mi"),
            ("1m", "2Gi"),
            ("0.5", "128Mi"),
            ("1.125", "1024Mi"),
            ("0.001", "1Gi"),
        )
    ],
    "limits": [{}, {"ephemeralStorage": "64Mi"}],
    "scratch": [{}, {"/tmp": "1Gi"}, {"/var/cache/nginx": "64Mi", "/...": "1Mi"}],
    "env": [{}, {"LOG_LEVEL": "info", "_a1": "", "spring.main.banner-mode": "off", ".a": ""}],
    "runAsUser": [1, 2**31 - 1],
    "command": [[], ["./podinfo", ""]],
    "expose": [{"path": "/"}, {}],
    "probes": [
        {"readiness": {"path": "/"}, "liveness": {"path": "/a.b/c-d/_e~"}},
        {"readiness": {"path": "/" + "a" * 99}},
    ],
    "secretEnv": [{}, {"_P": {"secret": "a.b-c", "key": "A_b.c-d"}}],
    "envFields": [
        {},
        {"A": "status.podIP", "_b": "metadata.labels['app.kubernetes.io/name']"},
        {"A": "metadata.annotations['a']", "B": "spec.nodeName", "C": "status.hostIPs"},
    ],
    "envResources": [
        {},
        {"A": {"resource": "limits.memory", "divisor": "1Mi"}},
        {
            "A": {"resource": "requests.cpu", "divisor": "1m"},
            "B": {"resource": "limits.cpu"},
            "C": {"resource": "requests.ephemeral-storage", "divisor": "1Gi"},
        },
    ],
    "envFrom": [
        [],
        [{"secret": "a.b-c"}, {"configMap": "a.b-c"}, {"secret": "a.b-c", "prefix": "_A1"}],
    ],
    "files": [{}, {"/etc/app.yaml": "", "/a": "ü\n"}],
    "secretFiles": [
        {},
        {"/etc/tls": {"secret": "tls"}, "/etc/a/b.pem": {"secret": "tls", "key": "b.pem"}},
    ],
    "memoryScratch": [{}, {"/dev/shm": "64Mi", "/run": "1Mi"}],
    "sharedVolume": [
        None,
        {"path": "/srv/files"},
        {"path": "/a", "backups": False, "deletionProtection": False},
        {"path": "/a", "fileSystem": "fs-0123456789abcdef0"},
        {"path": "/a", "fileSystem": "fs-01234567"},
    ],
    "awsSecrets": [
        {},
        {
            "/mnt/a/db.json": "arn:aws:secretsmanager:us-east-1:123456789012:secret:a/b-AbCdE1",
            "/mnt/a/flag": "arn:aws:ssm:us-east-1:123456789012:parameter/a/b_c.d",
        },
    ],
    "awsSecretKeys": [[]],
    "imagePullSecrets": [[], ["registry", "other.registry"]],
    "talksTo": [[], ["cache"]],
    "reaches": [[], [{"cidr": "0.0.0.0/0", "port": 443}, {"cidr": "10.1.2.3/32", "port": 1}]],
    "policies": [
        [],
        [
            "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
            "arn:aws:iam::123456789012:policy/team/a",
        ],
    ],
    "preStop": [None, {"command": ["/leave", "now"], "seconds": 20}],
    "spread": [{}, {"zones": "strict", "nodes": "strict"}, {"nodes": "alone"}],
    "prefersSameZone": [None, True, False],
    "near": [None],
    "migration": [None, {"command": ["/migrate"]}, {"args": [""], "retries": 0}],
    "migratedBy": [None],
    "pool": [None, "general"],
    "shutdownSeconds": [None, 15, 815],
}
"""Accepted values of fields."""


@pytest.mark.parametrize(("field", "values"), VALUES.items())
def test_valid_values_of_an_app_are_accepted(tmp_path: Path, field: str, values: list[object]):
    for value in values:
        accepted(tmp_path, "dev", ((*WEB, field), value))


@every_stack
@pytest.mark.parametrize("name", ["a", "a" * 20, "api-2", "kube", "kubernetes", "my-headroom"])
def test_other_valid_names_of_apps_are_accepted(tmp_path: Path, stack: str, name: str):
    settings = accepted(tmp_path, stack, ((APPS, name), app()))

    assert name in settings.apps


CHECK = {"path": None, "grpc": None, "command": (), "port": "app", "timeout_seconds": 2}


@every_stack
def test_an_app_with_only_the_required_fields_has_the_defaults(tmp_path: Path, stack: str):
    api = accepted(tmp_path, stack, ((APPS, "api"), app())).apps["api"]

    assert api.model_dump(exclude={"image", "port", "requests", "replicas"}) == {
        "command": (),
        "args": (),
        "env": {},
        "secret_env": {},
        "env_fields": {},
        "env_resources": {},
        "env_from": (),
        "files": {},
        "secret_files": {},
        "memory_scratch": {},
        "shared_volume": None,
        "aws_secrets": {},
        "aws_secret_keys": (),
        "image_pull_secrets": (),
        "init_containers": (),
        "sidecars": (),
        "other_ports": {},
        "longest_request_seconds": 30,
        "shutdown_seconds": None,
        "pre_stop": None,
        "probes": {"liveness": None, "readiness": None, "startup_seconds": 60},
        "run_as_user": 65532,
        "run_as_group": 65532,
        "scratch": {},
        "limits": {"ephemeral_storage": None},
        "service_account_token": False,
        "policies": (),
        "scaling": {
            "cpu_percent": None,
            "memory_percent": None,
            "container_only": None,
            "prometheus": {},
            "queues": {},
            "up": {"stabilization_seconds": 0, "percent": 100, "pods": 4, "period_seconds": 15},
            "down": {"stabilization_seconds": 300, "percent": 10, "period_seconds": 60},
        },
        "critical": False,
        "logs": {"collected": True, "multiline": None},
        "traced": False,
        "toleration_seconds": {"not_ready": 60, "unreachable": 60},
        "metrics": None,
        "pool": None,
        "spread": {"zones": "strict", "nodes": "preferred"},
        "peers": None,
        "near": None,
        "migration": None,
        "migrated_by": None,
        "talks_to": (),
        "reaches": (),
        "prefers_same_zone": None,
        "expose": None,
    }


@every_stack
def test_an_exposed_app_has_the_defaults(tmp_path: Path, stack: str):
    web: App = accepted(tmp_path, stack, ((*WEB, "expose"), {})).apps["web"]

    assert web.expose is not None
    assert web.expose.model_dump() == {
        "path": "/",
        "routes": None,
        "internal": False,
        "keep_alive_seconds": 60,
        "deregistration_seconds": 20,
        "protocol": "http1",
        "health_check": {"path": None, "port": None, "codes": None},
        "dns_health_path": None,
        "sticky_seconds": None,
        "source_ranges": None,
        "algorithm": "roundRobin",
        "slow_start_seconds": None,
        "objective": {"error_percent": 1, "p99_milliseconds": 1000},
    }
