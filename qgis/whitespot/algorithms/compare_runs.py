"""Compare runs: what changed between two results folders, and because of which input."""

import os

from qgis.core import (
    QgsProcessingException,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
)

from .. import program
from ..words import tr
from .base import WhitespotAlgorithm

BEFORE = "BEFORE"
AFTER = "AFTER"
OUTPUT = "OUTPUT"


class CompareRuns(WhitespotAlgorithm):
    def name(self):
        return "compareruns"

    def displayName(self):
        return tr("Compare runs", "Jämför körningar")

    def shortHelpString(self):
        return tr(
            "Shows what changed between two results folders (last year's and this year's, or two settings), and because "
            "of which input.",
            "Visar vad som skiljer två resultatmappar (förra årets och årets, eller två inställningar), och på grund av "
            "vilka indata.",
        )

    def initAlgorithm(self, config=None):
        for name, label in (
            (BEFORE, tr("Results folder before", "Resultatmapp före")),
            (AFTER, tr("Results folder after", "Resultatmapp efter")),
        ):
            self.addParameter(QgsProcessingParameterFile(name, label, QgsProcessingParameterFile.Folder))
        self.addParameter(
            QgsProcessingParameterFileDestination(
                OUTPUT, tr("Comparison", "Jämförelse"), "JSON (*.json)", optional=True, createByDefault=True
            )
        )
        self.addParameter(program.program_parameter())

    def processAlgorithm(self, parameters, context, feedback):
        binary = program.find_program(self.parameterAsFile(parameters, program.PARAMETER, context))
        folders = [self.parameterAsString(parameters, name, context) for name in (BEFORE, AFTER)]
        for folder in folders:
            if not os.path.isfile(os.path.join(folder, "run.json")):
                raise QgsProcessingException(
                    tr("{} is no results folder of whitespot", "{} är ingen resultatmapp från whitespot").format(folder)
                )
        code, printed = program.run(binary, ["compare", *folders], feedback)
        for line in printed.splitlines():
            feedback.pushInfo(line)
        if code != 0:
            raise QgsProcessingException(
                tr("whitespot stopped (exit code {}), see the log", "whitespot stannade (kod {}), se loggen").format(code)
            )
        results = {}
        target = self.parameterAsFileOutput(parameters, OUTPUT, context)
        if target:
            code, printed = program.run(binary, ["compare", *folders, "--format", "json"], feedback)
            if code != 0:
                raise QgsProcessingException(tr("whitespot failed, see the log", "whitespot misslyckades, se loggen"))
            with open(target, "w", encoding="utf-8") as out:
                out.write(printed)
            results[OUTPUT] = target
        return results
