//! Areas: reporting and ranking units with a code.

use crate::{crs::CrsDeclaration, shapes::Shapes};

/// All areas of a run, ordered by code (plain byte order), so that a lower index is a lower code.
#[derive(Clone, Debug)]
pub struct Areas {
    /// Unique codes in ascending order.
    pub codes: Vec<String>,
    /// Names for people; the code where the source has none.
    pub names: Vec<String>,
    /// Parent of each area as an index into `parents`; `None` for an area without.
    pub parent_of: Vec<Option<u32>>,
    /// The parents, ordered by code.
    pub parents: Vec<Parent>,
    /// One feature an area, in the CRS of the source; no features where areas come from a column.
    pub shapes: Shapes,
    /// CRS of the shapes.
    pub crs: CrsDeclaration,
    /// Land area in km² where the source tells; geodesic area of the shape otherwise; `None` without shapes.
    pub km2: Vec<Option<f64>>,
}

impl Areas {
    /// Number of areas.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }
}

/// A parent area, such as a municipality of DeSO areas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Code.
    pub code: String,
    /// Name; the code where the source has none.
    pub name: String,
}

/// Area of a settlement that no area holds.
pub const OUTSIDE: u32 = u32::MAX;
