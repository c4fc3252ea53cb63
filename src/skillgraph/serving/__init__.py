"""Runs the service: one supervisor, the replica with its workers, and the web processes."""
