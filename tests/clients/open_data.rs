//! The dataset's descriptions: `datapackage.json` validates with the tables it describes, `dcat.jsonld` has what
//! portals demand.

use crate::demo::{demo_results, program, run, whitespot};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{collections::BTreeSet, path::Path, process::Command};

fn read_json(name: &str) -> Value {
    read_json_of(demo_results(), name)
}

fn read_json_of(results: &Path, name: &str) -> Value {
    let text = std::fs::read_to_string(results.join("public").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn files_of(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            files_of(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name);
        }
    }
}

/// That both descriptions list every file of `public/` as it is, and nothing else.
fn assert_files_are_listed(results: &Path) {
    let public = results.join("public");
    let mut present = BTreeSet::new();
    files_of(&public, "", &mut present);
    // The two descriptions do not describe themselves.
    present.remove("datapackage.json");
    present.remove("dcat.jsonld");
    let package = read_json_of(results, "datapackage.json");
    let resources = package["resources"].as_array().unwrap();
    let listed: BTreeSet<String> =
        resources.iter().map(|r| r["path"].as_str().unwrap().to_string()).collect();
    assert_eq!(listed, present);
    let graph = read_json_of(results, "dcat.jsonld")["@graph"].clone();
    let graph = graph.as_array().unwrap();
    let dataset = graph.iter().find(|n| n["@id"] == "#dataset").unwrap();
    let named = dataset["dcat:distribution"].as_array().unwrap();
    let distributions: Vec<&Value> = graph.iter().filter(|n| n["@type"] == "dcat:Distribution").collect();
    assert_eq!(named.len(), distributions.len());
    for resource in resources {
        let path = public.join(resource["path"].as_str().unwrap());
        let bytes = std::fs::read(&path).unwrap();
        let sha256: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(resource["hash"], format!("sha256:{sha256}"), "{}", path.display());
        assert_eq!(resource["bytes"], bytes.len());
        if resource["format"] == "qml" {
            continue;
        }
        let of_file =
            distributions.iter().find(|d| d["dcat:downloadURL"]["@id"] == resource["path"]).unwrap();
        assert_eq!(of_file["spdx:checksum"]["spdx:checksumValue"]["@value"], sha256, "{}", path.display());
        assert_eq!(of_file["dcat:byteSize"]["@value"], bytes.len().to_string());
        assert!(named.iter().any(|n| n["@id"] == of_file["@id"]), "{of_file}");
    }
}

#[test]
fn the_data_package_lists_every_file_with_its_checksum_and_every_column_with_its_meaning() {
    assert_files_are_listed(demo_results());
    let package = read_json("datapackage.json");
    let public = demo_results().join("public");
    let resources = package["resources"].as_array().unwrap();
    let mut n_tables = 0;
    for resource in resources {
        let path = public.join(resource["path"].as_str().unwrap());
        if resource["format"] != "csv" {
            continue;
        }
        n_tables += 1;
        let mut csv = csv::Reader::from_path(&path).unwrap();
        let header: Vec<String> = csv.headers().unwrap().iter().map(str::to_string).collect();
        let fields = resource["schema"]["fields"]
            .as_array()
            .unwrap_or_else(|| panic!("{} has no schema", path.display()));
        let names: Vec<String> = fields.iter().map(|f| f["name"].as_str().unwrap().to_string()).collect();
        assert_eq!(names, header, "{}", path.display());
        for field in fields {
            for key in ["title_sv", "title_en", "description"] {
                assert!(field[key].as_str().is_some_and(|text| !text.is_empty()), "{key} of {field}");
            }
        }
    }
    assert!(n_tables >= 5);
    let areas = resources.iter().find(|r| r["path"] == "areas.csv").unwrap();
    let unit = |name: &str| {
        let field = areas["schema"]["fields"].as_array().unwrap().iter().find(|f| f["name"] == name);
        field.unwrap()["unit"].clone()
    };
    assert_eq!(
        (unit("persons"), unit("fixed_100_gap_share"), unit("area_km2")),
        ("{person}".into(), "1".into(), "km2".into())
    );
}

