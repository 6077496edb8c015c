"""The table of faults: every way in which the cluster suite breaks the Onyx-like app, or leaves it alone.

The rows stand in three modules by where the fault is. A lost node and lost DNS are apart
(test_lost_services.py): they hit every row.
"""

from tests.cluster.faults_route import ROUTE
from tests.cluster.faults_state import STATE
from tests.cluster.faults_workload import WORKLOAD

# The slow ones first: crash loops need their back-off while the quick ones are looked at.
FAULTS = (*WORKLOAD, *STATE, *ROUTE)
