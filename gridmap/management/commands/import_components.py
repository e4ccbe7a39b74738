"""Loads components of the settings' city from a folder of files."""

from gridmap.loaders.components import load_components
from gridmap.loading import LoadCommand


class Command(LoadCommand):
    help = "Load components from DIR through the mapping in the city's file; rejected rows go to a file with reasons."
    load = staticmethod(load_components)
