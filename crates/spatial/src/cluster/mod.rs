//! Clusters of neighbouring points: single linkage, spanning trees, outlines.
//!
//! - [`single_linkage`]: which points are joined by steps of at most so many metres;
//! - [`spanning_tree()`]: the shortest tree that joins given points;
//! - [`outline()`]: a polygon round a cluster that does not give its points away.

pub mod linkage;
pub mod outline;
pub mod spanning_tree;

pub use linkage::{NO_GROUP, single_linkage};
pub use outline::{Outline, outline};
pub use spanning_tree::{TreeEdge, spanning_tree, tree_length_m};

use geo_types::Coord;

/// Squared planar distance.
#[inline]
pub(crate) fn distance2(p: Coord<f64>, q: Coord<f64>) -> f64 {
    let (dx, dy) = (p.x - q.x, p.y - q.y);
    dx * dx + dy * dy
}

/// Sets of numbers that are united step by step.
#[derive(Clone, Debug)]
pub(crate) struct UnionFind {
    parent: Vec<u32>,
}

impl UnionFind {
    pub(crate) fn new(n: usize) -> UnionFind {
        UnionFind { parent: (0..n as u32).collect() }
    }

    /// The set of `i`, named by one of its members.
    pub(crate) fn find(&mut self, mut i: u32) -> u32 {
        while self.parent[i as usize] != i {
            let grandparent = self.parent[self.parent[i as usize] as usize];
            self.parent[i as usize] = grandparent;
            i = grandparent;
        }
        i
    }

    /// Unites two sets; whether they were apart.
    pub(crate) fn unite(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.find(a), self.find(b));
        if a == b {
            return false;
        }
        // The lower name stays, so that names do not depend on who called whom.
        self.parent[a.max(b) as usize] = a.min(b);
        true
    }
}
