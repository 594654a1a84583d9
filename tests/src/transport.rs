//! The network transports behind one face, so that one suite runs against all of them.

use crate::request::spec;
use crawlspace::{Outcome, Request};
use crawlspace_http::Settings;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// The settings of a transport that digests by [`spec`].
#[must_use]
pub fn settings() -> Settings {
    Settings::new(spec())
}

/// A network transport.
pub trait Transport {
    /// Carries out one fetch.
    fn fetch(&self, request: &Request) -> Outcome;
}

/// How long [`fetch`] waits before it gives a transport up for hung: far longer than any case takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Opens a transport for one fetch, and carries it out; `None` if that takes much longer than any case does, so that
/// a time-out that is not kept is a failure and not a pause.
#[must_use]
pub fn fetch(open: Open, settings: &Settings, request: &Request) -> Option<Outcome> {
    let (sender, receiver) = mpsc::channel();
    let (settings, request) = (settings.clone(), request.clone());
    thread::spawn(move || sender.send(open(&settings).fetch(&request)));
    receiver.recv_timeout(PATIENCE).ok()
}

/// Every network transport: its name, and how it is opened.
pub const TRANSPORTS: &[(&str, Open)] = &[("ureq", ureq), ("hyper", hyper)];

/// Opens a transport.
pub type Open = fn(&Settings) -> Box<dyn Transport>;

fn ureq(settings: &Settings) -> Box<dyn Transport> {
    Box::new(crawlspace_ureq::Client::builder(settings.clone()).build())
}

impl Transport for crawlspace_ureq::Client {
    fn fetch(&self, request: &Request) -> Outcome {
        Self::fetch(self, request)
    }
}

/// A client and the runtime it runs on, which is one thread: the one that fetches.
struct Hyper(crawlspace_hyper::Client, tokio::runtime::Runtime);

fn hyper(settings: &Settings) -> Box<dyn Transport> {
    let client = crawlspace_hyper::Client::builder(settings.clone()).build();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    Box::new(Hyper(client, runtime))
}

impl Transport for Hyper {
    fn fetch(&self, request: &Request) -> Outcome {
        self.1.block_on(async {
            // A runtime that was at work in between has heard of connections that were closed.
            tokio::task::yield_now().await;
            self.0.fetch(request.clone()).await
        })
    }
}
