//! Whom the repair of invalid polygons concerns, or their leaving out: people reached by them and by no valid shape of
//! the same layer.

use crate::inputs::Inputs;
use std::collections::BTreeMap;
use whitespot_load::coverage::SKIPPED;
use whitespot_model::{
    coverage::CoverageLayer, finding::Finding, settlement::SettlementBatch, shapes::Shapes,
};
use whitespot_spatial::{
    crs::Crs,
    join::{JoinInput, Joiner},
    validity::{InvalidKind, InvalidPart},
};

/// The invalid features of every layer, by kind, with the valid ones near them.
pub(crate) struct Repaired {
    layers: Vec<CoverageLayer>,
    crs: Vec<Crs>,
    bits: Vec<Vec<Option<u32>>>,
    /// Position of the layer in the analysis and what is wrong, for each bit that stands for invalid features; `None`
    /// for those that `invalid = "skip"` left out.
    kinds: Vec<(usize, Option<InvalidKind>)>,
    /// Bit of the valid neighbours, for each of `kinds`.
    valid_bits: Vec<u32>,
    n_bits: usize,
    persons: Vec<u64>,
}

impl Repaired {
    /// Gathers them; `None` where nothing is repaired or left out.
    pub(crate) fn new(invalid: &[Vec<InvalidPart>], inputs: &Inputs) -> Option<Repaired> {
        let mut all = Repaired {
            layers: Vec::new(),
            crs: Vec::new(),
            bits: Vec::new(),
            kinds: Vec::new(),
            valid_bits: Vec::new(),
            n_bits: 0,
            persons: Vec::new(),
        };
        for (l, parts) in invalid.iter().enumerate() {
            all.add_layer(l, parts, inputs);
        }
        (!all.layers.is_empty()).then_some(all)
    }

    fn add_layer(&mut self, l: usize, parts: &[InvalidPart], inputs: &Inputs) {
        let mut by_kind: BTreeMap<InvalidKind, Vec<u32>> = BTreeMap::new();
        for part in parts.iter().filter(|p| !p.kind.is_note()) {
            let features = by_kind.entry(part.kind).or_default();
            if features.last() != Some(&part.feature) {
                features.push(part.feature);
            }
        }
        let layer = &inputs.layers[l];
        let mut shapes = Shapes::default();
        let mut feature_offers = Vec::new();
        let mut is_invalid = vec![false; layer.shapes.n_features()];
        let mut bits = Vec::new();
        for (kind, features) in &by_kind {
            for f in features {
                shapes.push_feature_of(&layer.shapes, *f as usize);
                feature_offers.push(bits.len() as u32);
                is_invalid[*f as usize] = true;
            }
            bits.push(Some(self.n_bits as u32));
            self.kinds.push((l, Some(*kind)));
            self.n_bits += 1;
        }
        let skipped = &inputs.skipped[l];
        if skipped.n_features() > 0 {
            for f in 0..skipped.n_features() {
                shapes.push_feature_of(skipped, f);
                feature_offers.push(bits.len() as u32);
            }
            bits.push(Some(self.n_bits as u32));
            self.kinds.push((l, None));
            self.n_bits += 1;
        }
        let Some((lo, hi)) = shapes.bounds() else {
            self.kinds.truncate(self.valid_bits.len());
            self.n_bits -= bits.len();
            return;
        };
        // Only valid features near the invalid ones can reach the same people.
        let near = |f: usize| {
            layer.shapes.bounds_of(f).is_some_and(|(a, b)| {
                let reach = layer.reach_m;
                a.x <= hi.x + reach && b.x >= lo.x - reach && a.y <= hi.y + reach && b.y >= lo.y - reach
            })
        };
        for f in (0..is_invalid.len()).filter(|&f| !is_invalid[f] && near(f)) {
            shapes.push_feature_of(&layer.shapes, f);
            feature_offers.push(bits.len() as u32);
        }
        self.valid_bits.resize(self.kinds.len(), self.n_bits as u32);
        bits.push(Some(self.n_bits as u32));
        self.n_bits += 1;
        // Which offer does not matter here: bits tell the kinds apart.
        let offers = layer.offers.first().into_iter().cycle().take(bits.len()).cloned().collect();
        let n = feature_offers.len() as u64;
        self.layers.push(CoverageLayer {
            shapes,
            feature_offers,
            offers,
            keyed: Vec::new(),
            places: (0..n).collect(),
            id: layer.id.clone(),
            crs: layer.crs.clone(),
            reach_m: layer.reach_m,
        });
        self.crs.push(inputs.layer_crs[l].clone());
        self.bits.push(bits);
        self.persons.resize(self.kinds.len(), 0);
    }

