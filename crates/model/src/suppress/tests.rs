//! What can be reckoned from what is published: every equation that holds between published numbers is written
//! down, and solved exactly (modulo a prime) for every withheld small count.

use super::*;

const PRIME: u64 = 2_147_483_647;

/// Whether `unknown` follows from linear equations in `n` unknowns: whether its unit vector lies in the span of
/// their rows.
fn follows(equations: &[Vec<i64>], n: usize, unknown: usize) -> bool {
    let rank = |rows: &[Vec<u64>]| {
        let mut rows = rows.to_vec();
        let mut rank = 0;
        for column in 0..n {
            let Some(pivot) = (rank..rows.len()).find(|&r| rows[r][column] != 0) else { continue };
            rows.swap(rank, pivot);
            let inverse = power(rows[rank][column], PRIME - 2);
            for r in 0..rows.len() {
                if r == rank || rows[r][column] == 0 {
                    continue;
                }
                let factor = rows[r][column] * inverse % PRIME;
                let pivot_row = rows[rank].clone();
                for (value, pivot) in rows[r].iter_mut().zip(&pivot_row).skip(column) {
                    *value = (*value + PRIME - factor * pivot % PRIME) % PRIME;
                }
            }
            rank += 1;
        }
        rank
    };
    let mut rows: Vec<Vec<u64>> =
        equations.iter().map(|e| e.iter().map(|v| v.rem_euclid(PRIME as i64) as u64).collect()).collect();
    let without = rank(&rows);
    let mut unit = vec![0; n];
    unit[unknown] = 1;
    rows.push(unit);
    rank(&rows) == without
}

fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut product = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            product = product * base % PRIME;
        }
        base = base * base % PRIME;
        exponent >>= 1;
    }
    product
}

/// A made-up region: areas under parents (the last row outside), two services of which one reaches more.
struct Region {
    parent_of: Vec<Option<usize>>,
    n_parents: usize,
    households: Vec<u64>,
    gaps: [Vec<u64>; 2],
}

/// Small counts are as frequent as large ones; zeros are frequent too.
fn region(seed: u64) -> Region {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut draw = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % below
    };
    let n_parents = draw(4) as usize;
    let n = 1 + draw(9) as usize;
    let mut parent_of: Vec<Option<usize>> =
        (0..n).map(|_| (n_parents > 0 && draw(8) > 0).then(|| draw(n_parents as u64) as usize)).collect();
    parent_of.push(None);
    let mut size = || match draw(4) {
        0 => 0,
        1 => draw(5),
        2 => draw(12),
        _ => draw(400),
    };
    let households: Vec<u64> = (0..=n).map(|_| size()).collect();
    let part = |of: u64, x: u64| if of == 0 { 0 } else { x % (of + 1) };
    let wide: Vec<u64> = households.iter().map(|h| part(*h, size())).collect();
    let narrow: Vec<u64> = wide.iter().map(|g| part(*g, size())).collect();
    Region { parent_of, n_parents, households, gaps: [wide, narrow] }
}

fn table(
    codes: &[String],
    parents: &[Option<String>],
    region: &Region,
    of: &dyn Fn(&[u64]) -> Vec<u64>,
) -> Table {
    let mut table = Table::default();
    let ints = |v: Vec<u64>| Values::Int(v.into_iter().map(|x| Some(x as i64)).collect());
    if !codes.is_empty() || !parents.is_empty() {
        table.push("area_code", Unit::Text, "", "", Values::Text(codes.iter().cloned().map(Some).collect()));
        table.push("parent_code", Unit::Text, "", "", Values::Text(parents.to_vec()));
    }
    table.push("households", Unit::Households, "", "", ints(of(&region.households)));
    for (name, gap) in ["wide", "narrow"].iter().zip(&region.gaps) {
        let reached: Vec<u64> = region.households.iter().zip(gap).map(|(h, g)| h - g).collect();
        table.push(&format!("{name}_gap_households"), Unit::Households, "", "", ints(of(gap)));
        table.push(&format!("{name}_reached_households"), Unit::Households, "", "", ints(of(&reached)));
    }
    table
}

