//! The `crawlspace` command. All of it is in the library part, where it can be tested.

use std::process::ExitCode;

fn main() -> ExitCode {
    crawlspace_cli::main()
}
