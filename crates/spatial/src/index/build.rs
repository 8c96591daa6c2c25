//! Builds an index: measures the outlines, chooses the cells, cuts the outlines at rows, fills the rows.

use super::axis::Axis;
use super::chains::{RowChains, Stretch};
use super::grid::{Band, Fill, Grid, ROWS_A_BAND};
use super::rows::{Frame, Member, RowFiller};
use super::{CellIndex, NO_AREA, SKIPPED, Source};
use crate::validity::crossing::Crossing;
use geo_types::Coord;
use rayon::prelude::*;
use whitespot_model::shapes::Part;

/// Edges cut by one task.
const EDGES_A_TASK: u32 = 1 << 16;
/// Edges a cell, about, if they were spread evenly.
const EDGES_A_CELL: f64 = 1.6;
/// A grid has at most so many cells (32 MiB of them); crowded ones are divided further.
const MOST_CELLS: f64 = (1 << 22) as f64;

/// Builds the index of all polygons of `sources` whose slot is not [`SKIPPED`].
pub(super) fn index<'a>(sources: &[Source<'a>], n_words: usize) -> CellIndex<'a> {
    let layers: Vec<&[Coord<f64>]> = sources.iter().map(|s| s.shapes.coords.as_slice()).collect();
    let polygons: Vec<Polygon> = polygons(sources).into_par_iter().filter(|p| p.is_usable(sources)).collect();
    let members: Vec<Member> = polygons.iter().map(|p| Member { layer: p.layer, slot: p.slot }).collect();
    let tasks = tasks(sources, &polygons);
    let measure = tasks
        .par_iter()
        .map(|t| Measure::of(t, |part| layers[members[part as usize].layer as usize]))
        .reduce(Measure::default, Measure::and);
    let (x, y) = axes(&measure, &tasks, &layers, &members);
    let cut: Vec<RowChains> = tasks
        .par_iter()
        .map(|t| RowChains::cut(t, &y, |part| layers[members[part as usize].layer as usize]))
        .collect();
    let ground = Fill { words: vec![0; n_words], area: NO_AREA };
    let checked: Vec<bool> = sources.iter().map(|s| s.is_checked).collect();
    let frame = Frame {
        x: &x,
        y: &y,
        layers: &layers,
        checked: &checked,
        members: &members,
        n_words,
        ground,
        known: (
            Coord { x: f64::NEG_INFINITY, y: f64::NEG_INFINITY },
            Coord { x: f64::INFINITY, y: f64::INFINITY },
        ),
        depth: 0,
    };
    let mut bands: Vec<Band> = (0..y.len().div_ceil(ROWS_A_BAND))
        .into_par_iter()
        .map_init(
            || RowFiller::new(&frame),
            |filler, b| {
                let mut band = Band::default();
                for r in b * ROWS_A_BAND..((b + 1) * ROWS_A_BAND).min(y.len()) {
                    filler.fill(r, cut.iter().flat_map(|c| c.of_row(r)).copied(), |_| false, &mut band);
                }
                band.finish();
                band
            },
        )
        .collect();
    let scratch_bytes = cut.iter().map(RowChains::n_bytes).sum();
    let bounds = (measure.lo, measure.hi);
    let crossings = crossings(&mut bands, layers.len());
    CellIndex { layers, n_words, bounds, scratch_bytes, grid: Grid { x, y, bands }, crossings }
}

/// Collects the crossings by layer.
fn crossings(bands: &mut [Band], n_layers: usize) -> Vec<Vec<Crossing>> {
    let mut crossings: Vec<Vec<Crossing>> = vec![Vec::new(); n_layers];
    for (layer, crossing) in bands.iter_mut().flat_map(|b| std::mem::take(&mut b.crossings)) {
        crossings[layer as usize].push(crossing);
    }
    for c in &mut crossings {
        // Stable, so that the first cell of equal edges stays first.
        c.sort_by_key(|c| c.coord);
    }
    crossings
}

/// A polygon part and its place in the columns of its layer.
struct Polygon {
    layer: u32,
    slot: u32,
    part: u32,
}

