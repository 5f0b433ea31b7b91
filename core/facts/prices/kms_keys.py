"""Price of a KMS key, in dollars per month.

https://aws.amazon.com/kms/pricing/, read in November 2026.
"""

MONTH = 1.00
"""A customer managed key. Automatic rotation adds as much again after the first year and after the
second year; later rotations are free, and nothing here counts them."""
