//! Asks the index about one point.

use super::around::Around;
use super::fetch::fetch;
use super::grid::{Band, Grid, NESTED, ROWS_A_BAND, Run};
use super::orient::{orient, plain_side, reference_is_left_of, side_of_path};
use super::{AREA, CellIndex, NO_AREA};
use geo_types::Coord;
use rayon::prelude::*;
use whitespot_model::shapes::Shapes;

/// What the index says of a point besides its offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The lowest area that covers the point, or [`NO_AREA`].
    pub(crate) area: u32,
    /// Whether several areas cover it and it is not on the edge of all of them.
    pub(crate) areas_overlap: bool,
    /// Whether it lies exactly on the edge of a polygon that carries an offer.
    pub(crate) on_offer_edge: bool,
}

/// The cell of a point, and the part of the grid that knows it.
#[derive(Clone, Copy)]
pub(crate) struct Place<'i> {
    band: &'i Band,
    cell: usize,
    reference: Coord<f64>,
}

/// The outermost cell of a point.
#[derive(Clone, Copy)]
pub(crate) struct Outermost<'i> {
    band: &'i Band,
    cell: u32,
    row: u32,
    column: u32,
}

impl<'i> Place<'i> {
    /// The lowest area that covers the cell wholly, and the offers that do.
    #[inline(always)]
    fn fill(&self, n_words: usize) -> (u32, &'i [u64]) {
        let at = self.band.cells[self.cell].fill as usize;
        let fill = &self.band.fills[at..=at + n_words];
        // Stored wider than it is.
        (fill[0] as u32, &fill[1..])
    }

    #[inline(always)]
    fn runs(&self) -> &'i [Run] {
        let cells = &self.band.cells[self.cell..=self.cell + 1];
        &self.band.runs[cells[0].runs_start as usize..cells[1].runs_start as usize]
    }
}

