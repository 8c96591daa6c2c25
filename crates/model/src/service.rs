//! Services: named needs, met by any offer that satisfies their rule.
