"""A local AWS for real controllers in a drill: moto on the loopback interface."""
