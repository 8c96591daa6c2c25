//! From gaps to indicators, scores, ranks and their robustness.
