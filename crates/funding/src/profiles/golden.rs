//! The profiles that ship, against published numbers and hand calculations.

use super::*;
use crate::{Scenario, allocate, testing::candidate};
use whitespot_model::{
    config::funding::CoverageClass,
    funding::{Allocation, Candidates, Reason, RuleName},
};

macro_rules! shipped {
    ($name:literal) => {
        include_str!(concat!("../../../../data/profiles/", $name, ".toml"))
    };
}

const ALL: [(&str, &str); 9] = [
    ("se-pts-2022", shipped!("se-pts-2022")),
    ("no-nkom-2019", shipped!("no-nkom-2019")),
    ("no-nkom-2022", shipped!("no-nkom-2022")),
    ("dk-pulje-equal", shipped!("dk-pulje-equal")),
    ("dk-pulje-price", shipped!("dk-pulje-price")),
    ("de-scoring-2015", shipped!("de-scoring-2015")),
    ("us-bead-2021", shipped!("us-bead-2021")),
    ("us-bead-2025", shipped!("us-bead-2025")),
    ("eu-2023-fixed", shipped!("eu-2023-fixed")),
];

fn profile(name: &str) -> Profile {
    parse(ALL.iter().find(|(n, _)| *n == name).unwrap().1).unwrap()
}

fn with_values(code: &str, households: u64, sek: i64, values: &[(&str, f64)]) -> Candidate {
    let mut row = candidate(code, 0.5, households, sek);
    row.values = values.iter().map(|&(name, value)| (name.to_string(), value)).collect();
    row
}

fn run(name: &str, budget_sek: i64, rows: Vec<Candidate>) -> Allocation {
    let mut scenario = Scenario::new("golden", RuleName::Profile, budget_sek);
    scenario.profile = Some(profile(name));
    allocate(&Candidates { rows, ..Candidates::default() }, &scenario).unwrap()
}

fn grant_of(allocation: &Allocation, code: &str) -> i64 {
    allocation.grants.iter().find(|g| g.code == code).unwrap().grant_sek
}

fn criterion(profile: &Profile, id: &str) -> Criterion {
    let Rule::Points { criteria, .. } = &profile.rule else { panic!("no points") };
    criteria.iter().find(|c| c.id == id).unwrap().clone()
}

#[test]
fn every_profile_reads_says_what_it_is_and_what_is_not_verified() {
    for (name, text) in ALL {
        let profile = parse(text).unwrap();
        assert_eq!(profile.name, name);
        assert!(!profile.unverified.is_empty() && !profile.source.read.is_empty(), "{name}");
    }
}

#[test]
fn an_unknown_key_or_a_wrong_number_is_refused() {
    let (_, text) = ALL[0];
    assert!(parse(&text.replace("step  ", "stepp ")).is_err());
    let error = parse(&text.replace("most                   = 0.50", "most = 50")).unwrap_err();
    assert!(error.to_string().contains("shares from 0 to 1"), "{error}");
}

#[test]
fn pts_2022_lowers_the_comparison_value_by_2_percent_a_prioritised_building() {
    let Rule::ComparisonValue(rule) = profile("se-pts-2022").rule else { panic!("another rule") };
    for (prioritised, value) in [(0.0, 100_000.0), (10.0, 80_000.0), (25.0, 50_000.0), (40.0, 50_000.0)] {
        let got = rule.value(200.0 * 100_000.0, 200.0, prioritised).unwrap();
        assert!((got - value).abs() < 1e-6, "{prioritised}: {got}");
    }
    // At most 30 percent of 20 buildings are 6.
    assert!((rule.value(2_000_000.0, 20.0, 10.0).unwrap() - 88_000.0).abs() < 1e-6);
    assert_eq!(rule.value(1.0, 0.0, 0.0), None);
}

