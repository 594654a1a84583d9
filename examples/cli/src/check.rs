//! `crawlspace check`: from a command line to a report.

use crate::archive;
use crate::args::CheckArgs;
use crate::carry;
use crate::config::Plan;
use crate::error::Error;
use crate::exit::Exit;
use crate::file;
use crate::format::{Folder, Look, Results};
use crate::interrupt;
use crate::progress::{Display, say};
use crate::remarks;
use crate::state::{self, Start};
use crate::trace::Trace;
use anstream::{AutoStream, ColorChoice};
use core::ops::ControlFlow;
use core::time::Duration;
use crawlspace::{Engine, Event, LimitKind, Stop, Wake};
use crawlspace_drive::journal::JournalError;
use crawlspace_drive::{Crawl, Observer};
use crawlspace_warc::Recorder;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Runs a check and writes its reports.
pub(crate) fn run(args: CheckArgs) -> Result<Exit, Error> {
    let plan = Plan::new(args.layers()?)?;
    let Checked { engine, folder, recorder, interrupted, trouble } = crawl(&plan, &Trace::default())?;
    let report = engine.report().with_rules(plan.rules.clone());
    let mut exit = Exit::of(&report, interrupted, plan.graceful_exit);
    // Who asks for a site does not want to hear for years that nothing is broken because nothing is read.
    if exit == Exit::Clean && plan.follows && remarks::all_elsewhere(&report, plan.config.seeds()) {
        exit = Exit::Nothing;
    }
    deliver(&plan, &report, folder.as_ref())?;
    for url in report.no_sitemaps() {
        say(&format!("{url}: is no sitemap"));
    }
    archive::end(&plan, recorder.as_ref(), &report)?;
    if let Some(trouble) = trouble {
        return Err(trouble);
    }
    state::close(&plan, &engine)?;
    remarks::on(&report, plan.config.seeds(), exit).iter().for_each(|remark| say(remark));
    if interrupted && let Some(state) = &plan.state {
        say(&format!("the same command goes on from {}", state.display()));
    }
    Ok(exit)
}

/// A crawl that has come to its end.
pub(crate) struct Checked {
    pub(crate) engine: Engine,
    pub(crate) folder: Option<Folder>,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) interrupted: bool,
    /// Why its state could not be kept to the end.
    pub(crate) trouble: Option<Error>,
}

/// Crawls as planned, from where the state is, if one is kept.
pub(crate) fn crawl(plan: &Plan, trace: &Trace) -> Result<Checked, Error> {
    plan.notes.iter().for_each(|note| say(note));
    let start = state::begin(plan)?;
    let spec = Arc::new(start.engine().spec().clone());
    let folder = match &plan.site {
        Some(site) => Some(Folder {
            site: site.open()?.build(Arc::clone(&spec)),
            name: site.name.clone(),
            is_nowhere: site.is_nowhere(),
        }),
        None => None,
    };
    let (engine, journal, goes_on) = match start {
        Start::Finished(engine) => {
            return Ok(Checked { engine, folder, recorder: None, interrupted: false, trouble: None });
        }
        Start::Crawl { engine, journal, goes_on } => (engine, journal, goes_on),
    };
    // Before anything is kept: a check that cannot be recorded has not begun.
    let recorder = archive::begin(plan, &engine, goes_on)?;

    let mut watch = Watch { display: Display::new(plan.quiet), trouble: None };
    let mut crawl = Crawl::new(engine).observer(&mut watch);
    if let Some(journal) = journal {
        crawl = crawl.journal(journal).map_err(|error| state::error(&error))?;
    }
    let interrupted = interrupt::watch(crawl.handle())?;
    let site = folder.as_ref().map(|folder| folder.site.clone());
    let engine = carry::run(crawl, plan, &spec, site, trace, recorder.as_ref())?;
    let Watch { display, trouble } = watch;
    display.finish();
    Ok(Checked { engine, folder, recorder, interrupted: interrupted.load(Ordering::SeqCst), trouble })
}

/// Writes the report to where it is wanted. One that cannot be written keeps none of the others back.
fn deliver(plan: &Plan, results: &dyn Results, folder: Option<&Folder>) -> Result<(), Error> {
    let mut written = Ok(());
    for output in &plan.outputs {
        let look = look(plan, false, folder);
        let outcome = file::write(&output.path, |out| output.format.write(results, look, out));
        written = written.and(outcome.map_err(|error| {
            Error::new(format!("--output {}: cannot be written: {error}", output.path.display()))
        }));
    }
    let printed = print(plan, results, folder);
    written.and(printed)
}

fn print(plan: &Plan, results: &dyn Results, folder: Option<&Folder>) -> Result<(), Error> {
    let stdout = io::stdout();
    let colour = AutoStream::choice(&stdout) != ColorChoice::Never;
    let mut out = BufWriter::with_capacity(1 << 16, stdout.lock());
    let look = look(plan, colour, folder);
    match plan.format.write(results, look, &mut out).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        // Who reads no further has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Error::new(format!("the report cannot be printed: {error}"))),
    }
}

fn look<'a>(plan: &Plan, colour: bool, folder: Option<&'a Folder>) -> Look<'a> {
    Look { all: plan.all, orphans: plan.orphans, duplicate_ids: plan.duplicate_ids, colour, folder }
}

/// Shows the progress of a crawl, and ends it on time, or where its state cannot be kept.
struct Watch {
    display: Display,
    trouble: Option<Error>,
}

impl Observer for Watch {
    /// Who limits the time does not want to wait for the slowest server.
    fn event(&mut self, _engine: &Engine, event: &Event) -> ControlFlow<Stop> {
        match event {
            Event::LimitReached(LimitKind::MaxTime) => ControlFlow::Break(Stop::Abort),
            _ => ControlFlow::Continue(()),
        }
    }

    fn waiting(&mut self, engine: &Engine, _wake: Wake) -> ControlFlow<Stop> {
        self.display.update(|| engine.progress());
        ControlFlow::Continue(())
    }

    fn journal_failed(&mut self, _engine: &Engine, error: &JournalError) -> ControlFlow<Stop> {
        self.trouble = Some(state::error(error).ending(Exit::Partial));
        ControlFlow::Break(Stop::Abort)
    }

    fn tick(&self) -> Option<Duration> {
        self.display.every()
    }
}
