//! Throughput by hand: `cargo test --profile ci -p whitespot-table --test it -- --ignored --nocapture speed`.

use std::{io::Write, path::Path, time::Instant};
use whitespot_model::{
    features::{As, Request},
    table::{Table, Unit, Values},
};
use whitespot_table::{ParquetBatchWriter, open};

const N_ROWS: usize = 10_000_000;

/// Largest resident memory of this process so far, where the system tells.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// Rows of id, lon, lat, population, households: coordinates of six decimals, spread without order.
fn rows(start: usize, end: usize) -> Table {
    let spread = |i: usize, k: u64| ((i as u64).wrapping_mul(k) >> 20) % 1_000_000;
    let ids = (start..end).map(|i| Some(i as i64)).collect();
    let lon = (start..end).map(|i| Some(14.0 + spread(i, 0x9E37_79B9_7F4A_7C15) as f64 / 1e5)).collect();
    let lat = (start..end).map(|i| Some(60.0 + spread(i, 0xC2B2_AE3D_27D4_EB4F) as f64 / 1e5)).collect();
    let population = (start..end).map(|i| Some(i as i64 % 11)).collect();
    let households = (start..end).map(|i| Some(i as i64 % 5)).collect();
    let mut table = Table::default();
    table.push("id", Unit::Number, "", "", Values::Int(ids));
    table.push("lon", Unit::Number, "", "", Values::Real(lon));
    table.push("lat", Unit::Number, "", "", Values::Real(lat));
    table.push("population", Unit::Persons, "", "", Values::Int(population));
    table.push("households", Unit::Households, "", "", Values::Int(households));
    table
}

fn stream(path: &Path, columns: &[(&str, As)]) {
    let columns = columns.iter().map(|(name, kind)| ((*name).to_string(), *kind)).collect();
    let before = Instant::now();
    let mut source = open(path, &Request { columns, ..Request::default() }).unwrap();
    let (mut n_rows, mut persons) = (0, 0.0);
    while let Some(batch) = source.next_batch(65_536).unwrap() {
        n_rows += batch.n_rows;
        persons += batch.columns[2].as_numbers().unwrap().iter().sum::<f64>();
    }
    let seconds = before.elapsed().as_secs_f64();
    let expected: usize = (0..N_ROWS).map(|i| i % 11).sum();
    assert_eq!((n_rows, persons), (N_ROWS, expected as f64));
    let mb = path.metadata().unwrap().len() as f64 / 1e6;
    println!(
        "  {seconds:.2} s, {:.0} MB/s of {mb:.0} MB, {:.1} M rows/s, peak {} MiB so far",
        mb / seconds,
        n_rows as f64 / seconds / 1e6,
        peak_mib()
    );
}

#[test]
#[ignore = "measures; run by hand"]
fn ten_million_rows_stream_in_bounded_memory() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("points.parquet");
    let before = Instant::now();
    let mut writer = ParquetBatchWriter::create(&path, &rows(0, 0), None).unwrap();
    for start in (0..N_ROWS).step_by(100_000) {
        writer.append(&rows(start, start + 100_000), None).unwrap();
    }
    writer.finish().unwrap();
    println!(
        "write parquet: {:.2} s with making the rows, peak {} MiB",
        before.elapsed().as_secs_f64(),
        peak_mib()
    );
    let numbers =
        [("lon", As::Number), ("lat", As::Number), ("population", As::Number), ("households", As::Number)];
    for _ in 0..2 {
        println!("read parquet, four numbers:");
        stream(&path, &numbers);
    }
    println!("read parquet, with ids as text:");
    stream(&path, &[numbers[0], numbers[1], numbers[2], numbers[3], ("id", As::Text)]);
}

#[test]
#[ignore = "measures; run by hand"]
fn ten_million_csv_rows_stream_in_bounded_memory() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("points.csv");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    writeln!(file, "id,lon,lat,population,households").unwrap();
    for start in (0..N_ROWS).step_by(100_000) {
        let table = rows(start, start + 100_000);
        for i in 0..table.n_rows() {
            let cells: Vec<String> = table.columns.iter().map(|c| c.values.to_text(i)).collect();
            writeln!(file, "{}", cells.join(",")).unwrap();
        }
    }
    file.flush().unwrap();
    let numbers =
        [("lon", As::Number), ("lat", As::Number), ("population", As::Number), ("households", As::Number)];
    for _ in 0..2 {
        println!("read csv, four numbers:");
        stream(&path, &numbers);
    }
    println!("read csv, with ids as text:");
    stream(&path, &[numbers[0], numbers[1], numbers[2], numbers[3], ("id", As::Text)]);
}
