"""Scans the manifests of stacks with checkov, and compares the findings with the waivers."""
