"""Finding the program, running it, and its progress and findings in Processing's log."""

import json
import os
import shutil
import subprocess
import threading

from qgis.core import QgsProcessingException, QgsProcessingParameterDefinition, QgsProcessingParameterFile
from qgis.PyQt.QtCore import QSettings

from .words import tr

PARAMETER = "PROGRAM"
SETTING = "whitespot/program"

# How far a run has come when the program says that it begins a stage.
STAGES = [
    ("Reading areas", 10),
    ("Reading", 20),
    ("Joining", 60),
    ("Scoring", 75),
    ("Allocating", 85),
    ("Writing", 92),
    ("Checked", 95),
    ("Finished", 100),
    ("Found", 100),
]


def program_parameter():
    """The program's place; found on the search path where it is left out."""
    parameter = QgsProcessingParameterFile(
        PARAMETER,
        tr("Program whitespot (where it is not on the search path)", "Programmet whitespot (om det inte finns i sökvägen)"),
        optional=True,
        defaultValue=QSettings().value(SETTING, ""),
    )
    parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.FlagAdvanced)
    return parameter


def find_program(named):
    """The program by the parameter, the environment, or the search path."""
    for path in (named, os.environ.get("WHITESPOT_BINARY"), shutil.which("whitespot")):
        if path and os.path.isfile(path):
            if path == named:
                QSettings().setValue(SETTING, path)
            return path
    raise QgsProcessingException(
        tr(
            "The program whitespot was not found. Name it under Advanced parameters, or set WHITESPOT_BINARY.",
            "Programmet whitespot hittades inte. Ange det under Avancerade parametrar, eller sätt WHITESPOT_BINARY.",
        )
    )


def run(program, arguments, feedback):
    """Runs the program; gives (exit code, what it printed). Stops it where the user cancels."""
    command = [program, *arguments, "--progress", "json"]
    feedback.pushCommandInfo(" ".join(command))
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        creationflags=flags,
    )
    printed = []
    # Both pipes are read at once, so that neither fills up and stops the program.
    reader = threading.Thread(target=lambda: printed.extend(process.stdout), daemon=True)
    reader.start()
    stop = threading.Event()
    watcher = threading.Thread(target=_kill_when_cancelled, args=(process, feedback, stop), daemon=True)
    watcher.start()
    with process:
        for line in process.stderr:
            report(line, feedback)
        reader.join()
    code = process.returncode
    stop.set()
    watcher.join()
    if feedback.isCanceled():
        raise QgsProcessingException(tr("Cancelled", "Avbrutet"))
    return code, "".join(printed)


def _kill_when_cancelled(process, feedback, stop):
    while not stop.wait(0.2):
        if feedback.isCanceled():
            process.terminate()
            return


def report(line, feedback):
    """One line of the program's progress: a stage or a finding."""
    line = line.strip()
    if not line:
        return
    try:
        said = json.loads(line)
    except ValueError:
        feedback.pushInfo(line)
        return
    if "finding" in said:
        report_finding(said["finding"], feedback)
        return
    stage = said.get("stage", "")
    for name, percent in STAGES:
        if stage.startswith(name):
            feedback.setProgress(percent)
            break
    feedback.pushInfo(f"{stage:>12}  {said.get('message', '')}")


def report_finding(finding, feedback):
    """A finding with its place, evidence and way out, as an error, a warning or a remark."""
    text = finding.get("message", "")
    if finding.get("persons"):
        text += tr(" ({} persons)", " ({} personer)").format(finding["persons"])
    for evidence in finding.get("evidence") or []:
        text += f"\n  {evidence}"
    if finding.get("examples"):
        text += "\n  " + "; ".join(finding["examples"])
    if finding.get("hint"):
        text += tr("\n  hint: ", "\n  tips: ") + finding["hint"]
    severity = finding.get("severity")
    if severity == "error":
        feedback.reportError(text)
    elif severity == "warning":
        feedback.pushWarning(text)
    else:
        feedback.pushInfo(text)
