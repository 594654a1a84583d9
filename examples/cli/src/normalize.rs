//! `crawlspace normalize`: the identities of URLs.

use crate::args::NormalizeArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::format::Inert;
use crate::progress::say;
use crate::stdio::print;
use crawlspace::Identity;
use url::Url;

/// Prints the identity of each URL that is one.
pub(crate) fn run(args: &NormalizeArgs) -> Result<Exit, Error> {
    let mut exit = Exit::Clean;
    print("the identities", |out| {
        for text in &args.urls {
            match Url::parse(text) {
                Ok(url) => writeln!(out, "{}", Identity::of(&url))?,
                Err(error) => {
                    exit = Exit::Usage;
                    say(&format!("\"{}\" is not an absolute URL: {error}", Inert(text)));
                }
            }
        }
        Ok(())
    })?;
    Ok(exit)
}
