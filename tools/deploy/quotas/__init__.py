"""Compares the service quotas of the account with what a stack needs."""

from tools.deploy.quotas.check import quota_problems

__all__ = ["quota_problems"]
