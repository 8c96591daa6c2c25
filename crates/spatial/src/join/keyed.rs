//! Coverage told by settlement id, without shapes.

use std::collections::BTreeMap;
use whitespot_model::coverage::CoverageLayer;

/// The offers of settlements by id.
#[derive(Debug, Default)]
pub(super) struct KeyedOffers {
    bits: BTreeMap<String, Vec<u32>>,
}

impl KeyedOffers {
    pub(super) fn new(layers: &[CoverageLayer], offer_bits: &[Vec<Option<u32>>]) -> KeyedOffers {
        let mut bits: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (layer, layer_bits) in layers.iter().zip(offer_bits) {
            for (id, offer) in &layer.keyed {
                if let Some(bit) = layer_bits.get(*offer as usize).copied().flatten() {
                    bits.entry(id.clone()).or_default().push(bit);
                }
            }
        }
        KeyedOffers { bits }
    }

    /// Whether no id is known.
    pub(super) fn is_empty(&self) -> bool {
        self.bits.is_empty()
    }

    /// The bits of the settlement with this id.
    pub(super) fn of(&self, id: &str) -> &[u32] {
        self.bits.get(id).map_or(&[], Vec::as_slice)
    }
}
