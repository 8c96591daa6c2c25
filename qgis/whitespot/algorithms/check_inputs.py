"""Check inputs: every problem of the inputs at once; computes and writes nothing."""

import json
import tempfile

from qgis.core import QgsProcessingException, QgsProcessingOutputNumber, QgsProcessingParameterBoolean

from .. import program
from ..words import tr
from . import inputs
from .base import WhitespotAlgorithm

STRICT = "STRICT"


class CheckInputs(WhitespotAlgorithm):
    def name(self):
        return "checkinputs"

    def displayName(self):
        return tr("Check inputs", "Kontrollera indata")

    def shortHelpString(self):
        return tr(
            "Reads settlements, areas and coverage and lists every problem with place, count and persons affected. "
            "Computes and writes nothing. Give an analysis file, or layers of the project.",
            "Läser bebyggelsepunkter, områden och täckning och listar alla problem med plats, antal och berörda personer. "
            "Beräknar och skriver inget. Ange en analysfil, eller lager i projektet.",
        )

    def initAlgorithm(self, config=None):
        inputs.add_parameters(self)
        self.addParameter(
            QgsProcessingParameterBoolean(STRICT, tr("Warnings fail", "Varningar stoppar"), defaultValue=False)
        )
        self.addParameter(program.program_parameter())
        for name in ("ERRORS", "WARNINGS", "NOTES"):
            self.addOutput(QgsProcessingOutputNumber(name, name.lower()))

    def processAlgorithm(self, parameters, context, feedback):
        binary = program.find_program(self.parameterAsFile(parameters, program.PARAMETER, context))
        with tempfile.TemporaryDirectory(prefix="whitespot-") as folder:
            arguments = ["check", *inputs.arguments(self, parameters, context, feedback, folder), "--format", "json"]
            if self.parameterAsBool(parameters, STRICT, context):
                arguments.append("--strict")
            code, printed = program.run(binary, arguments, feedback)
        try:
            findings = json.loads(printed)["findings"]
        except (ValueError, KeyError):
            raise QgsProcessingException(tr("whitespot failed, see the log", "whitespot misslyckades, se loggen"))
        for finding in findings:
            program.report_finding(finding, feedback)
        count = lambda severity: sum(f.get("severity") == severity for f in findings)
        if code != 0:
            raise QgsProcessingException(
                tr("{} errors, {} warnings, see the log", "{} fel, {} varningar, se loggen").format(
                    count("error"), count("warning")
                )
            )
        return {"ERRORS": count("error"), "WARNINGS": count("warning"), "NOTES": count("note")}