fn result(region: &Region) -> RunResult {
    let codes: Vec<String> = (0..region.parent_of.len())
        .map(|i| if i + 1 == region.parent_of.len() { String::new() } else { format!("a{i}") })
        .collect();
    let parents: Vec<Option<String>> = region.parent_of.iter().map(|p| p.map(|p| format!("p{p}"))).collect();
    let parent_codes: Vec<String> = (0..region.n_parents).map(|p| format!("p{p}")).collect();
    let by_parent = |counts: &[u64]| {
        (0..region.n_parents)
            .map(|p| {
                let of = counts.iter().zip(&region.parent_of).filter(|(_, of)| **of == Some(p));
                of.map(|(n, _)| n).sum()
            })
            .collect()
    };
    let mut empty: RunResult = serde_json::from_value(serde_json::json!({
        "schema": 1, "run_id": "", "version": "", "title": "t", "language": ["en"], "crs": "EPSG:3006",
        "inputs": [], "findings": [], "services": {"wide": {}, "narrow": {}}, "shown_service": null,
        "total": {"settlements": 0, "persons": 0, "households": 0, "workplaces": 0},
        "has_households": true, "has_workplaces": false,
        "areas": {"columns": []}, "parents": {"columns": []}, "totals": {"columns": []},
        "map": null, "ranking": null, "scenarios": [], "formats": []
    }))
    .unwrap();
    empty.areas = table(&codes, &parents, region, &<[u64]>::to_vec);
    empty.parents = table(&parent_codes, &vec![None; region.n_parents], region, &by_parent);
    empty.totals = table(&[], &[], region, &|counts| vec![counts.iter().sum()]);
    empty
}

/// Every household cell of the published tables as a number or an unknown, and the equations between them.
struct System {
    /// Value in truth, and what is published of it.
    cells: Vec<(u64, Option<i64>)>,
    /// Terms (cell, sign) that sum to 0.
    equations: Vec<Vec<(usize, i64)>>,
}

fn system(region: &Region, truth: &RunResult, public: &RunResult) -> System {
    let mut cells = Vec::new();
    let mut at = BTreeMap::new();
    for (which, whole, shown) in [
        ("area", &truth.areas, &public.areas),
        ("parent", &truth.parents, &public.parents),
        ("total", &truth.totals, &public.totals),
    ] {
        for column in whole.columns.iter().filter(|c| c.unit == Unit::Households) {
            let masked = &shown.column(&column.name).unwrap().values;
            for row in 0..whole.n_rows() {
                at.insert((which, column.name.clone(), row), cells.len());
                let Values::Int(masked) = masked else { panic!("a count is whole") };
                cells.push((column.values.number(row).unwrap() as u64, masked[row]));
            }
        }
    }
    let mut equations = Vec::new();
    for (which, n) in [("area", region.parent_of.len()), ("parent", region.n_parents), ("total", 1)] {
        for (row, service) in (0..n).flat_map(|row| ["wide", "narrow"].map(|s| (row, s))) {
            let cell = |name: String| at[&(which, name, row)];
            equations.push(vec![
                (cell("households".into()), 1),
                (cell(format!("{service}_gap_households")), -1),
                (cell(format!("{service}_reached_households")), -1),
            ]);
        }
    }
    for column in truth.areas.columns.iter().filter(|c| c.unit == Unit::Households) {
        let cell = |which, row| at[&(which, column.name.clone(), row)];
        let members = |p: Option<usize>| {
            let areas = region.parent_of.iter().enumerate().filter(move |(_, of)| **of == p);
            areas.map(|(row, _)| (cell("area", row), 1)).collect::<Vec<_>>()
        };
        for p in 0..region.n_parents {
            let mut terms = members(Some(p));
            terms.push((cell("parent", p), -1));
            equations.push(terms);
        }
        let mut terms = members(None);
        terms.extend((0..region.n_parents).map(|p| (cell("parent", p), 1)));
        terms.push((cell("total", 0), -1));
        equations.push(terms);
    }
    System { cells, equations }
}

