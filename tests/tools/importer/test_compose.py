"""Services of compose files as workloads."""

from pathlib import Path

import pytest

from settings import check
from tests.tools.importer.case import imported
from tests.tools.importer.test_round_trip import CELL

Capsys = pytest.CaptureFixture[str]
FILE = """
x-common: &common
  restart: unless-stopped
  read_only: true
  user: "1000:1000"
  deploy: {resources: {reservations: {cpus: "0.25"}, limits: {memory: 512M}}}
services:
  web:
    <<: *common
    image: registry.example.org/shop/web:${TAG:-2.0}
    entrypoint: /entry
    command: serve --port 3000 --greeting "good day"
    ports: ["127.0.0.1:8080:3000", "9000-9001"]
    environment:
      REDIS_URL: redis://cache:6379/0
      FEATURE: yes
      PRICE: $$5 $(X)
    depends_on: {cache: {condition: service_healthy}}
    healthcheck:
      test: [CMD-SHELL, "curl -fsS http://localhost:3000/health || exit 1"]
      interval: 10s
      timeout: 5s
      start_period: 1m30s
    stop_grace_period: 45s
    tmpfs: ["/tmp:size=64m"]
    configs: [{source: app, target: /etc/app.conf}]
  worker:
    <<: *common
    image: registry.example.org/shop/web:${TAG:-2.0}
    command: [work, --queue=default]
    environment: [REDIS_URL=redis://cache:6379/0]
    stop_grace_period: 2m
    scale: 4
  cache:
    <<: *common
    image: redis:7.4-alpine
    healthcheck: {test: redis-cli ping}
  search:
    <<: *common
    image: registry.example.org/search:8.1
    expose: ["9200"]
    volumes: ["data:/var/lib/search", /scratch]
configs: {app: {content: "greeting = hello\\n"}}
volumes: {data: {}}
"""


def test_services_become_apps_workers_and_singletons(tmp_path: Path, capsys: Capsys) -> None:
    found = imported(tmp_path, capsys, FILE)
    requests = {"cpu": "250m", "memory": "512Mi"}
    user = {"runAsUser": 1000, "runAsGroup": 1000}
    assert found.status == 0, found.notes
    assert found.entries == {
        "ha-eks:apps": {
            "web": {
                "image": "registry.example.org/shop/web:2.0",
                "command": ["/entry"],
                "args": ["serve", "--port", "3000", "--greeting", "good day"],
                "env": {
                    "REDIS_URL": "redis://cache.cache:6379/0",
                    "FEATURE": "yes",
                    "PRICE": "$5 $$(X)",
                },
                "port": 3000,
                "otherPorts": {"port-9000": 9000, "port-9001": 9001},
                "requests": requests,
                "files": {"/etc/app.conf": "greeting = hello\n"},
                "scratch": {"/tmp": "64Mi"},
                **user,
                "probes": {
                    "readiness": {
                        "path": "/health",
                        "periodSeconds": 10,
                        "timeoutSeconds": 5,
                        "failures": 3,
                    },
                    "startupSeconds": 90,
                    "liveness": {"failures": 4},
                },
                "shutdownSeconds": 45,
                "replicas": {"needed": 1, "min": 2, "max": 2},
                "talksTo": ["cache"],
            },
            "cache": {
                "image": "redis:7.4-alpine",
                "port": 6379,
                "requests": requests,
                **user,
                "probes": {
                    "readiness": {
                        "command": ["sh", "-c", "redis-cli ping"],
                        "periodSeconds": 30,
                        "timeoutSeconds": 30,
                        "failures": 3,
                    },
                    "liveness": {"failures": 12},
                },
                "replicas": {"needed": 1, "min": 2, "max": 2},
            },
        },
        "ha-eks:workers": {
            "worker": {
                "image": "registry.example.org/shop/web:2.0",
                "args": ["work", "--queue=default"],
                "env": {"REDIS_URL": "redis://cache.cache:6379/0"},
                "requests": requests,
                **user,
                "longestJobSeconds": 120,
                "replicas": {"needed": 2, "min": 4, "max": 4},
                "talksTo": ["cache"],
            }
        },
        "ha-eks:singletons": {
            "search": {
                "image": "registry.example.org/search:8.1",
                "port": 9200,
                "requests": requests,
                "scratch": {"/scratch": "1Gi"},
                **user,
                "volume": {"path": "/var/lib/search", "size": "10Gi"},
            }
        },
    }
    settings, problems = check({**CELL, **found.entries})
    assert settings, problems


