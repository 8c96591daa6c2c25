//! Joins settlements with coverage and areas: which offers reach each of them, and which area holds it.
//!
//! - A settlement is covered by a polygon if it lies inside or **on its edge**; holes are not covered, their
//!   edges are. What is inside is told by even-odd counting over the polygon's rings, decided exactly.
//! - Edges are straight in the CRS of their source; settlements are transformed into it and tested there.
//! - Distances (`reach_m`, `snap_m`, hairline gaps) are planar in the analysis CRS.
//! - On a shared border the area with the lower code wins.

mod assign;
mod chunk;
mod keyed;
mod sort;

use crate::crs::{Crs, Transform};
use crate::index::{AREA, CellIndex, SKIPPED, Source};
use crate::reach::ReachIndex;
use crate::validity::{self, InvalidPart};
use assign::AreaAssignment;
pub(crate) use assign::HAIRLINE_M;
use keyed::KeyedOffers;
use rayon::prelude::*;
use whitespot_model::area::{Areas, OUTSIDE};
use whitespot_model::coverage::CoverageLayer;
use whitespot_model::reached::{JoinNotes, Reached};
use whitespot_model::settlement::SettlementBatch;
use whitespot_model::shapes::Shapes;

/// Settlements joined by one task, at most: they are sorted by cell together, so more of them share what they fetch.
const MOST_A_CHUNK: usize = 1 << 17;
/// And at least, where there are threads for more chunks.
const LEAST_A_CHUNK: usize = 1 << 13;
/// So many chunks for each thread, since one of them is late: it reads the next batch first.
const CHUNKS_A_THREAD: usize = 2;

/// Why a join cannot be prepared.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SpatialError {
    /// Distances need a CRS in metres.
    #[error("the analysis CRS `{code}` is not in metres")]
    NotMetric {
        /// Its code.
        code: String,
    },
    /// A layer comes without its CRS or its offers' bits, or a bit is out of range.
    #[error("layer {layer}: {what}")]
    Inconsistent {
        /// Position of the layer.
        layer: usize,
        /// What does not fit.
        what: &'static str,
    },
}

/// What a join is prepared from: layers and areas, which it goes on referring to, and how to read them.
#[derive(Clone, Copy, Debug)]
pub struct JoinInput<'a, 't> {
    /// CRS of the settlements.
    pub settlements_crs: &'t Crs,
    /// The metric CRS of the analysis.
    pub analysis_crs: &'t Crs,
    /// The coverage layers.
    pub layers: &'a [CoverageLayer],
    /// CRS of each layer.
    pub layer_crs: &'t [Crs],
    /// Per layer and offer of the layer: its bit in the result; `None` where nobody asks for it, and its shapes
    /// are left out.
    pub offer_bits: &'t [Vec<Option<u32>>],
    /// Number of bits in use.
    pub n_bits: usize,
    /// The areas with their CRS; without, every settlement is outside.
    pub areas: Option<(&'a Areas, &'t Crs)>,
    /// Settlements outside every area go to the nearest within this distance, in metres; 0 for none.
    pub snap_m: f64,
    /// Whether to look for invalid polygons while building ([`Joiner::invalid_parts`]).
    pub find_invalid: bool,
}

/// A join ready to be asked; immutable and shared by threads.
#[derive(Debug)]
pub struct Joiner<'a> {
    n_layers: usize,
    n_words: usize,
    groups: Vec<Group<'a>>,
    reaches: Vec<ReachIndex>,
    to_analysis: Transform,
    keyed: KeyedOffers,
    areas: Option<AreaAssignment<'a>>,
    checked: Vec<Checked<'a>>,
}

/// Where the polygons of a layer went.
#[derive(Debug)]
struct Checked<'a> {
    shapes: &'a Shapes,
    /// Position in the input; that after the last layer for the areas.
    input: usize,
    group: usize,
    layer: u32,
    wanted: Vec<bool>,
}

