//! The exact cell index: one look-up answers which offers cover a point and which area holds it, for all layers
//! of one CRS together. See `docs/cell-index.md` for a picture.

mod around;
mod axis;
mod build;
mod chains;
pub(crate) mod fetch;
mod grid;
mod look_up;
mod nested;
pub(crate) mod orient;
mod rows;

use crate::validity::crossing::Crossing;
use geo_types::Coord;
pub(crate) use look_up::{Found, Leaf, LeafArea};
use whitespot_model::shapes::Shapes;

/// Set in a slot that stands for an area (the other bits) instead of an offer.
pub(crate) const AREA: u32 = 1 << 31;
/// No area.
pub(crate) const NO_AREA: u32 = u32::MAX;
/// Slot of features that are left out.
pub(crate) const SKIPPED: u32 = u32::MAX;

/// The polygons of one layer, and what each feature stands for.
pub(crate) struct Source<'a> {
    /// The shapes; points and lines are passed over.
    pub(crate) shapes: &'a Shapes,
    /// Slot of each feature: the bit of its offer, [`AREA`] | area, or [`SKIPPED`].
    pub(crate) slots: Vec<u32>,
    /// Whether to look for crossings within each polygon.
    pub(crate) is_checked: bool,
}

/// An index over the polygons of any number of layers of one CRS. It refers to their coordinates and copies
/// none.
#[derive(Debug)]
pub(crate) struct CellIndex<'a> {
    layers: Vec<&'a [Coord<f64>]>,
    n_words: usize,
    bounds: (Coord<f64>, Coord<f64>),
    scratch_bytes: usize,
    grid: grid::Grid,
    /// Crossings of each layer, in the order of their cells.
    crossings: Vec<Vec<Crossing>>,
}

impl<'a> CellIndex<'a> {
    /// Builds the index in parallel; the result does not depend on the number of threads.
    ///
    /// Polygons with coordinates that are not finite and with rings that are not closed are left out.
    /// Complexity: linear in the edges and the cells they touch.
    pub(crate) fn build(sources: &[Source<'a>], n_words: usize) -> CellIndex<'a> {
        build::index(sources, n_words)
    }

    /// Crossings found within polygons of a layer: at most one for each cell and polygon, in ascending order of
    /// the edge they start on.
    pub(crate) fn crossings_of(&self, layer: u32) -> &[Crossing] {
        &self.crossings[layer as usize]
    }

    /// Smallest and largest corner of all polygons; inverted when there are none.
    pub(crate) fn bounds(&self) -> (Coord<f64>, Coord<f64>) {
        self.bounds
    }

    /// Memory in bytes, without the coordinates it refers to.
    pub(crate) fn n_bytes(&self) -> usize {
        self.grid.n_bytes()
    }

    /// Memory that building took on top, in bytes.
    pub(crate) fn scratch_bytes(&self) -> usize {
        self.scratch_bytes
    }
}
