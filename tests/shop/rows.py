"""Every row of the shop."""

from tests.shop import (
    bakery,
    depot_around,
    depot_inside,
    faults_around,
    faults_inside,
    faults_suite,
    gazette_faults,
    tickets_faults,
)

ROWS = (
    *faults_inside.ROWS,
    *faults_around.ROWS,
    *faults_suite.ROWS,
    *bakery.ROWS,
    *depot_inside.ROWS,
    *depot_around.ROWS,
    *tickets_faults.ROWS,
    *gazette_faults.ROWS,
)
