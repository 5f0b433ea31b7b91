"""Facts published by AWS, Kubernetes and charts: versions, instance types, prices, metrics."""
