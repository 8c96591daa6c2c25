//! Counts by keys of a few words: a plain hash table without a box a key, as most settlements look one up.

use crate::settlement::Counts;

/// Counts by key; all keys have the same number of words, at least one.
#[derive(Clone, Debug, Default)]
pub(crate) struct CountsByKey {
    n_words: usize,
    /// Keys one after the other, in the order they came.
    keys: Vec<u64>,
    counts: Vec<Counts>,
    /// Number of a key plus one, 0 where none; a power of two of them, at most half in use.
    slots: Vec<u32>,
}

impl CountsByKey {
    /// The counts of a key, zero if it is new.
    ///
    /// # Panics
    /// When the key has another number of words than those before.
    #[inline]
    pub(crate) fn of(&mut self, key: &[u64]) -> &mut Counts {
        if self.slots.len() < 2 * (self.counts.len() + 1) {
            self.grow(key.len());
        }
        assert_eq!(key.len(), self.n_words, "all keys have the same number of words");
        let mask = self.slots.len() - 1;
        let mut slot = hash(key) as usize & mask;
        loop {
            match self.slots[slot] {
                0 => break,
                number => {
                    let i = number as usize - 1;
                    if &self.keys[i * key.len()..(i + 1) * key.len()] == key {
                        return &mut self.counts[i];
                    }
                }
            }
            slot = (slot + 1) & mask;
        }
        let i = self.counts.len();
        self.slots[slot] = i as u32 + 1;
        self.keys.extend_from_slice(key);
        self.counts.push(Counts::default());
        &mut self.counts[i]
    }

    /// All keys with their counts, in the order they came: sort before anything leaves the run.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u64], &Counts)> {
        self.keys.chunks_exact(self.n_words.max(1)).zip(&self.counts)
    }

    #[cold]
    fn grow(&mut self, n_words: usize) {
        if self.counts.is_empty() {
            self.n_words = n_words;
        }
        let n_slots = (2 * self.slots.len()).max(64);
        self.slots = vec![0; n_slots];
        for (i, key) in self.keys.chunks_exact(self.n_words).enumerate() {
            let mut slot = hash(key) as usize & (n_slots - 1);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (n_slots - 1);
            }
            self.slots[slot] = i as u32 + 1;
        }
    }
}

/// Keys come from our own data, so no defence against collisions chosen by others is needed.
#[inline]
fn hash(key: &[u64]) -> u64 {
    let mixed = key.iter().fold(0_u64, |h, w| (h.rotate_left(23) ^ w).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed ^ (mixed >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_keeps_its_own_counts() {
        let mut table = CountsByKey::default();
        let key = |i: u64| [i % 1_000, i % 7];
        for i in 0..20_000 {
            table.of(&key(i)).persons += i;
        }
        let mut expected = std::collections::BTreeMap::new();
        for i in 0..20_000 {
            *expected.entry(key(i).to_vec()).or_insert(0) += i;
        }
        let found: std::collections::BTreeMap<Vec<u64>, u64> =
            table.iter().map(|(k, c)| (k.to_vec(), c.persons)).collect();
        assert_eq!(found, expected);
        assert_eq!(table.iter().count(), expected.len());
    }
}
