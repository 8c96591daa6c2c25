//! Coordinate transforms, the exact cell index, joins, nearest distances and clusters.
