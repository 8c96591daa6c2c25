//! Cost, candidates, allocation rules, equity and comparison.
