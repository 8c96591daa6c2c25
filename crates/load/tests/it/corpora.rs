//! Verdicts on the format corpora kept beside the checkout: every file is valid, repaired or refused, and why.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};
use whitespot_load::coverage::read_layer;
use whitespot_model::config::CoverageConfig;
use whitespot_spatial::validity;

/// The corpora, where they are.
pub(crate) fn folder() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/test-only/formats");
    path.is_dir().then_some(path)
}

/// All files below a folder, in order.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What the loader makes of a file as a coverage layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Valid,
    Repaired,
    Refused,
}

/// The verdict with its reasons: codes of findings and kinds of invalid polygons.
fn verdict(path: &Path, layer: Option<&str>) -> (Verdict, String) {
    // GeoJSON tells its CRS, or has that of the standard.
    let is_geojson = path.extension().is_some_and(|e| e == "geojson" || e == "json");
    let config: CoverageConfig = toml::from_str(&format!(
        "id = \"c\"\nfile = '''{}'''\n{}\n{}",
        path.display(),
        if is_geojson { "" } else { "crs = \"EPSG:4326\"" },
        layer.map_or(String::new(), |l| format!("layer = '''{l}'''"))
    ))
    .unwrap();
    match read_layer(&config, Path::new("/"), None) {
        Err(failure) => {
            assert!(failure.iter().all(|f| f.message.len() > 10), "{failure:?}");
            let file = path.display().to_string();
            (Verdict::Refused, failure[0].message.replace(&file, "FILE"))
        }
        Ok(loaded) => {
            assert!(loaded.provenance.rows.is_balanced(), "{}: {:?}", path.display(), loaded.provenance.rows);
            // Files of other projects lie anywhere, and a feature without a geometry is a valid one.
            const HARMLESS: [&str; 5] =
                ["outside_crs_area", "null_island", "no_rows", "empty_geometry", "crs_accuracy"];
            let mut reasons: Vec<String> = loaded
                .findings
                .iter()
                .filter(|f| !HARMLESS.contains(&f.code.as_str()))
                .map(|f| f.code.clone())
                .collect();
            let mut kinds: Vec<String> =
                validity::check(&loaded.value.layer.shapes).iter().map(|p| format!("{:?}", p.kind)).collect();
            kinds.sort();
            kinds.dedup();
            reasons.extend(kinds);
            let rows = loaded.provenance.rows;
            let all_rejected = rows.read > 0 && rows.rejected == rows.read;
            let verdict = match (reasons.is_empty(), all_rejected) {
                (true, _) => Verdict::Valid,
                (false, true) => Verdict::Refused,
                (false, false) => Verdict::Repaired,
            };
            (verdict, reasons.join(", "))
        }
    }
}

fn layers(path: &Path) -> Vec<Option<String>> {
    match whitespot_io::layers(path) {
        Ok(layers) if layers.len() > 1 => layers.into_iter().map(Some).collect(),
        _ => vec![None],
    }
}

#[test]
fn every_file_of_the_corpora_has_the_verdict_on_record() {
    let Some(corpora) = folder() else {
        println!("skipped: the format corpora are not here");
        return;
    };
    let mut found = String::new();
    let mut n_files = 0;
    for path in files_below(&corpora) {
        let name = path.strip_prefix(&corpora).unwrap().display().to_string();
        let is_companion = ["md", "dbf", "shx", "prj", "cpg", "csv", "sql", "txt"]
            .iter()
            .any(|e| path.extension().is_some_and(|x| x.eq_ignore_ascii_case(e)));
        if is_companion || name.ends_with("LICENSE") {
            continue;
        }
        n_files += 1;
        for layer in layers(&path) {
            let (verdict, why) = verdict(&path, layer.as_deref());
            let layer = layer.map_or(String::new(), |l| format!(" [{l}]"));
            let _ = writeln!(
                found,
                "{name}{layer}: {verdict:?}{}{}",
                if why.is_empty() { "" } else { ": " },
                why.lines().next().unwrap_or("")
            );
        }
    }
    assert!(n_files > 250, "{n_files}");
    let record = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/verdicts.txt");
    if std::env::var_os("WHITESPOT_UPDATE").is_some() {
        std::fs::write(&record, &found).unwrap();
    }
    let Ok(expected) = std::fs::read_to_string(&record) else {
        println!("skipped: no verdicts on record; WHITESPOT_UPDATE=1 writes them");
        return;
    };
    let (expected, found): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let differing: Vec<String> = found
        .iter()
        .zip(expected.iter().chain(std::iter::repeat(&"(nothing on record)")))
        .filter(|(f, e)| f != e)
        .map(|(f, e)| format!("now    {f}\nrecord {e}"))
        .collect();
    assert!(differing.is_empty() && found.len() == expected.len(), "{}", differing.join("\n"));
}

