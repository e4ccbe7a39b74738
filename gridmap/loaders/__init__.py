"""Loaders of the city's own data, one module a layer; the mapping of columns is in the city's file."""
