"""Pinned versions: Kubernetes, EKS add-ons, Helm charts and container images."""
