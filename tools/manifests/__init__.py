"""Reads Kubernetes objects from files."""
