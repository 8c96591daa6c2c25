//! Tiny candidates for tests.

use proptest::test_runner::{Config, RngSeed};
use whitespot_model::funding::{Base, Candidate, Candidates, Cost, ParentBase};

/// A candidate with so many households (two persons each) at a grant of `sek` for all.
pub(crate) fn candidate(code: &str, score: f64, households: u64, sek: i64) -> Candidate {
    Candidate {
        code: code.to_string(),
        name: code.to_uppercase(),
        persons: 2 * households,
        households,
        total_persons: 4 * households,
        total_households: 2 * households,
        cost: Cost { total_sek: sek, households_sek: sek, ..Cost::default() },
        grant_sek: sek,
        score: Some(score),
        ..Candidate::default()
    }
}

/// Candidates whose code's first letter is their parent area.
pub(crate) fn by_letter(rows: Vec<Candidate>) -> Candidates {
    let mut letters: Vec<String> = rows.iter().map(|r| r.code[..1].to_string()).collect();
    letters.sort();
    letters.dedup();
    let mut all = Candidates { rows, ..Candidates::default() };
    all.parents = letters
        .iter()
        .map(|code| ParentBase { code: code.clone(), name: code.to_uppercase(), base: Base::default() })
        .collect();
    for row in &mut all.rows {
        let p = letters.iter().position(|letter| row.code.starts_with(letter.as_str())).unwrap();
        row.parent = Some(p as u32);
        for base in [&mut all.parents[p].base, &mut all.total] {
            base.persons += row.total_persons;
            base.reached_persons += row.total_persons - row.persons;
            base.households += row.total_households;
            base.reached_households += row.total_households - row.households;
        }
    }
    all
}

/// So many random cases, the same ones every time. `PROPTEST_SEED=random` while the tests are built draws others.
pub(crate) fn fixed_cases(cases: u32) -> Config {
    let is_random = option_env!("PROPTEST_SEED").is_some_and(|seed| seed == "random");
    let rng_seed = if is_random { RngSeed::Random } else { RngSeed::Fixed(20_260_101) };
    Config {
        cases: if is_random { 10 * cases } else { cases },
        rng_seed,
        failure_persistence: None,
        ..Config::default()
    }
}
