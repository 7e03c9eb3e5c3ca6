"""The pages, and the program that serves them. No TensorFlow, no MLflow."""

__all__: list[str] = []
