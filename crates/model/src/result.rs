//! To be written: result.
