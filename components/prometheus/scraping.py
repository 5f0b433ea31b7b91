"""What the scraper reads: the pods of apps with `metrics`, and the Cluster Autoscaler's.

It takes these sections and kinds of relabelling, and asks at most every 30 s:
https://docs.aws.amazon.com/prometheus/latest/userguide/AMP-collector-how-to.html
"""

from collections.abc import Mapping, Sequence

import yaml

from components.labels import NAME
from core.facts.versions import CLUSTER_AUTOSCALER
from settings.app.connections import Metrics

_AUTOSCALER_PORT = "8085"
"""https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-chart-9.59.0/cluster-autoscaler/charts/cluster-autoscaler/templates/deployment.yaml"""

_Rule = Mapping[str, object]

_SPACE = "__meta_kubernetes_namespace"
_POD = "__meta_kubernetes_pod"
_APP = f"{_POD}_label_{NAME.replace('.', '_').replace('/', '_')}"


def scrape_configuration(metrics: Mapping[str, Metrics]) -> str:
    """Prometheus' configuration as YAML, the same for the same apps: a job for each."""
    jobs: list[_Rule] = [
        _job(
            name,
            path=endpoint.path,
            only=[_keep(_APP, name), _keep(f"{_POD}_container_port_name", endpoint.port)],
        )
        for name, endpoint in sorted(metrics.items())
    ]
    autoscaler = _job(
        CLUSTER_AUTOSCALER.name,
        path="/metrics",
        only=[_keep(f"{_POD}_container_port_number", _AUTOSCALER_PORT)],
    )
    # Not those of the language that it is written in.
    own = {"metric_relabel_configs": [_keep("__name__", "cluster_autoscaler_.*")]}
    return yaml.safe_dump(
        {
            "global": {"scrape_interval": "30s", "scrape_timeout": "10s"},
            "scrape_configs": [*jobs, {**autoscaler, **own}],
        },
        sort_keys=False,
    )


def _job(name: str, *, path: str, only: Sequence[_Rule]) -> _Rule:
    """The running pods in the namespace `name`, with few labels: each combination is paid for."""
    return {
        "job_name": name,
        "metrics_path": path,
        "kubernetes_sd_configs": [{"role": "pod"}],
        "relabel_configs": [
            _keep(_SPACE, name),
            _keep(f"{_POD}_phase", "Running"),
            *only,
            _label("namespace", _SPACE),
            _label("app", _APP),
            _label("pod", f"{_POD}_name"),
        ],
    }


def _keep(label: str, regex: str) -> _Rule:
    return {"action": "keep", "source_labels": [label], "regex": regex}


def _label(label: str, source: str) -> _Rule:
    return {"action": "replace", "source_labels": [source], "target_label": label}
