"""The sample businesses that `make run` can show: each has a folder of that name with calendar, pictures, rules and voice."""

from local.samples.businesses import SAMPLES, Business, Offer, business_of

__all__ = ["SAMPLES", "Business", "Offer", "business_of"]
