//! The lexicographically largest outcome by exhaustive search, where that is small enough.

use super::{Level, Unit};
use crate::{field::Field, limits::BoundLimits};

/// Most ways to fund one unit that are listed.
const MOST_WAYS: u64 = 4_096;
/// Most sets of units that are tried to stay at a level.
const MOST_SETS: usize = 20_000;

/// One way to fund a unit that no other beats: higher coverage costs more.
#[derive(Clone, Debug)]
struct Way {
    sek: i64,
    level: Level,
    connections: Vec<u64>,
}

/// Connections by row, or `None` where there are too many ways, or none at all.
pub(super) fn solve(
    field: &Field<'_>,
    units: &[Unit],
    limits: &BoundLimits,
    pot: i64,
    is_partial: bool,
) -> Option<Vec<u64>> {
    let n_choices = |i: usize| if is_partial { field.connections[i].saturating_add(1) } else { 2 };
    for unit in units {
        unit.rows.iter().try_fold(1u64, |n, &i| n.checked_mul(n_choices(i))).filter(|&n| n <= MOST_WAYS)?;
    }
    let ways: Vec<Vec<Way>> = units.iter().map(|unit| best_ways(field, unit, limits, is_partial)).collect();
    if ways.iter().any(Vec::is_empty) {
        return None;
    }
    let mut search = Search { ways: &ways, n_sets: 0 };
    let active: Vec<usize> = (0..units.len()).collect();
    let (_, chosen) = search.raise(&active, pot)?;
    let mut connections = vec![0; field.len()];
    for (u, w) in chosen {
        for (&i, &k) in units[u].rows.iter().zip(&ways[u][w].connections) {
            connections[i] = k;
        }
    }
    Some(connections)
}

/// All ways within floor, cap and list that no cheaper one equals, by rising coverage and cost.
fn best_ways(field: &Field<'_>, unit: &Unit, limits: &BoundLimits, is_partial: bool) -> Vec<Way> {
    let mut ways = vec![Way { sek: 0, level: unit.before, connections: Vec::new() }];
    for &i in &unit.rows {
        let all = field.connections[i];
        let step = if is_partial { 1 } else { all };
        let first = if limits.must[i] { all } else { 0 };
        let mut longer = Vec::new();
        for way in &ways {
            let mut k = first;
            while k <= all {
                let mut connections = way.connections.clone();
                connections.push(k);
                let reached = way.level.reached + field.part(i, k, field.rows[i].persons);
                longer.push(Way {
                    sek: way.sek + field.grant_for(i, k),
                    level: Level { reached, all: way.level.all },
                    connections,
                });
                k += step;
            }
        }
        ways = longer;
    }
    ways.retain(|way| way.sek >= unit.floor_sek && way.sek <= unit.cap_sek);
    ways.sort_by(|a, b| b.level.reached.cmp(&a.level.reached).then(a.sek.cmp(&b.sek)));
    let mut best: Vec<Way> = Vec::new();
    for way in ways {
        if best.last().is_none_or(|last| way.sek < last.sek) {
            best.push(way);
        }
    }
    best.reverse();
    best
}

struct Search<'a> {
    ways: &'a [Vec<Way>],
    n_sets: usize,
}

/// Levels from the lowest up, and the way chosen for each unit.
type Answer = (Vec<Level>, Vec<(usize, usize)>);

impl Search<'_> {
    /// The largest outcome for the units in `active` with so much money; `None` where there is none, or too
    /// much to try.
    fn raise(&mut self, active: &[usize], rest: i64) -> Option<Answer> {
        if active.is_empty() {
            return Some((Vec::new(), Vec::new()));
        }
        let (lowest, cheapest) = self.highest_common(active, rest)?;
        let spent: i64 = cheapest.iter().zip(active).map(|(&w, &u)| self.ways[u][w].sek).sum();
        // Those that stand at the common level, and what raising each of them costs at least.
        let mut at_level: Vec<(usize, usize, Option<i64>)> = Vec::new();
        for (&w, &u) in cheapest.iter().zip(active) {
            if self.ways[u][w].level == lowest {
                let next = self.ways[u].get(w + 1).map(|next| next.sek - self.ways[u][w].sek);
                at_level.push((u, w, next));
            }
        }
        let mut increments: Vec<i64> = at_level.iter().filter_map(|&(_, _, next)| next).collect();
        increments.sort_unstable();
        let mut over = rest - spent;
        let n_raised = increments
            .iter()
            .take_while(|&&sek| {
                over -= sek;
                over >= 0
            })
            .count();
        let n_stay = at_level.len() - n_raised;
        let mut best: Option<Answer> = None;
        for stay in subsets(at_level.len(), n_stay) {
            let raising: Option<i64> =
                (0..at_level.len()).filter(|at| !stay.contains(at)).map(|at| at_level[at].2).sum();
            if raising.is_none_or(|sek| sek > rest - spent) {
                continue;
            }
            self.n_sets += 1;
            if self.n_sets > MOST_SETS {
                return None;
            }
            let staying: Vec<(usize, usize)> =
                stay.iter().map(|&at| (at_level[at].0, at_level[at].1)).collect();
            let others: Vec<usize> =
                active.iter().copied().filter(|u| staying.iter().all(|(s, _)| s != u)).collect();
            let stay_sek: i64 = staying.iter().map(|&(u, w)| self.ways[u][w].sek).sum();
            let Some((levels, mut chosen)) = self.raise(&others, rest - stay_sek) else {
                if self.n_sets > MOST_SETS {
                    return None;
                }
                continue;
            };
            chosen.extend(staying);
            let mut all = vec![lowest; n_stay];
            all.extend(levels);
            if best.as_ref().is_none_or(|(held, _)| all > *held) {
                best = Some((all, chosen));
            }
        }
        best
    }

    /// The highest level that all of `active` can have together, and the cheapest way of each to have it.
    fn highest_common(&self, active: &[usize], rest: i64) -> Option<(Level, Vec<usize>)> {
        let mut levels: Vec<Level> =
            active.iter().flat_map(|&u| self.ways[u].iter().map(|w| w.level)).collect();
        levels.sort();
        levels.dedup();
        let cheapest = |level: Level| -> Option<Vec<usize>> {
            let ways: Vec<usize> =
                active.iter().map(|&u| self.ways[u].partition_point(|way| way.level < level)).collect();
            let is_possible = ways.iter().zip(active).all(|(&w, &u)| w < self.ways[u].len());
            let sek = || -> i64 { ways.iter().zip(active).map(|(&w, &u)| self.ways[u][w].sek).sum() };
            (is_possible && sek() <= rest).then_some(ways)
        };
        let n_possible = levels.partition_point(|&level| cheapest(level).is_some());
        let level = *levels.get(n_possible.checked_sub(1)?)?;
        // The lowest of what the ways give, which is the level itself for at least one of them.
        Some((level, cheapest(level)?))
    }
}

/// All sets of `n_chosen` of the first `n` numbers, in lexicographic order.
fn subsets(n: usize, n_chosen: usize) -> impl Iterator<Item = Vec<usize>> {
    let mut next = (n_chosen <= n).then(|| (0..n_chosen).collect::<Vec<usize>>());
    std::iter::from_fn(move || {
        let now = next.clone()?;
        let mut set = now.clone();
        next = (0..n_chosen).rev().find(|&at| set[at] + n_chosen - at < n).map(|at| {
            set[at] += 1;
            for later in at + 1..n_chosen {
                set[later] = set[later - 1] + 1;
            }
            set
        });
        Some(now)
    })
}
