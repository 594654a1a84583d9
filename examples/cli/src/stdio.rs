//! What the small commands share: a file or standard input to read, standard output to write.

use crate::error::Error;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

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
