//! What leaves the house: small household counts are withheld in every file of `public/`, and `report` writes the
//! report again.

use crate::world::{World, whitespot};
use std::collections::BTreeMap;

/// Five areas in a row, all but the last below one parent; households in and out of reach.
fn village() -> World {
    let world = World::new();
    let mut points = "id,E,N,persons,households\n".to_string();
    let mut areas = Vec::new();
    for (i, (reached, not)) in [(40, 3), (35, 20), (50, 0), (12, 30), (60, 9)].into_iter().enumerate() {
        let (x, parent) = (700_000.0 + 1_000.0 * i as f64, if i < 4 { "p1" } else { "p2" });
        points.push_str(&format!("r{i},{},7100050,{},{reached}\n", x + 50.0, 2 * reached));
        points.push_str(&format!("n{i},{},7100050,{},{not}\n", x + 550.0, 2 * not));
        areas.push(crate::world::rectangle(
            &format!(r#"{{"code":"0{i}","parent":"{parent}"}}"#),
            (x, x + 1_000.0),
            (7_100_000.0, 7_100_100.0),
        ));
    }
    world.write("settlements.csv", &points);
    world.write("areas.geojson", &crate::world::collection(&areas));
    let fibre = r#"{"operator":"one","mbps":1000,"status":"existing"}"#;
    let reached: Vec<String> = (0..5)
        .map(|i| {
            let x = 700_000.0 + 1_000.0 * f64::from(i);
            crate::world::rectangle(fibre, (x, x + 100.0), (7_100_000.0, 7_100_100.0))
        })
        .collect();
    world.write("fibre.geojson", &crate::world::collection(&reached));
    world.edit(
        "whitespot.toml",
        r#"columns = { code = "code" }"#,
        r#"columns = { code = "code", parent = "parent" }"#,
    );
    world.edit("whitespot.toml", "min_cell = 0", "min_cell = 5");
    let scenario = "\n[need]\nindicators = [{ id = \"gap\", derive = { gap_share = \"fixed_100\" } }]\n\
        [cost.fixed_100]\nbase_per_household = 10_000\n\
        [[scenario]]\nname = \"all\"\nservice = \"fixed_100\"\nbudget = 400_000\nrule = \"need\"\n";
    let text = std::fs::read_to_string(world.path().join("whitespot.toml")).unwrap();
    world.write("whitespot.toml", &format!("{text}{scenario}"));
    world
}

type Rows = Vec<BTreeMap<String, String>>;

fn rows(world: &World, file: &str) -> Rows {
    let mut reader = csv::Reader::from_path(world.path().join("out/public").join(file)).unwrap();
    let head = reader.headers().unwrap().clone();
    let row =
        |r: csv::StringRecord| head.iter().map(str::to_string).zip(r.iter().map(str::to_string)).collect();
    reader.records().map(|r| row(r.unwrap())).collect()
}

#[test]
fn no_small_household_count_is_in_public_and_none_follows_from_sums() {
    let world = village();
    let output = world.whitespot(&["run"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let is_small = |text: &str| matches!(text.parse::<i64>(), Ok(1..5));
    let (areas, parents) = (rows(&world, "areas.csv"), rows(&world, "parents.csv"));
    let scenario = rows(&world, "scenarios/all.csv");
    let mut n_withheld = 0;
    for row in areas.iter().chain(&parents).chain(&scenario) {
        for (column, value) in
            row.iter().filter(|(name, _)| name.contains("households") && *name != "households_withheld")
        {
            assert!(!is_small(value), "{column} = {value}");
            n_withheld += usize::from(value.is_empty());
        }
    }
    assert!(n_withheld > 4, "{n_withheld} withheld");
    // The three households of area 00: neither its parent's sum nor its money tells them.
    let gap = "fixed_100_gap_households";
    let of_p1: Vec<&str> =
        areas.iter().filter(|r| r["parent_code"] == "p1").map(|r| r[gap].as_str()).collect();
    assert_eq!(of_p1.iter().filter(|v| v.is_empty()).count(), 2, "{of_p1:?}");
    let of_00 = scenario.iter().find(|r| r["area_code"] == "00").unwrap();
    for column in ["cost_sek", "asked_sek", "grant_sek", "own_sek", "funded_households", "funded_persons"] {
        assert_eq!(of_00[column], "", "{column}");
    }
    // Totals stay right: what is withheld stands together in one row.
    let granted: i64 = scenario.iter().filter_map(|r| r["grant_sek"].parse::<i64>().ok()).sum();
    let comparison = rows(&world, "scenarios/comparison.csv");
    assert_eq!(granted.to_string(), comparison[1]["spent_sek"]);
    assert!(scenario.iter().any(|r| r["status"] == "withheld_together"));
    // The whole result stays complete beside it.
    let run: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(world.path().join("out/run.json")).unwrap()).unwrap();
    let columns = run["areas"]["columns"].as_array().unwrap();
    let whole = columns.iter().find(|c| c["name"] == gap).unwrap();
    assert_eq!(whole["values"]["int"][0], 3);
}

#[test]
fn the_report_is_written_again_in_another_language_and_title() {
    let world = village();
    assert!(world.whitespot(&["run"]).status.success());
    let args = ["report", "out", "--lang", "sv", "--title", "Byar <utan> fiber", "--out", "again"];
    let output = world.whitespot(&args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "again/report.sv.html");
    let page = std::fs::read_to_string(world.path().join("again/report.sv.html")).unwrap();
    assert!(page.contains("<h1>Byar &lt;utan&gt; fiber</h1>") && page.contains("lang=\"sv\""));
    assert!(page.contains("utelämnas"), "small counts are withheld here too");
    assert!(!world.path().join("again/report.en.html").exists());
}

#[test]
fn a_folder_without_a_finished_run_is_said_to_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let output = whitespot(folder.path(), &["report", "."]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("holds no finished run"), "{said}");
}