#[test]
fn no_small_household_count_follows_from_everything_that_is_published() {
    let mut n_withheld = 0;
    for seed in 1..=600 {
        let region = region(seed);
        let truth = result(&region);
        let public = public_result(&truth, 5);
        let system = system(&region, &truth, &public);
        let unknowns: Vec<usize> = (0..system.cells.len()).filter(|&c| system.cells[c].1.is_none()).collect();
        n_withheld += unknowns.len();
        let place: BTreeMap<usize, usize> = unknowns.iter().enumerate().map(|(k, c)| (*c, k)).collect();
        let rows: Vec<Vec<i64>> = system
            .equations
            .iter()
            .map(|terms| {
                let mut row = vec![0; unknowns.len()];
                terms
                    .iter()
                    .filter_map(|(c, sign)| Some((place.get(c)?, sign)))
                    .for_each(|(k, s)| row[*k] += s);
                row
            })
            .collect();
        for (cell, (value, published)) in system.cells.iter().enumerate() {
            match published {
                Some(shown) => {
                    assert_eq!(*shown as u64, *value, "seed {seed}: a published count is the true one");
                    assert!(!(1..5).contains(value), "seed {seed}: a small count is published");
                }
                None if (1..5).contains(value) => {
                    assert!(
                        !follows(&rows, unknowns.len(), place[&cell]),
                        "seed {seed}: cell {cell} follows"
                    );
                }
                None => {}
            }
        }
    }
    assert!(n_withheld > 1_000, "the test withholds {n_withheld} cells");
}

#[test]
fn withheld_members_of_a_published_sum_are_not_a_small_count_together() {
    for seed in 1..=600 {
        let region = region(seed);
        let truth = result(&region);
        let public = public_result(&truth, 5);
        let system = system(&region, &truth, &public);
        // The sums over areas and parents; the others (households = reached + not reached) have two signs.
        for terms in system.equations.iter().filter(|t| t.iter().filter(|(_, sign)| *sign < 0).count() == 1) {
            let (sum, _) = terms.iter().find(|(_, sign)| *sign < 0).unwrap();
            let hidden: Vec<u64> = terms
                .iter()
                .filter(|(c, sign)| *sign > 0 && system.cells[*c].1.is_none())
                .map(|(c, _)| system.cells[*c].0)
                .collect();
            if system.cells[*sum].1.is_some() {
                let together: u64 = hidden.iter().sum();
                assert!(hidden.len() != 1, "seed {seed}: one withheld member of a published sum");
                assert!(together == 0 || together >= 5, "seed {seed}: {together} together");
            }
        }
    }
}

#[test]
fn the_solver_of_these_tests_finds_what_follows() {
    // x + y = …, y + z = …, z = …: everything follows; without the last nothing does.
    let chain = [vec![1, 1, 0], vec![0, 1, 1], vec![0, 0, 1]];
    assert!((0..3).all(|k| follows(&chain, 3, k)));
    assert!((0..3).all(|k| !follows(&chain[..2], 3, k)));
}

#[test]
fn without_small_counts_or_households_nothing_changes() {
    let region = Region {
        parent_of: vec![Some(0), Some(0), None],
        n_parents: 1,
        households: vec![50, 60, 0],
        gaps: [vec![10, 0, 0], vec![0, 0, 0]],
    };
    let truth = result(&region);
    assert_eq!(public_result(&truth, 5), truth);
    let mut small = result(&Region { gaps: [vec![3, 0, 0], vec![0, 0, 0]], ..region });
    assert_ne!(public_result(&small, 5), small);
    assert_eq!(public_result(&small, 1), small);
    small.has_households = false;
    assert_eq!(public_result(&small, 5), small);
}
