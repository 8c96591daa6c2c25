//! Crowded cells become grids of their own.

use super::axis::Axis;
use super::chains::{Chain, RowChains, Stretch};
use super::grid::{Band, Fill, Grid, ROWS_A_BAND, Run};
use super::rows::{Frame, Member, RowFiller, starts_inside};
use geo_types::Coord;

/// A cell with more edges than this is divided, if that helps.
const CROWD: u32 = if cfg!(test) { 5 } else { 48 };

/// Grids nest at most this deep.
const DEEPEST: u32 = 8;
/// A nested grid has at most so many rows and columns.
const MOST_LINES: f64 = 64.0;

/// The grid of cell (`row`, `column`) of `frame`, if its edges are many and dividing it keeps them apart.
pub(super) fn grid(
    frame: &Frame<'_, '_>,
    (row, column): (u32, u32),
    runs: &[Run],
    words: &[u64],
    area: u32,
) -> Option<Grid> {
    let n_edges: u32 = runs.iter().map(|r| r.n_edges()).sum();
    if n_edges <= CROWD || frame.depth >= DEEPEST {
        return None;
    }
    let known = cell_bounds(frame, (row, column));
    let (x, y) = axes(frame, known, runs, n_edges)?;
    let polygons = polygons(runs);
    let members: Vec<Member> =
        polygons.iter().map(|p| Member { layer: p[0].layer, slot: p[0].slot }).collect();
    let stretches: Vec<Stretch> = polygons
        .iter()
        .zip(0..)
        .flat_map(|(p, part)| {
            p.iter().map(move |r| Stretch { part, first: r.first, end: r.first + r.n_edges() })
        })
        .collect();
    let cut = RowChains::cut(&stretches, &y, |part| frame.layers[members[part as usize].layer as usize]);
    let from = Coord { x: frame.x.middles[column as usize], y: frame.y.middles[row as usize] };
    let inner = Frame {
        x: &x,
        y: &y,
        layers: frame.layers,
        checked: frame.checked,
        members: &members,
        n_words: frame.n_words,
        ground: Fill { words: words.to_vec(), area },
        known,
        depth: frame.depth + 1,
    };
    let mut filler = RowFiller::new(&inner);
    let mut bands = Vec::new();
    let mut chains: Vec<Chain> = Vec::new();
    for first_row in (0..y.len()).step_by(ROWS_A_BAND as usize) {
        let mut band = Band::default();
        for r in first_row..(first_row + ROWS_A_BAND).min(y.len()) {
            // Every polygon takes part in every row, as it may cover a row that its edges do not touch.
            chains.clear();
            let mut touching = cut.of_row(r).iter().peekable();
            for (p, part) in polygons.iter().zip(0..) {
                chains.push(Chain { part, first: p[0].first, n_edges: 0 });
                while let Some(chain) = touching.next_if(|c| c.part == part) {
                    chains.push(*chain);
                }
            }
            let line = y.middles[r as usize];
            let inside = |part: u32| {
                let p = polygons[part as usize];
                starts_inside(edges(p, frame.layers), from, p[0].reference_inside(), line)
            };
            filler.fill(r, chains.iter().copied(), inside, &mut band);
        }
        band.finish();
        bands.push(band);
    }
    Some(Grid { x, y, bands })
}

/// The runs of each polygon.
fn polygons(runs: &[Run]) -> Vec<&[Run]> {
    runs.split_inclusive(|r| r.is_last()).collect()
}

fn edges<'f>(
    runs: &'f [Run],
    layers: &'f [&'f [Coord<f64>]],
) -> impl Iterator<Item = (Coord<f64>, Coord<f64>)> + 'f {
    runs.iter().flat_map(|r| r.coords(layers).windows(2).map(|w| (w[0], w[1])))
}

/// The smallest numbers of a cell and the first beyond it. The outer cells of a nested grid reach to infinity, but
/// what lies beyond the cell it divides is not known there.
fn cell_bounds(frame: &Frame<'_, '_>, (row, column): (u32, u32)) -> (Coord<f64>, Coord<f64>) {
    let (column, row) = (column as usize, row as usize);
    let (lo, hi) = frame.known;
    (
        Coord { x: frame.x.starts[column].max(lo.x), y: frame.y.starts[row].max(lo.y) },
        Coord { x: frame.x.starts[column + 1].min(hi.x), y: frame.y.starts[row + 1].min(hi.y) },
    )
}

/// Rows and columns that spread the edges over about a third as many cells, if no edge then lies in too many.
fn axes(
    frame: &Frame<'_, '_>,
    (cell_lo, cell_hi): (Coord<f64>, Coord<f64>),
    runs: &[Run],
    n_edges: u32,
) -> Option<(Axis, Axis)> {
    let mut lo = Coord { x: f64::INFINITY, y: f64::INFINITY };
    let mut hi = Coord { x: f64::NEG_INFINITY, y: f64::NEG_INFINITY };
    for c in runs.iter().flat_map(|r| r.coords(frame.layers)) {
        lo = Coord { x: lo.x.min(c.x), y: lo.y.min(c.y) };
        hi = Coord { x: hi.x.max(c.x), y: hi.y.max(c.y) };
    }
    let lo = Coord { x: lo.x.max(cell_lo.x), y: lo.y.max(cell_lo.y) };
    let hi = Coord { x: hi.x.min(cell_hi.x), y: hi.y.min(cell_hi.y) };
    let (width, height) = (hi.x - lo.x, hi.y - lo.y);
    // How far the edges run, in widths and heights of the cell.
    let mut run = Coord { x: 0.0, y: 0.0 };
    for (a, b) in edges(runs, frame.layers) {
        run.x += overlap(a.x, b.x, lo.x, hi.x);
        run.y += overlap(a.y, b.y, lo.y, hi.y);
    }
    // The reference points must lie in the cell, where all edges are known.
    if !(lo.x <= hi.x && lo.y <= hi.y && lo.x < cell_hi.x && lo.y < cell_hi.y) {
        return None;
    }
    if !(width.is_finite() && height.is_finite() && run.x.is_finite() && run.y.is_finite()) {
        return None;
    }
    let wanted = f64::from(n_edges) / 3.0;
    let (width, height) = (width.max(height * 1e-6), height.max(width * 1e-6));
    let side = (width * height / wanted).sqrt();
    // Each level may multiply the edges by less than the one above, so that all together stay few.
    let spare = 0.5_f64.powi(frame.depth as i32) * f64::from(n_edges);
    let side = side.max((run.x + run.y) / spare);
    let (columns, rows) = ((width / side).ceil().min(MOST_LINES), (height / side).ceil().min(MOST_LINES));
    if columns * rows < 4.0 || columns.is_nan() || rows.is_nan() {
        return None;
    }
    let (x, y) = (Axis::over(lo.x, hi.x, columns as u32), Axis::over(lo.y, hi.y, rows as u32));
    (x.len() * y.len() >= 4).then_some((x, y))
}

/// Length that the stretch between `a` and `b` has in common with `lo..=hi`.
fn overlap(a: f64, b: f64, lo: f64, hi: f64) -> f64 {
    (a.max(b).min(hi) - a.min(b).max(lo)).max(0.0)
}
