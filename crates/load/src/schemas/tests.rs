//! Every mapping that ships, on small files in the shape of its source.

use super::*;
use crate::{
    coverage::{LoadedLayer, read_layer},
    settlements::{SettlementReader, Wanted},
};
use whitespot_model::{coverage::Technology, provenance::Loaded};

/// A folder with one file, and the analysis that names it.
struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn new(name: &str, content: &str) -> Case {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), content).unwrap();
        Case { folder }
    }

    fn resolve(&self, sections: &str) -> Analysis {
        let text = format!("schema = 1\ncrs = \"EPSG:3035\"\n{sections}");
        let analysis: Analysis = toml::from_str(&text).unwrap();
        resolve(&analysis, self.folder.path()).unwrap()
    }

    fn settlements(&self, file: &str, schema: &str, more: &str) -> (Analysis, Vec<(f64, f64, u32)>, u64) {
        let analysis = self.resolve(&format!(
            "[settlements]\nfile = \"{file}\"\nschema = \"{schema}\"\n{more}\n[areas]\ngrid_m = 1000\n"
        ));
        let mut reader =
            SettlementReader::open(&analysis.settlements, self.folder.path(), None, &Wanted::default())
                .unwrap();
        let mut rows = Vec::new();
        while let Some(batch) = reader.next_batch(10).unwrap() {
            rows.extend(batch.points.iter().zip(&batch.persons).map(|(c, p)| (c.x, c.y, *p)));
        }
        let (_, provenance, _) = reader.finish().unwrap();
        assert!(provenance.rows.is_balanced());
        (analysis.clone(), rows, provenance.rows.rejected)
    }

    fn layer(&self, file: &str, schema: &str, more: &str) -> Loaded<LoadedLayer> {
        let analysis = self.resolve(&format!(
            "[settlements]\nfile = \"x\"\n[areas]\ngrid_m = 1000\n[[coverage]]\nid = \"c\"\nfile = \"{file}\"\nschema = \"{schema}\"\n{more}\n"
        ));
        read_layer(&analysis.coverage[0], self.folder.path(), None).unwrap()
    }
}

#[test]
fn every_mapping_that_ships_is_one_and_says_where_it_is_from() {
    for name in shipped() {
        let file = find(name, Path::new("."), "test").unwrap();
        assert_eq!(file.schema, 1, "{name}");
        assert!(!file.title.is_empty() && !file.publisher.is_empty() && !file.verified.is_empty(), "{name}");
        let uses = [
            file.settlements.is_some(),
            file.areas.is_some(),
            file.coverage.is_some(),
            file.statistics.is_some(),
        ];
        assert!(uses.contains(&true), "{name}");
    }
    let mut names: Vec<&str> = shipped().collect();
    names.sort_unstable();
    assert!(names.iter().zip(shipped()).all(|(a, b)| *a == b), "in alphabetical order");
}

#[test]
fn scb_cells_count_the_total_and_not_the_sum_of_the_sexes() {
    let case = Case::new(
        "rutor.csv",
        "id,rutid_scb,rutid_inspire,kvinna,man,beftotalt\n1,7580007088000,1kmN7088E758,3,4,8\n2,7590007088000,1kmN7088E759,0,0,3\n",
    );
    let (analysis, rows, _) = case.settlements("rutor.csv", "scb-grid-1km", "");
    assert_eq!(rows, [(758_500.0, 7_088_500.0, 8), (759_500.0, 7_088_500.0, 3)]);
    assert_eq!(analysis.settlements.parts, ["kvinna", "man"], "to say where they do not add up");
    assert_eq!(analysis.settlements.columns.persons.as_deref(), Some("beftotalt"));
    assert_eq!(analysis.settlements.source.unwrap().name.as_deref(), Some("Statistics Sweden (SCB)"));
}

#[test]
fn geostat_ids_tell_the_place_in_long_and_compact_form() {
    for (file, text) in [
        (
            "2021.csv",
            "GRD_ID,OBS_VALUE_T\nCRS3035RES1000mN4500000E4700000,7\nCRS3035RES1000mN4500000E4701000,5\n",
        ),
        ("2011.csv", "GRD_ID;TOT_P;YEAR\n1kmN4500E4700;7;2011\n1kmN4500E4701;5;2011\n"),
    ] {
        let (_, rows, _) = Case::new(file, text).settlements(file, "eu-geostat-1km", "");
        assert_eq!(rows, [(4_700_500.0, 4_500_500.0, 7), (4_701_500.0, 4_500_500.0, 5)], "{file}");
    }
}

