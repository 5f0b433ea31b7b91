"""Lookup of items by key and namespace."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from itertools import count
from typing import Generic, TypeVar

from tools.rules.model import Object

Item = TypeVar("Item", bound=Hashable)

_EVERY = "*"
"""Stands for all namespaces; the name of a namespace has no `*`."""


class ByNamespace(Generic[Item]):
    """Items by key, each in the namespace of an object.

    Rules look up the few items that concern an object. To search all items for each object takes
    minutes for thousands of objects.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[Hashable, str], dict[Item, int]] = defaultdict(dict)
        self._positions = count()

    def add(self, object_: Object, item: Item, *keys: Hashable) -> None:
        """Adds an item with some keys to the namespace of an object."""
        position = next(self._positions)
        for key in keys:
            for namespace in (object_.namespace, _EVERY):
                self._found[key, namespace].setdefault(item, position)

    def beside(self, object_: Object, *keys: Hashable) -> list[Item]:
        """Returns the items with one of the keys that can be in the namespace of an object, in
        the order in which they were added."""
        positions: dict[Item, int] = {}
        for each in self._beside(object_, keys):
            positions |= each
        return sorted(positions, key=positions.__getitem__)

    def count_beside(self, object_: Object, *keys: Hashable) -> int:
        """Returns the number of these items; an item with several of the keys counts for each."""
        return sum(map(len, self._beside(object_, keys)))

    def _beside(self, object_: Object, keys: Sequence[Hashable]) -> list[Mapping[Item, int]]:
        """Returns the items of each key in the namespace of an object, and without a namespace."""
        namespaces = (object_.namespace, "") if object_.namespace else (_EVERY,)
        return [self._found.get((key, each), {}) for key in keys for each in namespaces]
