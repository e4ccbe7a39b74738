"""The pages and tiles of the map, one module a family of pages; gridmap/urls.py says which address is which."""
