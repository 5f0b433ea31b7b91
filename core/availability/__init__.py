"""Arithmetic of availability: replicas, termination, zone loss, packing, headroom."""
