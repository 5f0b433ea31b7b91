"""What CloudWatch costs, in dollars: AWS's list prices of us-east-1.

https://aws.amazon.com/cloudwatch/pricing/, as calculators that ask AWS's Price List API quoted them
in 2026. The first 10 alarms, 3 dashboards and 5 GB of logs of an account are free, which nothing
here counts.
"""

LOG_GB = 0.50
"""To take in a GB of logs, of the class that metric filters and Container Insights need."""

LOG_GB_MONTH = 0.03
"""To keep a GB of them for a month: at most, since CloudWatch counts what is left of it when it is
compressed."""

ALARM_METRIC_MONTH = 0.10
"""Of each metric that an alarm looks at."""

COMPOSITE_MONTH = 0.50
"""Of a composite alarm."""

DASHBOARD_MONTH = 3.00
"""Of a dashboard."""

_DAYS_OF_A_MONTH = 365 / 12


def log_gb(days: int) -> float:
    """Of a GB of logs that is taken in and kept for some days."""
    return LOG_GB + LOG_GB_MONTH * days / _DAYS_OF_A_MONTH
