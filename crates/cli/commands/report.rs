//! `whitespot report`: the HTML report of a finished run again, in another language or title, and as PDF.

use crate::{
    args::{Common, ReportArgs},
    chromium,
    failure::Failure,
    finished,
    messages::Messages,
    open_data,
};
use std::{io::Write as _, path::Path};
use whitespot_model::{
    config::{Lang, Title},
    finding::Finding,
    suppress::public_result,
};

/// Writes the reports (of the run's languages, or of `--lang`) and prints their paths on stdout.
pub(crate) fn run(args: &ReportArgs, common: &Common, messages: &Messages) -> Result<(), Failure> {
    let finished = finished::read(args.run.as_deref(), common)?;
    // The report is for publishing, so small household counts are withheld from it here too.
    let mut result = public_result(&finished.result, finished.result.min_cell);
    if let Some(title) = &args.title {
        result.title = Title::One(title.clone());
    }
    if let Some(lang) = common.lang {
        result.language = vec![lang.into()];
    }
    let folder = args.out.clone().unwrap_or_else(|| finished.folder.join("public"));
    std::fs::create_dir_all(&folder).map_err(|e| Failure::unwritable(&folder, e))?;
    let browser = args.pdf.then(|| chromium::find().ok_or_else(no_chromium)).transpose()?;
    let is_own_folder = args.out.is_none();
    for lang in result.language.clone() {
        let page = whitespot_report::render_html(&result, lang).map_err(|e| Failure::Bug(e.into()))?;
        let path = folder.join(format!("report.{}.html", lang.code()));
        open_data::write_whole(&path, page.as_bytes())?;
        said(&path, lang, messages);
        if let Some(browser) = &browser {
            let pdf = path.with_extension("pdf");
            chromium::print_to_pdf(browser, &path, &pdf).map_err(|e| Failure::unwritable(&pdf, e))?;
            said(&pdf, lang, messages);
        }
    }
    if is_own_folder {
        let publication = result.analysis.as_ref().and_then(|a| a.publication.clone()).unwrap_or_default();
        open_data::refresh(&folder, &publication)?;
    }
    Ok(())
}

fn said(path: &Path, lang: Lang, messages: &Messages) {
    messages.stage("Written", &format!("{} ({})", path.display(), lang.code()));
    // Nobody is left to tell when stdout is closed.
    let _ = writeln!(std::io::stdout().lock(), "{}", path.display());
}

fn no_chromium() -> Failure {
    Failure::Output(
        Finding::error("no_chromium", "", "there is no Chromium on this computer to print the PDF with")
            .with_hint(
                "install chromium, set WHITESPOT_CHROMIUM to it, or print report.sv.html from any browser",
            ),
    )
}