#[test]
fn a_report_written_again_is_described_as_it_is_then() {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(demo_results(), folder.path());
    let before = std::fs::read(folder.path().join("public/datapackage.json")).unwrap();
    let results = folder.path().to_str().unwrap();
    // As the run wrote it: the same bytes again.
    let report = |args: &[&str]| {
        let output = whitespot(folder.path(), &[&["report", "-q", results], args].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    report(&[]);
    assert_eq!(std::fs::read(folder.path().join("public/datapackage.json")).unwrap(), before);
    report(&["--title", "Another title", "--lang", "en"]);
    assert_ne!(std::fs::read(folder.path().join("public/datapackage.json")).unwrap(), before);
    assert_files_are_listed(folder.path());
    // A file that was not there is listed too; reports elsewhere change nothing.
    std::fs::write(folder.path().join("public/report.pdf"), "%PDF").unwrap();
    report(&["--title", "A third title"]);
    assert_files_are_listed(folder.path());
    let before = std::fs::read(folder.path().join("public/dcat.jsonld")).unwrap();
    report(&["--title", "A fourth title", "--out", "elsewhere"]);
    assert_eq!(std::fs::read(folder.path().join("public/dcat.jsonld")).unwrap(), before);
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn the_data_package_and_its_tables_validate_with_frictionless() {
    let Some(frictionless) = program("WHITESPOT_FRICTIONLESS", "frictionless") else {
        println!("skipped: frictionless is absent");
        return;
    };
    let package = demo_results().join("public/datapackage.json");
    let (out, err, is_ok) = run(Command::new(frictionless).args(["validate", "--json"]).arg(&package));
    assert!(is_ok, "{out}\n{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["valid"], true, "{out}");
    let rows: u64 =
        report["tasks"].as_array().unwrap().iter().filter_map(|t| t["stats"]["rows"].as_u64()).sum();
    assert!(rows > 30, "tables were read: {rows} rows");
}

/// What DCAT-AP 3.0.1 (semiceu.github.io/DCAT-AP/releases/3.0.1, tables "mandatory") and DCAT-AP-SE 3.0.1
/// (docs.dataportal.se/dcat/3.0.1/sv) demand of each class. A checksum has both its properties (SPDX).
const MANDATORY: [(&str, &[&str]); 9] = [
    (
        "dcat:Catalog",
        // The licence is DCAT-AP-SE's.
        &["dcterms:title", "dcterms:description", "dcterms:publisher", "dcterms:license", "dcat:dataset"],
    ),
    // The publisher is DCAT-AP-SE's.
    ("dcat:Dataset", &["dcterms:title", "dcterms:description", "dcterms:publisher", "dcat:distribution"]),
    ("dcat:Distribution", &["dcat:accessURL"]),
    ("foaf:Agent", &["foaf:name"]),
    ("vcard:Organization", &["vcard:fn", "vcard:hasEmail"]),
    ("spdx:Checksum", &["spdx:algorithm", "spdx:checksumValue"]),
    ("dcterms:Location", &["dcat:bbox"]),
    ("dcterms:PeriodOfTime", &["dcat:endDate"]),
    ("dcterms:ProvenanceStatement", &["rdfs:label"]),
];

/// Every object that has a type, wherever it stands.
fn typed<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(map) => {
            if map.contains_key("@type") && !map.contains_key("@value") {
                found.push(value);
            }
            map.values().for_each(|v| typed(v, found));
        }
        Value::Array(items) => items.iter().for_each(|v| typed(v, found)),
        _ => {}
    }
}

#[test]
fn the_catalogue_has_every_property_that_dcat_ap_and_dcat_ap_se_demand() {
    let document = read_json("dcat.jsonld");
    let mut nodes = Vec::new();
    typed(&document["@graph"], &mut nodes);
    for (class, properties) in MANDATORY {
        let of_class: Vec<&&Value> = nodes.iter().filter(|n| n["@type"] == class).collect();
        assert!(!of_class.is_empty(), "no {class}");
        for node in of_class {
            for property in properties {
                assert!(!node[property].is_null(), "{class} lacks {property}: {node}");
            }
        }
    }
    // Every prefix that is used is declared, so that nothing must be fetched to read it.
    let context = document["@context"].as_object().unwrap();
    let text = document["@graph"].to_string();
    for word in text
        .split('"')
        .filter(|w| w.contains(':') && !w.contains("//") && !w.contains(' ') && !w.contains(','))
    {
        let prefix = word.split(':').next().unwrap();
        let is_known =
            context.contains_key(prefix) || ["mailto", "whitespot", "EPSG", "sha256", ""].contains(&prefix);
        assert!(is_known, "{word}");
    }
}

#[test]
fn names_within_the_catalogue_lead_to_what_is_there_and_titles_are_in_both_languages() {
    let document = read_json("dcat.jsonld");
    let graph = document["@graph"].as_array().unwrap();
    let ids: BTreeSet<&str> = graph.iter().filter_map(|n| n["@id"].as_str()).collect();
    let text = document["@graph"].to_string();
    for id in text.split("\"@id\":\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        let is_file = demo_results().join("public").join(id).is_file();
        assert!(!id.starts_with('#') || ids.contains(id), "{id} is nowhere");
        assert!(id.contains(':') || id.starts_with('#') || is_file, "{id} is no file");
    }
    let dataset = graph.iter().find(|n| n["@id"] == "#dataset").unwrap();
    for property in ["dcterms:title", "dcterms:description"] {
        let languages: BTreeSet<&str> =
            dataset[property].as_array().unwrap().iter().map(|t| t["@language"].as_str().unwrap()).collect();
        assert_eq!(languages, BTreeSet::from(["en", "sv"]));
    }
    // Lineage: each input of the run with its checksum.
    let manifest: Value =
        serde_json::from_str(&std::fs::read_to_string(demo_results().join("manifest.json")).unwrap())
            .unwrap();
    let inputs = manifest["inputs"].as_array().unwrap();
    assert_eq!(dataset["dcterms:source"].as_array().unwrap().len(), inputs.len());
    for input in inputs {
        assert!(text.contains(input["sha256"].as_str().unwrap()), "{input}");
    }
}
