"""Open data: what the public may see of a city, as files that anybody can read, with their dictionary, licence and freshness."""

from twin.opendata.export import export_open_data
from twin.opendata.licence import Licence, licence_for

__all__ = ["Licence", "export_open_data", "licence_for"]
