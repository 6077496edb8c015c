"""Further checks on a workload: its run, init containers, claims, placement, settings, and what its log reports."""
