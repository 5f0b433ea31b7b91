"""Twenty-one applications, written as people write manifests, keep their containers in a cell."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import check
from settings.reading.quantities import mebibytes
from tests.shared_recordings import recorded_config
from tests.stacks.objects import autoscaler_of, object_in_namespace, of_kind, pod_of
from tools.importer.check import refuse_invalid
from tools.importer.deployment import Entry
from tools.importer.names import entry_name
from tools.importer.quantities import cpu, size
from tools.importer.read_files import read_files
from tools.importer.report import Report
from tools.importer.stack_file import config, text_of
from tools.importer.workloads import workloads
from tools.recording import Recording

Object = dict[str, Any]

MANIFESTS = Path(__file__).parent / "manifests"
FILES = sorted(MANIFESTS.glob("*.yaml"))
CELL: Object = {
    "aws:region": "us-east-1",
    "ha-eks:network": {
        "zones": ["us-east-1a", "us-east-1b"],
        "controlPlaneZones": ["us-east-1a", "us-east-1b"],
    },
    "ha-eks:cluster": {"version": "1.36", "publicAccessCidrs": ["203.0.113.0/24"]},
    "ha-eks:pools": {
        "general": {"instanceTypes": ["m7i.4xlarge"], "perZone": {"min": 2, "max": 20}}
    },
    "ha-eks:images": {"source": "upstream"},
}
ADDRESSES = {
    ("storefront", "PRODUCTS_ADDR"): "products.products:3550",
    ("storefront", "BASKET_ADDR"): "basket.basket:7070",
    ("page", "FOLLOWER_HOST"): "cache-follower.cache-follower",
    ("page", "LEADER_HOST"): "cache-leader.cache-leader",
}
"""Variables that have the address of another workload in the cell."""
LIVENESS_FAILURES = {"basket": 4, "edge": 4, "products": 4, "storefront": 4}
"""Liveness probes that would fail no later than the readiness probe."""


def imported(*files: Path) -> tuple[list[Entry], Report]:
    entries, report = workloads(read_files([str(file) for file in files]))
    return refuse_invalid(entries, report), report


@pytest.fixture(scope="module")
def recording() -> Recording:
    """A cell with the workloads of all files, as the text of the command has them."""
    entries, _ = imported(*FILES)
    text = f"config:\n{text_of(config(entries))}"
    return recorded_config("imported", {**CELL, **yaml.safe_load(text)["config"]})


def originals(kind: str) -> Iterator[tuple[Object, dict[str, Object]]]:
    """Yields the objects of a kind in all files, each with the ConfigMaps of its file."""
    for file in FILES:
        documents = [*yaml.safe_load_all(file.read_text())]
        objects = [o for d in documents for o in d.get("items", [d])]
        maps = {o["metadata"]["name"]: o["data"] for o in objects if o["kind"] == "ConfigMap"}
        yield from ((each, maps) for each in objects if each["kind"] == kind)


DEPLOYMENTS = {each["metadata"]["name"]: (each, maps) for each, maps in originals("Deployment")}


def pair(recording: Recording, name: str) -> tuple[Object, Object]:
    """Returns the container of a Deployment, and that of its workload in the cell."""
    rendered = object_in_namespace(recording, "Deployment", entry_name(name))
    original = pod_of(DEPLOYMENTS[name][0])["containers"][0]
    [container] = pod_of(rendered)["containers"]
    return original, container


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_entries_of_each_file_are_valid_alone(file: Path) -> None:
    entries, report = imported(file)
    assert not report.refused, [str(each) for each in report.notes if each.result == "refused"]
    settings, problems = check({**CELL, **config(entries)})
    assert settings, problems


def test_there_are_twenty_one_applications() -> None:
    assert len(FILES) == 21
    assert len(DEPLOYMENTS) == 28


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_image_program_and_ports_are_those_of_the_manifest(recording: Recording, name: str) -> None:
    original, container = pair(recording, name)
    for key in ("image", "command", "args"):
        assert container.get(key) == original.get(key)
    pods = (
        pod_of(each)
        for each in (
            DEPLOYMENTS[name][0],
            object_in_namespace(recording, "Deployment", entry_name(name)),
        )
    )
    numbers = [
        sorted(
            port["containerPort"]
            for each in (*pod["containers"], *pod.get("initContainers", []))
            for port in each.get("ports", [])
        )
        for pod in pods
    ]
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_requests_are_those_of_the_manifest(recording: Recording, name: str) -> None:
    original, container = pair(recording, name)
    wanted, limits = (original["resources"].get(key, {}) for key in ("requests", "limits"))
    found = container["resources"]
    assert cpu(found["requests"]["cpu"]) == cpu(str(wanted["cpu"]))
    sizes = [size(each["memory"]) for each in (wanted, limits) if "memory" in each]
    largest = max(mebibytes(each) for each in sizes if each)
    assert mebibytes(found["requests"]["memory"]) == largest
    assert found["limits"]["memory"] == found["requests"]["memory"]
    for original_storage, section in ((wanted, "requests"), (limits, "limits")):
        if storage := original_storage.get("ephemeral-storage"):
            assert mebibytes(found[section]["ephemeral-storage"]) == mebibytes(storage)


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_the_environment_is_that_of_the_manifest(recording: Recording, name: str) -> None:
    original, container = pair(recording, name)
    wanted, found = environment(name, original, DEPLOYMENTS[name][1]), container.get("env", [])
    plain = {each["name"]: each.get("value", each.get("valueFrom")) for each in found}
    assert plain == wanted
    secrets = [each for each in original.get("envFrom", []) if "secretRef" in each]
    assert container.get("envFrom", []) == secrets


def environment(name: str, container: Object, maps: dict[str, Object]) -> Object:
    """Returns the variables of a container with the values of ConfigMaps."""
    found: Object = {}
    for source in container.get("envFrom", []):
        if "configMapRef" in source:
            data = maps[source["configMapRef"]["name"]]
            found |= {key: value.replace("$(", "$$(") for key, value in data.items()}
    for each in container.get("env", []):
        source = each.get("valueFrom", {})
        if "configMapKeyRef" in source:
            reference = source["configMapKeyRef"]
            found[each["name"]] = maps[reference["name"]][reference["key"]]
        elif source:
            found[each["name"]] = without_version(source)
        else:
            found[each["name"]] = ADDRESSES.get((name, each["name"]), each["value"])
    return found


def without_version(source: Object) -> Object:
    """Returns a source without the API version, which is v1 by default."""
    return {
        kind: {key: value for key, value in reference.items() if key != "apiVersion"}
        for kind, reference in source.items()
    }


@pytest.mark.parametrize("name", DEPLOYMENTS)
@pytest.mark.parametrize("kind", ["livenessProbe", "readinessProbe"])
def test_probes_are_those_of_the_manifest(recording: Recording, name: str, kind: str) -> None:
    original, container = pair(recording, name)
    if kind not in original:
        assert "tcpSocket" in container.get(kind, {"tcpSocket": {}}), "the default probe"
        return
    wanted, found = (probe(each, each[kind]) for each in (original, container))
    if kind == "livenessProbe" and name in LIVENESS_FAILURES:
        assert wanted["failures"] < LIVENESS_FAILURES[name]
        wanted["failures"] = LIVENESS_FAILURES[name]
    if name == "edge":
        wanted["check"] = ("/healthz", 80) if kind == "readinessProbe" else wanted["check"]
    if name.startswith("analytics") and kind == "livenessProbe":
        wanted["timeout"] = 10  # not more than the period
    assert found == wanted


def probe(container: Object, probe: Object) -> Object:
    """Returns what a probe checks, and its figures with the defaults of Kubernetes."""
    numbers = {each.get("name"): each["containerPort"] for each in container.get("ports", [])}
    http, tcp, grpc = (probe.get(key) for key in ("httpGet", "tcpSocket", "grpc"))
    checked = http or tcp or grpc
    if checked:
        port = numbers.get(checked["port"], checked["port"])
        kind = http["path"] if http else ("tcp" if tcp else "grpc")
        check: object = (kind, port)
    else:
        check = probe["exec"]["command"]
    return {
        "check": check,
        "period": probe.get("periodSeconds", 10),
        "timeout": probe.get("timeoutSeconds", 1),
        "failures": probe.get("failureThreshold", 3),
    }


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_container_has_at_least_the_time_to_start_that_it_had(
    recording: Recording, name: str
) -> None:
    original, container = pair(recording, name)
    probe = original.get("startupProbe", original.get("livenessProbe"))
    if probe is None:
        return
    seconds = probe.get("initialDelaySeconds", 0) + probe.get("periodSeconds", 10) * probe.get(
        "failureThreshold", 3
    )
    startup = container["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] >= seconds


def test_init_containers_and_sidecars_are_those_of_the_manifest(recording: Recording) -> None:
    rendered = pod_of(object_in_namespace(recording, "Deployment", "gallery"))["initContainers"]
    original = pod_of(DEPLOYMENTS["gallery"][0])
    mesh, assets = original["initContainers"]
    proxy = original["containers"][1]
    assert [each["name"] for each in rendered] == ["mesh", "assets", "proxy"]
    assert [each.get("restartPolicy") for each in rendered] == ["Always", None, "Always"]
    for found, wanted in zip(rendered, (mesh, assets, proxy), strict=True):
        for key in ("image", "command"):
            assert found.get(key) == wanted.get(key)
        assert found.get("env", []) == wanted.get("env", [])
        assert found["resources"]["requests"]["cpu"] == wanted["resources"]["requests"]["cpu"]
        assert found["resources"]["limits"]["memory"] == wanted["resources"]["limits"]["memory"]
        paths = {each["mountPath"] for each in found["volumeMounts"]}
        assert paths == {"/srv/public"}, "the containers do not share their files"
    assert [each["containerPort"] for each in rendered[2]["ports"]] == [8081]
    assert rendered[2]["readinessProbe"]["httpGet"]["path"] == "/healthz"
    assert probe(rendered[2], rendered[2]["livenessProbe"]) == probe(proxy, proxy["livenessProbe"])


def test_replicas_follow_the_autoscaler_or_the_deployment(recording: Recording) -> None:
    scaled = {
        e["spec"]["scaleTargetRef"]["name"]: e["spec"]
        for e, _ in originals("HorizontalPodAutoscaler")
    }
    assert len(scaled) == 2
    for name, (deployment, _) in DEPLOYMENTS.items():
        if name in ("charts", "news-beat"):  # singletons
            assert object_in_namespace(recording, "Deployment", name)["spec"]["replicas"] == 1
            continue
        replicas = max(deployment["spec"].get("replicas", 1), 2)
        wanted = scaled.get(name, {"minReplicas": replicas, "maxReplicas": replicas})
        found = autoscaler_of(recording, entry_name(name))
        for key in ("minReplicas", "maxReplicas"):
            assert found[key] == wanted[key], name
    assert autoscaler_of(recording, "quotes")["cpu"] == 40


def test_the_cron_job_is_that_of_the_manifest(recording: Recording) -> None:
    [(original, maps)] = originals("CronJob")
    [rendered] = of_kind(recording, "CronJob")
    keys = (
        "schedule", "timeZone", "concurrencyPolicy", "startingDeadlineSeconds",
        "successfulJobsHistoryLimit",
    )  # fmt: skip
    for key in keys:
        assert rendered["spec"][key] == original["spec"][key]
    job, wanted = (each["spec"]["jobTemplate"]["spec"] for each in (rendered, original))
    assert job["backoffLimit"] == wanted["backoffLimit"]
    assert job["activeDeadlineSeconds"] == wanted["activeDeadlineSeconds"]
    [container], [written] = (pod_of(each)["containers"] for each in (rendered, original))
    assert (container["image"], container["args"]) == (written["image"], written["args"])
    found = {each["name"]: each["value"] for each in container["env"]}
    assert found == environment("digest", written, maps)


def test_files_volumes_and_users_are_those_of_the_manifest() -> None:
    entries, _ = imported(*FILES)
    settings = {each.name: each.settings for each in entries}
    maps = DEPLOYMENTS["charts"][1]["charts-config"]
    assert settings["charts"]["files"] == {
        "/etc/charts/charts.ini": maps["charts.ini"],
        "/etc/charts/sources.yaml": maps["sources.yaml"],
        "/etc/charts.d/sources.yaml": maps["sources.yaml"],
    }
    assert settings["charts"]["secretFiles"] == {"/etc/secrets": {"secret": "charts-admin"}}
    assert settings["charts"]["volume"] == {"path": "/var/lib/charts", "size": "5Gi"}
    assert settings["edge"]["scratch"] == {"/var/cache/nginx": "477Mi"}
    assert settings["edge"]["memoryScratch"] == {"/run": "16Mi"}
    assert settings["news-beat"]["scratch"] == {"/tmp": "1Gi"}
    assert settings["news-web"]["imagePullSecrets"] == ["registry"]
    assert settings["clinic-api"]["metrics"] == {"port": "actuator", "path": "/actuator/prometheus"}
    assert settings["clinic-api"]["spread"] == {"nodes": "alone"}
    assert settings["clinic-api"]["serviceAccountToken"] is True
    assert settings["news-worker"]["longestJobSeconds"] == 300
    ids = {name: (each.get("runAsUser"), each.get("runAsGroup")) for name, each in settings.items()}
    assert ids["identity"] == (1000, 1000)
    assert ids["charts"] == (472, 472)
    assert ids["edge"] == (101, None)


def test_workloads_reach_one_another_at_their_new_addresses() -> None:
    entries, _ = imported(*FILES)
    calls = {each.name: each.settings["talksTo"] for each in entries}
    assert {name: found for name, found in calls.items() if found} == {
        "storefront": ["products", "basket"],
        "page": ["cache-leader", "cache-follower"],
        "edge": ["echo"],
    }
    [edge] = [each for each in entries if each.name == "edge"]
    text = edge.settings["files"]["/etc/nginx/nginx.conf"]
    assert "server echo.echo:8080;" in text
    assert "proxy_pass http://echo.echo:8080;" in text


def test_ingresses_become_routes() -> None:
    entries, _ = imported(*FILES)
    exposed = {
        each.name: each.settings["expose"] for each in entries if each.settings.get("expose")
    }
    assert exposed == {
        "storefront": {"path": "/"},
        "chat": {
            "path": "/",
            "internal": True,
            "sourceRanges": ["10.0.0.0/8"],
            "healthCheck": {"codes": "200-299"},
            "stickySeconds": 3600,
        },
        "quotes": {"routes": [{"host": "quotes.example.com", "path": "/quotes"}]},
    }