#[test]
fn geojson_verdicts_agree_with_the_names_of_the_folders() {
    let Some(corpora) = folder() else {
        println!("skipped: the format corpora are not here");
        return;
    };
    let mut wrong = BTreeMap::new();
    for path in files_below(&corpora) {
        let name = path.strip_prefix(&corpora).unwrap().display().to_string();
        let is_good = name.contains("geojsonhint/good") || name.contains("geojson-invalid-geometry/valid");
        let is_bad = name.contains("geojsonhint/bad") || name.contains("geojson-invalid-geometry/invalid_");
        if !(is_good || is_bad) || !name.ends_with(".geojson") {
            continue;
        }
        let (verdict, why) = verdict(&path, None);
        if is_good != (verdict == Verdict::Valid) {
            wrong.insert(name, format!("{verdict:?} {why}"));
        }
    }
    let told: Vec<&str> = DIFFERENT.iter().map(|(name, _)| *name).collect();
    let found: Vec<&str> = wrong.keys().map(String::as_str).collect();
    assert_eq!(found, told, "{wrong:#?}");
}

/// Files whose verdict differs from their folder's name, and why that is right here.
const DIFFERENT: [(&str, &str); 20] = [
    ("geojson-invalid-geometry/invalid_structure/invalid_feature_id_type.geojson", IGNORED),
    (
        "geojson-invalid-geometry/invalid_structure/invalid_feature_no_properties.geojson",
        "the same as no properties",
    ),
    (
        "geojson-invalid-geometry/invalid_structure/invalid_feature_wrong_geometry_key.geojson",
        "no geometry: the feature is rejected with a finding",
    ),
    ("geojson-invalid-geometry/invalid_structure/invalid_geometry_bbox_not4or6.geojson", IGNORED),
    ("geojson-invalid-geometry/invalid_structure/invalid_geometry_bbox_not_list.geojson", IGNORED),
    ("geojson-invalid-geometry/invalid_structure/invalid_geometry_bbox_not_numbers.geojson", IGNORED),
    (
        "geojson-invalid-geometry/invalid_structure/invalid_geometry_geometrycollection_null_geometry.geojson",
        "no geometry: the feature is rejected with a finding",
    ),
    (
        "geojsonhint/bad/bad-duplicate-properties.geojson",
        "read as a feature without a geometry, which is rejected with a finding",
    ),
    ("geojsonhint/bad/badfeatureid.geojson", IGNORED),
    ("geojsonhint/bad/bbox-4or6elements.geojson", IGNORED),
    ("geojsonhint/bad/bbox-contains-string.geojson", IGNORED),
    ("geojsonhint/bad/bbox-string.geojson", IGNORED),
    ("geojsonhint/bad/excessive_precision_truncated.geojson", "more digits than needed are no fault"),
    ("geojsonhint/bad/feature_changed_semantics.geojson", IGNORED),
    ("geojsonhint/bad/featurecollection_changed_semantics.geojson", IGNORED),
    ("geojsonhint/bad/geometry_changed_semantics.geojson", IGNORED),
    (
        "geojsonhint/bad/geometrycollection_nested.geojson",
        "the standard only advises against it, and it is read",
    ),
    (
        "geojsonhint/bad/geometrycollection_single.geojson",
        "the standard only advises against it, and it is read",
    ),
    (
        "geojsonhint/bad/point-toomany.geojson",
        "further numbers of a position are passed over, as the standard says",
    ),
    ("geojsonhint/good/issue82.geojson", "a latitude of -107 is no place on earth"),
];

/// `bbox`, `id` and members that mean nothing in a feature are passed over unread: nothing depends on them.
const IGNORED: &str = "a member that nothing is read from";
