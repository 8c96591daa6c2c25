//! Writes a made-up region as files that the binary can be run on:
//! `cargo run --release -p whitespot-testkit --example region -- M folder`; `-- S folder 80x75` divides it into 6,000
//! areas instead of 315.
//!
//! The folder then holds `points.csv`, `fibre.geojson`, `mobile.geojson`, `areas.geojson` and `whitespot.toml`, the
//! analysis file of the benchmark. `cargo bench --bench pipeline` does the same with the points as Parquet, and runs it.
#![allow(clippy::print_stderr)]

use std::{path::PathBuf, process::ExitCode};
use whitespot_testkit::region::{Frame, Region, Size};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (size, folder, areas) = match arguments.as_slice() {
        [size, folder] => (size, folder, None),
        [size, folder, areas] => (size, folder, Some(areas)),
        _ => {
            eprintln!("usage: region S|M|L|XL FOLDER [COLUMNSxROWS]");
            return ExitCode::from(2);
        }
    };
    let Some(mut size) = Size::named(size) else {
        eprintln!("error: `{size}` is none of the sizes TINY, S, M, L and XL");
        return ExitCode::from(2);
    };
    if let Some(areas) = areas {
        let counts = areas.split_once('x').and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)));
        let Some((x, y)) = counts else {
            eprintln!("error: `{areas}` is no number of columns and rows, such as 80x75");
            return ExitCode::from(2);
        };
        size = size.divided(x, y);
    }
    let folder = PathBuf::from(folder);
    match Region::new(size, Frame::Degrees, 1).write(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: cannot write to `{}`: {e}", folder.display());
            ExitCode::FAILURE
        }
    }
}
