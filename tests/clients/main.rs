//! Files opened by the programs people use: GDAL and QGIS. Each test says `skipped: …` where its program is absent.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod demo;
mod gdal;
mod oapif;
mod open_data;
mod plugin;
mod postgis;
mod postgres;
mod qgis;
