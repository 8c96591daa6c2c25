//! Printing to PDF by a Chromium that is there; none is ever fetched.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Names a Chromium goes by.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// How long printing may take.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The program that `WHITESPOT_CHROMIUM` names, else the first on `PATH`.
pub(crate) fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("WHITESPOT_CHROMIUM").map(PathBuf::from) {
        return named.is_file().then_some(named);
    }
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    NAMES.iter().find_map(|name| folders.iter().map(|f| f.join(name)).find(|p| p.is_file()))
}

/// Prints a local page to PDF, with a profile of its own that is removed afterwards.
///
/// # Errors
/// What the browser said, where it fails or takes too long.
pub(crate) fn print_to_pdf(browser: &Path, page: &Path, pdf: &Path) -> Result<(), String> {
    let page = page.canonicalize().map_err(|e| e.to_string())?;
    let profile = std::env::temp_dir().join(format!("whitespot-pdf-{}", std::process::id()));
    let printed = print(browser, &page, pdf, &profile);
    let _ = std::fs::remove_dir_all(&profile);
    printed
}

fn print(browser: &Path, page: &Path, pdf: &Path, profile: &Path) -> Result<(), String> {
    let mut command = Command::new(browser);
    command
        .args(["--headless", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--no-pdf-header-footer", "--virtual-time-budget=10000"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--print-to-pdf={}", pdf.display()));
    if is_root() {
        // Chromium refuses its sandbox to root; the page is our own and asks no network.
        command.arg("--no-sandbox");
    }
    let file = url_of(page);
    let mut child = command
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("`{}` does not start: {e}", browser.display()))?;
    let started = Instant::now();
    let status = loop {
        match child.try_wait().map_err(|e| e.to_string())? {
            Some(status) => break status,
            None if started.elapsed() > TIMEOUT => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("`{}` did not finish in two minutes", browser.display()));
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    match status.success() && pdf.is_file() {
        true => pack(pdf),
        false => Err(format!("`{}` ended with {status}", browser.display())),
    }
}

/// Makes the file small; it stays as it is where it is built in a way we do not know.
fn pack(pdf: &Path) -> Result<(), String> {
    let printed = std::fs::read(pdf).map_err(|e| e.to_string())?;
    match crate::pdf::packed(&printed) {
        Some(packed) => std::fs::write(pdf, packed).map_err(|e| e.to_string()),
        None => Ok(()),
    }
}

fn is_root() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| {
        status.lines().any(|l| l.starts_with("Uid:") && l.split_whitespace().nth(2) == Some("0"))
    })
}

/// The `file:` address of an absolute path.
fn url_of(path: &Path) -> String {
    let mut url = "file://".to_string();
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                url.push(char::from(byte));
            }
            other => url.push_str(&format!("%{other:02X}")),
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_with_spaces_and_swedish_letters_become_addresses() {
        assert_eq!(
            url_of(Path::new("/tmp/min rapport/å#1.html")),
            "file:///tmp/min%20rapport/%C3%A5%231.html"
        );
    }
}
