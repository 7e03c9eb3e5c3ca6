"""Config to Keras: build, check, train, evaluate. The only folder that imports TensorFlow."""

__all__: list[str] = []
