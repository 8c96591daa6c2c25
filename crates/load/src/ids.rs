//! Ids that occur twice: their persons might count twice.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasherDefault, Hasher},
};
use whitespot_model::{config::DuplicateIds, finding::Finding};

/// Watches for ids that occur twice, in any order.
///
/// Whole numbers are marked in a bitmap of pages (one bit an id where ids are dense); other ids leave an
/// 8-byte hash. Beyond [`IdWatch::MOST_PAGES`] pages or [`IdWatch::MOST_HASHES`] hashes the rest goes
/// unwatched, and a note says how many.
#[derive(Default)]
pub(crate) struct IdWatch {
    pages: HashMap<u64, Box<[u64; PAGE_WORDS]>, BuildHasherDefault<IdHasher>>,
    hashes: HashSet<u64, BuildHasherDefault<IdHasher>>,
    n_unwatched: u64,
    n_duplicate: u64,
    examples: Vec<(String, u64)>,
}

/// Words of a page: 2¹⁵ ids, 4 KiB.
const PAGE_WORDS: usize = 512;

impl IdWatch {
    /// Pages held at most: 64 MiB of bits, enough for 5 × 10⁸ dense ids.
    const MOST_PAGES: usize = 1 << 14;
    /// Hashes held at most: about 150 MB.
    const MOST_HASHES: usize = 8 << 20;

    /// Notes an id; `false` if it came before. `place` is its line or feature number.
    pub(crate) fn is_new(&mut self, id: &str, place: u64) -> bool {
        let is_new = match whole_number(id) {
            Some(number) => self.mark(number),
            None => self.remember(id),
        };
        if !is_new {
            self.n_duplicate += 1;
            if self.examples.len() < 5 {
                self.examples.push((id.to_string(), place));
            }
        }
        is_new
    }

    fn mark(&mut self, number: u64) -> bool {
        let bit = number as usize % (PAGE_WORDS * 64);
        let page_number = number / (PAGE_WORDS as u64 * 64);
        let n_pages = self.pages.len();
        let page = match self.pages.entry(page_number) {
            std::collections::hash_map::Entry::Occupied(page) => page.into_mut(),
            std::collections::hash_map::Entry::Vacant(slot) if n_pages < Self::MOST_PAGES => {
                slot.insert(Box::new([0; PAGE_WORDS]))
            }
            std::collections::hash_map::Entry::Vacant(_) => return self.remember(&number.to_string()),
        };
        let (word, mask) = (&mut page[bit / 64], 1u64 << (bit % 64));
        let is_new = *word & mask == 0;
        *word |= mask;
        is_new
    }

    fn remember(&mut self, id: &str) -> bool {
        if self.hashes.len() >= Self::MOST_HASHES {
            self.n_unwatched += 1;
            return true;
        }
        let mut hasher = IdHasher::default();
        hasher.write(id.as_bytes());
        self.hashes.insert(hasher.finish())
    }

    /// What was noticed: an error, a note or nothing, as the analysis file's policy says.
    pub(crate) fn finding(&self, file: &str, policy: DuplicateIds, place: &str) -> Option<Finding> {
        let n = self.n_duplicate;
        if n > 0 {
            let message = format!("{n} settlements of `{file}` repeat an id that came before");
            let finding = match policy {
                DuplicateIds::Error => Finding::error("duplicate_ids", file, message)
                    .with_evidence("their persons may count twice")
                    .with_hint(
                        "in section `settlements` set `duplicate_ids = \"first\"` to count the first of each, \
                         or \"keep\" to count all",
                    ),
                DuplicateIds::Keep => Finding::note("duplicate_ids", file, message + "; all are counted"),
                DuplicateIds::First => return None,
            };
            let examples = self.examples.iter().map(|(id, at)| format!("id {id} ({place} {at})"));
            return Some(finding.with_count(n).with_examples(examples));
        }
        (self.n_unwatched > 0).then(|| {
            Finding::note(
                "ids_unwatched",
                file,
                format!(
                    "{} ids of `{file}` were not checked for duplicates: there are too many",
                    self.n_unwatched
                ),
            )
            .with_count(self.n_unwatched)
        })
    }
}

/// The id as a whole number, where it is written as one without sign and leading zeros.
fn whole_number(id: &str) -> Option<u64> {
    let bytes = id.as_bytes();
    let is_plain = !bytes.is_empty() && bytes.len() <= 18 && (bytes[0] != b'0' || bytes.len() == 1);
    if !is_plain {
        return None;
    }
    bytes.iter().try_fold(0u64, |n, b| b.is_ascii_digit().then(|| n * 10 + u64::from(b - b'0')))
}

/// Mixes bytes eight at a time; the ids are the user's own, so no defence against chosen collisions.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        mixed ^ (mixed >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0u8; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word) ^ (chunk.len() as u64) << 56);
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(29) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_until_it_repeats_in_any_order() {
        let mut watch = IdWatch::default();
        let ids = ["1", "2", "70000", "3", "2", "a", "01", "a", "1 ", "1"];
        let seen: Vec<bool> = ids.iter().map(|i| watch.is_new(i, 0)).collect();
        assert_eq!(seen, [true, true, true, true, false, true, true, false, true, false]);
        assert_eq!(watch.n_duplicate, 3);
    }

    #[test]
    fn leading_zeros_make_another_id() {
        assert_eq!(whole_number("007"), None);
        assert_eq!(whole_number("0"), Some(0));
        assert_eq!(whole_number("70"), Some(70));
        assert_eq!(whole_number("-7"), None);
    }
}