#[test]
fn a_row_without_a_code_of_a_cell_is_rejected_and_counted() {
    let case = Case::new("g.csv", "GRD_ID,T\n1kmN4500E4700,7\nunallocated,5\n");
    let (_, rows, n_rejected) = case.settlements("g.csv", "eu-geostat-1km", "");
    assert_eq!((rows.len(), n_rejected), (1, 1));
}

#[test]
fn norwegian_cells_are_of_250_m_unless_the_analysis_says_otherwise() {
    let case = Case::new("ssb.csv", "SSBID250M;pop_tot\n22620006646000;9\n");
    let (_, rows, _) = case.settlements("ssb.csv", "no-ssb-grid", "");
    assert_eq!(rows, [(262_125.0, 6_646_125.0, 9)]);
    let (_, rows, _) = case.settlements("ssb.csv", "no-ssb-grid", "cell_m = 1000");
    assert_eq!(rows, [(262_500.0, 6_646_500.0, 9)]);
}

#[test]
fn what_the_analysis_file_says_wins_over_the_mapping() {
    let case = Case::new("g.csv", "GRD_ID,T,TOT_P\n1kmN4500E4700,7,70\n");
    let (_, rows, _) = case.settlements("g.csv", "eu-geostat-1km", "columns = { persons = \"T\" }");
    assert_eq!(rows[0].2, 7);
}

const FCC: &str = "frn,provider_id,brand_name,location_id,technology,max_advertised_download_speed,max_advertised_upload_speed,low_latency,business_residential_code,state_usps,block_geoid,h3_res8_id\n\
    1,130077,Alpha,1000000001,50,1000,1000,1,R,MT,300010001001000,8\n\
    1,130077,Alpha,1000000001,10,10,1,1,R,MT,300010001001000,8\n\
    2,130078,Beta,1000000001,71,100,20,1,X,MT,300010001001000,8\n\
    2,130078,Beta,1000000002,50,0,0,1,R,MT,300010001001000,8\n\
    2,130078,Beta,1000000003,40,300,10,1,B,MT,300010001001000,8\n";

#[test]
fn fcc_rows_are_many_a_location_and_a_speed_of_0_is_not_offered() {
    let case = Case::new("bdc.csv", FCC);
    let layer = case.layer("bdc.csv", "us-fcc-bdc", "");
    let keys: Vec<&str> = layer.value.layer.keyed.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(keys, ["1000000001", "1000000001", "1000000001", "1000000003"]);
    let technologies: Vec<Technology> = layer.value.layer.offers.iter().map(|o| o.technology).collect();
    assert_eq!(technologies, [Technology::Fibre, Technology::Adsl, Technology::Fwa, Technology::Cable]);
    assert!(layer.findings.iter().any(|f| f.code == "not_offered" && f.count == 1));
    assert!(layer.provenance.rows.is_balanced());
    let residential =
        case.layer("bdc.csv", "us-fcc-bdc", "where = { business_residential_code = [\"R\", \"X\"] }");
    assert_eq!((residential.value.layer.keyed.len(), residential.provenance.rows.left_out), (3, 1));
}

