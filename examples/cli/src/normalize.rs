//! `crawlspace normalize`: the identities of URLs.

use crate::args::NormalizeArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::stdio::print_urls;
use crawlspace::Identity;

/// Prints the identity of each URL that is one.
pub(crate) fn run(args: &NormalizeArgs) -> Result<Exit, Error> {
    print_urls("the identities", &args.urls, |_, url, out| writeln!(out, "{}", Identity::of(url)))
}
