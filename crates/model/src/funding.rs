//! To be written: funding.
