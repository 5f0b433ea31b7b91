"""Settings of the workloads of a wide stack."""

from tools.wide_stack.containers import INIT_CONTAINERS, SIDECARS

POOLS = (
    {"instanceTypes": ["m7i.large"], "perZone": {"reserved": 1}},
    {"instanceTypes": ["m7i.large", "m6i.large"], "capacityType": "SPOT", "layout": "spanning"},
    {
        "instanceTypes": ["c7g.xlarge"],
        "amiType": "AL2023_ARM_64_STANDARD",
        "labels": {"team": "a"},
        "kubelet": {"shutdownGraceSeconds": 120, "systemReserved": {"cpu": "100m"}},
        "update": {"maxUnavailable": 2},
    },
    {
        "instanceTypes": ["r7i.large"],
        "amiType": "BOTTLEROCKET_x86_64",
        "taints": [{"key": "data", "value": "only"}],
        "repair": {"maxParallelCount": 1, "maxUnhealthyPercentage": 40},
        "warmPool": {"min": 1, "maxPrepared": 4},
    },
)


_BALANCING: tuple[dict[str, object], ...] = (
    {"slowStartSeconds": 60},
    {"algorithm": "leastOutstandingRequests"},
    {"stickySeconds": 600, "healthCheck": {"codes": "200-399"}},
)
"""Load balancing settings of exposed apps, used in turn."""


_ROUTED = 5
"""Number of the app with several routes."""


def _routes(path: str) -> list[dict[str, object]]:
    host = "api.wide.example.org"
    return [
        {"path": path},
        {"host": host},
        {"host": host, "path": f"{path}/exact", "exact": True},
        {"host": "*.wide.example.com", "path": path},
    ]


def _query(number: int) -> dict[str, object]:
    query = f'sum(rate(requests_total{{namespace="app-{number}"}}[2m]))'
    return {"query": query, "targetPerPod": 12.5 * (number + 1)}


