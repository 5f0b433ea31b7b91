"""Prices of Amazon Managed Service for Prometheus, in dollars.

https://aws.amazon.com/prometheus/pricing/. The figures were read on third-party pages that quote
the pricing page, in November 2026. Storage ($0.03 per GB and month) and queries ($0.10 per billion
samples) are small beside the samples, and nothing here counts them.
"""

COLLECTOR_HOUR = 0.04
"""A managed collector (scraper)."""

TEN_MILLION_SAMPLES = 0.90 + 0.03
"""10 million samples: their ingestion, up to two billion in a month, and their collection."""