/// The polygons of all layers, and the areas, of one CRS.
#[derive(Debug)]
struct Group<'a> {
    from_settlements: Transform,
    index: CellIndex<'a>,
    is_geographic: bool,
}

impl<'a> Joiner<'a> {
    /// Builds one index for each CRS, in parallel; it refers to the coordinates of the layers and areas.
    ///
    /// Features without an offer, or whose offer has no bit, are left out. Polygons with coordinates that are
    /// not finite or with rings that are not closed cover nothing.
    ///
    /// # Errors
    /// When the analysis CRS is not metric, and when layers, CRSs and bits do not fit together.
    pub fn new(input: JoinInput<'a, '_>) -> Result<Joiner<'a>, SpatialError> {
        check(&input)?;
        let mut members: Vec<(&Crs, Vec<Source<'a>>)> = Vec::new();
        let mut checked = Vec::new();
        for (i, ((layer, crs), bits)) in
            input.layers.iter().zip(input.layer_crs).zip(input.offer_bits).enumerate()
        {
            let slots = slots(layer, bits);
            if slots.iter().any(|s| *s != SKIPPED) {
                let wanted = slots.iter().map(|s| *s != SKIPPED).collect();
                let source = Source { shapes: &layer.shapes, slots, is_checked: input.find_invalid };
                let (group, layer_of_group) = add(&mut members, crs, source);
                checked.push(Checked {
                    shapes: &layer.shapes,
                    input: i,
                    group,
                    layer: layer_of_group,
                    wanted,
                });
            }
        }
        if let Some((areas, crs)) = input.areas {
            let slots = (0..areas.shapes.n_features() as u32).map(|a| AREA | a).collect();
            let source = Source { shapes: &areas.shapes, slots, is_checked: input.find_invalid };
            let (group, layer) = add(&mut members, crs, source);
            let wanted = vec![true; areas.shapes.n_features()];
            checked.push(Checked { shapes: &areas.shapes, input: input.layers.len(), group, layer, wanted });
        }
        let n_words = input.n_bits.div_ceil(64).max(1);
        let groups: Vec<Group<'a>> = members
            .into_iter()
            .map(|(crs, sources)| Group {
                from_settlements: Transform::new(input.settlements_crs, crs),
                index: CellIndex::build(&sources, n_words),
                is_geographic: !crs.is_metric(),
            })
            .collect();
        Ok(Joiner {
            n_layers: input.layers.len(),
            n_words,
            groups,
            reaches: reaches(&input),
            to_analysis: Transform::new(input.settlements_crs, input.analysis_crs),
            keyed: KeyedOffers::new(input.layers, input.offer_bits),
            areas: input.areas.map(|(areas, crs)| AreaAssignment::new(areas, crs, &input)),
            checked: if input.find_invalid { checked } else { Vec::new() },
        })
    }

    /// Joins a batch, in parallel; row `i` of the result is settlement `i` of the batch.
    ///
    /// The result does not depend on the number of threads nor on how settlements are split into batches.
    /// Positions that cannot be transformed or are not finite are reached by nothing and outside every area.
    pub fn join(&self, batch: &SettlementBatch) -> Reached {
        let n = batch.len();
        // The order of the work depends on the threads, its outcome does not.
        let n_threads = rayon::current_num_threads();
        let n_chunks = if n_threads == 1 { 1 } else { CHUNKS_A_THREAD * n_threads };
        let a_chunk = n.div_ceil(n_chunks).clamp(LEAST_A_CHUNK, MOST_A_CHUNK);
        let mut areas = vec![OUTSIDE; n];
        let mut offers = vec![0_u64; n * self.n_words];
        let notes: Vec<JoinNotes> = areas
            .par_chunks_mut(a_chunk)
            .zip(offers.par_chunks_mut(a_chunk * self.n_words))
            .enumerate()
            .map(|(i, (areas, offers))| {
                let first = i * a_chunk;
                chunk::join(self, batch, first..first + areas.len(), areas, offers)
            })
            .collect();
        let notes = notes.iter().fold(JoinNotes::default(), |mut all, n| {
            all.merge(n);
            all
        });
        Reached { areas, n_words: self.n_words, offers, notes }
    }

