"""One program a system: each answers the requests of protocol.py for the workloads it can run."""
