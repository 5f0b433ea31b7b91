"""Connections between clients and the load balancer."""

CLIENT_KEEP_ALIVE = 300
"""Maximum lifetime of a client connection in seconds. A zonal shift does not close the connections
of a zone, so clients move to the other zones within this time.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/zonal-shift.html"""
