//! Tiny worlds, synthetic regions and slow reference answers for tests and benches.