impl CellIndex<'_> {
    /// Number of the outermost cell that holds `p`: points of near numbers are near in memory.
    #[inline]
    pub(crate) fn cell_number(&self, p: Coord<f64>) -> u32 {
        let (row, column) = self.grid.cell_of(p);
        row * self.grid.x.len() + column
    }

    /// The outermost cell of `p`: the first of four steps, each of which is taken for many points before the next,
    /// so that the waits for memory overlap.
    #[inline]
    pub(crate) fn fetch_cell(&self, p: Coord<f64>) -> Outermost<'_> {
        let (row, column) = self.grid.cell_of(p);
        let band = &self.grid.bands[(row / ROWS_A_BAND) as usize];
        let cell = (row % ROWS_A_BAND) * self.grid.x.len() + column;
        fetch(&band.cells, cell as usize);
        Outermost { band, cell, row, column }
    }

    /// The innermost cell of `p`, and asks for what it holds.
    #[inline]
    pub(crate) fn fetch_runs<'i>(&'i self, p: Coord<f64>, outermost: Outermost<'i>) -> Place<'i> {
        let Outermost { band, cell, row, column } = outermost;
        let cell = cell as usize;
        let fill = band.cells[cell].fill;
        let place = if fill & NESTED == 0 {
            Place { band, cell, reference: self.grid.reference(row, column) }
        } else {
            place(&band.nested[(fill & !NESTED) as usize], p)
        };
        let cell = place.band.cells[place.cell];
        fetch(&place.band.fills, cell.fill as usize);
        fetch(&place.band.runs, cell.runs_start as usize);
        place
    }

    /// Asks for the edges that cross the cell.
    #[inline]
    pub(crate) fn fetch_edges(&self, place: &Place<'_>) {
        for run in place.runs() {
            let (coords, first) = (self.layers[run.layer as usize], run.first as usize);
            fetch(coords, first);
            fetch(coords, first + run.n_edges() as usize);
        }
    }

    /// Where `p` is looked up.
    #[inline]
    pub(crate) fn place_of(&self, p: Coord<f64>) -> Place<'_> {
        place(&self.grid, p)
    }

    /// Adds the offers that cover `p` to `words` (as many as the index was built with) and says the rest.
    /// Complexity: one cell and the few edges that cross it, however large the polygons are.
    #[inline]
    pub(crate) fn look_up(&self, p: Coord<f64>, words: &mut [u64]) -> Found {
        self.look_up_at(&self.place_of(p), p, words)
    }

    /// Like [`Self::look_up`], for a point whose place is known.
    #[inline]
    pub(crate) fn look_up_at(&self, place: &Place<'_>, p: Coord<f64>, words: &mut [u64]) -> Found {
        let (area, offers) = place.fill(self.n_words);
        for (word, more) in words.iter_mut().zip(offers) {
            *word |= more;
        }
        let mut found = Found { area, areas_overlap: false, on_offer_edge: false };
        let runs = place.runs();
        if !runs.is_empty() {
            self.try_polygons(p, place.reference, runs, words, &mut found);
        }
        found
    }

    fn try_polygons(
        &self,
        p: Coord<f64>,
        reference: Coord<f64>,
        runs: &[Run],
        words: &mut [u64],
        found: &mut Found,
    ) {
        let mut n_areas = u32::from(found.area != NO_AREA);
        let mut inside_area = n_areas > 0;
        let (mut inside, mut on_edge) = (false, false);
        for run in runs {
            if !on_edge {
                match crossings(run.coords(&self.layers), reference, p) {
                    Some(odd) => inside ^= odd,
                    None => on_edge = true,
                }
            }
            if run.is_last() {
                inside ^= run.reference_inside();
                let is_covered = inside | on_edge;
                if run.slot & AREA == 0 {
                    // Without a jump: whether it is covered cannot be foreseen.
                    words[run.slot as usize / 64] |= u64::from(is_covered) << (run.slot % 64);
                    found.on_offer_edge |= on_edge;
                } else if is_covered {
                    found.area = found.area.min(run.slot & !AREA);
                    n_areas += 1;
                    inside_area |= !on_edge;
                }
                (inside, on_edge) = (false, false);
            }
        }
        found.areas_overlap = n_areas > 1 && inside_area;
    }

    /// Whether `vertex` of ring `own` of polygon `part` lies inside by even-odd counting over the polygon's other
    /// rings; `None` if it lies on one of them, or if the polygon is not in the index. Linear in ring `own`.
    pub(crate) fn is_inside_other_rings(
        &self,
        shapes: &Shapes,
        layer: u32,
        part: usize,
        own: usize,
        vertex: Coord<f64>,
    ) -> Option<bool> {
        let rings = shapes.rings_of(part);
        let first_of = |ring: usize| shapes.ring_ends[ring] - shapes.ring(ring).len() as u32;
        let all = first_of(rings.start)..shapes.ring_ends[rings.end - 1];
        let mine = first_of(own)..shapes.ring_ends[own];
        let place = place(&self.grid, vertex);
        let polygon = place
            .runs()
            .split_inclusive(|r| r.is_last())
            .find(|p| p[0].layer == layer && all.contains(&p[0].first))?;
        let mut inside = polygon[0].reference_inside();
        for run in polygon.iter().filter(|r| !mine.contains(&r.first)) {
            inside ^= crossings(run.coords(&self.layers), place.reference, vertex)?;
        }
        // The state of the reference point without ring `own`.
        for w in shapes.ring(own).windows(2) {
            let (a, b) = (w[0], w[1]);
            if (a.y <= place.reference.y) != (b.y <= place.reference.y) {
                let (down, up) = if a.y < b.y { (a, b) } else { (b, a) };
                inside ^= !reference_is_left_of(down, up, place.reference);
            }
        }
        Some(inside)
    }

    /// The areas that hold `p` strictly inside, as far as they have edges in its cell, and the lowest of those that
    /// cover the cell wholly.
    pub(crate) fn areas_at(&self, p: Coord<f64>) -> Vec<u32> {
        let place = self.place_of(p);
        let area = place.fill(self.n_words).0;
        let leaf = Leaf { index: self, place, area };
        let inside = leaf.areas().filter(|a| leaf.is_strictly_inside(p, *a)).map(|a| a.area);
        inside.chain((area != NO_AREA).then_some(area)).collect()
    }

    /// Calls `see(area, a, b)` for every edge of an area that touches a cell that the box touches; an edge may
    /// be seen several times.
    pub(crate) fn area_edges_near(
        &self,
        lo: Coord<f64>,
        hi: Coord<f64>,
        see: &mut impl FnMut(u32, Coord<f64>, Coord<f64>),
    ) {
        self.area_edges_of(&self.grid, lo, hi, see);
    }

    fn area_edges_of(
        &self,
        grid: &Grid,
        lo: Coord<f64>,
        hi: Coord<f64>,
        see: &mut impl FnMut(u32, Coord<f64>, Coord<f64>),
    ) {
        let ((row_lo, column_lo), (row_hi, column_hi)) = (grid.cell_of(lo), grid.cell_of(hi));
        for row in row_lo..=row_hi {
            let band = &grid.bands[(row / ROWS_A_BAND) as usize];
            for column in column_lo..=column_hi {
                let cell = ((row % ROWS_A_BAND) * grid.x.len() + column) as usize;
                let fill = band.cells[cell].fill;
                if fill & NESTED != 0 {
                    self.area_edges_of(&band.nested[(fill & !NESTED) as usize], lo, hi, see);
                }
                let runs = band.cells[cell].runs_start as usize..band.cells[cell + 1].runs_start as usize;
                for run in band.runs[runs].iter().filter(|r| r.slot & AREA != 0) {
                    for w in run.coords(&self.layers).windows(2) {
                        see(run.slot & !AREA, w[0], w[1]);
                    }
                }
            }
        }
    }
}

