//! Other programs: run one, look one up.

use crate::say;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A cargo command at the root, with the cargo that runs this task.
pub(crate) fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Variables that `cargo run` sets for this task would make cargo rebuild packages that look at them.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
            command.env_remove(name);
        }
    }
    command.current_dir(root).args(arguments);
    command
}

/// Runs a command with its output on the terminal.
///
/// # Errors
/// When it cannot start or ends with another code than 0.
pub(crate) fn run(mut command: Command) -> Result<()> {
    say(&format!("$ {}", line_of(&command)));
    let status = command.status().with_context(|| line_of(&command))?;
    ensure!(status.success(), "`{}` failed ({status})", line_of(&command));
    Ok(())
}

/// Runs a command and returns what it wrote to stdout.
///
/// # Errors
/// When it cannot start or ends with another code than 0; its stderr is in the message.
pub(crate) fn output_of(mut command: Command) -> Result<String> {
    let output = command.output().with_context(|| line_of(&command))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{}` failed ({})\n{stderr}", line_of(&command), output.status);
    String::from_utf8(output.stdout).with_context(|| line_of(&command))
}

/// Where a program lies on `PATH`.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The command as one would type it.
pub(crate) fn line_of(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
