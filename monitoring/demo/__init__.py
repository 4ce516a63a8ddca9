"""A life-like shop on the failure lab: staff, suppliers, thresholds, orders in every status, by the domain's own acts."""
