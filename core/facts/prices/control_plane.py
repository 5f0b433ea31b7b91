"""Prices of an EKS control plane, in dollars per hour.

https://aws.amazon.com/eks/pricing/. Read in November 2026: standard and extended support in an
announcement of AWS,
https://aws.amazon.com/blogs/containers/amazon-eks-extended-support-for-kubernetes-versions-pricing/;
the scaling tiers on a third-party page only, which lists each tier with $0.10 for the cluster.
"""

from collections.abc import Mapping

HOUR = 0.10
"""A cluster whose Kubernetes version is in standard support."""

EXTENDED_SUPPORT_HOUR = 0.60
"""A cluster whose Kubernetes version is in extended support, in place of HOUR."""

TIER_HOUR: Mapping[str, float] = {
    "standard": 0.0, "tier-xl": 1.65, "tier-2xl": 3.40, "tier-4xl": 6.90, "tier-8xl": 13.90,
}  # fmt: skip
"""Each scaling tier, in addition to the price of the cluster."""
