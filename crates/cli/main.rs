//! The `whitespot` command line. Start reading at [`pipeline`].

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod allocate;
mod area_share;
mod args;
mod candidates;
mod chromium;
mod cluster_tables;
mod clusters;
mod columns;
mod commands;
mod comparison_details;
mod comparison_tables;
mod config;
mod control;
mod discover;
mod distances;
mod failure;
mod finished;
mod funding_inputs;
mod indicators;
mod inputs;
mod join;
mod kept;
mod keys;
mod messages;
mod open_data;
mod pdf;
mod pipeline;
mod planned;
mod profile_files;
mod project_tally;
mod publish;
mod qgis;
mod readme;
mod repairs;
mod results;
mod roads;
mod robust;
mod scenario_tables;
mod score;
mod settlement_rows;
mod sheet;
mod vary;
mod vocabulary;
mod words;

use args::{Cli, Command};
use clap::Parser as _;
use failure::Failure;
use messages::Messages;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let messages = Messages::new(&cli.common);
    report_bugs();
    // An interrupted run leaves nothing behind.
    let handled = ctrlc::set_handler(|| {
        results::remove_unfinished();
        std::process::exit(130);
    });
    if let Err(e) = handled {
        messages.stage("Note", &format!("interrupts are not handled: {e}"));
    }
    if let Some(threads) = cli.common.threads {
        // Only fails when a pool is there already, which nothing before this line makes.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    }
    let done = match &cli.command {
        Command::Init(args) => commands::init::run(args, &cli.common, &messages),
        Command::Check(args) => commands::check::run(args, &cli.common, &messages),
        Command::Run(args) => commands::run::run(args, &cli.common, &messages),
        Command::Explore(args) => commands::explore::run(args, &cli.common, &messages),
        Command::Report(args) => commands::report::run(args, &cli.common, &messages),
        Command::Allocate(args) => commands::allocate::run(args, &cli.common, &messages),
        Command::Compare(args) => commands::compare::run(args, &cli.common),
        Command::Profiles(args) => commands::profiles::run(args, &cli.common),
        Command::Completions(args) => commands::completions::run(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&failure, &messages);
            results::remove_unfinished();
            ExitCode::from(failure.exit_code())
        }
    }
}

fn say(failure: &Failure, messages: &Messages) {
    match failure {
        Failure::Findings(findings) => {
            for finding in findings {
                messages.finding(finding);
            }
            if findings.is_empty() {
                return;
            }
            let count = |s| findings.iter().filter(|f| f.severity == s).count();
            use whitespot_model::finding::Severity::{Error, Warning};
            messages.stage("Stopped", &format!("{} errors, {} warnings", count(Error), count(Warning)));
        }
        Failure::Output(finding) => messages.finding(finding),
        Failure::Bug(error) => messages.bug(&format!("{error:#}")),
    }
}

/// A panic is our bug: say so, ask for a report, and leave nothing half-written.
fn report_bugs() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        results::remove_unfinished();
        default(info);
        messages::ask_for_report();
    }));
}
