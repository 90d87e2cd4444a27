"""The forms of the communications unit's desk: one deployment for each thing that the unit does."""

FORM_FLOW = "Formulär"
"""The flow that all forms are runs of, as Prefect's pages name it."""
