"""The second wall: PostgreSQL itself shows each role the rows that the filter lets it see, and not one more."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.access_city import VIEWERS, city
from twin.access.predicate import settings
from twin.access.scope import Scope, facts_of
from twin.central import schema
from twin.central.service import policies
from twin.model.catalogue import KIND_OF
from twin.model.codec import entity_to_json
from twin.sync.mutation import Op


@pytest.fixture
def walled(postgres, postgres_office):
    ops = []
    for entity in city():
        fields = entity_to_json(entity)
        ops.append(Op(fields.pop("kind"), fields.pop("id"), fields, alive=True))
    postgres_office.make(*ops)
    postgres_office.push()
    schema.renew(postgres, policies())
    yield postgres
    schema.renew(postgres, {})


def rows(database, kind, scope):
    with database.reading(settings(scope)) as db:
        return set(db.execute(text(f'SELECT id FROM city."{kind}"')).scalars())


def test_every_role_is_shown_the_rows_of_the_filter(walled):
    shown = 0
    for viewer in VIEWERS:
        scope = Scope(viewer)
        for kind in KIND_OF:
            wanted = {thing.id for thing in city() if thing.kind == kind and scope.sees(kind, facts_of(thing))}
            assert rows(walled, kind, scope) == wanted, (viewer, kind)
            shown += len(wanted)
    assert shown > 50
