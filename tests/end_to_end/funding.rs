//! Scenarios from file to file: candidates, rules, profiles, `allocate`, `compare`, and what happens at the edges.

use crate::world::{World, collection, rectangle};
use serde_json::Value;
use std::collections::BTreeMap;

const Y: (f64, f64) = (7_100_000.0, 7_100_100.0);

/// Six settlements in three areas of two parents; persons are powers of two. Only `s1` has fibre. A household costs 100.
const ANALYSIS: &str = r#"
schema = 1
crs = "EPSG:3006"
out = "out"
language = ["en"]
[outputs]
min_cell = 0
[settlements]
file = "settlements.csv"
crs = "EPSG:3006"
columns = { id = "id", x = "E", y = "N", persons = "persons", households = "households" }
[areas]
file = "areas.geojson"
crs = "EPSG:3006"
columns = { code = "code", name = "name", parent = "parent" }
[[coverage]]
id = "fibre"
file = "fibre.geojson"
crs = "EPSG:3006"
kind = "fixed"
technology = "fibre"
operator = { field = "operator" }
download_mbps = { field = "mbps" }
status = { field = "status" }
ready = { field = "ready" }
reported = 2025-10-01
[services]
fixed_100 = { kind = "fixed", min_download_mbps = 100 }
[targets]
fixed_100 = 0.9
[need]
normalise = "none"
indicators = [{ id = "given", file = "need.csv", columns = { code = "code", value = "need" }, unit = "points", direction = "higher_is_more_need" }]
[cost.fixed_100]
base_per_household = 100
[[scenario]]
name = "need"
budget = 500
rule = "need"
[[scenario]]
name = "cheap"
extends = "need"
rule = "cost_effectiveness"
"#;

