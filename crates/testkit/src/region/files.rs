//! A region as files, as a user would bring them.

use super::Region;
use std::fs::{File, create_dir_all};
use std::io::{BufWriter, Result, Write};
use std::path::Path;
use whitespot_model::shapes::Shapes;

/// Settlements generated at a time.
const BATCH: usize = 1 << 16;

impl Region {
    /// Writes `points.csv` (id, lon, lat, population, households, persons_65_plus), `fibre.geojson`, `mobile.geojson`,
    /// `areas.geojson` and `whitespot.toml`, an analysis of them, into `folder`. Meant for [`super::Frame::Degrees`]; other coordinates are written as they are, though
    /// GeoJSON knows degrees only.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        create_dir_all(folder)?;
        self.write_points(&folder.join("points.csv"))?;
        self.write_shapes(folder)?;
        std::fs::write(folder.join("whitespot.toml"), analysis("points.csv"))
    }

    /// Writes the files of [`Self::write`] without the points and the analysis.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_shapes(&self, folder: &Path) -> Result<()> {
        create_dir_all(folder)?;
        self.write_layers(&folder.join("fibre.geojson"), 0..1)?;
        self.write_layers(&folder.join("mobile.geojson"), 1..self.layers.len())?;
        self.write_areas(&folder.join("areas.geojson"))
    }

    fn write_points(&self, file: &Path) -> Result<()> {
        let mut out = BufWriter::new(File::create(file)?);
        writeln!(out, "id,lon,lat,population,households,persons_65_plus")?;
        let mut first = 0;
        while first < self.size.n_settlements {
            let batch = self.settlements(first, BATCH);
            for (i, p) in batch.points.iter().enumerate() {
                let households = batch.households.as_ref().map_or(0, |h| h[i]);
                let (id, persons) = (first + i as u64, batch.persons[i]);
                let aged = persons_65_plus(id, persons);
                writeln!(out, "{id},{},{},{persons},{households},{aged}", p.x, p.y)?;
            }
            first += batch.len() as u64;
        }
        out.flush()
    }

    fn write_layers(&self, file: &Path, layers: std::ops::Range<usize>) -> Result<()> {
        let mut out = BufWriter::new(File::create(file)?);
        begin(&mut out)?;
        let mut comma = "";
        for layer in &self.layers[layers] {
            for (f, offer) in layer.feature_offers.iter().enumerate() {
                let o = &layer.offers[*offer as usize];
                write!(
                    out,
                    "{comma}\n{{\"type\":\"Feature\",\"properties\":{{\"technology\":\"{}\",\"operator\":\"{}\",\
                     \"download_mbps\":{}}},\"geometry\":",
                    o.technology.name(),
                    o.operator,
                    o.download_mbps.unwrap_or(0.0),
                )?;
                write_geometry(&mut out, &layer.shapes, f)?;
                write!(out, "}}")?;
                comma = ",";
            }
        }
        end(&mut out)
    }

    fn write_areas(&self, file: &Path) -> Result<()> {
        let mut out = BufWriter::new(File::create(file)?);
        begin(&mut out)?;
        for f in 0..self.areas.len() {
            let comma = if f == 0 { "" } else { "," };
            let parent = self.areas.parent_of[f].map_or("", |p| self.areas.parents[p as usize].code.as_str());
            write!(
                out,
                "{comma}\n{{\"type\":\"Feature\",\"properties\":{{\"level\":\"subarea\",\"code\":\"{}\",\
                 \"name\":\"{}\",\"municipality\":\"{parent}\"}},\"geometry\":",
                self.areas.codes[f], self.areas.names[f],
            )?;
            write_geometry(&mut out, &self.areas.shapes, f)?;
            write!(out, "}}")?;
        }
        end(&mut out)
    }
}

/// How many of the persons of a settlement are 65 or older.
pub fn persons_65_plus(settlement: u64, persons: u32) -> u32 {
    persons.min((settlement % 5) as u32 / 3)
}

/// The analysis file of the benchmark, over points in this file.
pub fn analysis(points: &str) -> String {
    ANALYSIS.replace("points.parquet", points)
}

const ANALYSIS: &str = r#"schema = 1
title  = "Benchmark region"
crs    = "EPSG:3006"
out    = "results"

[settlements]
file    = "points.parquet"
crs     = "EPSG:4326"
columns = { id = "id", x = "lon", y = "lat", persons = "population", households = "households" }
extra   = ["persons_65_plus"]

[areas]
file    = "areas.geojson"
where   = { level = "subarea" }
columns = { code = "code", name = "name", parent = "municipality" }

[[coverage]]
id            = "fixed"
file          = "fibre.geojson"
kind          = "fixed"
technology    = { field = "technology" }
operator      = { field = "operator" }
download_mbps = { field = "download_mbps" }
status        = "existing"
basis         = "passed"
reach_m       = 0

[[coverage]]
id         = "mobile"
file       = "mobile.geojson"
kind       = "mobile"
technology = { field = "technology" }
operator   = { field = "operator" }

[services]
fixed_100 = { kind = "fixed", min_download_mbps = 100, classes = true }
fixed_any = { kind = "fixed", classes = true }
mobile_4g = { technology = ["4g"], by_operators = 4 }
mobile_5g = { technology = ["5g"], by_operators = 4 }
either    = { any_of = ["fixed_100", "mobile_5g"] }

[outputs]
settlements = false
"#;

fn begin(out: &mut impl Write) -> Result<()> {
    write!(out, "{{\"type\":\"FeatureCollection\",\"features\":[")
}

fn end(out: &mut impl Write) -> Result<()> {
    writeln!(out, "\n]}}")?;
    out.flush()
}

fn write_geometry(out: &mut impl Write, shapes: &Shapes, f: usize) -> Result<()> {
    write!(out, "{{\"type\":\"MultiPolygon\",\"coordinates\":[")?;
    for (k, p) in shapes.parts_of(f).enumerate() {
        write!(out, "{}[", if k == 0 { "" } else { "," })?;
        for (l, r) in shapes.rings_of(p).enumerate() {
            write!(out, "{}[", if l == 0 { "" } else { "," })?;
            for (m, c) in shapes.ring(r).iter().enumerate() {
                write!(out, "{}[{},{}]", if m == 0 { "" } else { "," }, c.x, c.y)?;
            }
            write!(out, "]")?;
        }
        write!(out, "]")?;
    }
    write!(out, "]}}")
}
