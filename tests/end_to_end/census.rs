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

#[test]
fn people_without_fibre_are_clustered_ranked_and_priced_in_a_sane_range() {
    let Some(grid) = grid() else { return };
    let folder = tempfile::tempdir().unwrap();
    // The grid tells persons only: 2.1 of them a household, as in docs/clusters.md.
    let mut reader = csv::Reader::from_path(grid.join("vasterbotten_census2021_1km.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|h| h == name).unwrap();
    let mut text = "id,lon,lat,persons,households\n".to_string();
    for row in reader.records() {
        let row = row.unwrap();
        let persons: f64 = row[at("T")].parse().unwrap();
        let households = (persons / 2.1).round().max(1.0);
        text += &format!(
            "{},{},{},{persons},{households}\n",
            &row[at("grd_id")],
            &row[at("lon")],
            &row[at("lat")]
        );
    }
    std::fs::write(folder.path().join("grid.csv"), text).unwrap();
    let demo = root().join("data/vasterbotten");
    let demo = demo.display();
    let analysis = format!(
        "schema = 1\ncrs = \"EPSG:3006\"\nout = \"out\"\n[settlements]\nfile = \"grid.csv\"\ncrs = \"EPSG:4326\"\n\
         columns = {{ id = \"id\", x = \"lon\", y = \"lat\", persons = \"persons\", households = \"households\" }}\n\
         [areas]\nfile = \"{demo}/municipalities.geojson\"\nsnap_m = 8000\n\
         columns = {{ code = \"kommun_kod\", name = \"kommun\" }}\n\
         [[coverage]]\nid = \"fibre\"\nfile = \"{demo}/fibre.geojson\"\nkind = \"fixed\"\nreach_m = 707\n\
         technology = {{ field = \"technology\" }}\noperator = {{ field = \"operator\" }}\n\
         download_mbps = {{ field = \"download_mbps\" }}\nstatus = {{ field = \"status\" }}\n\
         [services]\nfixed_100 = {{ kind = \"fixed\", min_download_mbps = 100 }}\n\
         [need]\nindicators = [{{ id = \"gap\", derive = {{ gap_share = \"fixed_100\" }}, weight = 0.6 }},\n\
         {{ id = \"distance\", derive = {{ distance_median_m = \"fixed_100\" }}, weight = 0.4 }}]\n\
         [clusters]\nservice = \"fixed_100\"\nlink_m = 1500\n\
         [cost.fixed_100]\ntier = 2\nbase_per_household = 25000\nper_metre_to_reached = 180\ndetour = 1.3\n\
         [outputs]\nmin_cell = 0\nformats = [\"csv\"]\n"
    );
    std::fs::write(folder.path().join("whitespot.toml"), analysis).unwrap();
    let output = whitespot(folder.path(), &["run", "-q"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |name: &str| -> Vec<BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_path(folder.path().join("out/public").join(name)).unwrap();
        reader.deserialize().map(|row| row.unwrap()).collect()
    };
    let clusters = read("clusters.csv");
    let number = |row: &BTreeMap<String, String>, column: &str| row[column].parse::<f64>().unwrap();
    let sum = |rows: &[BTreeMap<String, String>], column: &str| -> f64 {
        rows.iter().map(|row| number(row, column)).sum()
    };
    // Whoever lacks the service is in exactly one cluster, on an island or not.
    assert_eq!(sum(&clusters, "persons"), sum(&read("areas.csv"), "fixed_100_gap_persons"));
    let mut ranks: Vec<u32> = clusters.iter().map(|row| row["rank"].parse().unwrap()).collect();
    ranks.sort_unstable();
    assert_eq!(ranks, (1..=clusters.len() as u32).collect::<Vec<_>>());
    // What a household costs, by households: state support in 2023 averaged 77,000 SEK a building.
    let mut prices: Vec<(f64, f64)> = clusters
        .iter()
        .map(|row| (number(row, "cost_sek") / number(row, "households"), number(row, "households")))
        .collect();
    prices.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = sum(&clusters, "households") / 2.0;
    let mut passed = 0.0;
    let median = prices.iter().find(|(_, households)| {
        passed += households;
        passed >= half
    });
    let median = median.unwrap().0;
    println!("{} clusters of {} persons, median {median:.0} SEK", clusters.len(), sum(&clusters, "persons"));
    assert!((25_000.0..150_000.0).contains(&median), "{median}");
    assert!(prices[0].0 >= 25_000.0, "nobody is cheaper than the price of a household");
}
