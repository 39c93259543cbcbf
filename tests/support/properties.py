"""How tests of properties are run."""

from hypothesis import HealthCheck, settings

# However slow the machine is.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
