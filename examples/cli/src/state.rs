//! The state of a check in a folder (`--state`): where to begin.

use crate::config::Plan;
use crate::error::Error;
use crate::progress::say;
use crawlspace::{Engine, UnixTime};
use crawlspace_drive::journal::{self, Found, Journal, JournalError};
use std::path::Path;
use std::time::SystemTime;

/// Where a check begins.
pub(crate) enum Start {
    /// With a crawl.
    Crawl {
        engine: Engine,
        journal: Option<Journal>,
        /// Whether it was begun before.
        goes_on: bool,
    },
    /// At the end: only its report is wanted.
    Finished(Engine),
}

impl Start {
    pub(crate) fn engine(&self) -> &Engine {
        match self {
            Self::Crawl { engine, .. } | Self::Finished(engine) => engine,
        }
    }
}

/// Looks where the plan says that there may be a state.
pub(crate) fn begin(plan: &Plan) -> Result<Start, Error> {
    match &plan.state {
        None => Ok(Start::Crawl { engine: anew(plan), journal: None, goes_on: false }),
        Some(folder) if plan.resume_only => finished(plan, folder),
        Some(folder) => {
            let (journal, found) =
                Journal::open(folder, &plan.config, now()).map_err(|error| self::error(&error))?;
            let begun = go_on(plan, folder, found);
            let goes_on = begun.is_some();
            let engine = begun.unwrap_or_else(|| anew(plan));
            Ok(Start::Crawl { engine, journal: Some(journal), goes_on })
        }
    }
}

/// The crawl to go on with, if there is one; tells the user which way it is.
fn go_on(plan: &Plan, folder: &Path, found: Found) -> Option<Engine> {
    let folder = folder.display();
    let (engine, news) = match found {
        Found::Interrupted { engine, cut } => {
            let mut news = format!("going on with the check in {folder}: {}", so_far(&engine));
            if cut > 0 {
                news += &format!(
                    "\n  the last {cut} bytes of its journal are torn: what they told is asked for again"
                );
            }
            (Some(*engine), news)
        }
        Found::Finished(_) | Found::FinishedOther(_) => {
            (None, format!("the check in {folder} was finished: beginning anew"))
        }
        _ => return None,
    };
    if !plan.quiet {
        say(&news);
    }
    engine
}

fn finished(plan: &Plan, folder: &Path) -> Result<Start, Error> {
    let name = folder.display();
    match Journal::read(folder, &plan.config, now()).map_err(|error| self::error(&error))? {
        Found::Finished(engine) => Ok(Start::Finished(*engine)),
        Found::Interrupted { engine, .. } if engine.is_complete() => Ok(Start::Finished(*engine)),
        Found::Interrupted { engine, .. } => {
            let error = format!("--resume-only: the check in {name} is not finished: {}", so_far(&engine));
            Err(Error::new(error).way_out("the same command without --resume-only goes on with it"))
        }
        Found::FinishedOther(error) => Err(Error::new(format!("--resume-only: {error}"))),
        _ => Err(Error::new(format!("--resume-only: {name} holds no check"))
            .way_out("the same command without --resume-only begins one")),
    }
}

/// The check that a state holds, finished or as far as it went, to be looked at and no more.
pub(crate) fn saved(plan: &Plan, folder: &Path) -> Result<Engine, Error> {
    let name = folder.display();
    match Journal::read(folder, &plan.config, now()).map_err(|error| self::error(&error))? {
        Found::Finished(engine) => Ok(*engine),
        Found::Interrupted { engine, .. } => {
            if !engine.is_complete() && !plan.quiet {
                say(&format!("the check in {name} is not finished: {}", so_far(&engine)));
            }
            Ok(*engine)
        }
        Found::FinishedOther(error) => Err(Error::new(format!("--state {name}: {error}"))
            .way_out("give the options of the check that was saved, its targets by --from")),
        _ => Err(Error::new(format!("--state {name}: there is no check"))
            .way_out("\"crawlspace check --state\" saves one")),
    }
}

/// Says that the report is out.
pub(crate) fn close(plan: &Plan, engine: &Engine) -> Result<(), Error> {
    match &plan.state {
        Some(folder) if !plan.resume_only => {
            journal::close(folder, engine).map_err(|error| self::error(&error))
        }
        _ => Ok(()),
    }
}

fn so_far(engine: &Engine) -> String {
    let progress = engine.progress();
    format!("{} of {} URLs checked so far", progress.terminal, progress.admitted)
}

fn anew(plan: &Plan) -> Engine {
    let mut engine = Engine::new(plan.config.clone(), plan.seed, now());
    for url in &plan.again {
        engine.add_each(url.clone());
    }
    engine
}

/// What is wrong with a state, and the way out.
pub(crate) fn error(error: &JournalError) -> Error {
    let said = Error::new(format!("--state {error}"));
    match error {
        JournalError::Unusable { .. } | JournalError::Version { .. } => {
            said.way_out("to begin anew, delete the folder, or name another with --state")
        }
        _ => said,
    }
}

/// The date, which dates that servers give are compared with.
fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    UnixTime::from_secs(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