fn fibre(status: &str, ready: &str, x: (f64, f64)) -> String {
    let ready = if ready.is_empty() { "null".to_string() } else { format!("{ready:?}") };
    rectangle(&format!(r#"{{"operator":"one","mbps":1000,"status":"{status}","ready":{ready}}}"#), x, Y)
}

fn region() -> World {
    let world = World::new();
    world.write("whitespot.toml", ANALYSIS);
    world.write(
        "settlements.csv",
        "id,E,N,persons,households\n\
         s1,700010,7100050,1,1\n\
         s2,700050,7100050,2,1\n\
         s3,700060,7100050,4,2\n\
         s4,700150,7100050,8,4\n\
         s5,700250,7100050,16,8\n\
         s6,700260,7100050,32,16\n",
    );
    let area = |code: &str, parent: &str, x| {
        rectangle(&format!(r#"{{"code":"{code}","name":"Area {code}","parent":"{parent}"}}"#), x, Y)
    };
    let areas = [
        area("A1", "P", (700_000.0, 700_100.0)),
        area("A2", "P", (700_100.0, 700_200.0)),
        area("B1", "Q", (700_200.0, 700_300.0)),
    ];
    world.write("areas.geojson", &collection(&areas));
    world.write("fibre.geojson", &collection(&[fibre("existing", "", (700_000.0, 700_020.0))]));
    world.write("need.csv", "code,need\nA1,0.9\nA2,0.5\nB1,0.1\n");
    world
}

fn run(world: &World) -> Value {
    let output = world.whitespot(&["run", "--force"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    result(world, "out")
}

fn result(world: &World, out: &str) -> Value {
    let text = std::fs::read_to_string(world.path().join(out).join("run.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Exit code and what was said.
fn refused(world: &World, args: &[&str]) -> String {
    let output = world.whitespot(args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    said
}

fn scenario<'a>(result: &'a Value, name: &str) -> &'a Value {
    result["scenarios"].as_array().unwrap().iter().find(|s| s["name"] == name).unwrap()
}

/// Code and grant of each candidate in the order of the rule.
fn grants(scenario: &Value) -> Vec<(String, i64)> {
    let grants = scenario["allocation"]["grants"].as_array().unwrap();
    grants
        .iter()
        .map(|g| (g["code"].as_str().unwrap().to_string(), g["grant_sek"].as_i64().unwrap()))
        .collect()
}

fn pairs(of: &[(&str, i64)]) -> Vec<(String, i64)> {
    of.iter().map(|(code, sek)| ((*code).to_string(), *sek)).collect()
}

fn csv(world: &World, file: &str) -> Vec<BTreeMap<String, String>> {
    let path = world.path().join("out/public/scenarios").join(file);
    csv::Reader::from_path(path).unwrap().deserialize().map(|row| row.unwrap()).collect()
}

#[test]
fn the_need_rule_funds_the_neediest_and_cost_effectiveness_the_larger_of_equal_prices() {
    let world = region();
    let result = run(&world);
    assert_eq!(grants(scenario(&result, "need")), pairs(&[("A1", 300), ("A2", 200), ("B1", 0)]));
    assert_eq!(grants(scenario(&result, "cheap")), pairs(&[("B1", 500), ("A2", 0), ("A1", 0)]));
    let outcome = &scenario(&result, "need")["allocation"]["outcome"];
    assert_eq!(outcome["persons"], 2 + 4 + 8 / 2);
}

#[test]
fn a_scenario_changes_nothing_but_its_own_outcome() {
    let world = region();
    let together = run(&world);
    let output = world.whitespot(&["run", "--force", "--scenario", "cheap"]);
    assert!(output.status.success());
    let alone = result(&world, "out");
    assert_eq!(alone["scenarios"].as_array().unwrap().len(), 1);
    assert_eq!(scenario(&alone, "cheap"), scenario(&together, "cheap"));
    for part in ["areas", "parents", "totals", "ranking", "total"] {
        assert_eq!(alone[part], together[part], "{part}");
    }
}

#[test]
fn the_comparison_begins_with_no_grant_and_says_who_crosses_the_line() {
    let world = region();
    run(&world);
    let rows = csv(&world, "comparison.csv");
    let names: Vec<&str> = rows.iter().map(|r| r["scenario"].as_str()).collect();
    assert_eq!(names, ["no_grant", "need", "cheap"]);
    assert_eq!((rows[0]["funded_persons"].as_str(), rows[0]["spent_sek"].as_str()), ("0", "0"));
    assert_eq!(rows[0]["gini_after"], rows[0]["gini_before"]);
    assert_eq!(rows[1]["reached_p_share"], "0.733333", "s1, s2, s3 and half of s4 of 15 persons");
    assert_eq!((rows[1]["first_rejected"].as_str(), rows[1]["last_funded"].as_str()), ("Area B1", "Area A2"));
    let pairs = csv(&world, "comparison_pairs.csv");
    assert_eq!(
        (pairs[0]["enter_names"].as_str(), pairs[0]["leave_names"].as_str()),
        ("Area B1", "Area A1; Area A2")
    );
    let areas = csv(&world, "comparison_areas.csv");
    assert_eq!((areas[2]["need_grant_sek"].as_str(), areas[2]["cheap_grant_sek"].as_str()), ("0", "500"));
    assert_eq!(csv(&world, "comparison_curve.csv").len(), 2 * 101);
    let parents = csv(&world, "comparison_parents.csv");
    assert_eq!(parents.len(), 3 * 2);
    let own = csv(&world, "need.csv");
    assert_eq!(own[1]["sum_grants_sek"], "500");
    assert_eq!((own[1]["status"].as_str(), own[1]["reached_after_share"].as_str()), ("partial", "0.5"));
}

#[test]
fn projects_are_polygons_whose_cost_stands_in_the_file() {
    let world = region();
    let project = |code: &str, cost: &str, x| {
        rectangle(&format!(r#"{{"nr":"{code}","namn":"Project {code}","kostnad":{cost}}}"#), x, Y)
    };
    // P1 holds s2 and s3, P2 s4 and s5 in two areas of two parents, P3 nobody.
    let projects = [
        project("P1", "600", (700_040.0, 700_070.0)),
        project("P2", "null", (700_140.0, 700_255.0)),
        project("P3", "50", (700_290.0, 700_295.0)),
    ];
    world.write("projects.geojson", &collection(&projects));
    let file = "candidates = { file = \"projects.geojson\", crs = \"EPSG:3006\", columns = { code = \"nr\", name = \"namn\", cost = \"kostnad\" } }\n";
    world.edit("whitespot.toml", "budget = 500\n", &format!("budget = 1_500\n{file}"));
    let got = run(&world);
    let need = scenario(&got, "need");
    // P1 lies in A1 alone (0.9); P2 has a third of its people in A2 (0.5), two thirds in B1 (0.1).
    assert_eq!(grants(need), pairs(&[("P1", 600), ("P2", 900)]));
    let p2 = &need["candidates"]["rows"][1];
    assert!((p2["score"].as_f64().unwrap() - (8.0 * 0.5 + 16.0 * 0.1) / 24.0).abs() < 1e-12, "{p2}");
    assert_eq!((p2["persons"].as_u64(), p2["households"].as_u64()), (Some(24), Some(12)));
    assert_eq!(p2["cost"]["total_sek"], 1_200, "no cost in the file: 12 households at 100");
    assert_eq!(p2["parent"], 1, "most of its people live in Q");
    assert_eq!(need["allocation"]["ineligible"][0]["reason"], "nobody to connect");
    assert!(got["inputs"].as_array().unwrap().iter().any(|i| i["role"] == "candidates projects.geojson"));
    assert_eq!(csv(&world, "need.csv")[0]["area_name"], "Project P1");

    let overlapping =
        [project("P1", "600", (700_040.0, 700_070.0)), project("P2", "500", (700_060.0, 700_255.0))];
    world.write("projects.geojson", &collection(&overlapping));
    let said = refused(&world, &["run", "--force"]);
    assert!(said.contains("overlap") && said.contains("several bids"), "{said}");
}

#[test]
fn projects_may_be_lists_of_buildings() {
    let world = region();
    world.write("list.csv", "building;project;support\ns2;X;90\ns4;X;90\ns6;Y;700\nnone;Y;700\n");
    let file =
        "candidates = { file = \"list.csv\", columns = { settlement = \"building\", code = \"project\" } }\n";
    world.edit("whitespot.toml", "budget = 500\n", &format!("budget = 500\n{file}"));
    let output = world.whitespot(&["run", "--force"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("1 of 4 buildings"), "{said}");
    let got = result(&world, "out");
    let rows = &scenario(&got, "need")["candidates"]["rows"];
    assert_eq!((rows[0]["persons"].as_u64(), rows[0]["grant_sek"].as_i64()), (Some(2 + 8), Some(90)));
    assert_eq!((rows[1]["persons"].as_u64(), rows[1]["grant_sek"].as_i64()), (Some(32), Some(700)));
    // 700 for 16 households: 9 fit into the 410 that X leaves.
    assert_eq!(grants(scenario(&got, "need")), pairs(&[("X", 90), ("Y", 394)]));
}

#[test]
fn limits_by_parent_hold_and_say_what_they_cost() {
    let world = region();
    // One person a household in B1, two elsewhere.
    world.edit("settlements.csv", "s6,700260,7100050,32,16", "s6,700260,7100050,8,16");
    world.edit("whitespot.toml", "rule = \"need\"", "rule = \"need\"\nfloors = { Q = 200 }");
    let got = run(&world);
    assert_eq!(grants(scenario(&got, "need")), pairs(&[("A1", 300), ("A2", 0), ("B1", 200)]));
    let limits = csv(&world, "comparison_limits.csv");
    let floor = limits.iter().find(|l| l["scenario"] == "need").unwrap();
    assert_eq!((floor["limit"].as_str(), floor["code"].as_str()), ("floor", "Q"));
    assert_eq!((floor["costs_persons"].as_str(), floor["costs_households"].as_str()), ("2", "0"));
    assert_eq!(floor["in_words_en"], "the floor of 200 for Q: costs 2 persons");
    let compared = csv(&world, "comparison.csv");
    assert_eq!(compared[1]["binding_limits"], floor["in_words_en"]);
    world.edit("whitespot.toml", "Q = 200", "Qq = 200");
    assert!(refused(&world, &["run", "--force"]).contains("did you mean `Q`?"));
}

#[test]
fn budgets_at_the_edges_are_results_or_errors_that_say_so() {
    let world = region();
    let with = |set: &str| {
        let output = world.whitespot(&["run", "--force", "--set", set]);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(with("scenario.need.budget=0").0, Some(0));
    assert_eq!(grants(scenario(&result(&world, "out"), "need")), pairs(&[("A1", 0), ("A2", 0), ("B1", 0)]));
    assert_eq!(with("scenario.need.budget=90M").0, Some(0));
    let all = result(&world, "out");
    assert_eq!(scenario(&all, "need")["allocation"]["spent_sek"], 3_100);
    assert_eq!(scenario(&all, "need")["allocation"]["leftover_sek"], 90_000_000 - 3_100);
    let (code, said) = with("scenario.need.budget=-5");
    assert!(code == Some(1) && said.contains("negative"), "{said}");
    let (code, said) = with("scenario.need.budget=lots");
    assert!(code == Some(1) && said.contains("amount"), "{said}");
    let (code, said) = with("scenario.need.floors={ P = 400, Q = 200 }");
    assert!(code == Some(1) && said.contains("need 600") && said.contains("500"), "{said}");
    let (code, said) = with("scenario.need.must_fund=[\"B1\"]");
    assert!(code == Some(1) && said.contains("need 2400"), "{said}");
    let (code, said) = with("scenario.need.must_fund=[\"B2\"]");
    assert!(code == Some(1) && said.contains("no candidate"), "{said}");
    let (code, said) = with("scenario.cheap.name=../up");
    assert!(code == Some(1) && said.contains("name of a scenario"), "{said}");
    // `check` finds the same without running.
    let said = String::from_utf8_lossy(
        &world.whitespot(&["check", "--set", "scenario.need.must_fund=[\"B1\"]"]).stdout,
    )
    .into_owned();
    assert!(said.contains("need 2400"), "{said}");
}

#[test]
fn candidates_without_households_are_counted_in_settlements_and_equal_scores_go_to_the_larger_gap() {
    let world = region();
    world.edit("whitespot.toml", ", households = \"households\"", "");
    world.edit("settlements.csv", "persons,households", "persons,other");
    world.edit(
        "whitespot.toml",
        "base_per_household = 100",
        "base_per_household = 100\nbase_per_workplace = 10",
    );
    world.write("need.csv", "code,need\nA1,0.5\nA2,0.5\nB1,0.5\n");
    let got = run(&world);
    let codes: Vec<String> = grants(scenario(&got, "need")).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["B1", "A2", "A1"]);
    let first = &scenario(&got, "need")["allocation"]["grants"][0];
    assert_eq!((first["connections"].as_u64(), first["persons"].as_u64()), (Some(2), Some(48)));
    let findings = got["findings"].as_array().unwrap();
    assert!(findings.iter().any(|f| f["code"] == "no_cost"), "nothing has a price: {findings:?}");
}

#[test]
fn whoever_is_promised_in_time_is_passed_over() {
    let world = region();
    let layers = [
        fibre("existing", "", (700_000.0, 700_020.0)),
        fibre("planned", "2027-06-30", (700_055.0, 700_065.0)), // s3
        fibre("planned", "2031-01-01", (700_140.0, 700_160.0)), // s4
        fibre("planned", "", (700_245.0, 700_255.0)),           // s5, some day
    ];
    world.write("fibre.geojson", &collection(&layers));
    world.edit(
        "whitespot.toml",
        "rule = \"need\"",
        "rule = \"need\"\neligible = { no_planned_within_years = 3 }",
    );
    let persons = |got: &Value| -> Vec<u64> {
        let rows = scenario(got, "need")["candidates"]["rows"].as_array().unwrap().clone();
        rows.iter().map(|r| r["persons"].as_u64().unwrap()).collect()
    };
    assert_eq!(persons(&run(&world)), [2, 8, 48], "three years from the report of October 2025");
    world.edit("whitespot.toml", "no_planned_within_years = 3", "no_planned_within_years = 6");
    assert_eq!(persons(&run(&world)), [2, 0, 48]);
}

#[test]
fn a_profile_is_named_or_a_file_and_takes_its_numbers_from_columns() {
    let world = region();
    world.edit(
        "whitespot.toml",
        "rule = \"need\"",
        "profile = \"us-bead-2025\"\nvalues = { locations = \"fixed_100_gap_households\" }",
    );
    let got = run(&world);
    let need = scenario(&got, "need");
    assert_eq!(
        (need["allocation"]["rule"].as_str(), need["allocation"]["profile"].as_str()),
        (Some("profile"), Some("us-bead-2025"))
    );
    assert_eq!(grants(need)[0], ("B1".to_string(), 500), "equal prices: the larger gap");
    let text = std::fs::read_to_string(crate::world::root().join("data/profiles/us-bead-2025.toml")).unwrap();
    world.write(
        "own.toml",
        &text.replace("us-bead-2025", "own").replace("per  = \"locations\"", "per = \"persons\""),
    );
    world.edit("whitespot.toml", "\"us-bead-2025\"", "\"./own.toml\"");
    let got = run(&world);
    assert_eq!(scenario(&got, "need")["allocation"]["profile"], "own");
    assert!(got["inputs"].as_array().unwrap().iter().any(|i| i["role"] == "profile ./own.toml"));
    world.edit("whitespot.toml", "./own.toml", "se-pts-2202");
    assert!(refused(&world, &["run", "--force"]).contains("did you mean `se-pts-2022`?"));
    world.edit("whitespot.toml", "se-pts-2202", "no-nkom-2019");
    let said = refused(&world, &["run", "--force"]);
    assert!(said.contains("households_below_10") && said.contains("A1"), "{said}");
}

#[test]
fn a_profile_of_the_analysis_is_the_rule_of_scenarios_that_name_none() {
    let world = region();
    world.edit("whitespot.toml", "schema = 1", "schema = 1\nprofile = \"se-pts-2022\"");
    world.edit("whitespot.toml", "rule = \"need\"\n", "");
    let got = run(&world);
    assert_eq!(scenario(&got, "need")["allocation"]["profile"], "se-pts-2022");
    assert_eq!(scenario(&got, "cheap")["allocation"]["rule"], "cost_effectiveness");
}

#[test]
fn an_auction_takes_its_bids_from_a_file() {
    let world = region();
    world.write("bids.csv", "candidate,bidder,bid\nA1,north,250\nA1,south,150\nA2,north,300\n");
    world.edit(
        "whitespot.toml",
        "rule = \"need\"",
        "rule = \"auction\"\nbids = { file = \"bids.csv\", step = 0.1 }",
    );
    let got = run(&world);
    let granted: BTreeMap<String, i64> = grants(scenario(&got, "need")).into_iter().collect();
    assert_eq!(granted["B1"], 0, "no bid");
    assert!(granted["A1"] < 300 && granted["A1"] >= 150, "{granted:?}");
    let tried = world.whitespot(&["allocate", "out", "--budget", "5000", "--format", "json"]);
    assert!(
        tried.status.success(),
        "the bids are in the results: {}",
        String::from_utf8_lossy(&tried.stderr)
    );
}

#[test]
fn the_draws_say_how_often_each_area_is_funded() {
    let world = region();
    world.write("need2.csv", "code,need\nA1,0.1\nA2,0.9\nB1,0.2\n");
    let second = "}, { id = \"other\", file = \"need2.csv\", columns = { code = \"code\", value = \"need\" }, unit = \"points\", direction = \"higher_is_more_need\" }]\n[robustness]\ndraws = 200\nweights = { dirichlet = 5 }\n";
    world.edit("whitespot.toml", "}]\n", second);
    world.edit("whitespot.toml", "budget = 500", "budget = 300");
    let got = run(&world);
    let funding = got["robustness"]["funding"].as_array().unwrap();
    assert_eq!(funding.len(), 2);
    let of = |scenario: usize, code: &str| {
        let areas = funding[scenario]["areas"].as_array().unwrap();
        areas.iter().find(|a| a["code"] == code).unwrap().clone()
    };
    let (a1, a2) = (of(0, "A1")["frequency"].as_f64().unwrap(), of(0, "A2")["frequency"].as_f64().unwrap());
    assert!(a1 > 0.05 && a2 > 0.5 && a2 < 1.0, "one of the two comes first: {a1}, {a2}");
    assert_eq!(of(1, "B1")["firmness"], "firm", "prices do not depend on weights");
    assert_eq!(of(1, "A1")["firmness"], "not_funded");
    let rows = csv(&world, "cheap.csv");
    assert_eq!((rows[0]["funding_frequency_share"].as_str(), rows[0]["firmness"].as_str()), ("1", "firm"));
}

#[test]
fn allocate_gives_what_a_run_with_that_budget_and_rule_gives_and_leaves_the_run_alone() {
    let world = region();
    run(&world);
    let before = std::fs::read(world.path().join("out/run.json")).unwrap();
    let args = [
        "allocate",
        "out",
        "--scenario",
        "need",
        "--budget",
        "0.7k",
        "--rule",
        "leximin",
        "--cap",
        "50%",
        "--format",
        "json",
    ];
    let output = world.whitespot(&args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tried: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(std::fs::read(world.path().join("out/run.json")).unwrap(), before);
    let args = [
        "run",
        "--force",
        "--set",
        "scenario.need.budget=700",
        "--set",
        "scenario.need.rule=leximin",
        "--set",
        "scenario.need.caps=0.5",
    ];
    assert!(world.whitespot(&args).status.success());
    assert_eq!(tried["allocation"], scenario(&result(&world, "out"), "need")["allocation"]);
    assert_eq!(tried["as_run"]["budget_sek"], 500);
}

#[test]
fn allocate_prints_the_two_side_by_side_and_refuses_what_needs_a_run() {
    let world = region();
    run(&world);
    let output = world.whitespot(&["allocate", "--budget", "700", "--out", "tried.csv"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("as run") && said.contains("+200") && said.contains("Drops out: nobody"), "{said}");
    assert!(std::fs::read_to_string(world.path().join("tried.csv")).unwrap().contains("sum_grants_sek"));
    let output = world.whitespot(&["allocate", "--lang", "sv", "--set", "scenario.cheap.budget=100"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("som körd"));
    let said = refused(&world, &["allocate", "--set", "scenario.need.aid.share=0.5"]);
    assert!(said.contains("whitespot run --set"), "{said}");
    assert!(refused(&world, &["allocate", "--scenario", "neeed"]).contains("did you mean `need`?"));
    assert!(refused(&world, &["allocate", "--budget", "-1"]).contains("negative"));
    assert!(refused(&world, &["allocate", "nowhere"]).contains("no finished run"));
    assert_eq!(world.whitespot(&["allocate", "--rule", "best"]).status.code(), Some(2));
    assert_eq!(world.whitespot(&["allocate", "--budget", "much"]).status.code(), Some(2));
}

#[test]
fn compare_says_what_changed_and_because_of_which_input() {
    let world = region();
    run(&world);
    std::fs::rename(world.path().join("out"), world.path().join("before")).unwrap();
    // s3 grows from 4 to 6 persons and from 2 to 3 households.
    world.edit("settlements.csv", "s3,700060,7100050,4,2", "s3,700060,7100050,6,3");
    run(&world);
    let diff = |a: &str, b: &str| -> Value {
        let output = world.whitespot(&["compare", a, b, "--format", "json"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let got = diff("before", "out");
    assert_eq!(got["causes"], serde_json::json!(["population"]));
    let service = &got["services"][0];
    assert_eq!((service["by_population"].as_i64(), service["by_coverage"].as_i64()), (Some(2), Some(0)));
    assert_eq!(service["is_certain"], true);
    let steps = got["scenarios"][0]["change"]["steps"].as_array().unwrap();
    let sum: i64 = steps.iter().map(|s| s["persons"].as_i64().unwrap()).sum();
    let persons = got["scenarios"][0]["persons"].as_array().unwrap();
    assert_eq!(sum, persons[1].as_i64().unwrap() - persons[0].as_i64().unwrap());

    // Coverage and a price change as well.
    world.write("fibre.geojson", &collection(&[fibre("existing", "", (700_000.0, 700_055.0))]));
    world.edit("whitespot.toml", "base_per_household = 100", "base_per_household = 120");
    run(&world);
    let got = diff("before", "out");
    assert_eq!(got["causes"], serde_json::json!(["population", "coverage", "settings"]));
    let service = &got["services"][0];
    // 2 more persons in A1, of whom 6 of 7 had nothing: 2 × 6/7 ≈ 2; s2's 2 persons are reached now.
    assert_eq!((service["by_population"].as_i64(), service["by_coverage"].as_i64()), (Some(2), Some(-2)));
    assert_eq!(service["is_certain"], false);
    assert_eq!(got["settings"][0]["key"], "cost.fixed_100.base_per_household");
    let said = String::from_utf8_lossy(&world.whitespot(&["compare", "before", "out"]).stdout).into_owned();
    assert!(said.contains("the population, the coverage, the settings"), "{said}");
    let same = String::from_utf8_lossy(&world.whitespot(&["compare", "out", "out"]).stdout).into_owned();
    assert!(same.contains("nothing differs"), "{same}");
    assert!(refused(&world, &["compare", "before", "gone"]).contains("no finished run"));
}

#[test]
fn profiles_are_listed_and_shown_in_both_languages() {
    let world = World::new();
    let said = |args: &[&str]| String::from_utf8_lossy(&world.whitespot(args).stdout).into_owned();
    assert_eq!(said(&["profiles"]).lines().count(), 9);
    assert!(said(&["profiles", "show", "se-pts-2022", "--lang", "sv"]).contains("jämförelsetal"));
    assert!(said(&["profiles", "us-bead-2025"]).contains("Not verified"));
    assert!(said(&["profiles", "no-nkom-2019", "--toml"]).starts_with("schema"));
    let refused = world.whitespot(&["profiles", "se-pts"]);
    assert_eq!(refused.status.code(), Some(1));
}
