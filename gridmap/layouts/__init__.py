"""Layouts of the grid, from a copy that is edited to the generation in force.

defects: what can be wrong, pure. checklog: keeps what a check found. generations: checked, put in force, ended.
editing, mending: changes of cells, pure. drafts: makes them in the database. editwords, words: what people read.
features: what the map reads and sends. listing: the rows of the list.
"""
