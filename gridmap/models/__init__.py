from gridmap.models.area import Area, AreaQuerySet, Cell, CellQuerySet, Layout
from gridmap.models.city import CityMark, Import
from gridmap.models.component import Component, ComponentQuerySet
from gridmap.models.dictionary import Category, CategoryQuerySet, Dictionary
from gridmap.models.layoutedit import LayoutCheck, LayoutEdit, LayoutEditQuerySet
from gridmap.models.place import Place, PlaceQuerySet

__all__ = [
    "Area",
    "AreaQuerySet",
    "Category",
    "CategoryQuerySet",
    "Cell",
    "CellQuerySet",
    "CityMark",
    "Component",
    "ComponentQuerySet",
    "Dictionary",
    "Import",
    "Layout",
    "LayoutCheck",
    "LayoutEdit",
    "LayoutEditQuerySet",
    "Place",
    "PlaceQuerySet",
]
