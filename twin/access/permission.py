"""The matrix of roles: what each may do with each object, read from ``assets/codes/permissions_v1.csv``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from twin.codes import FOLDER
from twin.errors import DataError

REACHES = ("own", "own_grid", "own_post", "own_department", "aggregate", "published", "small", "large")
"""How far a right goes where it does not go to everything."""

PUBLIC = "public"
_RIGHTS = {"R": "read", "W": "write", "A": "approve", "M": "masked"}
_FLAGS = ("logged", "unmask")


@dataclass(frozen=True, slots=True)
class Role:
    """A post of the city's management, in Chinese and English; the public is one that never signs in."""

    name: str
    zh: str
    en: str
    second_factor: bool
    signs_in: bool


@dataclass(frozen=True, slots=True)
class Permission:
    """What one role may do with one object: a cell of the matrix.

    ``reach`` is '' for everything, else one of ``REACHES``; ``masked`` shows personal data only masked; ``logged``
    writes each look down; ``unmask`` lets somebody see it plainly on request, which is written down as well.
    """

    read: bool = False
    write: bool = False
    approve: bool = False
    masked: bool = False
    reach: str = ""
    logged: bool = False
    unmask: bool = False

    @property
    def shows_rows(self) -> bool:
        """Whether rows themselves are shown: who only gets sums over many of them sees none."""
        return (self.read or self.write or self.approve or self.masked) and self.reach != "aggregate"


NOTHING = Permission()


def parsed(text: str) -> Permission:
    """Return a cell of the matrix: letters R, W, A, M, then a reach and flags; '-' for nothing.

    Raises ``DataError`` for a word that is none of these: a right that is not understood is not given.
    """
    rights: dict[str, bool] = {}
    reach = ""
    for word in text.split():
        if word in _RIGHTS:
            rights[_RIGHTS[word]] = True
        elif word in _FLAGS:
            rights[word] = True
        elif word in REACHES and not reach:
            reach = word
        elif word != "-":
            raise DataError(
                f"The matrix of permissions has '{text}', in which '{word}' is not understood.",
                "Use R, W, A, M, one reach, logged and unmask, or '-'.",
            )
    return Permission(**rights, reach=reach)


@dataclass(frozen=True)
class Matrix:
    """Every permission by object and role, and the object that governs each kind of things and histories."""

    cells: Mapping[str, Mapping[str, Permission]]
    object_of: Mapping[str, str]

    def permission(self, role: str, subject: str) -> Permission:
        """Return what a role may do with an object; nothing where the matrix does not say."""
        return self.cells.get(subject, {}).get(role, NOTHING)

    def of_kind(self, role: str, kind: str) -> Permission:
        """Return what a role may do with the things of a kind; nothing for a kind that nobody entered."""
        return self.permission(role, self.object_of.get(kind, ""))


@cache
def roles(version: int = 1) -> Mapping[str, Role]:
    """Return the roles by name."""
    yes = {"yes": True, "no": False}
    return MappingProxyType(
        {
            row["role"]: Role(row["role"], row["zh"], row["en"], yes[row["second_factor"]], yes[row["signs_in"]])
            for row in _rows(f"roles_v{version}.csv")
        }
    )


@cache
def matrix(version: int = 1) -> Matrix:
    """Return the matrix of permissions."""
    rows = _rows(f"permissions_v{version}.csv")
    cells = {row["object"]: {role: parsed(row[role]) for role in roles()} for row in rows}
    return Matrix(cells, {kind: row["object"] for row in rows for kind in row["kinds"].split()})


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
