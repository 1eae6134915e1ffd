"""Offices and a centre as hypothesis drives them: it looks for the shortest way to a broken promise."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from twin.sync.proof.world import World

CHANCE = st.integers(0, 1 << 16)
OFFICE = st.integers(0, 2)


class Offices(RuleBasedStateMachine):
    """Every rule is one thing that happens at one office; ``chance`` decides what it is about."""

    def __init__(self):
        super().__init__()
        self.world = World(1)

    def happens(self, what, office, chance):
        self.world.random.seed(chance)
        what(self.world.offices[office])
        self.world.look(self.world.offices[office])

    @rule(office=OFFICE, chance=CHANCE)
    def a_person_edits(self, office, chance):
        self.happens(self.world.act, office, chance)

    @rule(office=OFFICE, chance=CHANCE)
    def a_message_is_sent(self, office, chance):
        self.happens(self.world.send, office, chance)

    @rule(office=OFFICE, chance=CHANCE)
    def a_message_arrives(self, office, chance):
        self.happens(self.world.deliver, office, chance)

    @rule(office=OFFICE, chance=CHANCE)
    def an_office_meets_the_centre(self, office, chance):
        self.happens(self.world.exchange, office, chance)

    @rule(office=OFFICE, chance=CHANCE)
    def a_conflict_is_decided(self, office, chance):
        self.happens(self.world.resolve, office, chance)

    @rule(office=OFFICE, chance=CHANCE)
    def a_disk_is_backed_up(self, office, chance):
        self.happens(self.world.back_up, office, chance)

    @rule(office=OFFICE, chance=CHANCE)
    def an_office_comes_back_from_a_backup(self, office, chance):
        self.happens(self.world.restore_office, office, chance)

    @rule(office=OFFICE, chance=CHANCE)
    def the_centre_comes_back_from_a_backup(self, office, chance):
        self.happens(self.world.restore_center, office, chance)

    @rule(office=OFFICE, chance=CHANCE)
    def a_scope_changes(self, office, chance):
        self.happens(self.world.change_scope, office, chance)

    @rule(office=OFFICE, chance=CHANCE)
    def the_log_is_compacted(self, office, chance):
        self.happens(self.world.compact, office, chance)

    def teardown(self):
        self.world.settle()
        self.world.close()


Offices.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestOffices = Offices.TestCase
