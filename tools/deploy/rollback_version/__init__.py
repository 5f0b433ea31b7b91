"""Rolls the Kubernetes version of a cell back: node groups, add-ons, then the control plane."""
