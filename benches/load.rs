//! Reading: coverage and areas from GeoJSON into a ready index, settlements from Parquet.
//!
//! `cargo bench --bench load -- [TINY|S|M|L|XL]…` (default M). Rows: time, MB a second, rows read (asserted); one and two
//! threads.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod files;
mod measure;

use measure::{Times, arguments, best_of, with_threads};
use std::path::Path;
use whitespot_load::{
    areas::read_areas,
    coverage::read_layer,
    settlements::{SettlementReader, Wanted},
};
use whitespot_model::{config::Analysis, coverage::CoverageLayer};
use whitespot_spatial::{
    crs::Crs,
    join::{JoinInput, Joiner},
};
use whitespot_testkit::region::Size;

fn main() {
    let arguments = arguments();
    let names: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|a| Size::named(a).is_some()).collect();
    for name in if names.is_empty() { vec!["M"] } else { names } {
        let folder = files::folder_of(name);
        let text = std::fs::read_to_string(folder.join("whitespot.toml")).unwrap();
        let analysis: Analysis = toml::from_str(&text).unwrap();
        let size = Size::named(name).unwrap();
        for threads in [1, 2] {
            println!("{name}, {threads} thread(s)");
            with_threads(threads, || measure(&folder, &analysis, size));
        }
    }
}

fn measure(folder: &Path, analysis: &Analysis, size: Size) {
    let bytes = |name: &str| std::fs::metadata(folder.join(name)).unwrap().len() as f64;
    let row = |what: &str, n_bytes: f64, t: Times, hits: &str| {
        println!(
            "  {what:<38} {:>8.1} ms ({:>8.1} cpu)  {:>7.1} MB/s a core   {hits}",
            t.wall * 1e3,
            t.cpu * 1e3,
            n_bytes / 1e6 / t.cpu
        );
    };
    let crs = Crs::from_code(&analysis.crs).unwrap();
    let mut layers: Vec<CoverageLayer> = Vec::new();
    let mut all_bytes = 0.0;
    for (config, n_features) in analysis.coverage.iter().zip([size.n_fibre_polygons, 8]) {
        let name = config.file.display().to_string();
        let (t, loaded) = best_of(3, || read_layer(config, folder, None).unwrap());
        let layer = loaded.value.layer;
        assert_eq!(layer.shapes.n_features(), n_features);
        let vertices = layer.shapes.n_coords();
        row(
            &format!("{name}, checksum included"),
            bytes(&name),
            t,
            &format!("{n_features} features, {vertices} vertices"),
        );
        all_bytes += bytes(&name);
        layers.push(layer);
    }
    let file = analysis.areas.file.clone().unwrap();
    let (t, areas) = best_of(3, || read_areas(&analysis.areas, &file, folder, &crs).unwrap());
    assert_eq!(areas.value.areas.len(), (size.n_areas.0 * size.n_areas.1) as usize);
    row(
        "areas.geojson, km² and overlaps included",
        bytes("areas.geojson"),
        t,
        &format!("{} areas", areas.value.areas.len()),
    );

    let degrees = Crs::from_code("EPSG:4326").unwrap();
    let layer_crs = vec![degrees.clone(); 2];
    let bits: Vec<Vec<Option<u32>>> = {
        let mut next = 0..;
        layers.iter().map(|l| l.offers.iter().map(|_| next.next()).collect()).collect()
    };
    let n_bits = bits.iter().map(Vec::len).sum();
    drop(layers);
    let (t, n_edges) = best_of(3, || {
        let layers: Vec<CoverageLayer> =
            analysis.coverage.iter().map(|c| read_layer(c, folder, None).unwrap().value.layer).collect();
        let joiner = Joiner::new(JoinInput {
            settlements_crs: &degrees,
            analysis_crs: &crs,
            layers: &layers,
            layer_crs: &layer_crs,
            offer_bits: &bits,
            n_bits,
            areas: None,
            snap_m: 0.0,
            find_invalid: true,
        })
        .unwrap();
        assert!(joiner.index_bytes() > 0);
        layers.iter().map(|l| l.shapes.n_coords()).sum::<usize>()
    });
    row("coverage into a ready, checked index", all_bytes, t, &format!("{n_edges} vertices"));

    let wanted = Wanted::default();
    let (t, n) = best_of(3, || {
        let mut reader = SettlementReader::open(&analysis.settlements, folder, None, &wanted).unwrap();
        let mut n = 0;
        while let Some(batch) = reader.next_batch(1 << 18).unwrap() {
            n += batch.len() as u64;
        }
        reader.finish().unwrap();
        n
    });
    assert_eq!(n, size.n_settlements);
    let file = analysis.settlements.file.display().to_string();
    row(&format!("{file}, checksum and checks included"), bytes(&file), t, &format!("{n} settlements"));
}
