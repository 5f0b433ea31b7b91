"""Configuration of the scraper: pods of apps with `metrics`, and of the Cluster Autoscaler.

The managed scraper supports only these sections and kinds of relabeling, and intervals of at least
30 seconds:
https://docs.aws.amazon.com/prometheus/latest/userguide/AMP-collector-how-to.html
"""

from collections.abc import Mapping, Sequence

import yaml

from core.facts.versions.charts import CLUSTER_AUTOSCALER
from core.labels import NAME
from settings.workload.connections import Metrics

_AUTOSCALER_PORT = "8085"
"""https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-chart-9.59.0/cluster-autoscaler/charts/cluster-autoscaler/templates/deployment.yaml"""

_Rule = Mapping[str, object]

_NAMESPACE = "__meta_kubernetes_namespace"
_POD = "__meta_kubernetes_pod"
_APP = f"{_POD}_label_{NAME.replace('.', '_').replace('/', '_')}"


def scrape_configuration(metrics: Mapping[str, Metrics]) -> str:
    """Returns the Prometheus configuration as YAML: one job per app, sorted by name."""
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
    # Without the metrics of the Go runtime.
    only_own_metrics = {"metric_relabel_configs": [_keep("__name__", "cluster_autoscaler_.*")]}
    return yaml.safe_dump(
        {
            "global": {"scrape_interval": "30s", "scrape_timeout": "10s"},
            "scrape_configs": [*jobs, {**autoscaler, **only_own_metrics}],
        },
        sort_keys=False,
    )


def _job(name: str, *, path: str, only: Sequence[_Rule]) -> _Rule:
    """Returns the job for running pods in a namespace; few labels, because each series costs."""
    return {
        "job_name": name,
        "metrics_path": path,
        "kubernetes_sd_configs": [{"role": "pod"}],
        "relabel_configs": [
            _keep(_NAMESPACE, name),
            _keep(f"{_POD}_phase", "Running"),
            *only,
            _label("namespace", _NAMESPACE),
            _label("app", _APP),
            _label("pod", f"{_POD}_name"),
        ],
    }


def _keep(label: str, regex: str) -> _Rule:
    return {"action": "keep", "source_labels": [label], "regex": regex}


def _label(label: str, source: str) -> _Rule:
    return {"action": "replace", "source_labels": [source], "target_label": label}