def service(fields: str) -> str:
    return (
        "services: {web: {image: 'web:1', ports: ['80'], user: '1', read_only: true, cpus: 1, "
        f"mem_limit: 64m, scale: 2, {fields}}}}}"
    )


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        (
            "environment: {A: }",
            "environment.A: the variable A has no value; write it in env, or in secretEnv",
        ),
        (
            "environment: ['URL=x://u:${PASSWORD:?}@db']",
            "environment.URL: the variable PASSWORD has no value; write it in env, or in secretEnv",
        ),
        (
            "volumes: ['./conf:/etc/app:ro']",
            "volumes: ./conf is on your machine; write text files for /etc/app in files, and copy "
            "other files into the image",
        ),
        (
            "volumes: ['${PWD}/conf:/etc/app']",
            "volumes: ${PWD}/conf is on your machine; write text files for /etc/app in files, and "
            "copy other files into the image",
        ),
        (
            "command: 'serve ${MODE}'",
            "args[1]: the variable MODE has no value; write it in place of ${MODE}",
        ),
        ("expose: ['$PORT']", "ports: ${PORT} is no port; write port"),
        ("configs: [absent]", "configs: write the text of config absent in files"),
        ("expose: [80, 53/udp]", "ports: 53/udp: ports are TCP ports; write an extension for UDP"),
        (
            "env_file: .env",
            "services.web.env_file: write its variables in env, and its secrets in secretEnv",
        ),
        ("secrets: [db]", "services.web.secrets: write secretFiles or awsSecrets"),
        (
            "labels: {a: b}",
            "services.web.labels: there is no setting; if it is needed, write an extension "
            "(docs/extensions.md)",
        ),
        (
            "cap_add: [SYS_ADMIN]",
            "services.web.cap_add: namespaces enforce the restricted Pod Security Standard; write "
            "an extension (docs/extensions.md)",
        ),
    ],
)  # fmt: skip
def test_a_field_of_a_service_without_a_setting_is_reported(
    tmp_path: Path, capsys: Capsys, fields: str, note: str
) -> None:
    found = imported(tmp_path, capsys, service(fields))
    assert found.status == 0
    assert found.notes == [f"not carried over: service/web: {note}"]


@pytest.mark.parametrize(
    ("command", "readiness"),
    [
        ("curl -f localhost:80/ready", {"path": "/ready"}),
        ("wget -q 'http://127.0.0.1/a?b=c&d'", {"path": "/a"}),
        ("curl http://localhost -H 'Host: localhost'", {"path": "/"}),
        # Requests that the kubelet cannot make remain commands.
        ("curl -f http://localhost:$$PORT/", {"command": "curl -f http://localhost:$PORT/"}),
        ("curl localhost:80/v1:a", {"command": "curl localhost:80/v1:a"}),
        ("curl -H 'Host: localhost' db", {"command": "curl -H 'Host: localhost' db"}),
    ],
)
def test_a_request_of_a_health_check_keeps_its_address(
    tmp_path: Path, capsys: Capsys, command: str, readiness: dict[str, str]
) -> None:
    found = imported(tmp_path, capsys, service(f'healthcheck: {{test: "{command}"}}'))
    probes = found.entries["ha-eks:apps"]["web"]["probes"]["readiness"]
    if "command" in readiness:
        assert probes["command"] == ["sh", "-c", readiness["command"]]
    else:
        assert probes.items() >= readiness.items()
        assert "command" not in probes
        assert "port" not in probes


