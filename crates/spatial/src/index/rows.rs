//! Fills a grid row by row: which cells a polygon covers wholly, and which edges cross the others.

use super::axis::Axis;
use super::chains::{Chain, Cutter};
use super::fetch::fetch;
use super::grid::{Band, Cell, Fill, Run};
use super::nested;
use super::orient::reference_is_left_of;
use crate::validity::crossing::{self, Edge};
use geo_types::Coord;

/// A polygon of the index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    /// Which of the coordinate columns it refers to.
    pub(super) layer: u32,
    /// What it stands for.
    pub(super) slot: u32,
}

/// What does not change from row to row.
pub(super) struct Frame<'f, 'a> {
    pub(super) x: &'f Axis,
    pub(super) y: &'f Axis,
    pub(super) layers: &'f [&'a [Coord<f64>]],
    /// Whether to look for crossings within the polygons of a layer.
    pub(super) checked: &'f [bool],
    pub(super) members: &'f [Member],
    pub(super) n_words: usize,
    /// What covers the whole grid already.
    pub(super) ground: Fill,
    /// Where all edges are known: the whole plane, or the outermost cell that this grid divides.
    pub(super) known: (Coord<f64>, Coord<f64>),
    /// Nesting depth of this grid.
    pub(super) depth: u32,
}

/// Chains asked for ahead of the one being cut.
const AHEAD: usize = 12;

/// A run of edges on its way into the band, with its column.
#[derive(Clone, Copy)]
struct Placed {
    column: u32,
    run: Run,
}

/// Scratch space of one thread for filling rows.
pub(super) struct RowFiller<'f, 'a> {
    frame: &'f Frame<'f, 'a>,
    cutter: Cutter,
    /// The chains of the row.
    chains: Vec<Chain>,
    /// Runs of one polygon in one row: (column, first, n_edges).
    part_runs: Vec<(u32, u32, u32)>,
    /// First column right of each edge that crosses the row's reference line.
    crossings: Vec<u32>,
    placed: Vec<Placed>,
    edges: Vec<Edge>,
    ordered: Vec<Run>,
    column_ends: Vec<u32>,
    next: Vec<u32>,
    /// Words of what covers each cell of the row wholly.
    words: Vec<u64>,
    /// Lowest area that covers each cell wholly.
    areas: Vec<u32>,
}

impl<'f, 'a> RowFiller<'f, 'a> {
    pub(super) fn new(frame: &'f Frame<'f, 'a>) -> Self {
        let n = frame.x.len() as usize;
        RowFiller {
            frame,
            cutter: Cutter::default(),
            chains: Vec::new(),
            part_runs: Vec::new(),
            crossings: Vec::new(),
            placed: Vec::new(),
            edges: Vec::new(),
            ordered: Vec::new(),
            column_ends: Vec::new(),
            next: Vec::new(),
            words: vec![0; n * frame.n_words],
            areas: vec![super::NO_AREA; n],
        }
    }

    /// Appends row `row` to `band`. `chains` are the chains that touch it, those of a polygon together;
    /// `starts_inside(i)` tells whether the path along the row's reference points begins inside the `i`-th
    /// polygon of the row.
    pub(super) fn fill(
        &mut self,
        row: u32,
        chains: impl Iterator<Item = Chain>,
        starts_inside: impl Fn(u32) -> bool,
        band: &mut Band,
    ) {
        for w in self.words.chunks_exact_mut(self.frame.n_words) {
            w.copy_from_slice(&self.frame.ground.words);
        }
        self.areas.fill(self.frame.ground.area);
        self.placed.clear();
        let mut open: Option<u32> = None;
        self.chains.clear();
        self.chains.extend(chains);
        for i in 0..self.chains.len() {
            let chain = self.chains[i];
            if let Some(later) = self.chains.get(i + AHEAD) {
                let layer = self.frame.members[later.part as usize].layer;
                fetch(self.frame.layers[layer as usize], later.first as usize);
            }
            if open != Some(chain.part) {
                if let Some(part) = open {
                    self.place(part, starts_inside(part));
                }
                open = Some(chain.part);
            }
            self.cut_into_cells(row, chain);
        }
        if let Some(part) = open {
            self.place(part, starts_inside(part));
        }
        self.store(row, band);
    }

