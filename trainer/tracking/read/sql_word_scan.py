"""Search for words in many runs of an SQLite file, as `search.mentions` does: one scan of each table for all words."""

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, and_, case, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from trainer.tracking.read.answers import Answers
from trainer.tracking.read.search import OTHERS_TAGS, VALUE_TAGS, fold, search_words
from trainer.tracking.read.sql_columns import UnusualStoreError
from trainer.tracking.read.sql_histories import plain_texts
from trainer.tracking.read.sql_ids import DIGITS, Ids, SortedIds, numbered
from trainer.tracking.read.sql_query import SearchedQuery
from trainer.tracking.read.sql_words import UNREADABLE, Scanned, all_keys, escaped, in_file, is_own_note_tag
from trainer.tracking.read.stored import stored_text
from trainer.tracking.read.tables import params, runs, tags
from trainer.tracking.reader import RunQuery

__all__ = ["KnownWords"]

_MOST_KEYS = 500
_MOST_WORDS = 16

_Conditions = Mapping[str, ColumnElement[bool]]


class KnownWords:
    """Searches for words, whose answers are kept while the database does not change."""

    def __init__(self) -> None:
        self._known = Answers(_MOST_WORDS)

    def searched(
        self, connection: Connection, version: Hashable | None, query: RunQuery, *, is_first: bool = False
    ) -> RunQuery:
        """Return a query for the same runs that has no words.

        `is_first` tells that nobody has asked for these words yet: then a single one stays in the query, since SQL
        finds, counts and sorts its runs at once, faster than a scan whose ids go back into another query. Two take SQL
        longer than the scan, and all further questions are several times faster with ids that are known.

        Raises:
            UnusualStoreError: the words have to be searched for in SQL.
        """
        words = list(dict.fromkeys(search_words(query.text)))
        if is_first and len(words) == 1 and not self._known.knows(version, words[0]):
            return query
        known = self._known.at(version).of_each(words, partial(_runs_with, connection))
        first, *others = (known[word] for word in words)
        ids = first.ids
        for other in others:
            ids = ids[other.places(ids) >= 0]
        given = {each.name: getattr(query, each.name) for each in fields(query)}
        return SearchedQuery(**{**given, "text": ""}, among=_listed(ids))


def _listed(ids: Ids) -> str:
    """Return the ids as a list in JSON."""
    # Of usual ids no character needs an escape, and to look for one takes longer than all else here.
    if ids.tobytes().isalnum():
        listed = b'","'.join(ids.tolist()).decode()
        return f'["{listed}"]'
    return json.dumps([stored_text(each) for each in ids.tolist()])


def _runs_with(connection: Connection, words: Sequence[str]) -> dict[str, SortedIds]:
    """Return the runs that mention each of the words, which are folded."""
    if any(UNREADABLE in word for word in words):
        raise UnusualStoreError
    keys = {table: [str(key) for key in connection.scalars(all_keys(table))] for table in (params, tags)}
    keys[tags] = [key for key in keys[tags] if not key.startswith(OTHERS_TAGS)]
    if len(keys[tags]) > _MOST_KEYS or any(UNREADABLE in key for some in keys.values() for key in some):
        raise UnusualStoreError
    texts: dict[str, list[bytes]] = {word: [] for word in words}
    # In turn: in threads, the scans took a third more of the processors and no less of the clock.
    with plain_texts(connection):
        for table, conditions, *only in _scans(words, keys):
            for word, text in _scanned(connection, table, conditions, only).items():
                texts[word].append(text)
    return {word: SortedIds(numbered(_ids(b"".join(some)))[0]) for word, some in texts.items()}


def _scans(words: Sequence[str], keys: Mapping[Table, Sequence[str]]) -> Iterator[tuple[Any, ...]]:
    """Yield tables, the condition of each word, and conditions of all words."""
    yield runs, {word: or_(in_file(runs.c.name, f"%{escaped(word)}%"), _begins(word)) for word in words}
    searched = Scanned(tags.c.key).in_([*keys[tags], *VALUE_TAGS])
    for table, only in ((params, ()), (tags, (searched, ~is_own_note_tag()))):
        yield table, {word: _in_values(table, word, keys[table]) for word in words}, *only
        having = {word: [key for key in keys[table] if word in fold(key)] for word in words}
        yield table, {word: table.c.key.in_(some) for word, some in having.items() if some}


def _begins(word: str) -> ColumnElement[bool]:
    return runs.c.run_uuid.istartswith(word, autoescape=True)


def _in_values(table: Table, word: str, keys: Sequence[str]) -> ColumnElement[bool]:
    """Match the rows with the word in the value, or in the end of the key and the begin of the value."""
    found = [in_file(table.c.value, f"%{escaped(word)}%")]
    for place in (place for place, letter in enumerate(word) if letter == "="):
        ends = [key for key in keys if fold(key).endswith(word[:place])]
        if ends:
            begins = in_file(table.c.value, f"{escaped(word[place + 1 :])}%")
            found.append(and_(Scanned(table.c.key).in_(ends), begins))
    return or_(*found)


def _scanned(
    connection: Connection, table: Table, conditions: _Conditions, only: Sequence[ColumnElement[bool]]
) -> Mapping[str, bytes]:
    """Scan for the ids of the rows that meet each of the conditions, as one text."""
    if not conditions:
        return {}
    run = table.c.run_uuid
    # The condition of a single word is that of the rows already, and need not be tested again.
    chosen = [run] if len(conditions) == 1 else [case((condition, run)) for condition in conditions.values()]
    wanted = select(func.max(func.length(run) != DIGITS), *(func.group_concat(each, "") for each in chosen))
    is_unusual, *found = connection.execute(wanted.where(*only, or_(*conditions.values()))).one()
    if is_unusual:
        raise UnusualStoreError
    return {word: text for word, text in zip(conditions, found, strict=True) if text}


def _ids(text: bytes) -> Ids:
    if len(text) % DIGITS:
        raise UnusualStoreError
    return np.frombuffer(text, dtype=f"S{DIGITS}")