#[test]
fn pts_2022_funds_the_lowest_comparison_value_first() {
    let project = |code, sek, prioritised| {
        with_values(code, 100, sek, &[("buildings", 100.0), ("prioritised_buildings", prioritised)])
    };
    let rows = vec![
        project("dear", 8_000_000, 20.0),
        project("cheap", 6_000_000, 0.0),
        project("mid", 7_000_000, 0.0),
    ];
    let got = run("se-pts-2022", 9_000_000, rows);
    let order: Vec<&str> = got.grants.iter().map(|g| g.code.as_str()).collect();
    assert_eq!(order, ["dear", "cheap", "mid"]); // 48,000 < 60,000 < 70,000 a building
    assert_eq!(got.grants[0].key.map(f64::round), Some(48_000.0));
}

#[test]
fn nkom_2019_gives_the_published_shares_and_amounts() {
    let published = [
        ("Akershus", 1_886.0, 357.0, 7.21, 14_402_156.0),
        ("Aust-Agder", 942.0, 191.0, 3.64, 7_273_028.0),
        ("Buskerud", 1_079.0, 173.0, 4.03, 8_040_161.0),
        ("Finnmark", 1_057.0, 15.0, 3.45, 6_885_616.0),
        ("Hedmark", 2_721.0, 426.0, 10.12, 20_206_891.0),
    ];
    let of = |code: &str, slow: f64, copper: f64| {
        with_values(code, 1, 0, &[("households_below_10", slow), ("households_10_to_30_copper", copper)])
    };
    let mut rows: Vec<Candidate> =
        published.iter().map(|&(c, slow, copper, ..)| of(c, slow, copper)).collect();
    let listed: f64 = published.iter().map(|p| p.1 + p.2).sum();
    rows.push(of("others", 31_100.0 - listed, 0.0));
    let got = run("no-nkom-2019", 199_750_000, rows);
    assert_eq!(got.spent_sek, 199_750_000);
    for (county, _, _, percent, nok) in published {
        let amount = grant_of(&got, county) as f64;
        assert!((amount / 1_997_500.0 - percent).abs() <= 0.01, "{county}: {amount}");
        assert!((amount / nok - 1.0).abs() <= 0.001, "{county}: {amount}");
    }
}

#[test]
fn nkom_2022_shares_sum_to_1_and_equal_the_hand_calculation() {
    let Rule::Shares(rule) = profile("no-nkom-2022").rule else { panic!("another rule") };
    // Sparse counts 100, 300, 600; needs 10, 10, 20 and 0, 30, 10 million.
    let shares = rule.shares(&[vec![100.0, 300.0, 600.0], vec![10.0, 10.0, 20.0], vec![0.0, 30.0, 10.0]]);
    let by_hand = [0.05 + 0.0625, 0.15 + 0.0625 + 0.1875, 0.30 + 0.125 + 0.0625];
    for (share, hand) in shares.iter().zip(by_hand) {
        assert!((share - hand).abs() < 1e-12, "{shares:?}");
    }
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    // A part in which nobody lacks anything gives its weight to the others.
    let shares = rule.shares(&[vec![0.0, 0.0], vec![1.0, 3.0], vec![1.0, 1.0]]);
    assert!((shares[0] - 0.375).abs() < 1e-12);
}

#[test]
fn the_danish_price_criterion_falls_from_10_000_to_70_000() {
    let price = criterion(&profile("dk-pulje-price"), "price");
    for (dkk, points) in [
        (5_000.0, 100.0),
        (10_000.0, 100.0),
        (25_000.0, 75.0),
        (40_000.0, 50.0),
        (70_000.0, 0.0),
        (90_000.0, 0.0),
    ] {
        assert!((price.points(dkk) - points).abs() < 1e-9, "{dkk}");
    }
    let mobile = criterion(&profile("dk-pulje-price"), "mobile");
    for (mbps, points) in [(100.0, 0.0), (99.9, 50.0), (20.0, 50.0), (19.9, 100.0), (0.0, 100.0)] {
        assert_eq!(mobile.points(mbps), points, "{mbps}");
    }
}

