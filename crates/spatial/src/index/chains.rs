//! Cuts outlines into chains of consecutive edges that touch the same row, or the same cell, of a grid.

use super::axis::Axis;
use geo_types::Coord;
use std::collections::VecDeque;

/// Consecutive edges of one ring: edge `i` runs from coordinate `first + i` to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chain {
    /// The polygon.
    pub(super) part: u32,
    /// First coordinate.
    pub(super) first: u32,
    /// Number of edges.
    pub(super) n_edges: u32,
}

/// A piece of one ring to be cut: edges that start at coordinates `first..end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) part: u32,
    pub(super) first: u32,
    pub(super) end: u32,
}

/// Follows an outline edge by edge and tells, for every line of cells it touches, the chains that touch it.
#[derive(Default)]
pub(super) struct Cutter {
    /// The lines touched by the last edge: `lowest..lowest + starts.len()`.
    lowest: u32,
    /// First coordinate of the open chain of each.
    starts: VecDeque<u32>,
}

impl Cutter {
    /// Edge `i` touches lines `lo..=hi`. Calls `emit(line, first, n_edges)` for chains that end before it.
    #[inline(always)]
    pub(super) fn edge(&mut self, i: u32, lo: u32, hi: u32, emit: impl FnMut(u32, u32, u32)) {
        if lo != self.lowest || (hi - lo) as usize + 1 != self.starts.len() {
            self.change(i, lo, hi, emit);
        }
    }

    #[inline]
    fn change(&mut self, i: u32, lo: u32, hi: u32, mut emit: impl FnMut(u32, u32, u32)) {
        let n = self.starts.len() as u32;
        if n == 0 || hi < self.lowest || lo >= self.lowest + n {
            self.end(i, emit);
            self.lowest = lo;
            self.starts.extend((lo..=hi).map(|_| i));
            return;
        }
        while self.lowest < lo {
            let start = self.starts.pop_front().unwrap_or(i);
            emit(self.lowest, start, i - start);
            self.lowest += 1;
        }
        while self.lowest + self.starts.len() as u32 - 1 > hi {
            let line = self.lowest + self.starts.len() as u32 - 1;
            let start = self.starts.pop_back().unwrap_or(i);
            emit(line, start, i - start);
        }
        while self.lowest > lo {
            self.lowest -= 1;
            self.starts.push_front(i);
        }
        while self.lowest + (self.starts.len() as u32) <= hi {
            self.starts.push_back(i);
        }
    }

    /// The outline ends before edge `i`; the cutter is ready for another.
    pub(super) fn end(&mut self, i: u32, mut emit: impl FnMut(u32, u32, u32)) {
        for (k, start) in self.starts.drain(..).enumerate() {
            emit(self.lowest + k as u32, start, i - start);
        }
    }
}

/// The chains of some stretches, by row.
pub(super) struct RowChains {
    chains: Vec<Chain>,
    /// Row `r` owns `chains[starts[r]..starts[r + 1]]`, in the order of the stretches.
    starts: Vec<u32>,
}

impl RowChains {
    /// Cuts `stretches` at the rows of `y`; `coords_of` gives the coordinates a polygon's offsets refer to.
    pub(super) fn cut<'a>(
        stretches: &[Stretch],
        y: &Axis,
        coords_of: impl Fn(u32) -> &'a [Coord<f64>],
    ) -> RowChains {
        let mut cut: Vec<(u32, Chain)> = Vec::new();
        let mut starts = vec![0_u32; y.len() as usize + 1];
        let mut cutter = Cutter::default();
        for s in stretches {
            let coords = coords_of(s.part);
            let mut emit = |row: u32, first: u32, n_edges: u32| {
                starts[row as usize + 1] += 1;
                cut.push((row, Chain { part: s.part, first, n_edges }));
            };
            let mut row = y.column(coords[s.first as usize].y);
            for i in s.first..s.end {
                let next = y.column(coords[i as usize + 1].y);
                cutter.edge(i, row.min(next), row.max(next), &mut emit);
                row = next;
            }
            cutter.end(s.end, &mut emit);
        }
        for r in 0..y.len() as usize {
            starts[r + 1] += starts[r];
        }
        let mut next = starts.clone();
        let mut chains = vec![Chain { part: 0, first: 0, n_edges: 0 }; cut.len()];
        for (row, chain) in cut {
            let at = &mut next[row as usize];
            chains[*at as usize] = chain;
            *at += 1;
        }
        RowChains { chains, starts }
    }

    /// The chains that touch row `r`, in the order of the stretches.
    pub(super) fn of_row(&self, r: u32) -> &[Chain] {
        &self.chains[self.starts[r as usize] as usize..self.starts[r as usize + 1] as usize]
    }

    /// Memory in bytes.
    pub(super) fn n_bytes(&self) -> usize {
        self.chains.capacity() * size_of::<Chain>() + self.starts.capacity() * 4
    }
}
