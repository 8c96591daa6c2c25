//! To be written: need.