def _app(number: int, pools: int) -> dict[str, object]:
    app: dict[str, object] = {
        "image": "registry.example.com/app:1.0.0",
        "port": 8000 + number % 3,
        "requests": {"cpu": "100m", "memory": "128Mi"},
        "replicas": {"needed": 1 + number % 7, "max": 30},
        "longestRequestSeconds": 20,
    }
    if number % 5 == 0:
        path = f"/app-{number}" if number else "/"
        own = {"routes": _routes(path)} if number == _ROUTED else {"path": path}
        app["expose"] = {
            **own,
            "objective": {"errorPercent": 0.5 + number % 90, "p99Milliseconds": 250},
            **_BALANCING[number // 5 % len(_BALANCING)],
        }
        app["critical"] = number % 10 == 0
        app["probes"] = {
            "liveness": {"path": "/alive"},
            "readiness": {"path": f"{path.rstrip('/')}/ready"},
            "startupSeconds": 90,
        }
        app["files"] = {"/etc/app/app.conf": f"number = {number}\n", "/etc/other/app.conf": ""}
        app["talksTo"] = ["app-1"] if number else []
        app["traced"] = True
        app["logs"] = {"multiline": ("java", "go")[number // 5 % 2]}
    if number % 5 == 1:
        app["near"] = "app-0"
        app["talksTo"] = ["app-0"]
        app["scratch"] = {"/tmp": "1Gi", "/var/cache": "64Mi"}
        app["secretEnv"] = {"PASSWORD": {"secret": "database", "key": "password"}}
        app["secretFiles"] = {
            "/etc/tls": {"secret": "tls"},
            "/etc/app/key.pem": {"secret": "signing", "key": "key.pem"},
        }
        app["memoryScratch"] = {"/dev/shm": "32Mi"}
        app["imagePullSecrets"] = ["registry"]
        app["envFields"] = {"POD_IP": "status.podIP", "NODE": "spec.nodeName"}
        app["envResources"] = {"MEMORY_MIB": {"resource": "limits.memory", "divisor": "1Mi"}}
        app["envFrom"] = [{"secret": "database"}, {"configMap": "settings", "prefix": "APP_"}]
        app["probes"] = {
            "liveness": {"grpc": "app.v1.App", "port": "grpc", "timeoutSeconds": 5},
            "readiness": {"command": ["/app", "--ready"], "failures": 3},
        }
        app["otherPorts"] = {"grpc": 9091, "http": 80}
        app["initContainers"] = INIT_CONTAINERS
    if number % 5 == 2:
        app["spread"] = {"nodes": "alone"}
        app["sharedVolume"] = {"path": "/srv/shared", **_shared_with(number)}
        app["peers"] = {"ports": ["metrics"]}
        app["preStop"] = {"command": ["/app", "--leave"], "seconds": 12}
        app["serviceAccountToken"] = True
        app["tolerationSeconds"] = {"notReady": 0, "unreachable": 300}
        app["otherPorts"] = {"metrics": 9090}
        app["metrics"] = {"port": "metrics"}
        app["scaling"] = {"prometheus": {"requests": _query(number), "queue": _query(number)}}
    if number % 5 == 3:
        on_demand = [each for each in range(pools) if "capacityType" not in POOLS[each % 4]]
        app["awsSecrets"] = {
            "/mnt/secrets/db": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf",
            "/mnt/secrets/flag": "arn:aws:ssm:eu-west-1:123456789012:parameter/wide/flag",
        }
        app["awsSecretKeys"] = ["arn:aws:kms:eu-west-1:123456789012:key/1234abcd"]
        app["pool"] = f"pool-{on_demand[number % len(on_demand)]}"
        app["spread"] = {"zones": "strict", "nodes": "strict"}
        app["policies"] = ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
        app["reaches"] = [
            {"cidr": "0.0.0.0/0", "port": 443},
            {"cidr": "192.0.2.0/24", "port": 5432},
        ]
        app["env"] = {"MODE": "batch", "OTEL_TRACES_SAMPLER": "always_on"}
        app["traced"] = True
        app["logs"] = {"collected": False}
        app["sidecars"] = SIDECARS
        app["critical"] = True
        app["command"] = ["/app"]
        app["scaling"] = {
            "containerOnly": True,
            "memoryPercent": 55,
            "up": {"pods": 8, "stabilizationSeconds": 30},
            "down": {"percent": 20},
        }
    return app


def _shared_with(number: int) -> dict[str, object]:
    """Returns whose files the app `number` shares: its own, those of app-2, or existing ones."""
    choices: tuple[dict[str, object], ...] = (
        {}, {"of": "app-2"}, {"fileSystem": "fs-0123456789abcdef0"},
    )  # fmt: skip
    return choices[number // 5 % 3]


def _of_kind(number: int) -> str:
    return {6: "workers", 8: "singletons", 11: "singletons"}.get(number % 12, "apps")


def workloads(count: int, pools: int) -> dict[str, object]:
    """Returns the sections with workloads."""
    sections: dict[str, dict[str, object]] = {}
    for number in range(count):
        section = sections.setdefault(f"ha-eks:{_of_kind(number)}", {})
        section[f"app-{number}"] = _workload(number, pools)
    return {**sections, "ha-eks:cronJobs": _cron_jobs(min(count, 3))}


def _cron_jobs(count: int) -> dict[str, object]:
    """Returns cron jobs: every five minutes, every night and every month."""
    schedules = ("*/5 * * * *", "30 4 * * *", "0 5 1 * *")
    return {
        f"cron-{number}": {
            "image": "registry.example.com/job:1.0.0",
            "schedule": schedule,
            "timeZone": "Europe/Berlin",
            "requests": {"cpu": "100m", "memory": "128Mi"},
            "policies": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
            "reaches": [{"cidr": "0.0.0.0/0", "port": 443}],
            "talksTo": ["app-0"],
            "initContainers": INIT_CONTAINERS,
            "sidecars": SIDECARS,
        }
        for number, schedule in enumerate(schedules[:count])
    }


def _workload(number: int, pools: int) -> dict[str, object]:
    """Returns an app, or a worker or singleton with the settings of an app that it can have."""
    workload, kind = _app(number, pools), _of_kind(number)
    if number % 15 == 0:
        workload["migration"] = {"command": ["/app", "migrate"], "deadlineSeconds": 900}
    if number % 15 == 6:
        workload["migratedBy"] = f"app-{number - 6}"
    if kind == "apps":
        return workload
    removed = {"workers": ("port", "longestRequestSeconds", "probes")}.get(
        kind, ("replicas", "scaling", "spread", "peers")
    )
    for key in (*removed, "expose"):
        workload.pop(key, None)
    if number % 12 == 11:
        workload |= {"volume": {"path": "/var/lib/app", "size": "20Gi"}}
    if kind == "workers":
        queue = f"arn:aws:sqs:eu-west-1:123456789012:app-{number}"
        workload |= {
            "longestJobSeconds": 60,
            "probes": {"readiness": {"command": ["/app", "up"]}},
            "scaling": {
                "queues": {
                    "jobs": {"queue": queue, "messagesPerPod": 20},
                    "ordered": {"queue": f"{queue}.fifo", "messagesPerPod": 1},
                }
            },
        }
    return workload
