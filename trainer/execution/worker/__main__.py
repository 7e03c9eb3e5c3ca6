"""`python -m trainer.execution.worker`: the worker as a process of its own.

Every training process imports this file again as its `__main__`, so nothing is imported outside the guard.
"""

__all__: list[str] = []

if __name__ == "__main__":
    from trainer.execution.worker.service import main

    main()