/// A cell with the polygons whose edges touch it.
pub(crate) struct Leaf<'i> {
    index: &'i CellIndex<'i>,
    place: Place<'i>,
    /// The lowest area that covers the cell wholly, or [`NO_AREA`].
    pub(crate) area: u32,
}

/// An area whose edges touch a cell.
#[derive(Clone, Copy)]
pub(crate) struct LeafArea<'i> {
    /// The area.
    pub(crate) area: u32,
    runs: &'i [Run],
}

impl<'i> Leaf<'i> {
    /// The areas whose edges touch the cell; one may stand several times, once for each of its polygons.
    pub(crate) fn areas(&self) -> impl Iterator<Item = LeafArea<'i>> {
        let polygons = self.place.runs().split_inclusive(|r| r.is_last());
        let areas = polygons.filter(|p| p[0].slot & AREA != 0);
        areas.map(|runs| LeafArea { area: runs[0].slot & !AREA, runs })
    }

    /// The edges of an area that touch the cell.
    pub(crate) fn edges(&self, of: LeafArea<'i>) -> impl Iterator<Item = (Coord<f64>, Coord<f64>)> {
        let layers = &self.index.layers;
        of.runs.iter().flat_map(|r| r.coords(layers).windows(2).map(|w| (w[0], w[1])))
    }

    /// Whether the cell holds `p`.
    pub(crate) fn holds(&self, p: Coord<f64>) -> bool {
        let place = self.index.place_of(p);
        std::ptr::eq(place.band, self.place.band) && place.cell == self.place.cell
    }

    /// Whether `p`, a point of the cell, lies strictly inside the polygon.
    pub(crate) fn is_strictly_inside(&self, p: Coord<f64>, of: LeafArea<'i>) -> bool {
        let mut inside = of.runs[0].reference_inside();
        for run in of.runs {
            match crossings(run.coords(&self.index.layers), self.place.reference, p) {
                Some(odd) => inside ^= odd,
                None => return false,
            }
        }
        inside
    }
}

