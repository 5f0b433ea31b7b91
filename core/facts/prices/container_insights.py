"""Price of Container Insights with enhanced observability for EKS, in dollars.

https://aws.amazon.com/cloudwatch/pricing/. The figure was read on third-party pages that quote the
pricing page, in November 2026. An observation is one value of one metric of a cluster, node, pod or
container in a minute. The records in the log group are not billed again.
"""

MILLION_OBSERVATIONS = 0.21
"""One million observations, up to a billion in a month."""
