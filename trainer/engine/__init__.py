"""Turn configs into Keras models: build, check, train, evaluate. The only package that imports TensorFlow."""

__all__: list[str] = []
