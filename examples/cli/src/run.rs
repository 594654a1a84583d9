use crate::args::{Cli, Command};
use crate::error::Error;
use crate::exit::Exit;
use crate::progress::say;
use clap::Parser;
use std::process::ExitCode;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Check(_args) => Err(Error::new("x")),
        Command::Links(_args) => Err(Error::new("x")),
    };
    match outcome {
        Ok(exit) => Exit::into(exit),
        Err(error) => {
            say(&error.to_string());
            Exit::Usage.into()
        }
    }
}
