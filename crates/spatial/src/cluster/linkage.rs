//! Single linkage: points joined by a chain of steps of at most a link distance.
//!
//! Definition: two points of the same side are linked if their planar distance is at most `link_m`; groups are the
//! connected components. So the result does not depend on the order of the points.
//!
//! Points are sorted into square cells of side `link_m / √2`: whoever shares a cell is linked without a look at the
//! pairs, which keeps towns cheap. Cells at most two apart are then asked for one linked pair, unless their points are
//! united already; where both hold many points an R-tree answers. The cells only choose what is compared: every link
//! is decided by a distance, so cell borders decide nothing.

use super::{UnionFind, distance2};
use geo_types::Coord;
use rstar::RTree;

/// Group of a point that is not finite.
pub const NO_GROUP: u32 = u32::MAX;

/// Pairs of points up to which two cells are compared pair by pair.
const FEW_PAIRS: usize = 2048;

/// The group of each point, [`NO_GROUP`] for points that are not finite.
///
/// `sides` tells which side of a border each point lies on: points of different sides are never linked. Groups are
/// numbered from 0 by their first point in the order of side, northing, easting: the numbers, too, do not depend on
/// the order of the points. A `link_m` of 0 (or less, or NaN) joins points of equal position only.
///
/// Time: that of sorting the points, and a few distances a point. Errors: none.
///
/// # Panics
/// When `sides` has another length than `points`.
pub fn single_linkage(points: &[Coord<f64>], sides: &[u32], link_m: f64) -> Vec<u32> {
    assert_eq!(points.len(), sides.len(), "every point lies on one side");
    let link_m = if link_m > 0.0 { link_m } else { 0.0 };
    let mut sets = UnionFind::new(points.len());
    let cells = Cells::new(points, sides, link_m);
    for cell in 0..cells.starts.len() - 1 {
        cells.unite_within(cell, &mut sets);
    }
    for rows_up in 0..=2 {
        cells.unite_across(rows_up, &mut sets);
    }
    numbered(points, sides, &mut sets)
}

/// Points sorted by cell.
struct Cells<'a> {
    points: &'a [Coord<f64>],
    link2: f64,
    /// Finite points by side, cell row, cell column.
    order: Vec<u32>,
    /// Side, row and column of each cell in order.
    keys: Vec<(u32, i64, i64)>,
    /// First place in `order` of each cell, then the end.
    starts: Vec<usize>,
}

