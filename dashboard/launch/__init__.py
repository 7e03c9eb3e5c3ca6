"""Starting and serving Fitboard: `up`, its services, their ports, and the server of the pages."""

__all__: list[str] = []
