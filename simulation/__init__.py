"""Playing what would happen: an invented municipality's year, or the coming weeks of a real one."""