def test_a_query_that_a_health_check_loses_is_reported(tmp_path: Path, capsys: Capsys) -> None:
    check = "healthcheck: {test: [CMD, curl, 'http://localhost:8080/a?b=c'], interval: 3s}"
    assert imported(tmp_path, capsys, service(check)).notes == [
        "changed: service/web: healthcheck.test: curl 'http://localhost:8080/a?b=c' became an HTTP "
        "request without ?b=c: paths have no query"
    ]


def test_a_default_can_contain_another_variable(tmp_path: Path, capsys: Capsys) -> None:
    text = "services: {web: {image: '${IMAGE:-${REGISTRY:-registry.example.org}/web:1.0}'}}"
    found = imported(tmp_path, capsys, text)
    assert found.entries["ha-eks:workers"]["web"]["image"] == "registry.example.org/web:1.0"


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("build: .", "required: build the image in CI, push it, and write its name"),
        (
            "image: 'web:${TAG}'",
            "the variable TAG has no value; write the name of the image",
        ),
        (
            "image: web",
            "web has no version, so that pods of one rollout could differ; write a tag other than "
            "latest, or a digest, and import again",
        ),
    ],
)
def test_a_service_without_a_versioned_image_is_refused(
    tmp_path: Path, capsys: Capsys, image: str, message: str
) -> None:
    found = imported(tmp_path, capsys, f"services: {{web: {{{image}}}}}")
    assert (found.status, found.entries) == (1, {})
    assert found.notes[0] == f"refused: service/web: image: {message}"


def test_a_call_to_a_refused_service_is_reported(tmp_path: Path, capsys: Capsys) -> None:
    other = "db: {build: ., ports: ['5432']}"
    text = service("depends_on: [db]").removesuffix("}") + f", {other}}}"
    found = imported(tmp_path, capsys, text)
    assert found.status == 1
    assert "talksTo" not in found.entries["ha-eks:apps"]["web"]
    assert "not carried over: service/web: talksTo: db is not in the result" in found.notes


def test_services_share_a_volume_of_the_same_name(tmp_path: Path, capsys: Capsys) -> None:
    parts = (
        f"{name}: {{image: 'shop:1', ports: ['80'], volumes: ['media:{path}', '{name}:/own']}}"
        for name, path in (("web", "/media"), ("admin", "/srv/media/"))
    )
    found = imported(tmp_path, capsys, f"services: {{{', '.join(parts)}}}")
    entries = found.entries["ha-eks:singletons"]
    assert entries["web"]["sharedVolume"] == {"path": "/media"}
    assert entries["admin"]["sharedVolume"] == {"path": "/srv/media", "of": "web"}
    assert entries["admin"]["volume"]["path"] == "/own"
    line = "volumes: media became a new, empty EFS file system, because other services use it"
    assert [each for each in found.notes if "EFS" in each] == [f"changed: service/web: {line}"]


@pytest.mark.parametrize(
    ("variable", "value", "reported"),
    [
        ("DB_PASSWORD", "x", True),
        ("URL", "postgres://shop:x@db/shop", True),
        ("URL", "redis://:x@cache:6379/0", True),
        ("PASSWORD_FILE", "/run/password", False),
        ("URL", "http://shop:8080/a@b", False),
        ("TOKEN", "", False),
    ],
)
def test_a_secret_in_plain_text_is_reported(
    tmp_path: Path, capsys: Capsys, variable: str, value: str, reported: bool
) -> None:
    found = imported(tmp_path, capsys, service(f"environment: {{{variable}: '{value}'}}"))
    note = (
        f"changed: service/web: environment.{variable}: the value is readable in the stack file "
        "and in the state of Pulumi; create a Secret, and write secretEnv"
    )
    assert (note in found.notes) is reported
