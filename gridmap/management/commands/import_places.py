"""Loads places of the settings' city from a folder of files."""

from gridmap.loaders.places import load_places
from gridmap.loading import LoadCommand


class Command(LoadCommand):
    help = "Load places from DIR through the mapping in the city's file; rejected rows go to a file with reasons."
    load = staticmethod(load_places)
