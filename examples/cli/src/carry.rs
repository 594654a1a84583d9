//! Who carries out the fetches: the folder, a transport, or one after the other.

use crate::archive;
use crate::config::{Plan, Transport};
use crate::descriptors::affordable;
use crate::error::Error;
use crate::progress::say;
use crate::trace::Trace;
use crawlspace::{Engine, Failure, Local, Outcome, Refusal, Request, Spec};
use crawlspace_dir::Dir;
use crawlspace_drive::{Crawl, Observer};
use crawlspace_http::{Settings, Timeouts};
use crawlspace_warc::Recorder;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread::available_parallelism;
use tokio::task::JoinHandle;

/// Runs the crawl to its end.
pub(crate) fn run(
    crawl: Crawl<impl Observer>,
    plan: &Plan,
    spec: &Arc<Spec>,
    folder: Option<Dir>,
    trace: &Trace,
    recorder: Option<&Recorder>,
) -> Result<Engine, Error> {
    let trace = trace.clone();
    let wanted = usize::try_from(plan.concurrency).unwrap_or(usize::MAX);
    // Files come from memory or a disk: more threads than processors would only get in each other's way.
    let threads = available_parallelism().map_or(1, usize::from).min(wanted);
    if let Some(archive) = &plan.replay {
        let replay = archive.replay(Arc::clone(spec));
        let fetch = move |request: &Request| trace.around(request, || replay.fetch(request));
        return Ok(crawl.skip_waits().run_pool(threads, fetch));
    }
    let taps = recorder.map(|recorder| archive::taps(recorder, crawl.handle()));
    let folder = match (folder, &taps) {
        (Some(folder), Some(taps)) if plan.online => {
            let own = archive::only_of(folder.base_url(), Arc::clone(taps));
            Some(folder.with_taps(own))
        }
        (Some(folder), Some(taps)) => Some(folder.with_taps(Arc::clone(taps))),
        (folder, _) => folder,
    };
    let folder = match folder {
        Some(folder) if !plan.online => {
            let fetch = move |request: &Request| trace.around(request, || folder.fetch(request));
            // A robots.txt may ask servers' visitors to wait; files have no such needs.
            return Ok(crawl.skip_waits().run_pool(threads, fetch));
        }
        folder => folder,
    };
    let slots = affordable(wanted);
    if slots < wanted {
        say(&format!(
            "{slots} requests at a time, not {wanted}: this process may not open enough files for more\n  \
             \"ulimit -n\" says how many it may, and can allow more"
        ));
    }
    let settings = Settings::new(Arc::clone(spec)).header_sets(plan.headers.clone()).timeouts(timeouts(plan));
    let settings = taps.into_iter().fold(settings, Settings::taps);
    match plan.transport {
        Transport::Ureq => Ok(run_ureq(crawl, settings, slots, folder, trace)),
        Transport::Hyper => run_hyper(crawl, settings, slots, folder, trace),
    }
}

fn run_ureq(
    crawl: Crawl<impl Observer>,
    settings: Settings,
    slots: usize,
    folder: Option<Dir>,
    trace: Trace,
) -> Engine {
    let client = crawlspace_ureq::Client::builder(settings).connections(slots).build();
    let fetch = move |request: &Request| {
        let file = folder.as_ref().and_then(|folder| inside(folder.fetch(request)));
        file.unwrap_or_else(|| client.fetch(request))
    };
    crawl.run_pool(slots, move |request: &Request| trace.around(request, || fetch(request)))
}

fn run_hyper(
    crawl: Crawl<impl Observer>,
    settings: Settings,
    slots: usize,
    folder: Option<Dir>,
    trace: Trace,
) -> Result<Engine, Error> {
    let client =
        crawlspace_hyper::Client::builder(settings).connections(slots).connections_per_origin(slots).build();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(format!("cannot start the threads of the hyper transport: {error}")))?;
    // Each fetch is a task of its own, so that bodies are digested on all processors.
    let fetch = move |request: Request| {
        let (client, folder, trace) = (client.clone(), folder.clone(), trace.clone());
        Task(tokio::spawn(async move {
            let pending = trace.begin(&request);
            let file = match folder {
                Some(folder) => inside(read(folder, request.clone()).await),
                None => None,
            };
            pending.end(match file {
                Some(outcome) => outcome,
                None => client.fetch(request).await,
            })
        }))
    };
    Ok(runtime.block_on(crawl.run_async(fetch, tokio::time::sleep, slots)))
}

/// What the folder answers; `None` for what is not in it, which others are asked for.
fn inside(outcome: Outcome) -> Option<Outcome> {
    (!matches!(outcome, Outcome::Failed(Failure::Refused(Refusal::Offline)))).then_some(outcome)
}

/// Reads a file where it holds up no other fetch.
async fn read(folder: Dir, request: Request) -> Outcome {
    let read = tokio::task::spawn_blocking(move || folder.fetch(&request)).await;
    read.unwrap_or(Outcome::Failed(Failure::Local(Local::Panicked)))
}

/// A task that ends when its answer is no longer wanted.
struct Task(JoinHandle<Outcome>);

impl Future for Task {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let outcome = Pin::new(&mut self.0).poll(cx);
        outcome.map(|joined| joined.unwrap_or(Outcome::Failed(Failure::Local(Local::Panicked))))
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A phase that only waits for the server may take as long as the whole.
fn timeouts(plan: &Plan) -> Timeouts {
    let default = Timeouts::default();
    Timeouts {
        head: default.head.max(plan.timeout),
        body_idle: default.body_idle.max(plan.timeout),
        total: default.total.max(plan.timeout),
        ..default
    }
}
