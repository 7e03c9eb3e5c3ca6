"""`python -m trainer`."""

__all__: list[str] = []

if __name__ == "__main__":
    from trainer.cli import main

    main()