impl Polygon {
    /// Whether every coordinate is finite and every ring closed; others enclose nothing that could be told.
    fn is_usable(&self, sources: &[Source<'_>]) -> bool {
        let shapes = sources[self.layer as usize].shapes;
        shapes.rings_of(self.part as usize).all(|r| {
            let ring = shapes.ring(r);
            ring.first() == ring.last() && ring.iter().all(|c| c.x.is_finite() && c.y.is_finite())
        })
    }
}

fn polygons(sources: &[Source<'_>]) -> Vec<Polygon> {
    let mut polygons = Vec::new();
    for (source, layer) in sources.iter().zip(0..) {
        for (f, &slot) in source.slots.iter().enumerate().filter(|(_, slot)| **slot != SKIPPED) {
            let parts = source.shapes.parts_of(f).filter(|p| source.shapes.parts[*p] == Part::Polygon);
            polygons.extend(parts.map(|part| Polygon { layer, slot, part: part as u32 }));
        }
    }
    polygons
}

/// Cuts the outlines into pieces of work of about equal size, in the order of the polygons.
fn tasks(sources: &[Source<'_>], polygons: &[Polygon]) -> Vec<Vec<Stretch>> {
    let mut tasks = Vec::new();
    let mut task = Vec::new();
    let mut room = EDGES_A_TASK;
    for (p, part) in polygons.iter().zip(0..) {
        let shapes = sources[p.layer as usize].shapes;
        for r in shapes.rings_of(p.part as usize) {
            let end = shapes.ring_ends[r];
            let mut first = end - shapes.ring(r).len() as u32;
            while first + 1 < end {
                let n = room.min(end - 1 - first);
                task.push(Stretch { part, first, end: first + n });
                first += n;
                room -= n;
                if room == 0 {
                    tasks.push(std::mem::take(&mut task));
                    room = EDGES_A_TASK;
                }
            }
        }
    }
    if !task.is_empty() {
        tasks.push(task);
    }
    tasks
}

/// Extent and length of outlines.
#[derive(Clone, Copy)]
struct Measure {
    n_edges: u64,
    lo: Coord<f64>,
    hi: Coord<f64>,
}

impl Default for Measure {
    fn default() -> Self {
        let (lo, hi) = (f64::INFINITY, f64::NEG_INFINITY);
        Measure { n_edges: 0, lo: Coord { x: lo, y: lo }, hi: Coord { x: hi, y: hi } }
    }
}

impl Measure {
    fn of<'a>(task: &[Stretch], coords_of: impl Fn(u32) -> &'a [Coord<f64>]) -> Measure {
        let mut m = Measure::default();
        for s in task {
            m.n_edges += u64::from(s.end - s.first);
            for c in &coords_of(s.part)[s.first as usize..=s.end as usize] {
                m.lo = Coord { x: m.lo.x.min(c.x), y: m.lo.y.min(c.y) };
                m.hi = Coord { x: m.hi.x.max(c.x), y: m.hi.y.max(c.y) };
            }
        }
        m
    }

    fn and(self, other: Measure) -> Measure {
        Measure {
            n_edges: self.n_edges + other.n_edges,
            lo: Coord { x: self.lo.x.min(other.lo.x), y: self.lo.y.min(other.lo.y) },
            hi: Coord { x: self.hi.x.max(other.hi.x), y: self.hi.y.max(other.hi.y) },
        }
    }
}

/// Chooses rows and columns: so many cells that each holds a few edges, over where the coordinates are (a few
/// stray ones, however far, must not make the cells of all others coarse), and not so small that long edges
/// lie in very many.
fn axes(
    measure: &Measure,
    tasks: &[Vec<Stretch>],
    layers: &[&[Coord<f64>]],
    members: &[Member],
) -> (Axis, Axis) {
    if measure.n_edges == 0 {
        return (Axis::over(0.0, 0.0, 1), Axis::over(0.0, 0.0, 1));
    }
    let (mut lo, mut hi) = (measure.lo, measure.hi);
    // Sampled at a fixed distance, so that the grid does not depend on threads or time.
    let step = (measure.n_edges / 20_000).max(1) as usize;
    let mut sample = Sample::default();
    let mut skip = 0;
    for s in tasks.iter().flatten() {
        let coords = layers[members[s.part as usize].layer as usize];
        let mut i = s.first as usize + skip;
        while i < s.end as usize {
            sample.add(coords[i], coords[i + 1]);
            i += step;
        }
        skip = i - s.end as usize;
    }
    (lo.x, hi.x) = sample.range(|c| c.x, lo.x, hi.x);
    (lo.y, hi.y) = sample.range(|c| c.y, lo.y, hi.y);
    let (width, height) = (hi.x - lo.x, hi.y - lo.y);
    let (width, height) = (width.max(height * 1e-6), height.max(width * 1e-6));
    let n_edges = measure.n_edges as f64;
    let wanted = (n_edges / EDGES_A_CELL).clamp(1.0, MOST_CELLS);
    let side = (width * height / wanted).sqrt();
    let run = sample.run(lo, hi) * n_edges / sample.edges.len() as f64;
    let side = side.max(run / (1.5 * n_edges + 65_536.0));
    let lines = |length: f64| (length / side).ceil().clamp(1.0, 65_536.0) as u32;
    (Axis::over(lo.x, hi.x, lines(width)), Axis::over(lo.y, hi.y, lines(height)))
}

/// Some edges, evenly taken from all.
#[derive(Default)]
struct Sample {
    edges: Vec<(Coord<f64>, Coord<f64>)>,
}

impl Sample {
    fn add(&mut self, a: Coord<f64>, b: Coord<f64>) {
        self.edges.push((a, b));
    }

    /// The range most coordinates lie in: all of it, unless a few stray ones make it much longer.
    fn range(&self, of: impl Fn(&Coord<f64>) -> f64, lo: f64, hi: f64) -> (f64, f64) {
        let mut values: Vec<f64> = self.edges.iter().map(|e| of(&e.0)).collect();
        values.sort_unstable_by(f64::total_cmp);
        let stray = values.len() / 200;
        let (inner_lo, inner_hi) = (values[stray], values[values.len() - 1 - stray]);
        let inner = inner_hi - inner_lo;
        if inner > 0.0 && hi - lo > 2.0 * inner {
            ((inner_lo - 0.25 * inner).max(lo), (inner_hi + 0.25 * inner).min(hi))
        } else {
            (lo, hi)
        }
    }

    /// Length of the edges along x and y within bounds.
    fn run(&self, lo: Coord<f64>, hi: Coord<f64>) -> f64 {
        let common = |a: f64, b: f64, lo: f64, hi: f64| (a.max(b).min(hi) - a.min(b).max(lo)).max(0.0);
        self.edges.iter().map(|(a, b)| common(a.x, b.x, lo.x, hi.x) + common(a.y, b.y, lo.y, hi.y)).sum()
    }
}