#[test]
fn the_danish_equal_criteria_give_their_mean() {
    // Points 50, 100, 80, 0, 50 (10 of 20 addresses), 40, 75 (25,000 DKK): 395 / 7.
    let values = [
        ("participation_share", 0.5),
        ("below_30_5_share", 1.0),
        ("rural_zone_share", 0.8),
        ("remote_share", 0.0),
        ("addresses", 10.0),
        ("mobile_need", 0.4),
        ("price_per_address", 25_000.0),
    ];
    let got = run("dk-pulje-equal", 0, vec![with_values("a", 10, 250_000, &values)]);
    assert!((got.grants[0].key.unwrap() - 395.0 / 7.0).abs() < 1e-9);
}

#[test]
fn the_german_tables_are_looked_up_limits_included() {
    let german = profile("de-scoring-2015");
    let density = criterion(&german, "density");
    for (value, points) in [
        (0.0, 14.0),
        (69.9, 14.0),
        (70.0, 13.0),
        (79.0, 13.0),
        (80.0, 12.0),
        (189.0, 2.0),
        (190.0, 1.0),
        (200.0, 1.0),
        (201.0, 0.0),
    ] {
        assert_eq!(density.points(value), points, "{value} inhabitants per km²");
    }
    let slow = criterion(&german, "slow");
    for (value, points) in [
        (100.0, 9.0),
        (66.0, 9.0),
        (65.0, 8.0),
        (61.0, 8.0),
        (60.0, 7.0),
        (31.0, 2.0),
        (30.0, 1.0),
        (25.0, 1.0),
        (24.9, 0.0),
    ] {
        assert_eq!(slow.points(value), points, "{value} percent");
    }
    assert_eq!(criterion(&german, "nobody_left").points(1.0), 7.0);
    assert_eq!(criterion(&german, "nobody_left").points(0.0), 0.0);
}

#[test]
fn the_two_bead_rules_fund_different_lists() {
    let row = |code, n: f64, sek| {
        with_values(code, n as u64, sek, &[("unserved", n), ("unserved_high_cost", 0.0), ("locations", n)])
    };
    let rows = vec![row("cheap", 1_000.0, 90_000_000), row("dear", 1_000.0, 900_000_000)];
    let by_formula = run("us-bead-2021", 300_000_000, rows.clone());
    let by_cost = run("us-bead-2025", 300_000_000, rows);
    // A floor of 100 million each, and half of the other 100 million.
    assert_eq!((grant_of(&by_formula, "cheap"), grant_of(&by_formula, "dear")), (150_000_000, 150_000_000));
    assert_eq!((grant_of(&by_cost, "cheap"), grant_of(&by_cost, "dear")), (90_000_000, 209_700_000));
}

#[test]
fn the_eu_classes_are_0_1_and_2_operators_and_only_a_step_change_is_funded() {
    let classes = [0, 1, 2, 3].map(Classes::class);
    assert_eq!(
        classes,
        [CoverageClass::White, CoverageClass::Grey, CoverageClass::Black, CoverageClass::Black]
    );
    let row = |code, operators, now, after| {
        with_values(
            code,
            10,
            1_000,
            &[("operators_100", operators), ("speed_now", now), ("speed_after", after)],
        )
    };
    let rows = vec![
        row("black", 2.0, 300.0, 1_000.0),
        row("grey", 1.0, 300.0, 1_000.0),
        row("half", 1.0, 500.0, 1_000.0),
        row("slow", 0.0, 10.0, 300.0),
        row("white", 0.0, 30.0, 1_000.0),
    ];
    let got = run("eu-2023-fixed", 10_000, rows);
    let funded: Vec<&str> = got.grants.iter().filter(|g| g.grant_sek > 0).map(|g| g.code.as_str()).collect();
    assert_eq!(funded, ["grey", "white"]);
    assert_eq!(got.grants.iter().filter(|g| g.reason == Reason::NoPlace).count(), 3);
}

#[test]
fn a_number_that_a_candidate_lacks_is_named() {
    let mut scenario = Scenario::new("golden", RuleName::Profile, 10);
    scenario.profile = Some(profile("us-bead-2025"));
    let rows = vec![candidate("a", 0.5, 1, 1)];
    let error = allocate(&Candidates { rows, ..Candidates::default() }, &scenario).unwrap_err();
    assert_eq!(error.to_string(), "profile `us-bead-2025` needs `locations` of each candidate; `a` has none");
}
