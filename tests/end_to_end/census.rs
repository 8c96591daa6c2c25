//! Real people: the census grid of 2021 in every form it is published in gives the same sums.
//!
//! The grid may not be copied into the project; where it is absent the tests say so and end.

use crate::world::{read_areas, root, whitespot};
use std::{collections::BTreeMap, path::PathBuf};

const TOTAL: u64 = 274_450;
const OUTSIDE: u64 = 5_059;

/// Forms of the grid: file, CRS and columns as an analysis file names them.
const FORMS: [(&str, &str); 4] = [
    (
        "csv_lon_lat",
        "file = \"[grid]/vasterbotten_census2021_1km.csv\"\ncrs = \"EPSG:4326\"\n\
         columns = { id = \"grd_id\", x = \"lon\", y = \"lat\", persons = \"T\" }",
    ),
    (
        "csv_laea",
        "file = \"[grid]/vasterbotten_census2021_1km.csv\"\ncrs = \"EPSG:3035\"\n\
         columns = { id = \"grd_id\", x = \"x3035\", y = \"y3035\", persons = \"T\" }",
    ),
    (
        "geoparquet",
        "file = \"[grid]/vasterbotten_census2021_1km_points.parquet\"\n\
         columns = { id = \"grd_id\", persons = \"T\" }",
    ),
    (
        "geopackage_squares",
        "file = \"[grid]/vasterbotten_census2021_1km_cells_epsg3035.gpkg\"\nlayer = \"cells\"\n\
         columns = { id = \"grd_id\", persons = \"T\" }",
    ),
];

/// A cell off the coast (4 persons) that is 17 cm nearer to Nordmaling (2401) than to Umeå (2480) in SWEREF 99 TM. The
/// file, which measured 1.2 km in another projection, names Umeå.
const ABOUT_EQUALLY_NEAR: &str = "CRS3035RES1000mN4526000E4807000";

fn grid() -> Option<PathBuf> {
    let folder = root().join("../shared/data/test-only/geostat-1km-vasterbotten");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: ../shared/data/test-only/geostat-1km-vasterbotten is absent");
    None
}

/// Persons by municipality as a run of one form of the grid gives them.
fn persons_by_area(grid: &std::path::Path, form: &str, snap_m: u32) -> BTreeMap<String, u64> {
    let folder = tempfile::tempdir().unwrap();
    let demo = root().join("data/vasterbotten");
    let settlements = form.replace("[grid]", grid.to_str().unwrap());
    let analysis = format!(
        "schema = 1\ncrs = \"EPSG:3006\"\nout = \"out\"\n[settlements]\n{settlements}\n\
         [areas]\nfile = \"{}/municipalities.geojson\"\nsnap_m = {snap_m}\n\
         columns = {{ code = \"kommun_kod\", name = \"kommun\" }}\n[outputs]\nsettlements = false\nformats = [\"csv\"]\n",
        demo.display()
    );
    std::fs::write(folder.path().join("whitespot.toml"), analysis).unwrap();
    let output = whitespot(folder.path(), &["run", "-q"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let areas = read_areas(&folder.path().join("out"));
    areas.into_iter().map(|(code, row)| (code, row["persons"].parse().unwrap())).collect()
}

#[test]
fn the_census_grid_gives_the_same_sums_in_every_form() {
    let Some(grid) = grid() else { return };
    let mut first: Option<BTreeMap<String, u64>> = None;
    for (name, form) in FORMS {
        let persons = persons_by_area(&grid, form, 0);
        assert_eq!(persons.values().sum::<u64>(), TOTAL, "{name}");
        assert_eq!(persons[""], OUTSIDE, "{name}");
        assert_eq!(persons.len(), 16, "{name}: 15 municipalities and what lies outside");
        match &first {
            None => first = Some(persons),
            Some(first) => assert_eq!(&persons, first, "{name}"),
        }
    }
}

#[test]
fn snapping_gives_coastal_cells_to_the_municipality_the_census_names() {
    let Some(grid) = grid() else { return };
    let mut reader = csv::Reader::from_path(grid.join("vasterbotten_census2021_1km.csv")).unwrap();
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(|row| row.unwrap()).collect();
    for snap_m in [1_000, 8_000, 20_000] {
        let mut expected: BTreeMap<String, u64> = BTreeMap::new();
        let mut borderline = 0;
        for row in &rows {
            let persons: u64 = row["T"].parse().unwrap();
            let distance_m: f64 =
                if row["how_area"] == "within" { 0.0 } else { row["dist_m"].parse().unwrap() };
            // The file's distances were measured in another projection and rounded to the metre or ten.
            if distance_m > 0.0 && (distance_m - f64::from(snap_m)).abs() < f64::from(snap_m) * 0.002 {
                borderline += persons;
            }
            let named = if row["grd_id"] == ABOUT_EQUALLY_NEAR { "2401" } else { row["kommun_kod"].as_str() };
            let code = if distance_m <= f64::from(snap_m) { named.to_string() } else { String::new() };
            *expected.entry(code).or_default() += persons;
        }
        for (name, form) in FORMS {
            let persons = persons_by_area(&grid, form, snap_m);
            assert_eq!(persons.values().sum::<u64>(), TOTAL, "{name}");
            for (code, expected) in &expected {
                let found = persons.get(code).copied().unwrap_or(0);
                assert!(
                    found.abs_diff(*expected) <= borderline,
                    "{name}, {snap_m} m, `{code}`: {found} instead of {expected} ± {borderline}"
                );
            }
        }
    }
}
