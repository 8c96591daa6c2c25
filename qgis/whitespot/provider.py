"""The group of algorithms in the Processing toolbox."""

import os

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .algorithms.check_inputs import CheckInputs
from .algorithms.compare_runs import CompareRuns
from .algorithms.run_gap_analysis import RunGapAnalysis


class WhitespotProvider(QgsProcessingProvider):
    def id(self):
        return "whitespot"

    def name(self):
        return "whitespot"

    def longName(self):
        return "whitespot: broadband gaps"

    def icon(self):
        return QIcon(os.path.join(os.path.dirname(__file__), "icon.svg"))

    def loadAlgorithms(self):
        for algorithm in (CheckInputs, RunGapAnalysis, CompareRuns):
            self.addAlgorithm(algorithm())
