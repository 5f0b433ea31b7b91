"""Container images and their pinned tags, where a chart's own tag does not fit."""

from core.facts.versions.charts import KEDA

CLUSTER_AUTOSCALER_IMAGE = {"1.34": "v1.34.5", "1.35": "v1.35.2", "1.36": "v1.36.1"}
"""Tag of the Cluster Autoscaler by Kubernetes minor version, whose scheduler it simulates.

https://github.com/kubernetes/autoscaler/releases
"""

CLUSTER_PROPORTIONAL_AUTOSCALER_IMAGE = "v1.10.3"
"""Tag of the Cluster Proportional Autoscaler. The tag of the chart dates from 2023 and supports one
target only.

https://github.com/kubernetes-sigs/cluster-proportional-autoscaler/releases
"""

KEDA_METRICS_IMAGE = f"{KEDA.image}-metrics-apiserver"
"""Metrics server of KEDA, in the version of the KEDA chart."""

KEDA_WEBHOOKS_IMAGE = f"{KEDA.image}-admission-webhooks"
"""Admission webhooks of KEDA, in the version of the KEDA chart."""

PAUSE_IMAGE = "registry.k8s.io/pause:3.10.1"
"""Container that does nothing."""
