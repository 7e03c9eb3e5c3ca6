"""The record of one run while it trains: its journal, and what brings it into the store."""

__all__: list[str] = []
