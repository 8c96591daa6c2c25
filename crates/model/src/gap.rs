//! Gaps: whom a service does not reach, per area.
