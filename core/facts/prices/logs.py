"""Prices of CloudWatch logs.

https://aws.amazon.com/cloudwatch/pricing/. The figures were read on third-party pages that quote
the AWS Price List API, in 2026. The first 5 GB of logs of an account are free; nothing here deducts
them.
"""

GB = 0.50
"""Ingestion, in dollars per GB, of the log class that metric filters and Container Insights need.
"""

GB_MONTH = 0.03
"""Storage, in dollars per GB and month: an upper bound, because CloudWatch counts compressed bytes.
"""

_DAYS_PER_MONTH = 365 / 12


def log_gb(days: int) -> float:
    """Returns dollars per GB of logs that is ingested and stored for some days."""
    return GB + GB_MONTH * days / _DAYS_PER_MONTH
