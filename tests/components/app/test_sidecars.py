"""Init containers and sidecars of a pod, with their requests, probes, files and shutdown."""

from typing import Any

from tests.components.app import test_cron_job as cron_job
from tests.components.app.deployed_apps import AUTOSCALER, DEPLOYMENT, app, deployed, pod, settings
from tests.components.app.deployed_apps import singleton as singleton_settings
from tests.components.app.test_migration import job_of, migrated

REQUESTS: Any = {"cpu": "100m", "memory": "64Mi"}


def further(name: str, **changes: Any) -> dict[str, Any]:
    image = "registry.example.com/further:1"
    return {"name": name, "image": image, "requests": REQUESTS, **changes}


def test_init_containers_run_between_first_and_other_sidecars_in_their_order() -> None:
    spec = pod(
        initContainers=(further("wait"), further("prepare")),
        sidecars=(
            further("logs"),
            further("proxy", beforeInitContainers=True),
            further("agent"),
            further("mesh", beforeInitContainers=True),
        ),
    )
    found = spec["initContainers"]
    assert [each["name"] for each in found] == ["proxy", "mesh", "wait", "prepare", "logs", "agent"]
    always = {each["name"] for each in found if each.get("restartPolicy") == "Always"}
    assert always == {"logs", "proxy", "agent", "mesh"}, "an init container would never end"
    assert "initContainers" not in pod()


def test_all_containers_share_the_directories_and_files_of_the_pod() -> None:
    spec = pod(
        scratch={"/assets": "1Gi"},
        memoryScratch={"/run/sockets": "1Mi"},
        files={"/etc/envoy.yaml": "a: b"},
        secretFiles={"/etc/tls": {"secret": "tls"}},
        initContainers=(further("download"),),
        sidecars=(further("proxy"),),
    )
    [main] = spec["containers"]
    assert {each["mountPath"] for each in main["volumeMounts"]} == {
        "/assets",
        "/run/sockets",
        "/etc/envoy.yaml",
        "/etc/tls",
    }
    for each in spec["initContainers"]:
        assert each["volumeMounts"] == main["volumeMounts"], "the program would miss the downloads"
        assert each["securityContext"] == main["securityContext"]


def test_an_init_container_of_a_singleton_prepares_its_volume() -> None:
    keeper = singleton_settings(
        volume={"path": "/data", "size": "1Gi"}, initContainers=(further("prepare"),)
    )
    spec = deployed(keeper).one(DEPLOYMENT).inputs["spec"]["template"]["spec"]
    [init] = spec["initContainers"]
    assert [each["mountPath"] for each in init["volumeMounts"]] == ["/data"]


def test_a_further_container_has_its_program_and_environment() -> None:
    spec = pod(
        env={"OF_THE_PROGRAM": "1"},
        traced=True,
        sidecars=(
            further(
                "proxy",
                command=("/proxy",),
                args=("--port", "5432"),
                env={"LEVEL": "info"},
                secretEnv={"TOKEN": {"secret": "proxy", "key": "token"}},
                envFields={"IP": "status.podIP"},
                envFrom=({"secret": "proxy"},),
            ),
        ),
    )
    [proxy] = spec["initContainers"]
    assert proxy["image"].endswith("/further:1")
    assert (proxy["command"], proxy["args"]) == (["/proxy"], ["--port", "5432"])
    assert [each["name"] for each in proxy["env"]] == ["TOKEN", "IP", "LEVEL"]
    assert proxy["envFrom"] == [{"secretRef": {"name": "proxy"}}]


def test_further_containers_have_requests_and_limits() -> None:
    containers: Any = {
        "initContainers": (further("prepare"),),
        "sidecars": (further("proxy"),),
    }
    requests = {**REQUESTS, "ephemeral-storage": "64Mi"}
    for each in pod(**containers)["initContainers"]:
        assert each["resources"] == {"requests": requests, "limits": {"memory": "64Mi"}}
    limited = pod(**containers, limits={"ephemeralStorage": "1Gi"})
    for each in limited["initContainers"]:
        assert each["resources"]["limits"] == {"memory": "64Mi", "ephemeral-storage": "64Mi"}, (
            "the kubelet would evict the pod when all containers together exceed the program's "
            "limit"
        )


