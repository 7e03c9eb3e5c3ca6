"""What starts and serves Fitboard: `up`, its services, their ports, the pages' server."""

__all__: list[str] = []
