//! The analysis file as types.
