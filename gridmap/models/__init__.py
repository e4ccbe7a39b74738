from gridmap.models.area import Area, AreaQuerySet, Cell, CellQuerySet, Layout
from gridmap.models.city import CityMark, Import, ImportQuerySet
from gridmap.models.component import Component, ComponentBatch, ComponentChange, ComponentQuerySet
from gridmap.models.confirmation import Confirmation, ConfirmationQuerySet
from gridmap.models.dictionary import Category, CategoryQuerySet, Dictionary
from gridmap.models.layerchange import LayerChange
from gridmap.models.layoutedit import LayoutCheck, LayoutEdit, LayoutEditQuerySet
from gridmap.models.layoutstep import LayoutStep
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
    "ComponentBatch",
    "ComponentChange",
    "ComponentQuerySet",
    "Confirmation",
    "ConfirmationQuerySet",
    "Dictionary",
    "Import",
    "ImportQuerySet",
    "LayerChange",
    "Layout",
    "LayoutCheck",
    "LayoutEdit",
    "LayoutEditQuerySet",
    "LayoutStep",
    "Place",
    "PlaceQuerySet",
]
