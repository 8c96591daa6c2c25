//! Serves a results folder without the command line: `serve FOLDER PORT`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let folder = std::path::PathBuf::from(args.next().ok_or("name a results folder")?);
    let port = args.next().map_or(Ok(4173), |p| p.parse())?;
    let result = serde_json::from_str(&std::fs::read_to_string(folder.join("run.json"))?)?;
    whitespot_explorer::serve(folder, result, port, |address| println!("http://{address}/"))?;
    Ok(())
}
