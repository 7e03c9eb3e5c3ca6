"""Attributes that are kept in Streamlit's session state or in the query parameters of the page."""

from collections.abc import Sequence
from typing import Generic, TypeVar

import streamlit as st

__all__ = ["QueryList", "QueryValue", "QueryValues", "SessionValue"]

_Value = TypeVar("_Value")


class SessionValue(Generic[_Value]):
    """A key of the session state as an attribute: its value, or the default."""

    def __init__(self, key: str, default: _Value) -> None:
        self.key, self.default = key, default

    def __get__(self, owner: object, kind: type | None = None) -> _Value:
        # Not `get`: in Streamlit (1.67) it copies the whole session at every call.
        return st.session_state[self.key] if self.key in st.session_state else self.default  # noqa: SIM401

    def __set__(self, owner: object, value: _Value) -> None:
        st.session_state[self.key] = value


class QueryValue:
    """A query parameter as an attribute: its value, or the default; without a value it leaves the address."""

    def __init__(self, key: str, default: str = "") -> None:
        self.key, self.default = key, default

    def __get__(self, owner: object, kind: type | None = None) -> str:
        return st.query_params.get(self.key) or self.default

    def __set__(self, owner: object, value: str) -> None:
        if value:
            st.query_params[self.key] = value
        else:
            st.query_params.pop(self.key, None)


class QueryList:
    """A comma-separated query parameter as an attribute: its values in order, without duplicates."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __get__(self, owner: object, kind: type | None = None) -> tuple[str, ...]:
        words = (word.strip() for part in st.query_params.get_all(self.key) for word in part.split(","))
        return tuple(dict.fromkeys(word for word in words if word))

    def __set__(self, owner: object, value: Sequence[str]) -> None:
        st.query_params[self.key] = ",".join(value)


class QueryValues:
    """A query parameter that may come several times, as an attribute: its values in order."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __get__(self, owner: object, kind: type | None = None) -> tuple[str, ...]:
        return tuple(st.query_params.get_all(self.key))

    def __set__(self, owner: object, values: Sequence[str]) -> None:
        if values:
            st.query_params[self.key] = list(values)
        else:
            st.query_params.pop(self.key, None)
