"""Creator Tiers: do small creators really bring more engagement and conversions, on your own data?"""

__version__ = "0.1.0"
