//! Tiny worlds, synthetic regions and slow reference answers for tests and benches.
//!
//! - [`scene`]: settlements, coverage and areas in a few lines, told in metres;
//! - [`mod@reference`]: the obvious, slow answers that every fast one is tested against;
//! - [`region`]: synthetic regions of the sizes S, M, L and XL.
//!
//! ```
//! use whitespot_testkit::{reference, scene::Scene};
//!
//! let scene = Scene::new().square_layer("fibre", 0..1000).settlement(500, 500, 1 << 3).settlement(1500, 0, 1 << 4);
//! let reached = reference::covered(&scene.layers[0].shapes, scene.settlements.points[0]);
//! assert_eq!(reached, [true]);
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod reference;
pub mod region;
pub mod scene;
