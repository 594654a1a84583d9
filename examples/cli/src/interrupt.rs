//! What Ctrl-C does.

use crate::error::Error;
use crate::exit::Exit;
use crate::progress::say;
use crawlspace::Stop;
use crawlspace_drive::Handle;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Has the first interrupt or termination signal stop the crawl, so that what is known gets reported, and the second
/// end the process at once. Gives what tells whether there was one.
pub(crate) fn watch(crawl: Handle) -> Result<Arc<AtomicBool>, Error> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::SeqCst) {
            std::process::exit(Exit::Interrupted as i32);
        }
        if crawl.stop(Stop::Abort).is_ok() {
            say("interrupted: reporting what is known; once more to leave at once");
        }
    })
    .map_err(|error| Error::new(format!("signals cannot be watched: {error}")))?;
    Ok(interrupted)
}
