"""Runs the real `__main__.py` offline and records what it registers."""

from plan.manifests import manifests
from plan.plan import Plan, PlanError, Resource
from plan.record import record

__all__ = ["Plan", "PlanError", "Resource", "manifests", "record"]
