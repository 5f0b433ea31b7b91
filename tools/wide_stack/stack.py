"""Writes a stack file with every kind of app and pool, in any size."""

from pathlib import Path
from typing import cast

import yaml

from tools.wide_stack.apps import POOLS, workloads

ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")


def write_wide(folder: Path, *, apps: int, pools: int = 4) -> Path:
    """Writes Pulumi.wide.yaml to `folder` and returns the path. The stack has three zones."""
    config = {
        "aws:region": "eu-west-1",
        "aws:defaultTags": {"tags": {"team": "wide"}},
        "ha-eks:network": {
            "zones": [*ZONES],
            "controlPlaneZones": [*ZONES],
            "nat": "regional",
            "endpoints": ["ecr.api", "ecr.dkr", "logs"],
            "pods": {"cidr": "100.64.0.0/16", "prefixDelegation": True},
            "flowLogs": {"traffic": "ALL", "aggregationSeconds": 60},
        },
        "ha-eks:cluster": {
            "version": "1.35",
            "admins": [_principal("ops")],
            "viewers": [_principal("support"), _principal("audit")],
            "editors": {
                f"app-{number}": [_principal("team"), _principal(f"app-{number}")]
                for number in range(min(3, apps))
            },
            "addOns": {
                "kube-proxy": {"version": "v1.35.0-eksbuild.2"},
                "metrics-server": {"configuration": {"replicas": 3}},
                "coredns": {"configuration": {"autoScaling": {"maxReplicas": 20}}},
            },
        },
        "ha-eks:autoscaling": {"version": "v1.35.1", "expander": "priority"},
        "ha-eks:images": {
            "source": "copies",
            "registry": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/copies",
        },
        "ha-eks:observability": {
            "archive": {"days": 400},
            "agent": {"cpu": "100m", "memory": "1Gi"},
            "traces": {"sampledPercent": 0.5},
            "alarms": {
                "subscriptions": [
                    {"protocol": "https", "endpoint": "https://alarms.example.com/wide"},
                    {"protocol": "sqs", "endpoint": "arn:aws:sqs:eu-west-1:210987654321:alarms"},
                ],
                "runbooks": "https://runbooks.example.com/docs",
            },
        },
        "ha-eks:audit": {
            "failOn": "error",
            "waivers": [
                {
                    "rule": "HA905",
                    "resource": "*",
                    "reason": "a wide stack",
                    "expires": "2099-12-31",
                }
            ],
        },
        "ha-eks:headroom": {"pods": {"app-0": 2}},
        "ha-eks:resilience": {"autoshift": {"observer": True}},
        "ha-eks:pools": {
            f"pool-{number}": _pool(number, pools, large=apps > 60) for number in range(pools)
        },
        **workloads(apps, pools),
        "ha-eks:loadBalancing": {
            "certificate": "arn:aws:acm:eu-west-1:123456789012:certificate/wide",
            "certificates": {
                "*.wide.example.org": "arn:aws:acm:eu-west-1:123456789012:certificate/org"
            },
            "redirects": {"www.wide.example.com": "wide.example.com"},
            "accessLogDays": 365,
            "waf": {"requestsPerFiveMinutes": 5000},
        },
        "ha-eks:traffic": {
            "domain": "wide.example.com",
            "hostedZoneId": "Z0123456789ABCDEFGHIJ",
            "zones": {"example.org": "Z9876543210ABCDEFGHIJ"},
            "policy": "weighted",
            "weight": 10,
        },
    }
    file = folder / "Pulumi.wide.yaml"
    file.write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    return file


def _principal(name: str) -> str:
    return f"arn:aws:iam::210987654321:role/{name}"


def _pool(number: int, pools: int, *, large: bool) -> dict[str, object]:
    """Returns the settings of pool `number`; `large` selects 8xlarge instances.

    The maximum node count is chosen so that the pods of all pools fit into the subnets.
    """
    pool = POOLS[number % 4]
    types = cast("list[str]", pool["instanceTypes"])
    max_nodes = min(10, 36 // pools)
    if large:
        types = [f"{each.partition('.')[0]}.8xlarge" for each in types]
        max_nodes = min(4, max_nodes)
    per_zone = cast("dict[str, int]", pool.get("perZone") or {})
    size = {"min": 2, "max": max_nodes, **per_zone}
    return {**pool, "instanceTypes": types, "perZone": size}
