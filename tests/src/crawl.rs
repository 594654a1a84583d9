//! A crawl from end to end, through any transport, and what must be the same of two.

use core::ops::ControlFlow;
use crawlspace::report::Finding;
use crawlspace::{Config, Engine, Event, Request, Seed, Spec, Stop, UnixTime};
use crawlspace_drive::Crawl;
use crawlspace_http::{Settings, Taps};
use crawlspace_warc::{Archive, Recorder};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// What carries a crawl.
#[derive(Clone, Debug)]
pub enum Through {
    /// HTTP on threads.
    Ureq,
    /// HTTP on one task.
    Hyper,
    /// A folder that stands for the site at a URL, on threads.
    Dir(PathBuf, Url),
    /// An archive, on threads, without waiting for anything but answers.
    Replay(Archive),
}

/// A crawl that has not begun.
#[must_use]
pub fn engine(config: &Config) -> Engine {
    Engine::new(config.clone(), Seed(7), UnixTime::from_secs(1_700_000_000))
}

/// Crawls to the end, with more threads or tasks than the configuration has fetches at once.
///
/// # Panics
///
/// If the folder cannot be opened, or the system has no room for a runtime.
#[must_use]
pub fn crawl(config: &Config, through: &Through) -> Engine {
    run(engine(config), through, u64::MAX)
}

/// Goes on with a crawl, and aborts it after so many answers.
///
/// # Panics
///
/// If the folder cannot be opened, or the system has no room for a runtime.
#[must_use]
pub fn run(engine: Engine, through: &Through, answers: u64) -> Engine {
    run_tapped(engine, through, answers, None)
}

/// Crawls to the end, and records to this file.
///
/// # Panics
///
/// If anything of the world that the crawl needs is not there, or the file cannot be written.
#[must_use]
pub fn record(config: &Config, through: &Through, file: &Path) -> Engine {
    let engine = engine(config);
    let recorder = Recorder::builder(file, Arc::new(engine.spec().clone())).create().expect("a new archive");
    let engine = run_tapped(engine, through, u64::MAX, Some(Arc::new(recorder.clone())));
    recorder.finish().expect("all is on the disk");
    engine
}

fn settings(spec: Arc<Spec>, taps: Option<Arc<dyn Taps>>) -> Settings {
    taps.into_iter().fold(Settings::new(spec), Settings::taps)
}

fn run_tapped(engine: Engine, through: &Through, answers: u64, taps: Option<Arc<dyn Taps>>) -> Engine {
    let spec = Arc::new(engine.spec().clone());
    // The configuration is to be what holds the crawl back.
    let slots = engine.config().concurrency() as usize + 8;
    let mut left = answers;
    let crawl = Crawl::new(engine).on_event(|_, event: &Event| {
        left -= u64::from(matches!(event, Event::Answered { .. }) && left > 0);
        if left == 0 { ControlFlow::Break(Stop::Abort) } else { ControlFlow::Continue(()) }
    });
    match through {
        Through::Ureq => {
            let client = crawlspace_ureq::Client::builder(settings(spec, taps)).build();
            crawl.run_pool(slots, move |request: &Request| client.fetch(request))
        }
        Through::Hyper => {
            let client =
                crawlspace_hyper::Client::builder(settings(spec, taps)).connections_per_origin(slots);
            let client = client.build();
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            let fetch = |request: Request| client.fetch(request);
            runtime.block_on(crawl.run_async(fetch, tokio::time::sleep, slots))
        }
        Through::Dir(folder, url) => {
            let dir = crawlspace_dir::Dir::open(folder).expect("a folder").base_url(url).expect("a base URL");
            let dir = taps.into_iter().fold(dir.build(spec), crawlspace_dir::Dir::with_taps);
            crawl.run_pool(slots, move |request: &Request| dir.fetch(request))
        }
        Through::Replay(archive) => {
            let replay = taps.into_iter().fold(archive.replay(spec), crawlspace_warc::Replay::taps);
            crawl.skip_waits().run_pool(slots, move |request: &Request| replay.fetch(request))
        }
    }
}

/// All of a report that must not depend on timing, as the bytes of its JSON.
#[must_use]
pub fn bytes(engine: &Engine) -> Vec<u8> {
    let report = engine.report();
    let rows = report.findings().chain(report.links()).map(|row| json(&row));
    rows.chain(report.emails().map(str::to_owned)).chain([json(&report.summary())]).collect::<String>().into()
}

/// Compares what [`bytes`] is made from, row by row, without making it.
///
/// # Errors
///
/// The first row, or totals, in which they differ, as JSON.
pub fn same_rows(expected: &Engine, found: &Engine) -> Result<(), String> {
    let (expected, found) = (expected.report(), found.report());
    rows("finding", expected.findings(), found.findings())?;
    rows("link", expected.links(), found.links())?;
    if !expected.emails().eq(found.emails()) {
        return Err("other addresses".to_owned());
    }
    let (expected, found) = (expected.summary(), found.summary());
    if expected == found {
        Ok(())
    } else {
        Err(format!("expected the totals\n{}\nfound\n{}", json(&expected), json(&found)))
    }
}

fn rows<'a>(
    what: &str,
    mut expected: impl Iterator<Item = Finding<'a>>,
    mut found: impl Iterator<Item = Finding<'a>>,
) -> Result<(), String> {
    for number in 0_usize.. {
        match (expected.next(), found.next()) {
            (None, None) => break,
            (expected, found) if expected == found => {}
            (expected, found) => {
                let (expected, found) = (json(&expected), json(&found));
                return Err(format!("{what} {number}: expected\n{expected}\nfound\n{found}"));
            }
        }
    }
    Ok(())
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| error.to_string())
}
