"""Reads Kubernetes manifests and compose files, and writes stack-file entries for them."""