def test_a_sidecar_is_probed_on_its_own_ports_and_on_those_of_the_workload() -> None:
    checks = {"liveness": {"path": "/live", "port": "admin"}, "readiness": {"port": "app"}}
    proxy = further("proxy", ports={"admin": 901}, probes={**checks, "startupSeconds": 20})
    grpc = further("grpc", probes={"liveness": {"grpc": "", "port": "app"}})
    spec = pod(sidecars=(proxy, grpc))

    found, of_grpc = spec["initContainers"]

    assert found["ports"] == [{"name": "admin", "containerPort": 901, "protocol": "TCP"}]
    assert found["livenessProbe"]["httpGet"] == {"path": "/live", "port": "admin"}
    assert found["startupProbe"]["httpGet"] == {"path": "/live", "port": "admin"}
    assert found["startupProbe"]["failureThreshold"] == 10
    assert found["readinessProbe"]["tcpSocket"] == {"port": 8080}, (
        "the kubelet does not find the name of a port of another container"
    )
    assert of_grpc["livenessProbe"]["grpc"] == {"port": 8080, "service": ""}
    assert spec["securityContext"]["sysctls"][0]["value"] == "901", "the port would need root"


def test_a_sidecar_without_probes_has_started_when_its_process_runs() -> None:
    [found] = pod(sidecars=(further("logs"),))["initContainers"]
    assert not {"ports", "startupProbe", "readinessProbe", "livenessProbe"} & {*found}


def test_a_pod_requests_its_program_with_sidecars_or_its_largest_init_container() -> None:
    main: Any = {"cpu": "200m", "memory": "128Mi"}
    large: Any = {"cpu": "500m", "memory": "64Mi"}
    web = settings(
        requests=main,
        initContainers=(further("prepare", requests=large),),
        sidecars=(further("proxy", beforeInitContainers=True), further("logs")),
    )
    assert web.resource_requests == {
        "cpu": "600m",
        "memory": "256Mi",
        "ephemeral-storage": "192Mi",
    }
    assert web.container_requests["cpu"] == "200m"


def test_sidecars_exit_after_the_program_within_the_grace_period() -> None:
    plain = pod()["terminationGracePeriodSeconds"]
    sidecars = (further("a", shutdownSeconds=7), further("b"))
    assert pod(sidecars=sidecars)["terminationGracePeriodSeconds"] == plain + 7 + 5


def test_init_containers_and_sidecars_count_in_the_time_that_a_pod_needs_to_start() -> None:
    checked = further("a", probes={"liveness": {"command": ("a",)}, "startupSeconds": 20})
    web = settings(
        probes={"startupSeconds": 60},
        initContainers=(further("b", longestSeconds=100), further("c")),
        sidecars=(checked, further("d")),
    )
    assert web.startup_seconds == 60 + 100 + 30 + 20


def test_a_migration_runs_beside_the_sidecars_of_its_workload() -> None:
    containers: Any = {
        "initContainers": (further("prepare"),),
        "sidecars": (further("proxy", ports={"a": 80}, shutdownSeconds=7),),
    }
    found = job_of(migrated(**containers))["spec"]["template"]["spec"]

    prepare, proxy = found["initContainers"]

    assert (prepare["name"], proxy["name"]) == ("prepare", "proxy")
    assert proxy["restartPolicy"] == "Always", "the job would never complete"
    assert found["restartPolicy"] == "Never"
    assert found["terminationGracePeriodSeconds"] == 30 + 7
    assert found["securityContext"]["sysctls"][0]["value"] == "80"


def test_a_cron_job_runs_beside_its_sidecars() -> None:
    found = cron_job.spec(
        initContainers=(further("prepare"),),
        sidecars=(further("proxy", beforeInitContainers=True, shutdownSeconds=7),),
    )["jobTemplate"]["spec"]["template"]["spec"]

    proxy, prepare = found["initContainers"]

    assert (proxy["name"], prepare["name"]) == ("proxy", "prepare")
    assert proxy["restartPolicy"] == "Always", "the job would never complete"
    assert found["terminationGracePeriodSeconds"] == 25 + 7 + 5


def test_the_program_alone_determines_the_replicas_of_an_app_with_sidecars() -> None:
    for container_only, kind in ((None, "ContainerResource"), (False, "Resource")):
        scaling: Any = {} if container_only is None else {"containerOnly": container_only}
        web = app(sidecars=(further("a"),), scaling=scaling)
        [cpu] = web.one(AUTOSCALER).inputs["spec"]["metrics"]
        assert cpu["type"] == kind, "an idle sidecar would delay new pods"
