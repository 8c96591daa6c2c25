//! `whitespot explore`: a finished run in the browser, on this computer only.

use crate::{
    args::{Common, ExploreArgs},
    failure::Failure,
    finished,
    messages::Messages,
};
use std::{
    io::Write as _,
    net::SocketAddr,
    process::{Command, Stdio},
};
use whitespot_explorer::ExplorerError;
use whitespot_model::finding::Finding;

/// Serves the run until interrupted; prints the address on stdout and opens it unless told not to.
pub(crate) fn run(args: &ExploreArgs, common: &Common, messages: &Messages) -> Result<(), Failure> {
    let finished = finished::read(args.run.as_deref(), common)?;
    let lang = common.lang.map(|lang| whitespot_model::config::Lang::from(lang).code());
    let on_ready = |address: SocketAddr| {
        let query = lang.map_or_else(String::new, |lang| format!("?lang={lang}"));
        let url = format!("http://{address}/{query}");
        messages.stage("Serving", &format!("{url} to this computer only; Ctrl+C ends"));
        let mut out = std::io::stdout().lock();
        // Nobody is left to tell when stdout is closed.
        let _ = writeln!(out, "{url}").and_then(|()| out.flush());
        if !args.no_open && !open_browser(&url) {
            messages.stage("Note", "no browser was found to open it with");
        }
    };
    whitespot_explorer::serve(finished.folder, finished.result, args.port, on_ready).map_err(|e| match e {
        ExplorerError::Port { .. } => Failure::Output(
            Finding::error("port", "", e.to_string())
                .with_hint("another program has the port: `--port 0` takes any free one"),
        ),
        other => Failure::Bug(other.into()),
    })
}

/// Asks the system to show an address; `false` where it has no way to.
fn open_browser(url: &str) -> bool {
    let ways: &[(&str, &[&str])] = if cfg!(target_os = "macos") {
        &[("open", &[])]
    } else if cfg!(windows) {
        &[("rundll32", &["url.dll,FileProtocolHandler"])]
    } else {
        &[("xdg-open", &[]), ("wslview", &[])]
    };
    ways.iter().any(|(program, args)| {
        let mut command = Command::new(program);
        command.args(*args).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().is_ok()
    })
}
