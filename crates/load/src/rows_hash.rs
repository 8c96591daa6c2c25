//! The checksum of a source that is no file: of its rows, as they pass.

use crate::source::Checksum;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};
use whitespot_model::features::{Column, FeatureSource, Features, ReadError, SourceSchema};

/// SHA-256 over the rows that were read, column by column and batch by batch cut into pieces of fixed size, so that
/// it does not depend on the batches.
#[derive(Default)]
pub struct RowHash {
    /// One a column, and a last one of the shapes: columns arrive in batches, the hash must not show them.
    columns: Vec<Sha256>,
    shapes: Sha256,
    bytes: u64,
}

impl RowHash {
    fn add(&mut self, rows: &Features) {
        self.columns.resize_with(rows.columns.len(), Sha256::default);
        for (hash, column) in self.columns.iter_mut().zip(&rows.columns) {
            match column {
                Column::Number(numbers) => {
                    for number in numbers {
                        hash.update(number.to_le_bytes());
                        self.bytes += 8;
                    }
                }
                Column::Text(texts) => {
                    for text in texts.iter() {
                        // The length tells a missing text from an empty one, and where each ends.
                        hash.update(text.map_or(u64::MAX, |t| t.len() as u64).to_le_bytes());
                        hash.update(text.unwrap_or_default());
                        self.bytes += text.map_or(0, |t| t.len() as u64);
                    }
                }
            }
        }
        let Some(shapes) = &rows.shapes else { return };
        for f in 0..shapes.n_features() {
            for p in shapes.parts_of(f) {
                self.shapes.update([shapes.parts[p] as u8]);
                for r in shapes.rings_of(p) {
                    self.shapes.update((shapes.ring(r).len() as u64).to_le_bytes());
                    for c in shapes.ring(r) {
                        self.shapes.update(c.x.to_le_bytes());
                        self.shapes.update(c.y.to_le_bytes());
                        self.bytes += 16;
                    }
                }
            }
            self.shapes.update([u8::MAX]);
        }
    }

    /// Lower-case hex digest and number of bytes of values.
    pub(crate) fn finish(&mut self) -> (String, u64) {
        let mut all = Sha256::default();
        for column in std::mem::take(&mut self.columns) {
            all.update(column.finalize());
        }
        all.update(std::mem::take(&mut self.shapes).finalize());
        (all.finalize().iter().map(|b| format!("{b:02x}")).collect(), self.bytes)
    }
}

/// Rows on their way, hashed.
pub(crate) struct HashedRows {
    reader: Box<dyn FeatureSource>,
    hash: Arc<Mutex<RowHash>>,
}

impl HashedRows {
    /// The reader with the checksum of what it will have given.
    pub(crate) fn over(reader: Box<dyn FeatureSource>) -> (Box<dyn FeatureSource>, Checksum) {
        let hash = Arc::new(Mutex::new(RowHash::default()));
        (Box::new(HashedRows { reader, hash: Arc::clone(&hash) }), Checksum::Rows(hash))
    }
}

impl FeatureSource for HashedRows {
    fn schema(&self) -> &SourceSchema {
        self.reader.schema()
    }

    fn next_batch(&mut self, max_rows: usize) -> Result<Option<Features>, ReadError> {
        let rows = self.reader.next_batch(max_rows)?;
        if let Some(rows) = &rows {
            self.hash.lock().unwrap_or_else(PoisonError::into_inner).add(rows);
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(texts: &[Option<&str>], numbers: &[f64]) -> Features {
        Features {
            n_rows: texts.len(),
            columns: vec![Column::Text(texts.iter().copied().collect()), Column::Number(numbers.to_vec())],
            ..Features::default()
        }
    }

    #[test]
    fn the_checksum_shows_every_value_but_not_the_batches() {
        let of = |batches: &[Features]| {
            let mut hash = RowHash::default();
            batches.iter().for_each(|b| hash.add(b));
            hash.finish().0
        };
        let whole = of(&[rows(&[Some("a"), None, Some("")], &[1.0, 2.0, 3.0])]);
        assert_eq!(of(&[rows(&[Some("a"), None], &[1.0, 2.0]), rows(&[Some("")], &[3.0])]), whole);
        assert_ne!(of(&[rows(&[Some("a"), Some(""), None], &[1.0, 2.0, 3.0])]), whole);
        assert_ne!(of(&[rows(&[Some("a"), None, Some("")], &[1.0, 2.0, 4.0])]), whole);
    }
}
