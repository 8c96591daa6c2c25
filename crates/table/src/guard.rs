//! Runs foreign decoders on files that may be damaged.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a decoder. Some assert what a damaged file breaks; here that is an error of the file.
pub(crate) fn guarded<T>(decode: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(result) => result,
        Err(_) => Err("its content contradicts itself".to_string()),
    }
}
