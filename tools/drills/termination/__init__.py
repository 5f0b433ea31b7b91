"""HTTP servers as real processes behind a load balancer, under load."""
