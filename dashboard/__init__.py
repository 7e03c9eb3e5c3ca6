"""The pages and the server for them. Importing them loads neither TensorFlow nor MLflow."""

__all__: list[str] = []
