"""The dated versions of the platforms' interfaces that the connectors speak: raised here, nowhere else."""

GRAPH = "v26.0"
"""Facebook's and Instagram's."""
LINKEDIN = "202610"
"""Year and month; LinkedIn takes a version out of use about a year later, and then answers 426."""
