"""Reads runs, from a database or an MLflow server. Imports no MLflow where the store is a database."""

__all__: list[str] = []
