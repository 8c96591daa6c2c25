//! Rows of a coverage source becoming features with offers.

use super::{
    Key,
    attributes::{Attributes, Texts},
    wide::Wide,
};
use crate::source::{RowFilter, text_at};
use std::collections::HashMap;
use whitespot_model::{
    config::CoverageConfig,
    coverage::{Basis, CoverageLayer, Kind, NO_OFFER, Offer, Status, Technology},
    crs::CrsDeclaration,
    features::{DefectKind, Features},
    provenance::RowBalance,
    shapes::Shapes,
};

/// A value that means nothing here.
pub(super) struct Unknown {
    pub(super) key: &'static str,
    pub(super) value: String,
    pub(super) count: u64,
    pub(super) first: u64,
}

pub(super) struct Reading<'a> {
    pub(super) attributes: &'a Attributes,
    pub(super) wide: &'a Wide,
    pub(super) config: &'a CoverageConfig,
    pub(super) offers: Vec<Offer>,
    /// Offer by its texts: most features repeat one that came before.
    pub(super) offer_of: HashMap<String, u32>,
    pub(super) unknown: Vec<Unknown>,
    pub(super) rows: RowBalance,
    pub(super) layer: CoverageLayer,
    pub(super) area_keyed: Vec<(String, u32)>,
    pub(super) n_empty: u64,
    pub(super) n_not_offered: u64,
    /// Rows whose value stays below `min_value`.
    pub(super) n_below: u64,
    /// Places of rows whose share rises with the speed.
    pub(super) increasing: Vec<u64>,
    pub(super) unreadable: Vec<String>,
    pub(super) unclosed: Vec<u64>,
}

