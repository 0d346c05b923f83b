"""What holds for every test: properties are not judged by how busy the computer is."""

from hypothesis import HealthCheck, settings

from tests.browser.chromium import chromium

__all__ = ["chromium"]

settings.register_profile("any-computer", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-computer")