    /// Cuts one chain into runs by column and notes where it crosses the reference line.
    fn cut_into_cells(&mut self, row: u32, chain: Chain) {
        let Frame { x, y, layers, members, .. } = *self.frame;
        let coords = layers[members[chain.part as usize].layer as usize];
        let (low, high) = (y.starts[row as usize], y.starts[row as usize + 1]);
        let line = y.middles[row as usize];
        let runs = &mut self.part_runs;
        let mut a = coords[chain.first as usize];
        let mut column = x.column(a.x);
        for i in chain.first..chain.first + chain.n_edges {
            let b = coords[i as usize + 1];
            let next = x.column(b.x);
            let (mut lo, mut hi) = (column.min(next), column.max(next));
            if lo != hi && (a.y.min(b.y) < low || a.y.max(b.y) >= high) {
                (lo, hi) = clip(a, b, low, high, x, (lo, hi));
            }
            self.cutter.edge(i, lo, hi, |c, first, n| runs.push((c, first, n)));
            if (a.y <= line) != (b.y <= line) {
                let (down, up) = if a.y < b.y { (a, b) } else { (b, a) };
                self.crossings.push(first_right_of(down, up, line, x));
            }
            (a, column) = (b, next);
        }
        self.cutter.end(chain.first + chain.n_edges, |c, first, n| runs.push((c, first, n)));
    }

    /// Places the runs collected for one polygon, and fills the cells it covers wholly.
    fn place(&mut self, part: u32, starts_inside: bool) {
        let member = self.frame.members[part as usize];
        self.part_runs.sort_unstable();
        self.crossings.sort_unstable();
        let mut inside = starts_inside;
        let mut passed = 0;
        let mut column = 0;
        let mut i = 0;
        // Past the last cell with edges nothing is crossed any more: the rest of the row is filled or not.
        while i <= self.part_runs.len() {
            let to = self.part_runs.get(i).map_or(self.frame.x.len(), |r| r.0);
            if column < to {
                while self.crossings.get(passed).is_some_and(|&c| c <= column) {
                    inside = !inside;
                    passed += 1;
                }
                if inside {
                    self.cover(column, to, member.slot);
                }
            }
            while self.crossings.get(passed).is_some_and(|&c| c <= to) {
                inside = !inside;
                passed += 1;
            }
            while let Some(&(c, first, n_edges)) = self.part_runs.get(i).filter(|r| r.0 == to) {
                i += 1;
                let is_last = self.part_runs.get(i).is_none_or(|r| r.0 != to);
                let run = Run::new(member, first, n_edges, inside, is_last);
                self.placed.push(Placed { column: c, run });
            }
            if to == self.frame.x.len() {
                break;
            }
            column = to + 1;
        }
        self.part_runs.clear();
        self.crossings.clear();
    }

    fn cover(&mut self, from: u32, to: u32, slot: u32) {
        let (from, to) = (from as usize, to as usize);
        if slot & super::AREA != 0 {
            for area in &mut self.areas[from..to] {
                *area = (*area).min(slot & !super::AREA);
            }
        } else {
            let (word, bit) = (slot as usize / 64, 1 << (slot % 64));
            for c in from..to {
                self.words[c * self.frame.n_words + word] |= bit;
            }
        }
    }

    /// Moves the row into the band, ordered by column; crowded cells become grids of their own.
    fn store(&mut self, row: u32, band: &mut Band) {
        let n = self.frame.x.len() as usize;
        self.column_ends.clear();
        self.column_ends.resize(n + 1, 0);
        for p in &self.placed {
            self.column_ends[p.column as usize + 1] += 1;
        }
        for c in 0..n {
            self.column_ends[c + 1] += self.column_ends[c];
        }
        self.next.clone_from(&self.column_ends);
        self.ordered.resize(self.placed.len(), Run::default());
        for p in &self.placed {
            let at = &mut self.next[p.column as usize];
            self.ordered[*at as usize] = p.run;
            *at += 1;
        }
        for c in 0..n {
            let words = &self.words[c * self.frame.n_words..(c + 1) * self.frame.n_words];
            let area = self.areas[c];
            let runs = &self.ordered[self.column_ends[c] as usize..self.column_ends[c + 1] as usize];
            let runs_start = band.runs.len() as u32;
            let fill = match nested::grid(self.frame, (row, c as u32), runs, words, area) {
                Some(grid) => band.nest(grid),
                None => {
                    check(self.frame, runs, &mut self.edges, band);
                    band.runs.extend_from_slice(runs);
                    band.fill(words, area)
                }
            };
            band.cells.push(Cell { fill, runs_start });
        }
    }
}