impl<'a> Cells<'a> {
    fn new(points: &'a [Coord<f64>], sides: &[u32], link_m: f64) -> Cells<'a> {
        let size = link_m * std::f64::consts::FRAC_1_SQRT_2;
        let index = |v: f64| if size > 0.0 { (v / size).floor() } else { v };
        // Any monotone map of floats to integers will do where cells have no size: equal positions share a cell.
        let whole = |v: f64| if size > 0.0 { v as i64 } else { ordered_bits(v) };
        let mut keyed: Vec<((u32, i64, i64), u32)> = (0u32..)
            .zip(points)
            .filter(|(_, p)| p.x.is_finite() && p.y.is_finite())
            .map(|(i, p)| ((sides[i as usize], whole(index(p.y)), whole(index(p.x))), i))
            .collect();
        keyed.sort_unstable();
        let (mut keys, mut starts) = (Vec::new(), Vec::new());
        for (at, (key, _)) in keyed.iter().enumerate() {
            if keys.last() != Some(key) {
                keys.push(*key);
                starts.push(at);
            }
        }
        starts.push(keyed.len());
        let order = keyed.into_iter().map(|(_, i)| i).collect();
        Cells { points, link2: link_m * link_m, order, keys, starts }
    }

    fn members(&self, cell: usize) -> &[u32] {
        &self.order[self.starts[cell]..self.starts[cell + 1]]
    }

    /// Unites the points of one cell: all at once where the cell is small enough, else pair by pair.
    fn unite_within(&self, cell: usize, sets: &mut UnionFind) {
        let members = self.members(cell);
        let (lo, hi) = self.bounds(members);
        if distance2(lo, hi) <= self.link2 {
            members.windows(2).for_each(|w| {
                sets.unite(w[0], w[1]);
            });
            return;
        }
        // Only by the rounding of a huge coordinate over a tiny link distance.
        for (k, &a) in members.iter().enumerate() {
            for &b in &members[k + 1..] {
                if distance2(self.points[a as usize], self.points[b as usize]) <= self.link2 {
                    sets.unite(a, b);
                }
            }
        }
    }

    /// Unites cells with those at most two columns away and so many rows up.
    fn unite_across(&self, rows_up: i64, sets: &mut UnionFind) {
        let mut first = 0;
        for cell in 0..self.keys.len() {
            let (side, row, col) = self.keys[cell];
            let from = (side, row.saturating_add(rows_up), col.saturating_sub(2));
            while first < self.keys.len() && self.keys[first] < from {
                first += 1;
            }
            let is_near =
                |key: &(u32, i64, i64)| (key.0, key.1) == (from.0, from.1) && key.2 <= col.saturating_add(2);
            for other in (first..self.keys.len()).take_while(|&other| is_near(&self.keys[other])) {
                let is_seen_from_there = rows_up == 0 && other <= cell;
                if is_seen_from_there || sets.find(self.members(cell)[0]) == sets.find(self.members(other)[0])
                {
                    continue;
                }
                self.unite_two(cell, other, sets);
            }
        }
    }

    /// Unites two cells if any point of one is linked to any point of the other.
    ///
    /// Where the points of a cell are not all one group (see [`Cells::unite_within`]) every linked pair counts.
    fn unite_two(&self, a: usize, b: usize, sets: &mut UnionFind) {
        let (a, b) = (self.members(a), self.members(b));
        let (near_a, near_b) = (self.near(a, self.bounds(b)), self.near(b, self.bounds(a)));
        let (few, many) = if near_a.len() < near_b.len() { (near_a, near_b) } else { (near_b, near_a) };
        let is_one_group = |members: &[u32]| {
            let (lo, hi) = self.bounds(members);
            distance2(lo, hi) <= self.link2
        };
        let one_pair_will_do = is_one_group(a) && is_one_group(b);
        let point = |i: u32| self.points[i as usize];
        if few.len().saturating_mul(many.len()) <= FEW_PAIRS || !one_pair_will_do {
            for &i in &few {
                for &j in &many {
                    if distance2(point(i), point(j)) <= self.link2 {
                        sets.unite(i, j);
                        if one_pair_will_do {
                            return;
                        }
                    }
                }
            }
            return;
        }
        let tree = RTree::bulk_load(many.iter().map(|&j| [point(j).x, point(j).y]).collect());
        let is_linked =
            |i: &&u32| tree.locate_within_distance([point(**i).x, point(**i).y], self.link2).next().is_some();
        if let Some(i) = few.iter().find(is_linked) {
            sets.unite(*i, many[0]);
        }
    }

    /// The members within link distance of a box.
    fn near(&self, members: &[u32], (lo, hi): (Coord<f64>, Coord<f64>)) -> Vec<u32> {
        let is_near = |i: &u32| {
            let p = self.points[*i as usize];
            distance2(p, Coord { x: p.x.clamp(lo.x, hi.x), y: p.y.clamp(lo.y, hi.y) }) <= self.link2
        };
        members.iter().copied().filter(is_near).collect()
    }

    fn bounds(&self, members: &[u32]) -> (Coord<f64>, Coord<f64>) {
        let first = self.points[members[0] as usize];
        members.iter().fold((first, first), |(lo, hi), i| {
            let p = self.points[*i as usize];
            (Coord { x: lo.x.min(p.x), y: lo.y.min(p.y) }, Coord { x: hi.x.max(p.x), y: hi.y.max(p.y) })
        })
    }
}

/// Bits that are ordered as the finite numbers are; −0 equals 0.
fn ordered_bits(v: f64) -> i64 {
    let bits = (v + 0.0).to_bits() as i64;
    if bits < 0 { i64::MIN - bits } else { bits }
}

/// Sets as numbers from 0 by their first point in the order of side, northing, easting.
fn numbered(points: &[Coord<f64>], sides: &[u32], sets: &mut UnionFind) -> Vec<u32> {
    let mut order: Vec<u32> = (0..points.len() as u32)
        .filter(|&i| points[i as usize].x.is_finite() && points[i as usize].y.is_finite())
        .collect();
    order.sort_unstable_by(|&a, &b| {
        let (p, q) = (points[a as usize], points[b as usize]);
        (sides[a as usize].cmp(&sides[b as usize]))
            .then(ordered_bits(p.y).cmp(&ordered_bits(q.y)))
            .then(ordered_bits(p.x).cmp(&ordered_bits(q.x)))
            .then(a.cmp(&b))
    });
    let mut number = vec![NO_GROUP; points.len()];
    let mut groups = vec![NO_GROUP; points.len()];
    let mut next = 0;
    for i in order {
        let root = sets.find(i) as usize;
        if number[root] == NO_GROUP {
            number[root] = next;
            next += 1;
        }
        groups[i as usize] = number[root];
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(points: &[(f64, f64)]) -> Vec<Coord<f64>> {
        points.iter().map(|&(x, y)| Coord { x, y }).collect()
    }

    /// By the definition: look at every pair, spread the lower number until nothing changes.
    fn by_definition(points: &[Coord<f64>], sides: &[u32], link_m: f64) -> Vec<usize> {
        let n = points.len();
        let mut group: Vec<usize> = (0..n).collect();
        loop {
            let before = group.clone();
            for i in 0..n {
                for j in 0..n {
                    if sides[i] == sides[j] && distance2(points[i], points[j]) <= link_m * link_m {
                        group[i] = group[i].min(group[j]);
                    }
                }
            }
            if group == before {
                return group;
            }
        }
    }

    fn is_same_partition(a: &[u32], b: &[usize]) -> bool {
        (0..a.len()).all(|i| (0..a.len()).all(|j| (a[i] == a[j]) == (b[i] == b[j])))
    }

    #[test]
    fn points_exactly_the_link_distance_apart_are_linked_and_a_hair_more_are_not() {
        let points = at(&[(0.0, 0.0), (300.0, 400.0), (300.0, 900.0), (300.0, 1400.000001)]);
        assert_eq!(single_linkage(&points, &[0; 4], 500.0), [0, 0, 0, 1]);
    }

    #[test]
    fn chains_join_what_no_single_link_joins() {
        let points = at(&[(0.0, 0.0), (4.0, 0.0), (8.0, 0.0), (100.0, 0.0)]);
        assert_eq!(single_linkage(&points, &[0; 4], 4.0), [0, 0, 0, 1]);
    }

    #[test]
    fn no_link_crosses_a_border() {
        let points = at(&[(0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (0.0, 0.0)]);
        assert_eq!(single_linkage(&points, &[7, 7, 3, 3], 1.0), [2, 2, 1, 0]);
    }

    #[test]
    fn a_link_of_0_joins_equal_positions_only() {
        let points = at(&[(1.0, 1.0), (1.0, 1.0), (1.0, 1.0 + 1e-12), (-0.0, 0.0), (0.0, 0.0)]);
        assert_eq!(single_linkage(&points, &[0; 5], 0.0), [1, 1, 2, 0, 0]);
    }

    #[test]
    fn points_that_are_nowhere_have_no_group() {
        let points = at(&[(f64::NAN, 0.0), (1.0, f64::INFINITY), (1.0, 1.0)]);
        assert_eq!(single_linkage(&points, &[0; 3], 10.0), [NO_GROUP, NO_GROUP, 0]);
        assert!(single_linkage(&[], &[], 10.0).is_empty());
    }

    #[test]
    fn two_crowded_cells_are_linked_by_their_only_near_pair() {
        // 60 points each, 11 to 13 m apart but for one pair at exactly 10.
        let mut points: Vec<Coord<f64>> = Vec::new();
        for k in 0..60 {
            points.push(Coord { x: 4.0, y: f64::from(k) * 0.02 });
            points.push(Coord { x: 15.5, y: f64::from(k) * 0.02 });
        }
        let sides = vec![0; 120];
        let apart = single_linkage(&points, &sides, 10.0);
        assert_eq!(apart.iter().max(), Some(&1));
        points.push(Coord { x: 5.5, y: 0.2 });
        points.push(Coord { x: 15.5, y: 0.2 });
        let joined = single_linkage(&points, &[0; 122], 10.0);
        assert!(joined.iter().all(|g| *g == 0));
    }

    proptest! {
        #[test]
        fn groups_are_those_of_the_definition_in_any_order(
            raw in prop::collection::vec((0i32..60, 0i32..60, 0u32..2), 0..90),
            link in prop_oneof![Just(0.0), Just(1.0), Just(2.0f64.sqrt()), Just(3.0), Just(5.0), 0.5..12.0f64],
            shift in prop_oneof![Just(0.0), Just(7_000_000.0), Just(-13.7)],
            seed in any::<u64>(),
        ) {
            let points: Vec<Coord<f64>> =
                raw.iter().map(|p| Coord { x: f64::from(p.0) + shift, y: f64::from(p.1) - shift }).collect();
            let sides: Vec<u32> = raw.iter().map(|p| p.2).collect();
            let groups = single_linkage(&points, &sides, link);
            prop_assert!(is_same_partition(&groups, &by_definition(&points, &sides, link)));
            // Any other order gives the same numbers.
            let mut turned: Vec<usize> = (0..points.len()).collect();
            turned.sort_by_key(|i| (*i as u64).wrapping_mul(seed | 1).rotate_left(17));
            let other = single_linkage(
                &turned.iter().map(|&i| points[i]).collect::<Vec<_>>(),
                &turned.iter().map(|&i| sides[i]).collect::<Vec<_>>(),
                link,
            );
            prop_assert!(turned.iter().zip(&other).all(|(&i, g)| groups[i] == *g));
        }
    }
}
