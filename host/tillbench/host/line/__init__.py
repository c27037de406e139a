"""A line that misbehaves on purpose, between any terminal and any host: seeded, replayable, recorded."""

from tillbench.host.line.connection import FaultyConnection
from tillbench.host.line.record import Entry, Record
from tillbench.host.line.scenario import Rule, Scenario, ScenarioError, Way, load_scenario
from tillbench.host.line.shaper import Departure, Event

__all__ = [
    "Departure",
    "Entry",
    "Event",
    "FaultyConnection",
    "Record",
    "Rule",
    "Scenario",
    "ScenarioError",
    "Way",
    "load_scenario",
]
