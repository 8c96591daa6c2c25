"""Texts in the language of QGIS: Swedish where QGIS is Swedish, English everywhere else."""

from qgis.PyQt.QtCore import QLocale, QSettings


def is_swedish():
    locale = QSettings().value("locale/userLocale", "") or QLocale.system().name()
    return str(locale).lower().startswith("sv")


def tr(en, sv):
    return sv if is_swedish() else en
