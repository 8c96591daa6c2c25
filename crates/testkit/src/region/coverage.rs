//! What is covered: fibre in small polygons around towns, mobile as raster cells turned into polygons.

use super::noise::{hills, random};
use super::points::Town;
use super::{Frame, SIDE_M};
use std::collections::BTreeMap;
use whitespot_model::shapes::{Part, Shapes};

/// Whether a ring is a hole, and its corners on the lattice.
type LatticeRing = (bool, Vec<(i64, i64)>);

/// `n` polygons of about 50 vertices near towns, some of which overlap.
pub(super) fn fibre(n: usize, towns: &[Town], frame: Frame, seed: u64) -> Shapes {
    let mut shapes = Shapes::default();
    for i in 0..n as u64 {
        let at = |k: u64| random(seed.wrapping_add(11), i * 64 + k);
        let (x, y) = if at(0) < 0.3 {
            (SIDE_M * at(1), SIDE_M * at(2))
        } else {
            let town = towns[(at(1) * at(2) * towns.len() as f64) as usize];
            let spread = 3.0 * town.radius_m;
            (town.x_m + spread * (at(3) - 0.5), town.y_m + spread * (at(4) - 0.5))
        };
        let radius = 200.0 + at(5) * at(6) * 1_500.0;
        shapes.begin_part(Part::Polygon);
        for k in 0..50 {
            let turn = f64::from(k) / 50.0 * std::f64::consts::TAU;
            let r = radius * (1.0 + 0.2 * (3.0 * turn + at(7) * 6.0).sin() + 0.15 * (at(8 + k as u64) - 0.5));
            let c = frame.place(x + r * turn.cos(), y + r * turn.sin());
            shapes.push_coord(c.x, c.y);
        }
        let c = shapes.coords[shapes.coords.len() - 50];
        shapes.push_coord(c.x, c.y);
        shapes.end_ring();
        shapes.end_part();
        shapes.end_feature();
    }
    shapes
}

/// One feature of many polygons with holes, of about `n_vertices` together: the cells of a raster where a field
/// is above `threshold`, traced along their sides.
pub(super) fn mobile(n_vertices: usize, threshold: f64, frame: Frame, seed: u64) -> Shapes {
    let mut n = ((n_vertices as f64) * 4.0).sqrt().max(8.0);
    let mut raster = Raster::new(n as usize, threshold, seed);
    for _ in 0..3 {
        let ratio = n_vertices as f64 / raster.n_corners().max(1) as f64;
        if (0.95..1.05).contains(&ratio) {
            break;
        }
        n = (n * ratio.powf(0.7)).clamp(8.0, 8_000.0);
        raster = Raster::new(n as usize, threshold, seed);
    }
    raster.trace(frame)
}

struct Raster {
    n: usize,
    covered: Vec<bool>,
}

impl Raster {
    fn new(n: usize, threshold: f64, seed: u64) -> Raster {
        let mut covered = Vec::with_capacity(n * n);
        for j in 0..n {
            for i in 0..n {
                let (x, y) = (i as f64 / n as f64, j as f64 / n as f64);
                let grain = 0.16 * (random(seed.wrapping_add(31), (j * n + i) as u64) - 0.5);
                covered.push(hills(seed, x, y) + grain > threshold);
            }
        }
        Raster { n, covered }
    }

    fn at(&self, i: i64, j: i64) -> bool {
        let n = self.n as i64;
        (0..n).contains(&i) && (0..n).contains(&j) && self.covered[(j * n + i) as usize]
    }

    /// Corners of the traced rings.
    fn n_corners(&self) -> usize {
        let n = self.n as i64;
        let corner = |i, j| {
            let quad = [self.at(i - 1, j - 1), self.at(i, j - 1), self.at(i - 1, j), self.at(i, j)];
            match quad.iter().filter(|c| **c).count() {
                1 | 3 => 1,
                2 if quad[0] == quad[3] => 2,
                _ => 0,
            }
        };
        (0..=n).flat_map(|j| (0..=n).map(move |i| (i, j))).map(|(i, j)| corner(i, j)).sum()
    }

