//! WKT 1, ESRI's WKT, WKT 2 and PROJJSON of the shipped CRSs, as PROJ writes them (`data/make_crs_texts.py`).

#![allow(clippy::unwrap_used)]

use whitespot_model::crs::CrsDeclaration;
use whitespot_spatial::crs::{Crs, CrsError};

struct Text {
    code: &'static str,
    flavour: &'static str,
    text: &'static str,
}

fn texts() -> impl Iterator<Item = Text> {
    include_str!("data/crs_texts.tsv").lines().map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        Text { code: fields[0], flavour: fields[1], text: fields[2] }
    })
}

fn resolve(flavour: &str, text: &str) -> Result<Crs, CrsError> {
    let text = text.to_string();
    Crs::resolve(&match flavour {
        "projjson" => CrsDeclaration::ProjJson(text),
        _ => CrsDeclaration::Wkt(text),
    })
}

/// The text without any authority code, so that only names and numbers are left to go by.
fn without_codes(flavour: &str, text: &str) -> String {
    if flavour == "projjson" {
        let mut value: serde_json::Value = serde_json::from_str(text).unwrap();
        strip_ids(&mut value);
        return value.to_string();
    }
    let mut text = text.to_string();
    for keyword in [",AUTHORITY[", ",ID["] {
        while let Some(start) = text.find(keyword) {
            let end = start + text[start..].find(']').unwrap();
            text.replace_range(start..=end, "");
        }
    }
    text
}

fn strip_ids(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            map.remove("id");
            map.values_mut().for_each(strip_ids);
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(strip_ids),
        _ => {}
    }
}

#[test]
fn every_flavour_with_its_code_resolves_to_that_code() {
    for Text { code, flavour, text } in texts().filter(|t| t.flavour != "esri") {
        let crs = resolve(flavour, text).unwrap_or_else(|e| panic!("{code} {flavour}: {e}"));
        assert_eq!(crs.code(), code, "{flavour}");
    }
}

#[test]
fn every_flavour_without_its_code_resolves_to_an_equal_crs_by_its_parameters() {
    for Text { code, flavour, text } in texts() {
        let bare = without_codes(flavour, text);
        assert!(!bare.contains("AUTHORITY") && !bare.contains(",ID["));
        let crs = resolve(flavour, &bare).unwrap_or_else(|e| panic!("{code} {flavour}: {e}"));
        assert_eq!(crs, Crs::from_code(code).unwrap(), "{flavour} {bare}");
    }
}

#[test]
fn the_wkt_we_write_is_the_one_gdal_writes() {
    // ESRI:54009 is ESRI's own and PROJ leaves the codes of its parts out.
    for Text { code, text, .. } in texts().filter(|t| t.flavour == "wkt1" && t.code != "ESRI:54009") {
        // EPSG has since dropped 25838, which the name then says.
        assert_eq!(Crs::from_code(code).unwrap().wkt(), text.replace(" (deprecated)", ""));
    }
}

#[test]
fn the_wkt_of_every_shipped_code_reads_back_as_that_code() {
    for code in Crs::codes() {
        let crs = Crs::from_code(&code).unwrap();
        assert_eq!(resolve("wkt1", &crs.wkt()).unwrap().code(), code);
        assert_eq!(resolve("wkt1", &without_codes("wkt1", &crs.wkt())).unwrap(), crs);
    }
}