    /// A join with these features alone.
    pub(crate) fn joiner(&self, settlements: &Crs, analysis: &Crs) -> Option<Joiner<'_>> {
        Joiner::new(JoinInput {
            settlements_crs: settlements,
            analysis_crs: analysis,
            layers: &self.layers,
            layer_crs: &self.crs,
            offer_bits: &self.bits,
            n_bits: self.n_bits,
            areas: None,
            snap_m: 0.0,
            find_invalid: false,
        })
        .ok()
    }

    /// Persons of a batch for each kind: reached by its features and by no valid one.
    pub(crate) fn count(&self, joiner: &Joiner<'_>, batch: &SettlementBatch) -> Vec<u64> {
        let bare = SettlementBatch {
            points: batch.points.clone(),
            persons: batch.persons.clone(),
            ..Default::default()
        };
        let reached = joiner.join(&bare);
        let mut persons = vec![0; self.kinds.len()];
        let has = |offers: &[u64], bit: u32| offers[bit as usize / 64] >> (bit % 64) & 1 == 1;
        for (i, n) in bare.persons.iter().enumerate() {
            let offers = reached.offers_of(i);
            if offers.iter().all(|word| *word == 0) {
                continue;
            }
            for (sum, (bit, valid)) in persons.iter_mut().zip(self.kind_bits()) {
                if has(offers, bit) && !has(offers, valid) {
                    *sum += u64::from(*n);
                }
            }
        }
        persons
    }

    /// The bit of each kind and that of the valid features of its layer.
    fn kind_bits(&self) -> impl Iterator<Item = (u32, u32)> {
        let of_kinds = self.bits.iter().flat_map(|bits| bits[..bits.len() - 1].iter().flatten().copied());
        of_kinds.zip(self.valid_bits.iter().copied())
    }

    /// Adds what a batch counted.
    pub(crate) fn add(&mut self, persons: &[u64]) {
        self.persons.iter_mut().zip(persons).for_each(|(sum, n)| *sum += n);
    }

    /// Puts the persons into the findings of a layer, which come one a kind in the order of the kinds.
    pub(crate) fn tell(&self, l: usize, findings: &mut [Finding]) {
        let of_layer = self.kinds.iter().zip(&self.persons).filter(|((layer, _), _)| *layer == l);
        for ((_, kind), persons) in of_layer {
            let Some(kind) = kind else { continue };
            let code = whitespot_load::validity::code_of(*kind);
            if let Some(finding) = findings.iter_mut().find(|f| f.code == code) {
                finding.persons = Some(*persons);
                finding.evidence.push(format!(
                    "{persons} persons are reached by them and by no valid shape of the layer: with `invalid = \"skip\"` they are not"
                ));
            }
        }
    }

    /// Puts the persons that features left out would have reached into the finding about them.
    pub(crate) fn tell_skipped(&self, file_of: impl Fn(usize) -> String, findings: &mut [Finding]) {
        let skipped = self.kinds.iter().zip(&self.persons).filter(|((_, kind), _)| kind.is_none());
        for ((layer, _), persons) in skipped {
            let file = file_of(*layer);
            let is_theirs = |f: &&mut Finding| f.code == SKIPPED && f.file == file && f.persons.is_none();
            if let Some(finding) = findings.iter_mut().find(is_theirs) {
                finding.persons = Some(*persons);
                finding.evidence.push(format!(
                    "{persons} persons are reached by them and by no valid shape of the layer: with `invalid = \"repair\"` they are"
                ));
            }
        }
    }
}

/// Persons that the repairs concern, counted batch by batch beside the join.
pub(crate) struct RepairCount<'a> {
    repaired: Option<&'a Repaired>,
    joiner: Option<Joiner<'a>>,
    persons: Vec<u64>,
}

impl<'a> RepairCount<'a> {
    /// Nothing counted yet.
    pub(crate) fn new(repaired: Option<&'a Repaired>, settlements: &Crs, inputs: &Inputs) -> RepairCount<'a> {
        let joiner = repaired.and_then(|r| r.joiner(settlements, &inputs.crs));
        RepairCount { repaired, joiner, persons: repaired.map_or_else(Vec::new, |r| vec![0; r.kinds.len()]) }
    }

    /// Counts a batch.
    pub(crate) fn see(&mut self, batch: &SettlementBatch) {
        if let (Some(repaired), Some(joiner)) = (self.repaired, &self.joiner) {
            let persons = repaired.count(joiner, batch);
            self.persons.iter_mut().zip(persons).for_each(|(sum, n)| *sum += n);
        }
    }

    /// Persons for each kind.
    pub(crate) fn finish(self) -> Vec<u64> {
        self.persons
    }
}
