"""Who may use a dashboard that other machines can reach: people, their roles, sign-in, and what they did."""

__all__: list[str] = []
