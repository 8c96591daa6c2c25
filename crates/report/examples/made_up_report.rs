//! Writes reports of made-up results, to look at: `cargo run -p whitespot-report --example made_up_report FOLDER`.

#[path = "../tests/it/made_up.rs"]
mod made_up;
#[path = "../tests/it/made_up_funding.rs"]
mod made_up_funding;

use std::{error::Error, fs, path::PathBuf};
use whitespot_model::config::Lang;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("say into which folder")?);
    fs::create_dir_all(&folder)?;
    for (name, result) in [
        ("report", made_up_funding::add_funding(made_up::vasterbotten())),
        ("grid300", made_up_funding::add_funding(made_up::grid(20, 15, 12))),
        ("nogrant", made_up::vasterbotten()),
        ("grid6000", made_up_funding::add_funding(made_up::grid(80, 75, 12))),
    ] {
        for lang in [Lang::Sv, Lang::En] {
            let html = whitespot_report::render_html(&result, lang)?;
            fs::write(folder.join(format!("{name}.{}.html", lang.code())), html)?;
        }
    }
    Ok(())
}
