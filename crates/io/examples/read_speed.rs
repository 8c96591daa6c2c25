//! Reads a geometry file as coverage is read (one batch, all columns) and prints seconds, MB/s and hits.
//!
//! `cargo run --release -p whitespot-io --example read_speed -- FILE [ROWS PER BATCH] [LAYER]`
#![allow(clippy::print_stdout)]

use std::time::Instant;
use whitespot_model::features::{As, Request};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = std::path::PathBuf::from(arguments.next().ok_or("give a file")?);
    let max_rows = arguments.next().map_or(Ok(usize::MAX), |n| n.parse())?;
    let layer = arguments.next();
    let n_bytes = std::fs::metadata(&path)?.len() as f64;
    for _ in 0..3 {
        let start = Instant::now();
        let schema = whitespot_io::inspect(&path, layer.as_deref(), None)?;
        let columns = schema.fields.iter().map(|f| (f.clone(), As::Text)).collect();
        let request = Request { columns, geometry: true, layer: layer.clone(), ..Request::default() };
        let mut source = whitespot_io::open(&path, &request)?;
        let (mut n_rows, mut n_coords, mut sum) = (0, 0, 0.0);
        while let Some(rows) = source.next_batch(max_rows)? {
            n_rows += rows.n_rows;
            if let Some(shapes) = rows.shapes {
                n_coords += shapes.n_coords();
                sum += shapes.coords.iter().map(|c| c.x + c.y).sum::<f64>();
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{seconds:.3} s, {:.0} MB/s, {n_rows} features, {n_coords} coordinates, sum {sum:.3}",
            n_bytes / 1e6 / seconds
        );
    }
    Ok(())
}