/// Notes the first crossing of each polygon among the edges of a cell.
fn check(frame: &Frame<'_, '_>, runs: &[Run], edges: &mut Vec<Edge>, band: &mut Band) {
    for polygon in runs.split_inclusive(|r| r.is_last()) {
        let layer = polygon[0].layer;
        if !frame.checked[layer as usize] || (polygon.len() == 1 && polygon[0].n_edges() < 3) {
            // Two consecutive edges only meet where they join.
            continue;
        }
        edges.clear();
        for run in polygon {
            let pairs = run.coords(frame.layers).windows(2);
            edges.extend(pairs.zip(run.first..).map(|(w, number)| Edge { number, a: w[0], b: w[1] }));
        }
        band.crossings.extend(crossing::first_among(edges).map(|c| (layer, c)));
    }
}

/// The columns among `columns` that the edge `a`–`b` can touch between `low` and `high`, never too few.
fn clip(a: Coord<f64>, b: Coord<f64>, low: f64, high: f64, x: &Axis, columns: (u32, u32)) -> (u32, u32) {
    let (down, up) = if a.y < b.y { (a, b) } else { (b, a) };
    let slope = (up.x - down.x) / (up.y - down.y);
    let from = if down.y < low { down.x + (low - down.y) * slope } else { down.x };
    let to = if up.y > high { down.x + (high - down.y) * slope } else { up.x };
    // Four roundings of at most half a unit in the last place each, generously.
    let margin = 8.0 * f64::EPSILON * (a.x.abs() + b.x.abs()) + f64::MIN_POSITIVE;
    let (lo, hi) = (from.min(to) - margin, from.max(to) + margin);
    if !(lo.is_finite() && hi.is_finite()) {
        return columns;
    }
    (x.column(lo).clamp(columns.0, columns.1), x.column(hi).clamp(columns.0, columns.1))
}

/// The first column whose reference point on `line` lies right of the edge `down` → `up`; the number of
/// columns where none does.
fn first_right_of(down: Coord<f64>, up: Coord<f64>, line: f64, x: &Axis) -> u32 {
    let n = x.len();
    let at = down.x + (line - down.y) * ((up.x - down.x) / (up.y - down.y));
    let margin = 8.0 * f64::EPSILON * (down.x.abs() + up.x.abs()) + f64::MIN_POSITIVE;
    // After an overflow nothing is told by size; every side is then decided exactly.
    let (at, margin) =
        if at.is_finite() && margin.is_finite() { (at, margin) } else { (down.x, f64::INFINITY) };
    let is_right = |c: u32| {
        let middle = x.middles[c as usize];
        if (middle - at).abs() > margin {
            middle > at
        } else {
            !reference_is_left_of(down, up, Coord { x: middle, y: line })
        }
    };
    let mut c = x.column(at);
    while c > 0 && is_right(c - 1) {
        c -= 1;
    }
    while c < n && !is_right(c) {
        c += 1;
    }
    c
}

/// Whether a path that starts at the reference point near `from`, where it is inside or not, and runs first
/// along x = `from.x` and then along y = `line` to column −1 of a nested grid starts inside there.
pub(super) fn starts_inside(
    edges: impl Iterator<Item = (Coord<f64>, Coord<f64>)>,
    from: Coord<f64>,
    inside: bool,
    line: f64,
) -> bool {
    let to = Coord { x: from.x, y: line };
    let mut inside = inside;
    for (a, b) in edges {
        if (a.x <= from.x) != (b.x <= from.x) {
            inside ^= reference_is_left_of(a, b, from) != reference_is_left_of(a, b, to);
        }
        if (a.y <= line) != (b.y <= line) {
            let (down, up) = if a.y < b.y { (a, b) } else { (b, a) };
            inside ^= !reference_is_left_of(down, up, to);
        }
    }
    inside
}