impl CellIndex<'_> {
    /// Calls `see` for every cell that edges touch, band by band in parallel; gives what it returned, in a fixed
    /// order.
    pub(crate) fn leaves<T: Send>(&self, see: impl Fn(Leaf<'_>, &mut Vec<T>) + Sync) -> Vec<T> {
        let bands = self.grid.bands.par_iter().enumerate();
        let seen = bands.map(|(b, band)| {
            let mut seen = Vec::new();
            self.leaves_of(&self.grid, band, b as u32, &see, &mut seen);
            seen
        });
        seen.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    fn leaves_of<T>(
        &self,
        grid: &Grid,
        band: &Band,
        b: u32,
        see: &impl Fn(Leaf<'_>, &mut Vec<T>),
        seen: &mut Vec<T>,
    ) {
        for (cell, pair) in band.cells.windows(2).enumerate() {
            if pair[0].fill & NESTED != 0 {
                let nested = &band.nested[(pair[0].fill & !NESTED) as usize];
                for (inner, i) in nested.bands.iter().zip(0..) {
                    self.leaves_of(nested, inner, i, see, seen);
                }
            } else if pair[0].runs_start < pair[1].runs_start {
                let row = b * ROWS_A_BAND + cell as u32 / grid.x.len();
                let reference = grid.reference(row, cell as u32 % grid.x.len());
                let place = Place { band, cell, reference };
                see(Leaf { index: self, place, area: place.fill(self.n_words).0 }, seen);
            }
        }
    }
}

#[inline(always)]
fn place(grid: &Grid, p: Coord<f64>) -> Place<'_> {
    let mut grid = grid;
    loop {
        let (row, column) = grid.cell_of(p);
        let band = &grid.bands[(row / ROWS_A_BAND) as usize];
        let cell = ((row % ROWS_A_BAND) * grid.x.len() + column) as usize;
        let fill = band.cells[cell].fill;
        if fill & NESTED == 0 {
            return Place { band, cell, reference: grid.reference(row, column) };
        }
        grid = &band.nested[(fill & !NESTED) as usize];
    }
}

/// Whether the path from the reference point near `r` to `p` crosses an odd number of the edges; `None` if `p`
/// lies exactly on one of them.
#[inline(always)]
fn crossings(coords: &[Coord<f64>], r: Coord<f64>, p: Coord<f64>) -> Option<bool> {
    let around = Around::new(r, p);
    let mut odd = false;
    let mut a = coords[0];
    for &b in &coords[1..] {
        // Most edges lie beside the box around the path.
        if !around.is_beside(a, b) {
            odd ^= match crosses_surely(a, b, r, p) {
                Some(crosses) => crosses,
                None => crosses_exactly(a, b, r, p)?,
            };
        }
        a = b;
    }
    Some(odd)
}

/// Whether the path crosses an edge, where plain arithmetic tells all four sides for sure. Nearly always it does, and
/// then without a jump, as jumps between sides cannot be foreseen.
#[inline(always)]
fn crosses_surely(a: Coord<f64>, b: Coord<f64>, r: Coord<f64>, p: Coord<f64>) -> Option<bool> {
    let sides = [plain_side(p, a, r), plain_side(p, b, r), plain_side(a, b, p), plain_side(a, b, r)];
    // NaN is not above 0, either.
    let is_sure = sides.iter().fold(true, |sure, (_, margin)| sure & (*margin > 0.0));
    let left = sides.map(|(side, _)| side > 0.0);
    is_sure.then_some((left[0] != left[1]) & (left[2] != left[3]))
}

/// Whether the path crosses one edge; `None` if `p` lies exactly on it.
#[cold]
#[inline(never)]
fn crosses_exactly(a: Coord<f64>, b: Coord<f64>, r: Coord<f64>, p: Coord<f64>) -> Option<bool> {
    let (side_a, side_b) = (side_of_path(r, p, a), side_of_path(r, p, b));
    if side_a == side_b {
        // Only an edge with its ends on both sides of the path's line can meet the path or hold p.
        return if side_a == 0 { None } else { Some(false) };
    }
    if side_a == 0 || side_b == 0 {
        return None;
    }
    let beyond = orient(a, b, p);
    if beyond == 0.0 { None } else { Some((beyond > 0.0) != reference_is_left_of(a, b, r)) }
}
