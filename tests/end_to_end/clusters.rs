//! Clusters, prices per metre, and what varies, on a world small enough to do by hand.

use crate::world::{World, collection, rectangle};
use std::collections::BTreeMap;

/// Settlements on the line N 7 100 050: `a` reached, then 300 m of nothing, `b` and `c` 100 m apart, `d` 1 km further
/// in the other area. Persons are powers of two.
fn world() -> World {
    let world = World::new();
    world.write(
        "settlements.csv",
        "id,E,N,persons,households\n\
         a,700050,7100050,1,1\n\
         b,700350,7100050,2,1\n\
         c,700450,7100050,4,2\n\
         d,701450,7100050,8,4\n",
    );
    let y = (7_100_000.0, 7_100_100.0);
    let areas = [
        rectangle(r#"{"code":"01"}"#, (700_000.0, 700_400.0), y),
        rectangle(r#"{"code":"02"}"#, (700_400.0, 702_000.0), y),
    ];
    world.write("areas.geojson", &collection(&areas));
    let more = "[clusters]\nservice = 'fixed_100'\nlink_m = 100\n\
        [cost.fixed_100]\ntier = 2\nbase_per_household = 1000\nper_metre_to_reached = 10\ndetour = 1.5\n";
    let analysis = std::fs::read_to_string(world.path().join("whitespot.toml")).unwrap();
    world.write("whitespot.toml", &format!("{analysis}{more}"));
    world
}

fn table(world: &World, file: &str) -> Vec<BTreeMap<String, String>> {
    let output = world.whitespot(&["run", "--force"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut reader = csv::Reader::from_path(world.path().join("out").join(file)).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

#[test]
fn a_cluster_costs_its_tree_and_its_shortest_link_with_detour_and_its_households() {
    let clusters = table(&world(), "public/clusters.csv");
    let of = |column: &str| clusters.iter().map(|c| c[column].clone()).collect::<Vec<_>>();
    // b and c are exactly link_m apart, across a border of areas without parents.
    assert_eq!(of("persons"), ["6", "8"]);
    assert_eq!(of("households"), ["3", "4"]);
    // c holds more persons, so the cluster's area is 02; d is alone.
    assert_eq!(of("area_code"), ["02", "02"]);
    assert_eq!(
        (of("tree_m"), of("link_m")),
        (vec!["100".into(), "0".into()], vec!["300".into(), "1400".into()])
    );
    // (100 + 300) × 1.5 × 10 + 3 × 1000; 1400 × 1.5 × 10 + 4 × 1000.
    assert_eq!(of("cost_sek"), ["9000", "25000"]);
    assert_eq!(of("cost_placeholder"), ["true", "true"]);
}

#[test]
fn tier_1_shares_the_distance_to_the_nearest_reached_over_the_cluster() {
    let world = world();
    world.edit("whitespot.toml", "tier = 2\n", "");
    let clusters = table(&world, "public/clusters.csv");
    // 300 × 1.5 × 10 + 3 × 1000.
    assert_eq!((clusters[0]["cost_sek"].as_str(), clusters[0]["cost_tier"].as_str()), ("7500", "1"));
}

#[test]
fn no_cluster_crosses_a_parent_border_unless_allowed() {
    let world = world();
    let areas = [
        rectangle(r#"{"code":"01","up":"north"}"#, (700_000.0, 700_400.0), (7_100_000.0, 7_100_100.0)),
        rectangle(r#"{"code":"02","up":"south"}"#, (700_400.0, 702_000.0), (7_100_000.0, 7_100_100.0)),
    ];
    world.write("areas.geojson", &collection(&areas));
    world.edit(
        "whitespot.toml",
        "columns = { code = \"code\" }",
        "columns = { code = \"code\", parent = \"up\" }",
    );
    let persons = |clusters: &[BTreeMap<String, String>]| {
        clusters.iter().map(|c| c["persons"].clone()).collect::<Vec<_>>()
    };
    let clusters = table(&world, "public/clusters.csv");
    let mut apart = persons(&clusters);
    apart.sort();
    assert_eq!(apart, ["2", "4", "8"]);
    world.edit("whitespot.toml", "link_m = 100\n", "link_m = 100\nacross_parents = true\n");
    assert_eq!(persons(&table(&world, "public/clusters.csv")), ["6", "8"]);
}

#[test]
fn the_order_of_settlements_changes_no_cluster_and_no_cost() {
    let world = world();
    let before = table(&world, "public/clusters.csv");
    let text = std::fs::read_to_string(world.path().join("settlements.csv")).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    world.write("settlements.csv", &(lines.join("\n") + "\n"));
    assert_eq!(table(&world, "public/clusters.csv"), before);
}

#[test]
fn areas_priced_per_metre_are_funded_by_what_their_lines_cost() {
    let world = world();
    let text = std::fs::read_to_string(world.path().join("whitespot.toml")).unwrap();
    let scenario = "[[scenario]]\nname = 'all'\nservice = 'fixed_100'\nbudget = 1_000_000\nrule = 'cost_effectiveness'\n";
    world.write("whitespot.toml", &format!("{text}{scenario}"));
    let rows = table(&world, "public/scenarios/all.csv");
    let cost: BTreeMap<&str, &str> =
        rows.iter().map(|r| (r["area_code"].as_str(), r["cost_sek"].as_str())).collect();
    // No line crosses the border of an area: 01 links b (300 m); 02 links c (400 m) and d (1,400 m), each alone.
    assert_eq!(cost["01"], "5500");
    assert_eq!(cost["02"], (1500 * 4 + 1000 * 2 + 1500 * 14 + 1000 * 4).to_string());
}

#[test]
fn published_outlines_and_lines_do_not_give_settlements_away() {
    let world = world();
    let output = world.whitespot(&["run", "--force"]);
    assert!(output.status.success());
    let run: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(world.path().join("out/run.json")).unwrap()).unwrap();
    let map = &run["clusters"]["map"];
    let (origin, step) = (&map["origin_m"], map["step_m"].as_f64().unwrap());
    for ring in map["areas"].as_array().unwrap().iter().flat_map(|a| a.as_array().unwrap()) {
        for corner in ring.as_array().unwrap() {
            let x = origin[0].as_f64().unwrap() + step * corner[0].as_f64().unwrap();
            assert!((x / 100.0 - (x / 100.0).round()).abs() < 0.02, "{x} is no multiple of 100 m");
        }
    }
}

#[test]
fn what_cannot_be_meant_is_said() {
    for (edit, expected) in [
        (("link_m = 100", "link_m = -1"), "`clusters.link_m` is a distance"),
        (("service = 'fixed_100'\nlink", "service = 'fixd_100'\nlink"), "did you mean `fixed_100`"),
        (("tier = 2", "tier = 7"), "`tier = 7` does not exist"),
        (("detour = 1.5", "detour = 0.5"), "`detour` is at least 1"),
    ] {
        let world = world();
        world.edit("whitespot.toml", edit.0, edit.1);
        let output = world.whitespot(&["run"]);
        let text = String::from_utf8_lossy(&output.stderr).to_string();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn a_service_that_reaches_nobody_has_clusters_without_a_way_to_the_network() {
    let world = world();
    world.edit("whitespot.toml", "min_download_mbps = 100, classes", "min_download_mbps = 5000, classes");
    let output = world.whitespot(&["run", "--force"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("reaches nobody"));
    let clusters = table(&world, "public/clusters.csv");
    assert!(clusters.iter().all(|c| c["link_m"] == "0" && c["distance_m"].is_empty()));
}

#[test]
fn thresholds_reach_margin_and_prices_are_varied_and_the_first_table_is_the_published_one() {
    let world = world();
    world.edit(
        "whitespot.toml",
        "download_mbps = { field = \"mbps\" }",
        "download_mbps = 150\nlevel = 3\nreach_m = 10",
    );
    world.edit(
        "whitespot.toml",
        "min_download_mbps = 100, classes",
        "min_download_mbps = 100, min_level = 0, classes",
    );
    let text = std::fs::read_to_string(world.path().join("whitespot.toml")).unwrap();
    let need = "[need]\nindicators = [{ id = 'gap', derive = { gap_share = 'fixed_100' } }, \
        { id = 'cost', derive = { cost_per_household = 'fixed_100' } }]\n\
        [robustness]\ndraws = 400\nsobol_rows = 32\nvary = ['thresholds', 'reach_m', 'mobile_margin', 'unit_costs']\n\
        [[scenario]]\nname = 'some'\nservice = 'fixed_100'\nbudget = 6_000\nrule = 'need'\n";
    world.write("whitespot.toml", &format!("{text}{need}"));
    let rows = table(&world, "public/robustness.csv");
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|r| r["rank_p05"] <= r["rank_p50"] && r["rank_p50"] <= r["rank_p95"]));
    let funded: f64 = rows.iter().map(|r| r["some_funded_share"].parse::<f64>().unwrap()).sum();
    assert!(funded > 0.9, "somebody is funded in nearly every draw: {funded}");
    let decides = table(&world, "public/sensitivity.csv");
    let axes: Vec<&str> = decides
        .iter()
        .filter(|r| r["outcome"] == "mean_rank_shift")
        .map(|r| r["assumption"].as_str())
        .collect();
    for axis in ["thresholds", "reach_m", "mobile_margin", "unit_costs"] {
        assert!(axes.contains(&axis), "{axes:?}");
    }
}

#[test]
fn clusters_can_be_the_areas_of_a_run_with_gaps_scores_and_funding() {
    let world = world();
    let text = std::fs::read_to_string(world.path().join("whitespot.toml")).unwrap();
    let areas = "[areas]\nfile = \"areas.geojson\"\ncrs = \"EPSG:3006\"\ncolumns = { code = \"code\" }\n";
    assert!(text.contains(areas));
    let need = "[need]\nindicators = [{ id = 'gap', derive = { gap_persons = 'fixed_100' } }, \
        { id = 'far', derive = { distance_median_m = 'fixed_100' } }, \
        { id = 'cost', derive = { cost_per_household = 'fixed_100' } }]\n\
        [[scenario]]\nname = 'some'\nservice = 'fixed_100'\nbudget = 25_000\nrule = 'need'\n";
    world.write("whitespot.toml", &(text.replace(areas, "[areas]\nclusters = \"fixed_100\"\n") + need));
    let rows = table(&world, "public/areas.csv");
    let of = |column: &str| rows.iter().map(|r| r[column].clone()).collect::<Vec<_>>();
    assert_eq!(of("persons"), ["6", "8", "1"], "two clusters, then everyone whom the service reaches");
    assert_eq!(of("fixed_100_gap_share"), ["1", "1", "0"]);
    assert_eq!(of("far"), ["400", "1400", ""]);
    assert_eq!(of("rank"), ["2", "1", ""]);
    assert_eq!(rows[2]["area_code"], "");
    let grants = table(&world, "public/scenarios/some.csv");
    assert_eq!((grants[0]["gap_persons"].as_str(), grants[0]["grant_sek"].as_str()), ("8", "25000"));
    // With parents: the border between them parts b and c, and roll-ups add up.
    world.edit(
        "whitespot.toml",
        "clusters = \"fixed_100\"\n",
        &("clusters = \"fixed_100\"\n".to_string() + &areas[8..]),
    );
    let rows = table(&world, "public/areas.csv");
    let mut parts: Vec<(String, String)> =
        rows.iter().map(|r| (r["parent_code"].clone(), r["persons"].clone())).collect();
    parts.sort();
    let expected = [("", "1"), ("01", "2"), ("02", "4"), ("02", "8")];
    assert_eq!(parts, expected.map(|(p, n)| (p.to_string(), n.to_string())));
    let parents = table(&world, "public/parents.csv");
    assert_eq!(parents.iter().map(|p| p["persons"].as_str()).collect::<Vec<_>>(), ["2", "12"]);
}

#[test]
fn clusters_can_be_the_candidates_of_a_scenario_over_other_areas() {
    let world = world();
    let text = std::fs::read_to_string(world.path().join("whitespot.toml")).unwrap();
    let scenario = "[[scenario]]\nname = 'some'\nservice = 'fixed_100'\ncandidates = 'clusters'\nbudget = 10_000\n\
        rule = 'cost_effectiveness'\n";
    world.write("whitespot.toml", &(text + scenario));
    let grants = table(&world, "public/scenarios/some.csv");
    let of = |column: &str| grants.iter().map(|g| g[column].clone()).collect::<Vec<_>>();
    // 9000 for the 3 households of b and c, 25 000 for the 4 of d; the 1000 left pays none of those at 6250 each.
    assert_eq!(of("gap_persons"), ["6", "8"]);
    assert_eq!(of("grant_sek"), ["9000", "0"]);
    assert_eq!(of("funded_persons"), ["6", "0"]);
    let codes =
        table(&world, "public/clusters.csv").iter().map(|c| c["cluster_code"].clone()).collect::<Vec<_>>();
    assert_eq!(of("area_code"), codes);
    let areas = table(&world, "public/areas.csv");
    assert_eq!(areas.iter().map(|a| a["area_code"].as_str()).collect::<Vec<_>>(), ["01", "02", ""]);
}

#[test]
fn tier_3_lays_lines_along_roads_and_prices_them_by_class() {
    let world = world();
    // A road past a, b and c on N 7 100 150, 100 m north of them; d stands 100 m off its end.
    let road = |class: &str, x: (f64, f64)| {
        format!(
            r#"{{"type":"Feature","properties":{{"class":"{class}"}},"geometry":{{"type":"LineString","coordinates":[[{},7100150],[{},7100150]]}}}}"#,
            x.0, x.1
        )
    };
    let roads = [road("gravel", (700_000.0, 700_450.0)), road("paved", (700_450.0, 701_450.0))];
    world.write("roads.geojson", &collection(&roads));
    world.edit(
        "whitespot.toml",
        "tier = 2\nbase_per_household = 1000\nper_metre_to_reached = 10\ndetour = 1.5\n",
        "tier = 3\nbase_per_household = 1000\nper_metre_to_reached = { gravel = 10, paved = 20, default = 1 }\n\
         roads = { file = 'roads.geojson', crs = 'EPSG:3006', class = 'class' }\n",
    );
    let clusters = table(&world, "public/clusters.csv");
    // b and c: stubs of 100 m each, 100 m of gravel between; from b's foot 300 m of gravel and a's stub of 100 m.
    let of = |c: usize, column: &str| clusters[c][column].clone();
    assert_eq!((of(0, "tree_m"), of(0, "link_m")), ("300".to_string(), "400".to_string()));
    assert_eq!(of(0, "cost_sek"), (100 * 10 + 200 + 300 * 10 + 100 + 3 * 1000).to_string());
    // d: its stub, 1,000 m paved, 400 m gravel, a's stub.
    assert_eq!(of(1, "cost_sek"), (100 + 1000 * 20 + 400 * 10 + 100 + 4 * 1000).to_string());
    let run = std::fs::read_to_string(world.path().join("out/manifest.json")).unwrap();
    assert!(run.contains("roads fixed_100"), "the roads are an input like any other");
    world.edit("whitespot.toml", "paved = 20, default = 1", "paved = 20");
    let output = world.whitespot(&["run", "--force"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("off the roads would cost nothing"));
}
