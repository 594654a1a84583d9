//! What the small commands share: a file or standard input to read, standard output to write.

use crate::error::Error;
use crate::exit::Exit;
use crate::format::Inert;
use crate::progress::say;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use url::Url;

/// The bytes of a file, or of standard input where it is `-`; `what` names what it should be.
pub(crate) fn read(file: &Path, what: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(file).map(|read| bytes = read)
    };
    let unreadable = |error: io::Error| {
        Error::new(format!("{}: cannot be read: {error}", file.display()))
            .way_out(format!("give the path of {what}, or - for standard input"))
    };
    read.map(|()| bytes).map_err(unreadable)
}

/// Writes to standard output; who reads no further has seen enough. `what` names what is printed, in the plural.
pub(crate) fn print(what: &str, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
    let mut out = BufWriter::new(io::stdout().lock());
    match fill(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::new(format!("{what} cannot be printed: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes something about each of these URLs, as [`print`] does; one that is none is told, and the rest printed.
pub(crate) fn print_urls(
    what: &str,
    texts: &[String],
    write: impl Fn(&str, &Url, &mut dyn Write) -> io::Result<()>,
) -> Result<Exit, Error> {
    let mut exit = Exit::Clean;
    print(what, |out| {
        for text in texts {
            match Url::parse(text) {
                Ok(url) => write(text, &url, out)?,
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
