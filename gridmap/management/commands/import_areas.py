"""Loads areas of the settings' city from a folder of files."""

from gridmap.loaders.areas import load_areas
from gridmap.loading import LoadCommand


class Command(LoadCommand):
    help = "Load areas from DIR through the mapping in the city's file; rejected rows go to a file with reasons."
    load = staticmethod(load_areas)
