//! `whitespot completions`: a completion script on stdout.

use crate::{
    args::{Cli, CompletionsArgs},
    failure::Failure,
};
use clap::CommandFactory as _;

/// Prints the script for a shell.
pub(crate) fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    clap_complete::generate(args.shell, &mut Cli::command(), "whitespot", &mut std::io::stdout().lock());
    Ok(())
}
