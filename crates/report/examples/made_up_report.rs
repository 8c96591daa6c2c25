//! Writes reports to look at, of made-up results and of a finished run where its `run.json` is given:
//! `cargo run -p whitespot-report --example made_up_report FOLDER [RUN.JSON]`.

#[path = "../tests/it/made_up.rs"]
mod made_up;
#[path = "../tests/it/made_up_funding.rs"]
mod made_up_funding;

use std::{error::Error, fs, path::PathBuf};
use whitespot_model::config::Lang;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("say into which folder")?);
    fs::create_dir_all(&folder)?;
    let mut results = vec![
        ("report", made_up_funding::add_funding(made_up::vasterbotten())),
        ("grid300", made_up_funding::add_funding(made_up::grid(20, 15, 12))),
        ("nogrant", made_up::vasterbotten()),
        ("grid6000", made_up_funding::add_funding(made_up::grid(80, 75, 12))),
    ];
    if let Some(file) = std::env::args().nth(2) {
        results.push(("run", serde_json::from_str(&fs::read_to_string(file)?)?));
    }
    for (name, result) in results {
        for lang in [Lang::Sv, Lang::En] {
            let html = whitespot_report::render_html(&result, lang)?;
            fs::write(folder.join(format!("{name}.{}.html", lang.code())), html)?;
        }
    }
    Ok(())
}
