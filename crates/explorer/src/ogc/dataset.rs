//! The published layers, and which of their features answer a question.

use super::{
    boxes::{Boxes, meets},
    problem::Problem,
    systems::{self, System, envelope, transformed},
};
use std::{
    collections::VecDeque,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use whitespot_io::{LayerInfo, LayerReader, LayerRows, Wanted};
use whitespot_model::features::ReadError;
use whitespot_spatial::crs::Transform;

/// Questions whose answers are kept, so that the pages of one are not sought again.
const KEPT: usize = 16;
/// Features looked at in one go.
const BATCH: usize = 8_192;

/// The package of a run, open.
pub(crate) struct Dataset {
    reader: Mutex<LayerReader>,
    /// The layers in the order of the package.
    pub(super) layers: Vec<LayerInfo>,
    /// CRS84 first, then that of the package.
    pub(super) systems: Vec<System>,
    found: Mutex<VecDeque<(Question, Arc<Vec<i64>>)>>,
}

/// Which features are wanted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Question {
    /// Index of the layer.
    pub(super) layer: usize,
    /// Columns with the value they must have.
    pub(super) equal: Vec<(String, Wanted)>,
    /// Boxes, any of which must be met, and the index of their system.
    pub(super) boxes: Option<(Boxes, usize)>,
}

impl Dataset {
    /// Opens a package; `None` where there is none, or its CRS is none that can be served.
    pub(crate) fn open(path: &Path, crs: &str) -> Option<Dataset> {
        let reader = LayerReader::open(path).ok()?;
        let systems = systems::offered(crs)?;
        let layers = reader.layers().to_vec();
        Some(Dataset { reader: Mutex::new(reader), layers, systems, found: Mutex::default() })
    }

    /// The system the package is in.
    pub(super) fn storage(&self) -> &System {
        &self.systems[1]
    }

    /// Index of a system by its address.
    pub(super) fn system(&self, uri: &str) -> Option<usize> {
        self.systems.iter().position(|s| s.uri == uri)
    }

    /// From the package's coordinates to those of a system.
    pub(super) fn transform_to(&self, system: usize) -> Transform {
        Transform::new(&self.storage().crs, &self.systems[system].crs)
    }

    /// West, south, east and north of a layer in a system; `None` for a layer without shapes.
    pub(super) fn bounds(&self, layer: usize, system: usize) -> Option<[f64; 4]> {
        envelope(self.layers[layer].bounds?, &self.transform_to(system))
    }

    /// Index of a layer by its name.
    ///
    /// # Errors
    /// Where there is none.
    pub(super) fn layer(&self, name: &str) -> Result<usize, Problem> {
        let found = self.layers.iter().position(|l| l.name == name);
        found.ok_or_else(|| Problem::missing(format!("there is no collection `{name}`")))
    }

    /// Feature ids that answer a question, ascending.
    pub(super) fn find(&self, question: &Question) -> Result<Arc<Vec<i64>>, Problem> {
        let kept = |found: &VecDeque<(Question, Arc<Vec<i64>>)>| {
            found.iter().find(|(q, _)| q == question).map(|(_, ids)| Arc::clone(ids))
        };
        if let Some(ids) = kept(&self.found()) {
            return Ok(ids);
        }
        let ids = Arc::new(self.seek(question).map_err(|e| Problem::unreadable(&e))?);
        let mut found = self.found();
        found.truncate(KEPT - 1);
        found.push_front((question.clone(), Arc::clone(&ids)));
        Ok(ids)
    }

    /// The rows with these ids.
    pub(super) fn rows(&self, layer: usize, ids: &[i64]) -> Result<LayerRows, Problem> {
        self.reader().rows(&self.layers[layer], ids).map_err(|e| Problem::unreadable(&e))
    }

    /// Feature ids of a layer whose own boxes meet a box of a system, or nearly.
    pub(super) fn near(&self, layer: usize, system: usize, sides: &[f64; 4]) -> Result<Vec<i64>, Problem> {
        let in_box = self.in_storage(layer, system, sides).into_box();
        self.reader().ids(&self.layers[layer], &[], in_box).map_err(|e| Problem::unreadable(&e))
    }

    fn seek(&self, question: &Question) -> Result<Vec<i64>, ReadError> {
        let layer = &self.layers[question.layer];
        let equal: Vec<(&str, Wanted)> =
            question.equal.iter().map(|(name, wanted)| (name.as_str(), wanted.clone())).collect();
        let Some((boxes, system)) = &question.boxes else { return self.reader().ids(layer, &equal, None) };
        let transform = self.transform_to(*system);
        let mut ids = Vec::new();
        for sides in boxes {
            let in_box = self.in_storage(question.layer, *system, sides).into_box();
            let candidates = self.reader().ids(layer, &equal, in_box)?;
            for batch in candidates.chunks(BATCH) {
                let rows = self.reader().shapes(layer, batch)?;
                let shapes = transformed(&rows.shapes, &transform);
                ids.extend(
                    rows.ids.iter().enumerate().filter(|(f, _)| meets(&shapes, *f, sides)).map(|(_, id)| *id),
                );
            }
        }
        // Both sides of the antimeridian may meet one feature.
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    /// Where the spatial index is to be asked for a box of a system: around the part of it that the layer reaches,
    /// since a box of the whole world has no place in a projection.
    fn in_storage(&self, layer: usize, system: usize, [west, south, east, north]: &[f64; 4]) -> Where {
        let Some(all) = self.bounds(layer, system) else { return Where::Anywhere };
        let part = [west.max(all[0]), south.max(all[1]), east.min(all[2]), north.min(all[3])];
        if part[0] > part[2] || part[1] > part[3] {
            return Where::Nowhere;
        }
        let back = Transform::new(&self.systems[system].crs, &self.storage().crs);
        envelope(part, &back).map_or(Where::Anywhere, Where::In)
    }

    fn reader(&self) -> MutexGuard<'_, LayerReader> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn found(&self) -> MutexGuard<'_, VecDeque<(Question, Arc<Vec<i64>>)>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A box that no shape meets.
const NOWHERE: [f64; 4] = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];

enum Where {
    Nowhere,
    In([f64; 4]),
    Anywhere,
}

impl Where {
    /// The box to ask the index for, if any.
    fn into_box(self) -> Option<[f64; 4]> {
        match self {
            Where::Nowhere => Some(NOWHERE),
            Where::In(sides) => Some(sides),
            Where::Anywhere => None,
        }
    }
}
