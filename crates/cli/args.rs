//! The command line as types.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use whitespot_model::config::Lang;

/// Find who lacks broadband, rank areas by need, and try subsidy budgets
#[derive(Debug, Parser)]
#[command(
    name = "whitespot",
    version,
    about,
    after_help = "Try this first: whitespot init --demo && whitespot run",
    arg_required_else_help = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// Analysis file
    #[arg(
        short,
        long,
        global = true,
        value_name = "FILE",
        default_value = "whitespot.toml",
        env = "WHITESPOT_CONFIG"
    )]
    pub(crate) config: PathBuf,
    /// Worker threads [default: all cores]; results do not depend on it
    #[arg(short = 'j', long, global = true, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Say less
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) quiet: u8,
    /// Say more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Progress: bars on a terminal, plain lines otherwise; `json` is one object per line on stderr
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) progress: ProgressWhen,
    /// Colour; NO_COLOR is respected
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWhen,
    /// Messages in sv or en [default: from the analysis file]
    #[arg(long, global = true, value_name = "LANG")]
    pub(crate) lang: Option<LangArg>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressWhen {
    Auto,
    Never,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LangArg {
    Sv,
    En,
}

impl From<LangArg> for Lang {
    fn from(lang: LangArg) -> Lang {
        match lang {
            LangArg::Sv => Lang::Sv,
            LangArg::En => Lang::En,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputForm {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a commented whitespot.toml (--demo adds a small made-up county)
    Init(InitArgs),
    /// Read every input and list all problems; computes and writes nothing
    Check(CheckArgs),
    /// Compute gaps, ranking and scenarios; write a results folder
    Run(RunArgs),
    /// Write the HTML report again, in another language or title
    Report(ReportArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Example: whitespot init --demo && whitespot run")]
pub(crate) struct InitArgs {
    /// Add a small made-up county, so that `whitespot run` works at once
    #[arg(long)]
    pub(crate) demo: bool,
    /// Replace files that are already there
    #[arg(short, long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: whitespot check -c data/vasterbotten/whitespot.toml --strict")]
pub(crate) struct CheckArgs {
    /// Warnings fail
    #[arg(long)]
    pub(crate) strict: bool,
    /// Change a key of the analysis file for this call, e.g. --set areas.snap_m=8000
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Form of what is printed on stdout
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub(crate) format: OutputForm,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: whitespot run --force --set scenario.need_120M.budget=90M")]
pub(crate) struct RunArgs {
    /// Results folder [default: `out` of the analysis file]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the results folder if it is there
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Only this scenario; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) scenario: Vec<String>,
    /// Change a key of the analysis file for this call, e.g. --set scenario.need_120M.budget=90M
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Warnings fail, and nothing is written
    #[arg(long)]
    pub(crate) strict: bool,
    /// `text` prints the results folder on stdout, `json` a summary
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub(crate) format: OutputForm,
    /// Settlements joined at a time; results do not depend on it
    #[arg(long, value_name = "N", hide = true)]
    pub(crate) batch: Option<usize>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example: whitespot report results --lang en --title \"Broadband 2026\" --out report-en"
)]
pub(crate) struct ReportArgs {
    /// Results folder of a finished run [default: `out` of the analysis file]
    #[arg(value_name = "RUN")]
    pub(crate) run: Option<PathBuf>,
    /// Another title
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// Folder to write to [default: `public/` of the results folder]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Print the report to PDF too, by a Chromium that is on this computer
    #[arg(long)]
    pub(crate) pdf: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example: whitespot completions bash > ~/.local/share/bash-completion/completions/whitespot"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}
