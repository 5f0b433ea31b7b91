"""Compares the service quotas of the account with the demand of a stack."""

from tools.deploy.quotas.check import quota_problems

__all__ = ["quota_problems"]
