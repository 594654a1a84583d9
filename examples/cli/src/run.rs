use crate::args::{Cli, Command};
use crate::progress::say;
use clap::Parser;
use std::process::ExitCode;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Check(args) => crate::check::run(*args),
        Command::Explain(args) => crate::explain::run(*args),
        Command::Links(args) => crate::links::run(&args),
        Command::Robots(args) => crate::robots::run(&args),
        Command::Sitemap(args) => crate::sitemap::run(&args),
        Command::Normalize(args) => crate::normalize::run(&args),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => {
            say(&error.to_string());
            error.exit().into()
        }
    }
}
