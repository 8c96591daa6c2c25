//! From files of any format to settlements, coverage layers and areas, with findings.
