//! A small world on disk, and the binary run on it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Output,
};

/// A folder with an analysis and its files.
pub(crate) struct World {
    folder: tempfile::TempDir,
}

/// Four settlements around two areas that share the border x = 700 100; persons are powers of two.
pub(crate) const SETTLEMENTS: &str = "id,E,N,persons,households\n\
    a,700050,7100050,1,1\n\
    b,700100,7100050,2,1\n\
    c,700150,7100050,4,2\n\
    d,700500,7100050,8,4\n";

pub(crate) const ANALYSIS: &str = r#"
schema = 1
crs = "EPSG:3006"
out = "out"
[settlements]
file = "settlements.csv"
crs = "EPSG:3006"
columns = { id = "id", x = "E", y = "N", persons = "persons", households = "households" }
[areas]
file = "areas.geojson"
crs = "EPSG:3006"
columns = { code = "code" }
[[coverage]]
id = "fibre"
file = "fibre.geojson"
crs = "EPSG:3006"
technology = "fibre"
operator = { field = "operator" }
download_mbps = { field = "mbps" }
status = { field = "status" }
[services]
fixed_100 = { kind = "fixed", min_download_mbps = 100, classes = true }
[outputs]
min_cell = 0 # so few households would otherwise all be withheld
"#;

/// A polygon feature.
pub(crate) fn polygon(properties: &str, ring: &[(f64, f64)]) -> String {
    let points: Vec<String> = ring.iter().chain(ring.first()).map(|(x, y)| format!("[{x},{y}]")).collect();
    format!(
        r#"{{"type":"Feature","properties":{properties},"geometry":{{"type":"Polygon","coordinates":[[{}]]}}}}"#,
        points.join(",")
    )
}

/// A rectangle.
pub(crate) fn rectangle(properties: &str, x: (f64, f64), y: (f64, f64)) -> String {
    polygon(properties, &[(x.0, y.0), (x.1, y.0), (x.1, y.1), (x.0, y.1)])
}

pub(crate) fn collection(features: &[String]) -> String {
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

impl World {
    /// Two areas, one fibre rectangle whose east edge runs through settlement `b`.
    pub(crate) fn new() -> World {
        let world = World { folder: tempfile::tempdir().unwrap() };
        let y = (7_100_000.0, 7_100_100.0);
        world.write("whitespot.toml", ANALYSIS);
        world.write("settlements.csv", SETTLEMENTS);
        let areas = [
            rectangle(r#"{"code":"02"}"#, (700_100.0, 700_200.0), y),
            rectangle(r#"{"code":"01"}"#, (700_000.0, 700_100.0), y),
        ];
        world.write("areas.geojson", &collection(&areas));
        let fibre = r#"{"operator":"one","mbps":1000,"status":"existing"}"#;
        world.write("fibre.geojson", &collection(&[rectangle(fibre, (700_000.0, 700_100.0), y)]));
        world
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    /// Replaces a piece of a file.
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path().join(name)).unwrap();
        assert!(text.contains(from), "`{from}` is not in {name}");
        self.write(name, &text.replace(from, to));
    }

    pub(crate) fn whitespot(&self, args: &[&str]) -> Output {
        whitespot(self.path(), args)
    }

    /// Runs the analysis; gives the rows of `areas.csv` by code.
    pub(crate) fn areas(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let output = self.whitespot(&["run", "--force"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        read_areas(&self.path().join("out"))
    }
}

/// Runs the binary in a folder.
pub(crate) fn whitespot(folder: &Path, args: &[&str]) -> Output {
    assert_cmd::Command::cargo_bin("whitespot")
        .unwrap()
        .current_dir(folder)
        .env_remove("WHITESPOT_CONFIG")
        .args(args)
        .output()
        .unwrap()
}

pub(crate) fn read_areas(results: &Path) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(results.join("public/areas.csv")).unwrap();
    reader
        .deserialize()
        .map(|row| row.unwrap())
        .map(|row: BTreeMap<String, String>| (row["area_code"].clone(), row))
        .collect()
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
