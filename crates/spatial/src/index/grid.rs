//! The grid as it is stored: cells in bands of rows, what covers them, and the runs of edges that cross them.

use super::axis::Axis;
use super::rows::Member;
use crate::validity::crossing::Crossing;
use geo_types::Coord;

/// Rows a band holds. A band is built by one thread and owns its memory.
pub(super) const ROWS_A_BAND: u32 = 16;

/// Cells over the whole plane; the outermost ones have no outer end.
#[derive(Debug)]
pub(super) struct Grid {
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) bands: Vec<Band>,
}

impl Grid {
    /// The row and column of a point.
    #[inline(always)]
    pub(super) fn cell_of(&self, p: Coord<f64>) -> (u32, u32) {
        (self.y.column(p.y), self.x.column(p.x))
    }

    /// The point that the states of a cell refer to.
    #[inline(always)]
    pub(super) fn reference(&self, row: u32, column: u32) -> Coord<f64> {
        Coord { x: self.x.middles[column as usize], y: self.y.middles[row as usize] }
    }

    /// Memory in bytes, nested grids included.
    pub(super) fn n_bytes(&self) -> usize {
        let axes = (self.x.starts.len() + self.y.starts.len()) * 16;
        axes + self.bands.iter().map(Band::n_bytes).sum::<usize>()
    }
}

/// Some rows of a grid.
#[derive(Debug, Default)]
pub(super) struct Band {
    /// Row by row; one more than cells ends the last.
    pub(super) cells: Vec<Cell>,
    pub(super) runs: Vec<Run>,
    /// Fills one after the other: the lowest area, then `n_words` words of offers.
    pub(super) fills: Vec<u64>,
    /// Grids of crowded cells.
    pub(super) nested: Vec<Grid>,
    /// Fills used lately, by a hash of their content: so that most fills are stored once.
    recent: Vec<u32>,
    /// Crossings within polygons, with their layer.
    pub(super) crossings: Vec<(u32, Crossing)>,
}

/// What covers a cell wholly, and where its runs begin; they end where those of the next cell begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// Where its fill begins, or the index of a nested grid when [`NESTED`] is set.
    pub(super) fill: u32,
    pub(super) runs_start: u32,
}

/// Marks a cell that is a grid of its own.
pub(super) const NESTED: u32 = 1 << 31;

/// What covers a whole region.
#[derive(Clone, Debug)]
pub(super) struct Fill {
    pub(super) words: Vec<u64>,
    pub(super) area: u32,
}

/// Consecutive edges of one polygon that touch one cell.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Run {
    /// First coordinate in its layer.
    pub(super) first: u32,
    /// Number of edges and two flags.
    n_edges: u32,
    /// What the polygon stands for.
    pub(super) slot: u32,
    pub(super) layer: u32,
}

const IS_LAST: u32 = 1 << 31;
const REFERENCE_INSIDE: u32 = 1 << 30;

impl Run {
    #[inline]
    pub(super) fn new(member: Member, first: u32, n_edges: u32, inside: bool, is_last: bool) -> Run {
        let flags = if inside { REFERENCE_INSIDE } else { 0 } | if is_last { IS_LAST } else { 0 };
        Run { first, n_edges: n_edges | flags, slot: member.slot, layer: member.layer }
    }

    /// Number of edges.
    #[inline(always)]
    pub(super) fn n_edges(self) -> u32 {
        self.n_edges & !(IS_LAST | REFERENCE_INSIDE)
    }

    /// Whether this is the last run of its polygon in the cell.
    #[inline(always)]
    pub(super) fn is_last(self) -> bool {
        self.n_edges & IS_LAST != 0
    }

    /// Whether the cell's reference point lies inside the polygon.
    #[inline(always)]
    pub(super) fn reference_inside(self) -> bool {
        self.n_edges & REFERENCE_INSIDE != 0
    }

    /// The coordinates of its edges, one more than edges.
    #[inline(always)]
    pub(super) fn coords<'a>(self, layers: &[&'a [Coord<f64>]]) -> &'a [Coord<f64>] {
        let first = self.first as usize;
        &layers[self.layer as usize][first..=first + self.n_edges() as usize]
    }
}

const N_RECENT: usize = 1024;

impl Band {
    /// Where the fill with this content begins.
    pub(super) fn fill(&mut self, words: &[u64], area: u32) -> u32 {
        let n = words.len() + 1;
        let area = u64::from(area);
        let is = |band: &Band, i: u32| {
            let i = i as usize;
            band.fills.get(i).is_some_and(|a| *a == area) && &band.fills[i + 1..i + n] == words
        };
        if self.recent.is_empty() {
            self.recent = vec![u32::MAX; N_RECENT];
        }
        let hash =
            words.iter().fold(area + 1, |h, w| (h.rotate_left(5) ^ w).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let at = (hash >> 32) as usize % N_RECENT;
        let known = self.recent[at];
        if is(self, known) {
            return known;
        }
        let new = self.fills.len() as u32;
        self.fills.push(area);
        self.fills.extend_from_slice(words);
        self.recent[at] = new;
        new
    }

    /// Adds a nested grid; gives what its cell says instead of a fill.
    pub(super) fn nest(&mut self, mut grid: Grid) -> u32 {
        for band in &mut grid.bands {
            self.crossings.append(&mut band.crossings);
        }
        self.nested.push(grid);
        NESTED | (self.nested.len() as u32 - 1)
    }

    /// Ends the last cell and gives back spare memory.
    pub(super) fn finish(&mut self) {
        self.cells.push(Cell { fill: 0, runs_start: self.runs.len() as u32 });
        self.recent = Vec::new();
        self.cells.shrink_to_fit();
        self.runs.shrink_to_fit();
        self.fills.shrink_to_fit();
        self.nested.shrink_to_fit();
    }

    fn n_bytes(&self) -> usize {
        self.cells.capacity() * size_of::<Cell>()
            + self.runs.capacity() * size_of::<Run>()
            + self.fills.capacity() * 8
            + self.nested.capacity() * size_of::<Grid>()
            + self.nested.iter().map(Grid::n_bytes).sum::<usize>()
    }
}
