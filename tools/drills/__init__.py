"""Drills: the stack on a real control plane with simulated nodes, from which zones are taken."""
