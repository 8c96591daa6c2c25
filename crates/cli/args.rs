//! The command line as types.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use whitespot_model::{
    config::{
        Lang,
        funding::{SekOrShare, parse_amount},
    },
    funding::{RuleName, Unaffordable},
};

/// Find who lacks broadband, rank areas by need, and try subsidy budgets
#[derive(Debug, Parser)]
#[command(
    name = "whitespot",
    version,
    about,
    after_help = "Try this first: whitespot init --demo && whitespot run && whitespot explore",
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
    /// Try another budget, rule or cap on a finished run
    Allocate(AllocateArgs),
    /// Show what changed between two results folders, and why
    Compare(CompareArgs),
    /// Write the HTML report again, in another language or title
    Report(ReportArgs),
    /// Open a results folder in the browser, on this computer only
    Explore(ExploreArgs),
    /// List the rule profiles of real programmes, or show one
    Profiles(ProfilesArgs),
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
#[command(after_help = "Example: whitespot explore results --port 4173")]
pub(crate) struct ExploreArgs {
    /// Results folder of a finished run [default: `out` of the analysis file]
    #[arg(value_name = "RUN")]
    pub(crate) run: Option<PathBuf>,
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long, value_name = "PORT", default_value_t = 4173)]
    pub(crate) port: u16,
    /// Only print the address
    #[arg(long)]
    pub(crate) no_open: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example: whitespot allocate results --scenario need_120M --budget 90M --rule cost_effectiveness"
)]
pub(crate) struct AllocateArgs {
    /// Results folder of the run [default: `out` of the analysis file]; it is left as it is
    #[arg(value_name = "RUN")]
    pub(crate) run: Option<PathBuf>,
    /// The scenario to try again [default: the first]
    #[arg(long, value_name = "NAME")]
    pub(crate) scenario: Option<String>,
    /// Another budget, e.g. 90M, 1.5M or 90000000
    #[arg(long, value_name = "AMOUNT", value_parser = amount, allow_hyphen_values = true)]
    pub(crate) budget: Option<i64>,
    /// Another rule
    #[arg(long, value_name = "RULE", value_parser = rule_parser())]
    pub(crate) rule: Option<RuleName>,
    /// What happens to a candidate the money does not suffice for
    #[arg(long, value_name = "WAY")]
    pub(crate) unaffordable: Option<UnaffordableArg>,
    /// The most for each parent area: an amount, or a share of the budget such as 30%
    #[arg(long, value_name = "AMOUNT", value_parser = amount_or_share)]
    pub(crate) cap: Option<SekOrShare>,
    /// The least for each parent area: an amount, or a share of the budget
    #[arg(long, value_name = "AMOUNT", value_parser = amount_or_share)]
    pub(crate) floor: Option<SekOrShare>,
    /// A rule profile by name or path; the rule is then `profile`
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Change a key of the scenario, e.g. --set scenario.need_120M.budget=90M or --set objective=households
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Write who receives what to this CSV file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Form of what is printed on stdout
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub(crate) format: OutputForm,
}

/// Reads an amount of money as people write it.
fn amount(text: &str) -> Result<i64, String> {
    parse_amount(text).map_err(|e| e.to_string())
}

/// Reads an amount, or a share with a percent sign or below 1.
fn amount_or_share(text: &str) -> Result<SekOrShare, String> {
    let share = match text.trim().strip_suffix('%') {
        Some(percent) => percent.trim().replace(',', ".").parse::<f64>().ok().map(|p| p / 100.0),
        None => text
            .trim()
            .replace(',', ".")
            .parse::<f64>()
            .ok()
            .filter(|s| *s < 1.0 && text.contains(['.', ','])),
    };
    match share {
        Some(share) if (0.0..=1.0).contains(&share) => Ok(SekOrShare::Share(share)),
        Some(share) => Err(format!("{share} is no share from 0 to 1 (write 30 % as 30% or 0.3)")),
        None => amount(text).map(SekOrShare::Sek),
    }
}

/// The rules by the names of the analysis file.
fn rule_parser() -> impl clap::builder::TypedValueParser<Value = RuleName> {
    use clap::builder::TypedValueParser as _;
    clap::builder::PossibleValuesParser::new(RuleName::ALL.map(RuleName::as_str))
        .map(|word| RuleName::ALL.into_iter().find(|rule| rule.as_str() == word).unwrap_or_default())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnaffordableArg {
    /// Whole connections until the money ends
    Partial,
    /// The next that can be afforded is funded
    Skip,
    /// Funding ends there
    Stop,
}

impl From<UnaffordableArg> for Unaffordable {
    fn from(arg: UnaffordableArg) -> Unaffordable {
        match arg {
            UnaffordableArg::Partial => Unaffordable::Partial,
            UnaffordableArg::Skip => Unaffordable::Skip,
            UnaffordableArg::Stop => Unaffordable::Stop,
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example: whitespot compare results/2018 results/2021")]
pub(crate) struct CompareArgs {
    /// Results folder of the earlier run
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,
    /// Results folder of the later run
    #[arg(value_name = "AFTER")]
    pub(crate) after: PathBuf,
    /// Form of what is printed on stdout
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub(crate) format: OutputForm,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: whitespot profiles se-pts-2022")]
pub(crate) struct ProfilesArgs {
    /// Name or path of the profile to show; all are listed where it is left out
    #[arg(value_name = "NAME", num_args = 0..=2)]
    pub(crate) name: Vec<String>,
    /// Print the profile's own text, to start one of your own from
    #[arg(long)]
    pub(crate) toml: bool,
    /// Form of what is printed on stdout
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub(crate) format: OutputForm,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example: whitespot completions bash > ~/.local/share/bash-completion/completions/whitespot"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_is_an_amount_or_a_share() {
        assert_eq!(amount_or_share("36M"), Ok(SekOrShare::Sek(36_000_000)));
        assert_eq!(amount_or_share("1.5M"), Ok(SekOrShare::Sek(1_500_000)));
        assert_eq!(amount_or_share("30 %"), Ok(SekOrShare::Share(0.3)));
        assert_eq!(amount_or_share("0.3"), Ok(SekOrShare::Share(0.3)));
        assert_eq!(amount_or_share("0"), Ok(SekOrShare::Sek(0)));
        assert!(amount_or_share("130%").is_err() && amount_or_share("much").is_err());
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }
}