#[test]
fn bduk_premises_are_known_with_and_without_the_prefix_and_plans_stay_plans() {
    let case = Case::new(
        "b.csv",
        "uprn,struprn,bduk_recognised_premises,current_gigabit,future_gigabit,subsidy_control_status\n\
         100012,str100012,true,true,true,Gigabit Grey/Black\n100013,str100013,true,false,TRUE,Gigabit White\n100014,str100014,true,false,,Gigabit White\n",
    );
    let layer = case.layer("b.csv", "gb-bduk-premises", "").value.layer;
    let of = |status| {
        let keyed = layer.keyed.iter().filter(|(_, o)| layer.offers[*o as usize].status == status);
        keyed.map(|(id, _)| id.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(of(whitespot_model::coverage::Status::Existing), ["str100012", "100012"]);
    assert_eq!(
        of(whitespot_model::coverage::Status::Planned),
        ["str100012", "100012", "str100013", "100013"]
    );
    assert!(layer.offers.iter().all(|o| o.download_mbps == Some(1000.0)));
}

#[test]
fn ofcom_headers_drift_and_the_mapping_follows() {
    for text in [
        "\u{feff}laua,laua_name,SFBB availability (% premises),UFBB (100Mbit/s) availability (% premises),UFBB availability (% premises),Gigabit availability (% premises)\nE06000001,Hartlepool,99.0,95,90,40\nE06000002,Middlesbrough,99,98,97,96\n",
        "Local_Authority_Code,SFBB Availability (% premises),UFBB (100Mbit/s)  availability (% premises),UFBB (300Mbit/s) availability (% premises),Gigabit availability\nE06000001,99.0,95,90,40\nE06000002,99,98,97,96\n",
    ] {
        let layer = Case::new("o.csv", text).layer("o.csv", "gb-ofcom", "");
        let speeds: Vec<_> = layer
            .value
            .area_keyed
            .iter()
            .map(|(code, o)| (code.as_str(), layer.value.layer.offers[*o as usize].download_mbps.unwrap()))
            .collect();
        assert_eq!(speeds, [("E06000001", 300.0), ("E06000002", 1000.0)]);
    }
}

#[test]
fn ofcom_values_are_statistics_by_name() {
    let case = Case::new("o.csv", "laua,Gigabit availability (% premises)\nE06000001,40\n");
    let analysis = case.resolve(
        "[settlements]\nfile = \"x\"\n[areas]\ngrid_m = 1000\n[need]\n[[need.indicators]]\nid = \"gigabit\"\nfile = \"o.csv\"\nschema = \"gb-ofcom\"\n",
    );
    let columns = analysis.need.unwrap().indicators[0].columns.clone().unwrap();
    assert_eq!(
        (columns.code.as_str(), columns.value.as_str()),
        ("laua", "Gigabit availability (% premises)")
    );
}

#[test]
fn the_breitbandatlas_has_a_ladder_of_speeds_a_technology_that_may_not_rise() {
    let mut header = "id".to_string();
    let mut rows =
        ["100mN30000E43000".to_string(), "100mN30000E43001".to_string(), "100mN30000E43002".to_string()];
    for (technology, shares) in [
        ("ftthb", [[100, 60, 0], [0, 0, 0], [10, 90, 0]]),
        ("hfc", [[100, 100, 100], [0, 0, 0], [0, 0, 0]]),
        ("fttc", [[80, 40, 0], [0, 0, 0], [0, 0, 0]]),
        ("alle", [[100, 100, 100], [0, 0, 0], [0, 0, 0]]),
    ] {
        for (i, speed) in ["100", "400", "1000"].iter().enumerate() {
            header.push_str(&format!(",down_fn_hh_{technology}_{speed}"));
            rows.iter_mut().zip(shares).for_each(|(row, s)| row.push_str(&format!(",{}", s[i])));
        }
    }
    let case = Case::new("bba.csv", &format!("{header}\n{}\n", rows.join("\n")));
    let loaded = case.layer("bba.csv", "de-breitbandatlas", "");
    let layer = &loaded.value.layer;
    let offers: Vec<_> = layer.offers.iter().map(|o| (o.technology, o.download_mbps.unwrap())).collect();
    assert_eq!(offers, [(Technology::Fibre, 400.0), (Technology::Cable, 1000.0), (Technology::Vdsl, 100.0)]);
    assert_eq!(layer.shapes.n_features(), layer.feature_offers.len());
    assert_eq!(layer.shapes.bounds_of(0).unwrap().0, geo_types::Coord { x: 4_300_000.0, y: 3_000_000.0 });
    assert!(loaded.findings.iter().any(|f| f.code == "rises_with_speed" && f.count == 1));
    assert!(loaded.provenance.rows.is_balanced());
}

#[test]
fn ookla_tiles_lie_where_their_quadkey_says_and_speeds_are_kbits() {
    let case = Case::new(
        "o.csv",
        "quadkey,tile,avg_d_kbps,avg_u_kbps,avg_lat_ms,tests,devices\n1202021022013112,\"POLYGON((0 0))\",150500,20000,12,9,4\n",
    );
    let layer = case.layer("o.csv", "ookla-tiles", "kind = \"fixed\"");
    let offer = &layer.value.layer.offers[0];
    assert_eq!((offer.download_mbps, offer.upload_mbps), (Some(150.5), Some(20.0)));
    assert_eq!(offer.basis, Some(whitespot_model::coverage::Basis::Measured));
    assert_eq!(layer.value.crs.code(), "EPSG:4326");
    let few = case.layer("o.csv", "ookla-tiles", "value = \"tests\"\nmin_value = 10");
    assert!(few.value.layer.feature_offers.iter().all(|o| *o == whitespot_model::coverage::NO_OFFER));
}

#[test]
fn cpp_cell_sites_are_points_with_a_reach_of_the_analysts_choice() {
    let case = Case::new(
        "sites.csv",
        "ict_id,lat,lon,operator_name,radio_type\na,63.8,20.3,One,LTE\nb,,20.4,One,GSM\n",
    );
    let layer = case.layer("sites.csv", "itu-cpp", "reach_m = 5000");
    let l = &layer.value.layer;
    assert_eq!((l.shapes.n_features(), l.reach_m, l.offers[0].technology), (1, 5000.0, Technology::G4));
    assert_eq!(layer.provenance.rows.rejected, 1);
}

#[test]
fn cpp_mobile_coverage_is_shapes_as_text_in_a_table_without_operators() {
    // Header and separator as in the example-coverage.csv of the platform's user guide.
    let case = Case::new(
        "coverage.csv",
        "id;radio_type;geometry\n1;4G;\"MULTIPOLYGON (((20 63, 21 63, 21 64, 20 63)), ((22 63, 23 63, 23 64, 22 63)))\"\n\
         2;3G;POLYGON((20 63, 21 63, 21 64))\n3;5G;CIRCULARSTRING (20 63, 21 63, 21 64)\n4;5G;\n",
    );
    let layer = case.layer("coverage.csv", "itu-cpp", "operator = \"One\"");
    let l = &layer.value.layer;
    assert_eq!((l.shapes.n_features(), l.shapes.n_parts()), (2, 3));
    assert_eq!(l.offers.iter().map(|o| o.technology).collect::<Vec<_>>(), [Technology::G4, Technology::G3]);
    let rows = layer.provenance.rows;
    assert_eq!((rows.accepted, rows.repaired, rows.rejected), (1, 1, 2));
    assert_eq!(layer.value.crs.code(), "EPSG:4326");
    assert!(
        layer.findings.iter().any(|f| f.examples.iter().any(|e| e.contains("CIRCULARSTRING"))),
        "{:?}",
        layer.findings
    );
}

#[test]
fn localities_are_areas_whatever_case_their_columns_have() {
    let feature = |properties: &str| {
        format!(
            r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::3006"}}}},"features":[{{"type":"Feature","properties":{properties},"geometry":{{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}}}]}}"#
        )
    };
    for properties in [
        r#"{"TATORTSKOD":"T0001","TATORTSBETECKNING":"Umeå"}"#,
        r#"{"tatortskod":"T0001","tatort":"x","tatortsnamn":"Umeå"}"#,
    ] {
        let case = Case::new("t.geojson", &feature(properties));
        let analysis = case.resolve(
            "[settlements]\nfile = \"x\"\n[areas]\nfile = \"t.geojson\"\nschema = \"scb-tatorter\"\n",
        );
        assert!(analysis.areas.columns.code.unwrap().eq_ignore_ascii_case("tatortskod"));
        assert!(analysis.areas.columns.name.is_some());
    }
}

#[test]
fn an_unknown_mapping_is_an_error_that_lists_those_that_ship() {
    let failure = find("scb-grid-1k", Path::new("."), "settlements").unwrap_err();
    assert!(failure[0].hint.as_ref().unwrap().contains("did you mean `scb-grid-1km`?"), "{failure:?}");
}

#[test]
fn a_file_in_another_shape_says_what_the_mapping_looked_for() {
    let case = Case::new("g.csv", "id,antal\n1,2\n");
    let analysis: Analysis = toml::from_str(
        "schema = 1\ncrs = \"EPSG:3035\"\n[settlements]\nfile = \"g.csv\"\nschema = \"eu-geostat-1km\"\n[areas]\ngrid_m = 1000\n",
    )
    .unwrap();
    let failure = resolve(&analysis, case.folder.path()).unwrap_err();
    assert!(
        failure[0].message.contains("none of the columns") && failure[0].evidence[0].contains("OBS_VALUE_T"),
        "{failure:?}"
    );
}

#[test]
fn a_mapping_of_ones_own_is_a_file() {
    let case = Case::new("g.csv", "ruta;folk\n1kmN4500E4700;3\n");
    std::fs::write(
        case.folder.path().join("mine.toml"),
        "schema = 1\ntitle = \"Mine\"\n[settlements]\ncolumns.persons = [\"folk\"]\ncolumns.cell = \"ruta\"\n",
    )
    .unwrap();
    let (_, rows, _) = case.settlements("g.csv", "mine.toml", "");
    assert_eq!(rows, [(4_700_500.0, 4_500_500.0, 3)]);
}