impl<'a> Reading<'a> {
    /// Nothing read yet, of a layer in the CRS `crs`.
    pub(super) fn new(
        config: &'a CoverageConfig,
        crs: CrsDeclaration,
        attributes: &'a Attributes,
        wide: &'a Wide,
    ) -> Reading<'a> {
        Reading {
            attributes,
            wide,
            config,
            offers: Vec::new(),
            offer_of: HashMap::new(),
            unknown: Vec::new(),
            rows: RowBalance::default(),
            layer: CoverageLayer {
                id: config.id.clone(),
                crs,
                shapes: Shapes::default(),
                feature_offers: Vec::new(),
                offers: Vec::new(),
                reach_m: config.reach_m,
                keyed: Vec::new(),
                places: Vec::new(),
            },
            area_keyed: Vec::new(),
            n_empty: 0,
            n_not_offered: 0,
            n_below: 0,
            increasing: Vec::new(),
            unreadable: Vec::new(),
            unclosed: Vec::new(),
        }
    }

    /// Takes the rows of a batch that the filter keeps.
    pub(super) fn take(&mut self, mut rows: Features, filter: &RowFilter, key: Option<Key>) {
        let mut is_broken = vec![false; rows.n_rows];
        let mut is_unclosed = vec![false; rows.n_rows];
        for defect in &rows.defects {
            match defect.kind {
                DefectKind::BadGeometry | DefectKind::UnsupportedGeometry => {
                    is_broken[defect.row] = true;
                    if self.unreadable.len() < 5 {
                        self.unreadable.push(format!(
                            "feature {}: {}",
                            rows.place(defect.row),
                            defect.evidence
                        ));
                    }
                }
                DefectKind::UnclosedRing => is_unclosed[defect.row] = true,
                _ => {}
            }
        }
        let shapes = rows.shapes.take();
        let mut kept = Vec::with_capacity(rows.n_rows);
        let mut text = String::new();
        let mut found = Vec::new();
        for i in 0..rows.n_rows {
            if !filter.is_empty() && !filter.keeps(&rows, i) {
                self.rows.left_out += 1;
                continue;
            }
            self.rows.read += 1;
            let is_empty = shapes.as_ref().is_some_and(|s| s.parts_of(i).is_empty());
            if is_broken[i] || is_empty {
                self.n_empty += u64::from(!is_broken[i]);
                self.rows.rejected += 1;
                continue;
            }
            found.clear();
            self.offers_of_row(&rows, i, &mut text, &mut found);
            if is_unclosed[i] {
                self.unclosed.push(rows.place(i));
                self.rows.repaired += 1;
            } else {
                self.rows.accepted += 1;
            }
            for &offer in &found {
                match key {
                    Some(key) => self.push_keyed(&rows, i, key, offer),
                    None => {
                        kept.push(i);
                        self.layer.feature_offers.push(offer);
                        self.layer.places.push(rows.place(i));
                    }
                }
            }
        }
        if let Some(shapes) = shapes {
            // A wide row may stand for several features, or for none.
            let is_whole = kept.len() == rows.n_rows && kept.iter().enumerate().all(|(k, i)| k == *i);
            self.layer.shapes = match (self.layer.shapes.n_features(), is_whole) {
                (0, true) => shapes,
                _ => {
                    let mut all = std::mem::take(&mut self.layer.shapes);
                    for i in kept {
                        all.push_feature_of(&shapes, i);
                    }
                    all
                }
            };
        }
    }

    /// The offers that row `i` makes: one, or of a wide table one for each technology that reaches `min_value`.
    fn offers_of_row(&mut self, rows: &Features, i: usize, text: &mut String, found: &mut Vec<u32>) {
        let texts = self.attributes.texts(rows, i);
        let wide = self.wide;
        if wide.is_below(rows, i) {
            self.n_below += 1;
            found.push(NO_OFFER);
            return;
        }
        if wide.is_plain() {
            found.push(self.offer(&texts, rows.place(i), text));
            return;
        }
        if wide.rises_with_speed(rows, i) {
            self.increasing.push(rows.place(i));
        }
        for entry in wide.reached(rows, i) {
            found.push(self.offer(&entry.over(&texts), rows.place(i), text));
        }
        if found.is_empty() {
            self.n_below += 1;
            found.push(NO_OFFER);
        }
    }

    fn push_keyed(&mut self, rows: &Features, i: usize, key: Key, offer: u32) {
        let (Key::Settlement(column) | Key::Area(column)) = key;
        let Some(id) = text_at(&rows.columns[column], i).filter(|_| offer != NO_OFFER) else { return };
        match key {
            Key::Area(_) => self.area_keyed.push((id.to_string(), offer)),
            Key::Settlement(_) => {
                self.layer.keyed.push((id.to_string(), offer));
                // Settlements may write the id with or without what stands before it.
                let prefix = self.config.key_prefix.as_deref();
                if let Some(bare) = prefix.and_then(|p| id.strip_prefix(p)).filter(|b| !b.is_empty()) {
                    self.layer.keyed.push((bare.to_string(), offer));
                }
            }
        }
    }

    /// The offer that a feature's texts make, as its number; [`NO_OFFER`] where they offer nothing.
    pub(super) fn offer(&mut self, texts: &Texts<'_>, place: u64, text: &mut String) -> u32 {
        text.clear();
        for t in texts {
            text.push_str(t.as_deref().unwrap_or("\u{1}"));
            text.push('\u{0}');
        }
        if let Some(offer) = self.offer_of.get(text.as_str()) {
            self.n_not_offered += u64::from(*offer == NO_OFFER);
            return *offer;
        }
        let offer = match self.make_offer(texts, place) {
            Some(o) => match self.offers.iter().position(|known| *known == o) {
                Some(k) => k as u32,
                None => {
                    self.offers.push(o);
                    (self.offers.len() - 1) as u32
                }
            },
            None => {
                self.n_not_offered += 1;
                NO_OFFER
            }
        };
        self.offer_of.insert(text.clone(), offer);
        offer
    }

    /// The offer these texts make; `None` where the speed is 0.
    fn make_offer(&mut self, texts: &Texts<'_>, place: u64) -> Option<Offer> {
        let [technology, operator, download, upload, status, ready, basis, level] =
            texts.each_ref().map(Option::as_deref);
        let mut note = |key, value: &str| note_unknown(&mut self.unknown, key, value, place);
        let technology = match technology {
            None => Technology::Other,
            Some(t) => Technology::parse(t).unwrap_or_else(|| {
                note("technology", t);
                Technology::Other
            }),
        };
        let mut number = |key, text: Option<&str>| {
            text.and_then(|t| match whitespot_model::numbers::parse(t) {
                whitespot_model::numbers::Parsed::Number(v) => Some(v),
                whitespot_model::numbers::Parsed::Missing => None,
                whitespot_model::numbers::Parsed::Invalid => {
                    note(key, t);
                    None
                }
            })
        };
        let download_mbps = number("download_mbps", download);
        let upload_mbps = number("upload_mbps", upload);
        let level = number("level", level);
        let status = match status {
            None => Status::Existing,
            // A status nobody knows must not count as built.
            Some(s) => Status::parse(s).unwrap_or_else(|| {
                note("status", s);
                Status::Planned
            }),
        };
        let basis = basis.and_then(|b| {
            let known = Basis::parse(b);
            if known.is_none() {
                note("basis", b);
            }
            known
        });
        if download_mbps.is_some_and(|v| v <= 0.0) {
            return None;
        }
        let told_by_technology =
            if technology == Technology::Other { Kind::Fixed } else { technology.kind() };
        Some(Offer {
            layer: self.config.id.clone(),
            kind: self.config.kind.unwrap_or(told_by_technology),
            technology,
            operator: operator.unwrap_or("").to_string(),
            download_mbps,
            upload_mbps,
            basis,
            status,
            ready: ready.map(str::to_string),
            level,
        })
    }
}

fn note_unknown(unknown: &mut Vec<Unknown>, key: &'static str, value: &str, place: u64) {
    match unknown.iter_mut().find(|u| u.key == key && u.value == value) {
        Some(u) => u.count += 1,
        None => unknown.push(Unknown { key, value: value.to_string(), count: 1, first: place }),
    }
}
