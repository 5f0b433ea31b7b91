"""AWS list prices in US dollars, one file per service.

All prices are for REGION. Other regions differ by some percent, and contracts by more. Each file
names the pricing page of AWS and where the figure was read.
"""

REGION = "us-east-1"
"""Region of the prices."""

HOURS_PER_MONTH = 730
"""Hours of a month, as AWS's own pricing examples count them."""