    /// Number of the connected piece (by sides) each covered cell belongs to.
    fn pieces(&self) -> Vec<u32> {
        let n = self.n as i64;
        let mut piece = vec![u32::MAX; self.covered.len()];
        let mut next = 0;
        let mut stack = Vec::new();
        for start in 0..self.covered.len() {
            if !self.covered[start] || piece[start] != u32::MAX {
                continue;
            }
            piece[start] = next;
            stack.push(start as i64);
            while let Some(c) = stack.pop() {
                let (i, j) = (c % n, c / n);
                for (a, b) in [(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)] {
                    let at = (b * n + a) as usize;
                    if self.at(a, b) && piece[at] == u32::MAX {
                        piece[at] = next;
                        stack.push(b * n + a);
                    }
                }
            }
            next += 1;
        }
        piece
    }

    fn trace(&self, frame: Frame) -> Shapes {
        let n = self.n as i64;
        // Sides of covered cells with the cell on their left; at most two leave a corner.
        let mut sides: BTreeMap<(i64, i64), Vec<(i64, i64)>> = BTreeMap::new();
        for j in 0..n {
            for i in (0..n).filter(|i| self.at(*i, j)) {
                let mut side = |at, way| sides.entry(at).or_default().push(way);
                if !self.at(i, j - 1) {
                    side((i, j), (1, 0));
                }
                if !self.at(i + 1, j) {
                    side((i + 1, j), (0, 1));
                }
                if !self.at(i, j + 1) {
                    side((i + 1, j + 1), (-1, 0));
                }
                if !self.at(i - 1, j) {
                    side((i, j + 1), (0, -1));
                }
            }
        }
        let pieces = self.pieces();
        // Rings by piece: (is a hole, corners).
        let mut polygons: BTreeMap<u32, Vec<LatticeRing>> = BTreeMap::new();
        let starts: Vec<(i64, i64)> = sides.keys().copied().collect();
        for start in starts {
            while let Some(first_way) = sides.get_mut(&start).and_then(Vec::pop) {
                let cell = left_cell(start, first_way);
                let ring = follow(&mut sides, start, first_way);
                let is_hole = area2(&ring) < 0;
                polygons.entry(pieces[(cell.1 * n + cell.0) as usize]).or_default().push((is_hole, ring));
            }
        }
        let mut shapes = Shapes::default();
        let step = SIDE_M / self.n as f64;
        for (_, mut rings) in polygons {
            rings.sort_by_key(|(is_hole, _)| *is_hole);
            shapes.begin_part(Part::Polygon);
            for (_, ring) in rings {
                for (i, j) in ring.iter().chain(&ring[..1]) {
                    let c = frame.place(*i as f64 * step, *j as f64 * step);
                    shapes.push_coord(c.x, c.y);
                }
                shapes.end_ring();
            }
            shapes.end_part();
        }
        shapes.end_feature();
        shapes
    }
}

/// The cell left of a side.
fn left_cell((i, j): (i64, i64), way: (i64, i64)) -> (i64, i64) {
    match way {
        (1, 0) => (i, j),
        (0, 1) => (i - 1, j),
        (-1, 0) => (i - 1, j - 1),
        _ => (i, j - 1),
    }
}

/// Follows sides from `start` until they close; gives the corners.
fn follow(
    sides: &mut BTreeMap<(i64, i64), Vec<(i64, i64)>>,
    start: (i64, i64),
    first_way: (i64, i64),
) -> Vec<(i64, i64)> {
    let mut ring = vec![start];
    let mut way = first_way;
    let mut at = (start.0 + way.0, start.1 + way.1);
    while at != start {
        let Some(ways) = sides.get_mut(&at) else { break };
        // The left turn stays with the same cell, so that cells that touch in a corner stay apart.
        let left = (-way.1, way.0);
        let next = ways.iter().position(|w| *w == left).unwrap_or(0);
        let turn = ways.swap_remove(next);
        if turn != way {
            ring.push(at);
        }
        way = turn;
        at = (at.0 + way.0, at.1 + way.1);
    }
    if way == first_way {
        // The start was no corner.
        ring.remove(0);
    }
    ring
}

fn area2(ring: &[(i64, i64)]) -> i64 {
    (0..ring.len()).map(|k| (ring[k], ring[(k + 1) % ring.len()])).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum()
}