    /// What is wrong with the polygons that the join uses, one list a layer of the input; empty lists unless
    /// [`JoinInput::find_invalid`] was set. Costs one more look at every coordinate.
    pub fn invalid_parts(&self) -> Vec<Vec<InvalidPart>> {
        let mut lists = vec![Vec::new(); self.n_layers];
        for c in self.checked.iter().filter(|c| c.input < self.n_layers) {
            lists[c.input] = self.invalid_of(c);
        }
        lists
    }

    /// What is wrong with the areas; empty unless [`JoinInput::find_invalid`] was set.
    pub fn invalid_areas(&self) -> Vec<InvalidPart> {
        let areas = self.checked.iter().find(|c| c.input == self.n_layers);
        areas.map_or_else(Vec::new, |c| self.invalid_of(c))
    }

    fn invalid_of(&self, c: &Checked<'a>) -> Vec<InvalidPart> {
        validity::of_layer(c.shapes, &c.wanted, &self.groups[c.group].index, c.layer)
    }

    /// Memory of the indexes in bytes, without the coordinates they refer to.
    pub fn index_bytes(&self) -> usize {
        self.groups.iter().map(|g| g.index.n_bytes()).sum()
    }

    /// Memory that building the largest index took on top for a while, in bytes.
    pub fn scratch_bytes(&self) -> usize {
        self.groups.iter().map(|g| g.index.scratch_bytes()).max().unwrap_or(0)
    }

    /// Number of cell indexes: one for each CRS of layers and areas.
    pub fn n_indexes(&self) -> usize {
        self.groups.len()
    }
}

/// Adds a source to those of its CRS; gives the position of the CRS and of the source among its like.
fn add<'a, 't>(
    members: &mut Vec<(&'t Crs, Vec<Source<'a>>)>,
    crs: &'t Crs,
    source: Source<'a>,
) -> (usize, u32) {
    let known = members.iter().position(|(c, _)| Transform::new(crs, c).is_identity());
    let group = known.unwrap_or_else(|| {
        members.push((crs, Vec::new()));
        members.len() - 1
    });
    members[group].1.push(source);
    (group, members[group].1.len() as u32 - 1)
}

fn check(input: &JoinInput<'_, '_>) -> Result<(), SpatialError> {
    if !input.analysis_crs.is_metric() {
        return Err(SpatialError::NotMetric { code: input.analysis_crs.code().to_string() });
    }
    for (layer, l) in input.layers.iter().enumerate() {
        let wrong = |what| Err(SpatialError::Inconsistent { layer, what });
        let Some(bits) = input.offer_bits.get(layer) else { return wrong("its offers have no bits") };
        if input.layer_crs.len() <= layer {
            return wrong("its CRS is missing");
        }
        if bits.len() != l.offers.len() || l.feature_offers.len() != l.shapes.n_features() {
            return wrong("its offers do not fit its features");
        }
        if bits.iter().flatten().any(|b| *b as usize >= input.n_bits || *b >= AREA) {
            return wrong("an offer's bit is out of range");
        }
    }
    Ok(())
}

/// What each feature of a layer stands for.
fn slots(layer: &CoverageLayer, bits: &[Option<u32>]) -> Vec<u32> {
    let slot = |offer: &u32| bits.get(*offer as usize).copied().flatten().unwrap_or(SKIPPED);
    layer.feature_offers.iter().map(slot).collect()
}

fn reaches(input: &JoinInput<'_, '_>) -> Vec<ReachIndex> {
    let mut reaches = Vec::new();
    for ((layer, crs), bits) in input.layers.iter().zip(input.layer_crs).zip(input.offer_bits) {
        let to_analysis = Transform::new(crs, input.analysis_crs);
        reaches.extend(ReachIndex::build(&layer.shapes, &slots(layer, bits), layer.reach_m, &to_analysis));
    }
    reaches
}

#[cfg(test)]
mod tests;
