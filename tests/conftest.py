"""What holds for every test: properties are not judged by how busy the computer is."""

from hypothesis import HealthCheck, settings

settings.register_profile("any-computer", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-computer")
